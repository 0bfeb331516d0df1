"""Finds every span that a FIT file names or borders: laps, steps, names, pauses, app fields.

The texts are handed on as written; what they mean is decided where the words are known.
"""

import dataframely as dy
import polars as pl

from retrowalk.read.fit.frames import OFFSET, PART
from retrowalk.read.fit.messages import Messages
from retrowalk.read.fit.spans import SECOND, assigned
from retrowalk.read.reading import ReadMarks

#: A developer field with more distinct values than this in a workout is a measurement, no label.
MAX_VALUES = 8
#: And one that changes more often than this is noise.
MAX_RUNS = 2_000
#: A message index keeps flags in its high bits.
INDEX_MASK = 0x0FFF
STOPS = ("stop", "stop_all", "stop_disable", "stop_disable_all")
#: Laps are timed to the second; what lies between two of them is rounding up to this.
LARGEST_ROUNDING = pl.duration(seconds=2)


def marks_from_messages(
    messages: Messages, spans: pl.DataFrame, records: pl.DataFrame
) -> dy.LazyFrame[ReadMarks]:
    """Gives all marks of all workouts.

    Args:
        messages: The file.
        spans: The workouts, as from :func:`retrowalk.read.fit.spans.widened`.
        records: The records that have a time, with ``workout_n``.

    Returns:
        A row per mark, ordered by workout, start and source.
    """
    laps = _laps(messages, spans)
    sessions = spans.with_columns(pl.col("_session_offset").alias(OFFSET))
    found = [
        laps.select(_span("lap", pl.lit(None, dtype=pl.String))),
        *_steps(messages, laps),
        *_lap_names(messages, spans),
        *_session_names(messages, spans),
        *_pauses(messages, spans),
        *_developer_runs(messages, records),
        *_developer_labels(messages, "lap", laps),
        *_developer_labels(messages, "session", sessions),
    ]
    marks = (
        pl.concat(found)
        .lazy()
        .filter(pl.col("ended_at_utc") >= pl.col("started_at_utc"))
        .sort("workout_n", "started_at_utc", "source", "text", maintain_order=True)
        .with_columns(
            direction=pl.lit(None, dtype=pl.String), grade_fraction=pl.lit(None, dtype=pl.Float64)
        )
    )
    return ReadMarks.validate(ReadMarks.cast(marks))


def _span(source: str, text: pl.Expr) -> tuple[pl.Expr, ...]:
    """Gives the columns of a mark."""
    return (
        pl.col("workout_n"),
        pl.lit(source).alias("source"),
        pl.col("started_at_utc"),
        pl.col("ended_at_utc"),
        text.alias("text"),
    )


def _laps(messages: Messages, spans: pl.DataFrame, name: str = "lap") -> pl.DataFrame:
    """Gives laps with their workout.

    A lap ends when it was written, or after its elapsed time. That instant is rounded to a whole
    second and often one before the next lap's start; such a lap reaches to that start.
    """
    elapsed = pl.duration(microseconds=pl.col("total_elapsed_time") * 1_000_000)
    laps = messages[name].with_columns(
        started_at_utc=pl.coalesce("start_time", pl.col("timestamp") - elapsed)
    )
    end = pl.coalesce("timestamp", pl.col("started_at_utc") + elapsed)
    following = pl.col("started_at_utc").shift(-1).over("workout_n")
    is_rounding = (following > end) & (following <= end + LARGEST_ROUNDING)
    return assigned(laps, spans, "started_at_utc").with_columns(
        ended_at_utc=pl.when(is_rounding).then(following).otherwise(end)
    )


def _steps(messages: Messages, laps: pl.DataFrame) -> list[pl.DataFrame]:
    """Gives the name and notes of the planned step that a lap followed."""
    if "workout_step" not in messages or not messages.says("lap", "wkt_step_index"):
        return []
    steps = (
        messages["workout_step"]
        .select(
            PART,
            _index(pl.col("message_index")),
            _text=pl.concat_str("wkt_step_name", "notes", separator=": ", ignore_nulls=True),
        )
        .unique([PART, "_step"], keep="last", maintain_order=True)
    )
    return [
        laps.with_columns(_index(pl.col("wkt_step_index")))
        .join(steps, on=[PART, "_step"], how="inner", maintain_order="left")
        .filter(pl.col("_text") != "")
        .select(_span("workout_step", pl.col("_text")))
    ]


def _index(column: pl.Expr) -> pl.Expr:
    return (column.cast(pl.Int64) & INDEX_MASK).alias("_step")


def _lap_names(messages: Messages, spans: pl.DataFrame) -> list[pl.DataFrame]:
    """Gives the names that laps and segment laps have."""
    return [
        _laps(messages, spans, name)
        .filter(pl.col("name").is_not_null())
        .select(_span("lap_name", pl.col("name")))
        for name in ("lap", "segment_lap")
        if messages.says(name, "name")
    ]


def _session_names(messages: Messages, spans: pl.DataFrame) -> list[pl.DataFrame]:
    """Gives the names of sport profile, sport and planned workout, over the whole workout."""
    found = [
        *_profile_names(messages, spans),
        *_sport_names(messages, spans),
        *_plan_names(messages, spans),
    ]
    return [
        pl.concat(found, how="diagonal")
        .filter(pl.col("_text").is_not_null())
        .unique(["workout_n", "_text"], keep="first", maintain_order=True)
        .select(_span("session_name", pl.col("_text")))
        for _ in found[:1]
    ]


def _profile_names(messages: Messages, spans: pl.DataFrame) -> list[pl.DataFrame]:
    if not messages.says("session", "sport_profile_name"):
        return []
    names = messages["session"].select(_session_offset=OFFSET, _text="sport_profile_name")
    return [spans.join(names, on="_session_offset", how="inner")]


def _plan_names(messages: Messages, spans: pl.DataFrame) -> list[pl.DataFrame]:
    if not messages.says("workout", "wkt_name"):
        return []
    names = messages["workout"].select(PART, _text="wkt_name")
    return [spans.join(names, on=PART, how="inner")]


def _sport_names(messages: Messages, spans: pl.DataFrame) -> list[pl.DataFrame]:
    """Gives the name of the sport in use: each session's own, or the only one of the part."""
    if not messages.says("sport", "name"):
        return []
    sports = messages["sport"].select(
        PART,
        _place=pl.int_range(pl.len(), dtype=pl.UInt32).over(PART),
        _sports_n=pl.len().over(PART),
        _text="name",
    )
    is_own = (pl.col("_sports_n") == 1) | (pl.col("_place") == pl.col("_session"))
    return [spans.join(sports, on=PART, how="inner").filter(is_own)]


def _pauses(messages: Messages, spans: pl.DataFrame) -> list[pl.DataFrame]:
    """Gives the spans from a timer's stop to its next start."""
    if "event" not in messages:
        return []
    is_stop = pl.col("event_type").is_in(STOPS)
    is_start = pl.col("event_type") == "start"
    timer = (
        messages["event"]
        .filter(
            (pl.col("event") == "timer") & (is_stop | is_start) & pl.col("timestamp").is_not_null()
        )
        .sort(PART, "timestamp", OFFSET)
        .with_columns(
            started_at_utc="timestamp",
            ended_at_utc=pl.when(is_start)
            .then("timestamp")
            .fill_null(strategy="backward")
            .over(PART),
            _is_first=is_stop & is_start.shift(1, fill_value=True).over(PART),
        )
        .filter(pl.col("_is_first") & (pl.col("ended_at_utc") > pl.col("started_at_utc")))
    )
    pauses = assigned(timer, spans, "started_at_utc")
    return [pauses.select(_span("pause", pl.lit(None, dtype=pl.String)))]


def _label_columns(messages: Messages, name: str) -> list[str]:
    """Gives the developer columns of a message that could be labels: no arrays."""
    frame = messages.decoded.messages.get(name)
    return [
        found.column
        for found in messages.decoded.developer_columns
        if found.message == name
        and frame is not None
        and not frame.schema[found.column].is_nested()
    ]


def _labels(messages: Messages, name: str, columns: list[str]) -> pl.DataFrame:
    """Gives developer columns as texts ``name=value``, one after the other, with ``_column``.

    Whole numbers come without decimals.
    """
    texts = (
        (pl.lit(f"{c}=") + pl.col(c).cast(pl.String).str.replace(r"\.0$", "")).alias(c)
        for c in columns
    )
    return (
        messages.decoded.messages[name]
        .select(OFFSET, *texts)
        .unpivot(index=OFFSET, variable_name="_column", value_name="_text")
    )


def _developer_runs(messages: Messages, records: pl.DataFrame) -> list[pl.DataFrame]:
    """Gives for each developer field of records the runs of equal values."""
    columns = _few_valued(messages, records, _label_columns(messages, "record"))
    if not columns:
        return []
    timed = records.select(OFFSET, "workout_n", "timestamp")
    return [_runs(timed.join(_labels(messages, "record", columns), on=OFFSET))]


def _few_valued(messages: Messages, records: pl.DataFrame, columns: list[str]) -> list[str]:
    """Leaves out the columns of records that are measurements in every workout."""
    if not columns or records.is_empty():
        return []
    own = messages.decoded.messages["record"].select(OFFSET, *columns)
    counts = (
        records.select(OFFSET, "workout_n")
        .join(own, on=OFFSET)
        .group_by("workout_n")
        .agg(pl.col(columns).n_unique())
        .select(pl.col(columns).min())
    )
    return [c for c, least in zip(columns, counts.row(0), strict=True) if least <= MAX_VALUES + 1]


def _runs(labelled: pl.DataFrame) -> pl.DataFrame:
    """Joins records of equal label, field by field; a run lasts until the next one starts."""
    field = ("_column", "workout_n")
    ends = pl.col("started_at_utc").shift(-1).over(field)
    return (
        labelled.filter(pl.col("_text").n_unique().over(field) <= MAX_VALUES + 1)
        .sort(*field, "timestamp", OFFSET)
        .group_by(*field, pl.struct(*field, "_text").rle_id().alias("_run"), maintain_order=True)
        .agg(
            pl.col("_text").first(),
            started_at_utc=pl.col("timestamp").first(),
            _last=pl.col("timestamp").last(),
        )
        .with_columns(ended_at_utc=pl.coalesce(ends, pl.col("_last") + SECOND))
        .filter(pl.col("_text").is_not_null())
        .filter(
            (pl.len().over(field) <= MAX_RUNS)
            & (pl.col("_text").n_unique().over(field) <= MAX_VALUES)
        )
        .select(_span("developer_field", pl.col("_text")))
    )


def _developer_labels(messages: Messages, name: str, spans: pl.DataFrame) -> list[pl.DataFrame]:
    """Gives the developer fields of laps or sessions, over their spans."""
    columns = _label_columns(messages, name)
    if not columns:
        return []
    return [
        spans.join(_labels(messages, name, columns), on=OFFSET)
        .filter(pl.col("_text").is_not_null())
        .filter(pl.col("_text").n_unique().over("_column", "workout_n") <= MAX_VALUES)
        .select(_span("developer_field", pl.col("_text")))
    ]
