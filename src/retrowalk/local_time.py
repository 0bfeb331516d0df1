"""Local time: which offset, day and week a workout belongs to, and why."""

import datetime as dt
from zoneinfo import ZoneInfo

import dataframely as dy
import polars as pl

from retrowalk.tables import Participants

#: The zone of the earth's earliest midnight (UTC+14): a week has begun somewhere once it has here.
EARLIEST_ZONE = "Pacific/Kiritimati"
#: The zone of the latest midnight (UTC-12): a week is over everywhere once it is over here.
LATEST_ZONE = "Etc/GMT+12"


def monday_expr(day: pl.Expr) -> pl.Expr:
    """The Monday of a day's ISO week."""
    return day.dt.truncate("1w").cast(pl.Date)


def monday_of(day: dt.date) -> dt.date:
    """The Monday of one day's ISO week.

    Example:
        >>> monday_of(dt.date(2026, 11, 22))
        datetime.date(2026, 11, 16)
    """
    return day - dt.timedelta(days=day.weekday())


def running_week(now_utc: dt.datetime) -> dt.date:
    """The newest week that has begun anywhere on earth."""
    return monday_of(now_utc.astimezone(ZoneInfo(EARLIEST_ZONE)).date())


def zones_in_force(spans: pl.DataFrame, participants: dy.DataFrame[Participants]) -> pl.DataFrame:
    """Adds ``time_zone``: the participant's on the span's UTC day; null where not registered.

    Args:
        spans: Any rows with ``participant_id`` and ``started_at_utc``.
        participants: The registry.

    Returns:
        The same rows, in the same order.
    """
    zones = participants.select(
        "participant_id", "time_zone", zone_from_date="valid_from_date"
    ).sort("zone_from_date")
    return (
        spans.with_row_index("row_n")
        .with_columns(utc_date=pl.col("started_at_utc").dt.date())
        .sort("utc_date")
        .join_asof(
            zones,
            left_on="utc_date",
            right_on="zone_from_date",
            by="participant_id",
            strategy="backward",
            check_sortedness=False,
        )
        .sort("row_n")
        .drop("row_n", "utc_date", "zone_from_date")
    )


def offset_in_zone(spans: pl.DataFrame, zone: str | None) -> pl.DataFrame:
    """Adds ``zone_utc_offset_s`` for rows that all lie in one zone; null without a zone."""
    start = pl.col("started_at_utc")
    if zone is None:
        return spans.with_columns(zone_utc_offset_s=pl.lit(None, pl.Int32))
    local = start.dt.convert_time_zone(zone).dt.replace_time_zone(None)
    offset = (local - start.dt.replace_time_zone(None)).dt.total_seconds().cast(pl.Int32)
    return spans.with_columns(zone_utc_offset_s=offset)


def with_local_time(spans: pl.DataFrame, participants: dy.DataFrame[Participants]) -> pl.DataFrame:
    """Decides the UTC offset of each span's start, and the local day and week that follow from it.

    An offset that the export states wins, since people travel. An offset of zero is what writers
    put who know none, so there the participant's registered zone wins; without either, UTC is
    assumed and said to be.

    Args:
        spans: Rows with ``participant_id``, ``started_at_utc`` and ``file_utc_offset_s``.
        participants: The registry.

    Returns:
        The same rows in the same order with ``utc_offset_s``, ``utc_offset_source``,
        ``local_date`` and ``week_start_date``.
    """
    parts = zones_in_force(spans, participants).with_row_index("row_n")
    zoned = [
        offset_in_zone(part, part["time_zone"][0])
        for part in parts.partition_by("time_zone", maintain_order=True)
    ] or [offset_in_zone(parts, None)]
    stated = pl.col("file_utc_offset_s").fill_null(0) != 0
    registered = pl.col("zone_utc_offset_s").is_not_null()
    written = pl.col("file_utc_offset_s").is_not_null()
    offset = (
        pl.when(stated)
        .then("file_utc_offset_s")
        .when(registered)
        .then("zone_utc_offset_s")
        .otherwise(0)
    )
    source = (
        pl.when(stated)
        .then(pl.lit("file"))
        .when(registered)
        .then(pl.lit("registry"))
        .when(written)
        .then(pl.lit("file"))
        .otherwise(pl.lit("assumed_utc"))
    )
    local = pl.col("started_at_utc") + pl.duration(seconds=pl.col("utc_offset_s"))
    return (
        pl.concat(zoned)
        .sort("row_n")
        .with_columns(utc_offset_s=offset.cast(pl.Int32), utc_offset_source=source)
        .with_columns(local_date=local.dt.date())
        .with_columns(week_start_date=monday_expr(pl.col("local_date")))
        .drop("row_n", "zone_utc_offset_s", "time_zone")
    )
