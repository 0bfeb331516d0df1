"""What prescriptions make of days and weeks; shared by the rooms that ask it.

Which protocol holds on a day, whether a week is over where someone lives, which sessions count and
what may be missing. No verdicts; nothing is read or written.
"""

import datetime as dt
from collections.abc import Mapping
from zoneinfo import ZoneInfo

import polars as pl

from retrowalk.aggregates import exact_sum_expr
from retrowalk.rules.protocols import Protocol

#: Weeks before a week that its verdicts may look back to: eight weeks with itself.
LOOKBACK_WEEKS_N = 7
DAYS_OF_WEEK_N = 7
#: What names a prescribed week.
WEEK_KEYS = ["participant_id", "protocol", "week_start_date"]
_WHOSE_WEEK = ["participant_id", "week_start_date"]
_OPEN_END = 1_000_000


def monday_expr(day: pl.Expr) -> pl.Expr:
    """The Monday of a day's ISO week."""
    return day.dt.truncate("1w")


def prescribed_days(prescriptions: pl.DataFrame, *, first: dt.date, last: dt.date) -> pl.DataFrame:
    """The protocol in force for each participant and day; of several the one that began last."""
    day = pl.date_range(first, last, interval="1d", eager=True).alias("local_date").to_frame()
    begins, ends = pl.col("starts_on_date"), pl.col("ends_on_date")
    is_in_force = (begins <= pl.col("local_date")) & (
        ends.is_null() | (pl.col("local_date") <= ends)
    )
    return (
        day.join(
            prescriptions.select("participant_id", "protocol", "starts_on_date", "ends_on_date"),
            how="cross",
        )
        .filter(is_in_force)
        .sort("starts_on_date")
        .group_by("participant_id", "local_date", maintain_order=True)
        .agg(pl.col("protocol", "starts_on_date").last())
        .with_columns(week_start_date=monday_expr(pl.col("local_date")))
    )


def prescribed_weeks(days: pl.DataFrame) -> pl.DataFrame:
    """Days in force and number of the week, counted from 1 at the week in which it began."""
    begun = monday_expr(pl.col("starts_on_date"))
    return (
        days.group_by(WEEK_KEYS)
        .agg(in_force_n=pl.len(), starts_on_date=pl.col("starts_on_date").min())
        .with_columns(
            week_n=(pl.col("week_start_date") - begun).dt.total_days() // 7 + 1,
        )
        .sort(WEEK_KEYS)
    )


def week_ends(
    weeks: pl.DataFrame, participants: pl.DataFrame, now_utc: dt.datetime, default_time_zone: str
) -> pl.DataFrame:
    """Today's date where each participant lived at the week's end, and whether it is over."""
    zones = participants.select(
        "participant_id", "time_zone", zone_from_date="valid_from_date"
    ).sort("zone_from_date")
    held = (
        weeks.with_columns(sunday=pl.col("week_start_date").dt.offset_by("6d"))
        .sort("sunday")
        .join_asof(
            zones,
            left_on="sunday",
            right_on="zone_from_date",
            by="participant_id",
            strategy="backward",
            check_sortedness=False,
        )
        .with_columns(pl.col("time_zone").fill_null(default_time_zone))
    )
    zones_seen = sorted(held["time_zone"].unique())
    today = pl.DataFrame(
        {
            "time_zone": zones_seen,
            "today": [now_utc.astimezone(ZoneInfo(zone)).date() for zone in zones_seen],
        },
        schema={"time_zone": pl.String, "today": pl.Date},
    )
    return held.join(today, on="time_zone").select(
        "participant_id",
        "week_start_date",
        "today",
        is_over=pl.col("today") > pl.col("week_start_date").dt.offset_by("6d"),
    )


def workouts_per_week(sessions: pl.DataFrame) -> pl.DataFrame:
    """Workouts of each participant and week, also those that are no session."""
    return sessions.group_by("participant_id", "week_start_date").agg(workouts_n=pl.len())


def quarantined_per_week(exports: pl.DataFrame) -> pl.DataFrame:
    """Quarantined exports that may hold a workout of each participant and week."""
    return (
        exports.filter(pl.col("status") == "quarantined")
        .group_by("participant_id", week_start_date=monday_expr(pl.col("probable_date")))
        .agg(quarantined_n=pl.len())
    )


def known_weeks(
    days: pl.DataFrame,
    sessions: pl.DataFrame,
    participants: pl.DataFrame,
    exports: pl.DataFrame,
    *,
    now_utc: dt.datetime,
    default_time_zone: str,
) -> pl.DataFrame:
    """Prescribed weeks with what is known of them before any session is looked at.

    Args:
        days: Days under a prescription, as :func:`prescribed_days` gives them.
        sessions: A row per workout.
        participants: For their time zones.
        exports: For what is quarantined.
        now_utc: The present.
        default_time_zone: Zone of participants who have none.

    Returns:
        One row per participant, protocol and week: ``in_force_n`` days, ``week_n`` of the
        prescription, ``today`` where the participant lives, ``is_over``, ``workouts_n``,
        ``quarantined_n``.
    """
    ends = week_ends(days.select(_WHOSE_WEEK).unique(), participants, now_utc, default_time_zone)
    return (
        prescribed_weeks(days)
        .join(ends, on=_WHOSE_WEEK)
        .join(workouts_per_week(sessions), on=_WHOSE_WEEK, how="left")
        .join(quarantined_per_week(exports), on=_WHOSE_WEEK, how="left")
        .with_columns(pl.col("workouts_n", "quarantined_n").fill_null(0).cast(pl.Int64))
        .sort(WEEK_KEYS)
    )


def sessions_under_prescription(
    sessions: pl.DataFrame, days: pl.DataFrame, qualifying: pl.DataFrame
) -> pl.DataFrame:
    """Sessions on days under a prescription, with the interval of backward minutes.

    Adds ``least_min`` (certain), ``most_min`` (certain and unknown), and whether the session
    qualifies for certain (``qualifies``) or at all (``may_qualify``). A session near midnight
    whose local time is an assumption has ``is_day_unsure``.
    """
    most = pl.col("backward_min") + pl.col("unknown_direction_min")
    is_unsure = (pl.col("utc_offset_source") == "assumed_utc") & pl.col("is_near_midnight")
    return (
        sessions.filter("is_session")
        .drop("protocol", "week_start_date")
        .join(
            days.select(*WEEK_KEYS, "local_date", "starts_on_date"),
            on=["participant_id", "local_date"],
        )
        .join(qualifying, on="protocol")
        .with_columns(least_min=pl.col("backward_min"), most_min=most, is_day_unsure=is_unsure)
        .with_columns(
            qualifies=pl.col("least_min") >= pl.col("qualifying_min") - 1e-9,
            may_qualify=pl.col("most_min") >= pl.col("qualifying_min") - 1e-9,
        )
    )


def counted_weeks(weeks: pl.DataFrame, days: pl.DataFrame) -> pl.DataFrame:
    """Adds to each week its qualifying days: certain ones, and all that there may be.

    ``certain_n`` rest on certain minutes; ``possible_n`` also on those of unknown direction;
    ``further_n`` also on quarantined exports, each of which may hold the session of one more day.
    ``longest_min`` and ``longest_upper_min`` are the backward minutes of the longest day.
    """
    counts = days.group_by(WEEK_KEYS).agg(
        certain_n=pl.col("qualifies").sum(),
        possible_n=pl.col("may_qualify").sum(),
        longest_min=pl.col("least_min").max(),
        longest_upper_min=pl.col("most_min").max(),
    )
    further = pl.min_horizontal(
        pl.col("possible_n") + pl.col("quarantined_n"), pl.lit(DAYS_OF_WEEK_N)
    )
    return (
        weeks.join(counts, on=WEEK_KEYS, how="left")
        .with_columns(
            pl.col("certain_n", "possible_n").fill_null(0).cast(pl.Int64),
            pl.col("longest_min", "longest_upper_min").fill_null(0.0),
        )
        .with_columns(further_n=further)
    )


def qualifying_rows(protocols: Mapping[str, Protocol]) -> pl.DataFrame:
    """From how many backward minutes a session counts, per protocol."""
    return pl.DataFrame(
        [(name, protocol.qualifying_min) for name, protocol in protocols.items()],
        schema={"protocol": pl.String, "qualifying_min": pl.Float64},
        orient="row",
    )


def frequency_rows(protocols: Mapping[str, Protocol]) -> pl.DataFrame:
    """The limits of each protocol's rule on days per week, by weeks of the prescription."""
    rules = [
        (name, rule)
        for name, protocol in protocols.items()
        if (rule := protocol.frequency_rule) is not None
    ]
    return pl.DataFrame(
        [
            (name, phase.from_week, phase.to_week or _OPEN_END, phase.low, phase.high)
            for name, rule in rules
            for phase in rule.phases
        ],
        schema={
            "protocol": pl.String,
            "from_week": pl.Int64,
            "to_week": pl.Int64,
            "target_low": pl.Float64,
            "target_high": pl.Float64,
        },
        orient="row",
    )


def met_weeks(weeks: pl.DataFrame, frequency: pl.DataFrame) -> pl.DataFrame:
    """Whether each whole week met its rule on days per week: surely, and possibly.

    Args:
        weeks: Weeks as :func:`counted_weeks` gives them.
        frequency: Limits as :func:`frequency_rows` gives them.

    Returns:
        The weeks wholly under a protocol with such a rule: ``met``, ``may_have_met``, ``is_over``.
    """
    low = pl.col("target_low").fill_null(0.0)
    high = pl.col("target_high").fill_null(float(DAYS_OF_WEEK_N))
    least, most = pl.col("certain_n"), pl.col("further_n")
    is_silent = (pl.col("workouts_n") == 0) & pl.col("is_over")
    is_whole = pl.col("in_force_n") == DAYS_OF_WEEK_N
    return (
        weeks.join(frequency, on="protocol")
        .filter(is_whole & pl.col("week_n").is_between("from_week", "to_week"))
        .select(
            *WEEK_KEYS,
            "is_over",
            met=(low <= least) & (most <= high),
            may_have_met=((least <= high) & (low <= most)) | is_silent,
        )
    )


def session_days(sessions: pl.DataFrame) -> pl.DataFrame:
    """Sessions summed per local day."""
    is_sure = ~pl.col("is_day_unsure")
    return (
        sessions.group_by(*WEEK_KEYS, "local_date")
        .agg(
            *(
                exact_sum_expr(pl.col(name)).alias(name)
                for name in ("least_min", "most_min", "walking_min", "unknown_direction_min")
            ),
            pl.col("qualifies", "may_qualify").any(),
            qualifies_surely=(pl.col("qualifies") & is_sure).any(),
            is_day_unsure=(pl.col("is_day_unsure") & pl.col("may_qualify")).any(),
        )
        .sort(*WEEK_KEYS, "local_date")
    )
