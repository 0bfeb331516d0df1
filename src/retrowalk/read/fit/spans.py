"""Tells which workouts a file holds, from when to when, and to which one a row belongs."""

import polars as pl

from retrowalk.read.fit.frames import OFFSET, PART
from retrowalk.read.fit.messages import Messages

#: Files whose records are a plan or a route, not something done.
NOT_DONE = ("course", "segment", "segment_list", "workout", "schedules", "goals", "totals")
SECOND = pl.duration(seconds=1)


def done_records(messages: Messages) -> pl.DataFrame:
    """Gives the records of the parts that hold something done.

    Returns:
        A row per record in file order, with the columns of the message; a null time where it has
        none.
    """
    files = messages["file_id"]
    records = messages["record"]
    if set(NOT_DONE).isdisjoint(files.get_column("type")):
        return records
    planned = files.filter(pl.col("type").is_in(NOT_DONE))
    return records.join(planned, on=PART, how="anti", maintain_order="left")


def workout_spans(messages: Messages, records: pl.DataFrame) -> pl.DataFrame:
    """Gives the workouts of a file: its sessions, and parts that have records but no session.

    A session said twice counts once, as said last.

    Args:
        messages: The file.
        records: As from :func:`done_records`.

    Returns:
        A row per workout, ordered by part and start: ``workout_n``, ``_part``, ``_session`` (place
        of the session among those of the part; null without one), ``_session_offset``,
        ``started_at_utc``, ``ended_at_utc``.
    """
    recorded = records.group_by(PART).agg(
        first=pl.col("timestamp").min(), last=pl.col("timestamp").max()
    )
    spans = _sessions(messages, recorded)
    unclaimed = recorded.join(spans, on=PART, how="anti").drop_nulls("first")
    if not unclaimed.is_empty():
        own = unclaimed.select(
            PART,
            _session=pl.lit(None, dtype=pl.UInt32),
            _session_offset=pl.lit(None, dtype=pl.Int64),
            started_at_utc="first",
            ended_at_utc=pl.col("last") + SECOND,
        )
        spans = pl.concat([spans, own])
    return spans.sort(PART, "started_at_utc").with_row_index("workout_n")


def _sessions(messages: Messages, recorded: pl.DataFrame) -> pl.DataFrame:
    elapsed = pl.duration(microseconds=pl.col("total_elapsed_time") * 1_000_000)
    start = pl.coalesce("start_time", pl.col("timestamp") - elapsed, "timestamp", "first")
    end = pl.coalesce(pl.col("start_time") + elapsed, "timestamp", "last")
    return (
        messages["session"]
        .with_columns(_session=pl.int_range(pl.len(), dtype=pl.UInt32).over(PART))
        .join(recorded, on=PART, how="left", maintain_order="left")
        .select(
            PART,
            "_session",
            _session_offset=OFFSET,
            started_at_utc=start,
            ended_at_utc=pl.max_horizontal(start, end),
        )
        .drop_nulls("started_at_utc")
        .unique([PART, "started_at_utc"], keep="last", maintain_order=True)
    )


def assigned(rows: pl.DataFrame, spans: pl.DataFrame, instant: str = "timestamp") -> pl.DataFrame:
    """Gives each row the workout it belongs to: the last one of its part that started before it.

    A row before the first start belongs to the first workout: clocks of a session and of its
    records differ by seconds.

    Args:
        rows: ``_part``, ``_offset``, an instant, which may be null, and whatever else.
        spans: As from :func:`workout_spans`.
        instant: Name of the instant.

    Returns:
        The rows that have an instant and whose part has a workout, in file order, with
        ``workout_n``.
    """
    timed = rows.drop_nulls(instant)
    if spans.height == 1:
        only = pl.col(PART) == spans.item(0, PART)
        n = pl.lit(spans.item(0, "workout_n"), dtype=pl.UInt32)
        return timed.filter(only).with_columns(workout_n=n).sort(OFFSET)
    starts = spans.select(PART, "workout_n", _start="started_at_utc").sort("_start")
    first = spans.group_by(PART).agg(_first=pl.col("workout_n").min())
    return (
        timed.join(first, on=PART, how="inner", maintain_order="left")
        .sort(instant, maintain_order=True)
        .join_asof(starts, left_on=instant, right_on="_start", by=PART, check_sortedness=False)
        .with_columns(pl.coalesce("workout_n", "_first").alias("workout_n"))
        .drop("_first", "_start", strict=False)
        .sort(OFFSET, maintain_order=True)
    )


def widened(spans: pl.DataFrame, records: pl.DataFrame) -> pl.DataFrame:
    """Lets each span hold all of its records, and counts them; the last one lasts a second.

    Args:
        spans: As from :func:`workout_spans`.
        records: As from :func:`assigned`.

    Returns:
        The spans, with ``records_n``; null without any.
    """
    reach = records.group_by("workout_n").agg(
        _first=pl.col("timestamp").min(),
        _last=pl.col("timestamp").max() + SECOND,
        records_n=pl.len(),
    )
    return (
        spans.join(reach, on="workout_n", how="left", maintain_order="left")
        .with_columns(
            started_at_utc=pl.min_horizontal("started_at_utc", "_first"),
            ended_at_utc=pl.max_horizontal("ended_at_utc", "_last"),
        )
        .drop("_first", "_last")
    )
