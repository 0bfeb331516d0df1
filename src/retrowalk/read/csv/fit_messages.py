"""Reads the CSV that Garmin's FitCSVTool makes of a FIT file: messages in, records and laps out.

A row is a message; its fields follow in groups of three cells: name, value, unit.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

import polars as pl

from retrowalk.errors import ExportError
from retrowalk.read.csv.cells import LINE, split_rows
from retrowalk.read.csv.dialect import Column
from retrowalk.read.csv.faults import Fault, fault_in
from retrowalk.read.csv.preamble import Stated
from retrowalk.read.csv.recognise import Layout, split_line
from retrowalk.read.csv.records import Samples, reading_of_samples
from retrowalk.read.csv.source import Source
from retrowalk.read.csv.times import FIT_EPOCH_S, UTC_INSTANT
from retrowalk.read.reading import Reading
from retrowalk.units import DEGREES_PER_SEMICIRCLE

#: Channel -> fields of a record message that fill it, the better one first; factor to its unit.
CHANNELS: Mapping[str, tuple[tuple[str, ...], float]] = {
    "speed_mps": (("enhanced_speed", "speed"), 1.0),
    "distance_m": (("distance",), 1.0),
    "cadence_per_min": (("cadence",), 1.0),
    "heart_rate_bpm": (("heart_rate",), 1.0),
    "altitude_m": (("enhanced_altitude", "altitude"), 1.0),
    "grade_fraction": (("grade",), 0.01),
    "latitude_deg": (("position_lat",), DEGREES_PER_SEMICIRCLE),
    "longitude_deg": (("position_long",), DEGREES_PER_SEMICIRCLE),
}
#: Numbers of the FIT profile for sports on foot and what is often recorded beside them.
SPORTS = {"1": "running", "2": "cycling", "5": "swimming", "11": "walking", "17": "hiking"}
SUB_SPORTS = {
    "0": None, "1": "treadmill", "3": "trail", "4": "track", "27": "indoor_walking",
    "30": "casual_walking", "31": "speed_walking", "45": "indoor_running",
}  # fmt: skip
#: Type, local number and message stand before the fields.
BEFORE_FIELDS = 3
PER_FIELD = 3


def reading_of_messages(source: Source, layout: Layout) -> Reading:
    """Reads an export with one row per FIT message.

    Args:
        source: The text.
        layout: Where its rows begin.

    Returns:
        As for an export with one row per sample; a session begins a workout where its sport
        differs, laps are marks, and a lap that follows a named workout step carries its name.

    Raises:
        ExportError: ``no_timestamps`` where no record message has a time.
    """
    fields = _fields(source, layout)
    records = _messages(fields, "record")
    if "timestamp" not in records.columns:
        raise ExportError("no_timestamps", "The file holds no record message with a timestamp.")
    at_utc = _instant(records["timestamp"])
    faults = (
        *fault_in(
            records["timestamp"].fill_null(""),
            at_utc.is_null(),
            records[LINE],
            header="record.timestamp",
            expected="a FIT time",
            takes_row=True,
        ),
        *_number_faults(records),
    )
    timed = (
        records.select(
            recorded_at_utc=at_utc,
            offset_s=pl.lit(_offset_s(fields), pl.Int32),
            **{channel: _channel_expr(channel, records.columns) for channel in CHANNELS},
        )
        .drop_nulls("recorded_at_utc")
        .sort("recorded_at_utc", maintain_order=True)
    )
    if not timed.height:
        raise ExportError("no_timestamps", f"No record has a usable time; {faults[0]}.")
    labelled = _with_laps(_with_sport(timed, fields), fields)
    samples = Samples(labelled, faults, records.height, ())
    return reading_of_samples(samples, _layout(layout), _stated(fields))


def _fields(source: Source, layout: Layout) -> pl.DataFrame:
    """Unfolds the messages: one row per field, with its line, message, value."""
    start = source.offset_of_line(layout.header_line + 1)
    lines = source.lines(layout.header_line + 2000)[layout.header_line :]
    width = max(len(split_line(line, layout.delimiter)) for line in lines)
    names = [f"column_{n + 1}" for n in range(width)]
    rows = split_rows(source.data[start:], layout.delimiter, names, names)
    data = rows.with_row_index(LINE, offset=layout.header_line + 2).filter(
        pl.col("column_1") == "Data"
    )
    groups = range(BEFORE_FIELDS, width - 1, PER_FIELD)
    if not groups:
        raise ExportError("no_timestamps", "The messages of the file hold no field.")
    return pl.concat(
        data.select(LINE, message="column_3", field=names[n], value=names[n + 1])
        .drop_nulls("field")
        .filter(pl.col("field") != "unknown")
        for n in groups
    )


def _messages(fields: pl.DataFrame, message: str) -> pl.DataFrame:
    """Folds the fields of one kind of message into a row per message, in order of the file."""
    of_kind = fields.filter(pl.col("message") == message)
    if of_kind.is_empty():
        return pl.DataFrame(schema={LINE: pl.UInt32})
    wide = of_kind.pivot(
        on="field", index=LINE, values="value", aggregate_function="first", sort_columns=False
    )
    return wide.sort(LINE)


def _instant(text: pl.Series) -> pl.Series:
    seconds = text.cast(pl.Float64, strict=False) + FIT_EPOCH_S
    return (seconds * 1e6).round().cast(pl.Int64, strict=False).cast(UTC_INSTANT)


def _present(channel: str, columns: Iterable[str]) -> list[str]:
    return [field for field in CHANNELS[channel][0] if field in columns]


def _channel_expr(channel: str, columns: list[str]) -> pl.Expr:
    numbers = [pl.col(f).cast(pl.Float64, strict=False) for f in _present(channel, columns)]
    value = pl.coalesce(*numbers, pl.lit(None, pl.Float64)) * CHANNELS[channel][1]
    if channel == "cadence_per_min" and "fractional_cadence" in columns:
        part = pl.col("fractional_cadence").cast(pl.Float64, strict=False)
        value += part.fill_null(0.0)
    return value


def _number_faults(records: pl.DataFrame) -> tuple[Fault, ...]:
    """Names cells that are no number."""
    found: list[Fault] = []
    for channel in CHANNELS:
        for field in _present(channel, records.columns):
            bad = (
                records[field].is_not_null()
                & records[field].cast(pl.Float64, strict=False).is_null()
            )
            found.extend(
                fault_in(
                    records[field],
                    bad,
                    records[LINE],
                    header=f"record.{field}",
                    expected="a number",
                )
            )
    return tuple(found)


def _with_sport(timed: pl.DataFrame, fields: pl.DataFrame) -> pl.DataFrame:
    """Adds the sport of the session that each record lies in."""
    sessions = _messages(fields, "session")
    if not {"start_time", "sport"} <= set(sessions.columns):
        return timed
    sub_sport = "sub_sport" if "sub_sport" in sessions.columns else None
    began = sessions.select(
        recorded_at_utc=_instant(sessions["start_time"]),
        sport=pl.col("sport").replace(SPORTS),
        sub_sport=pl.col(sub_sport).replace(SUB_SPORTS) if sub_sport else pl.lit(None, pl.String),
    )
    joined = timed.join_asof(began.sort("recorded_at_utc"), on="recorded_at_utc")
    return joined.with_columns(pl.col("sport", "sub_sport").backward_fill())


def _with_laps(timed: pl.DataFrame, fields: pl.DataFrame) -> pl.DataFrame:
    """Adds the lap of each record, and the name of the workout step that the lap follows."""
    laps, steps = _messages(fields, "lap"), _messages(fields, "workout_step")
    if "start_time" not in laps.columns:
        return timed
    began = laps.with_columns(recorded_at_utc=_instant(laps["start_time"])).sort("recorded_at_utc")
    named = began.with_row_index("lap_n").with_columns(lap=(pl.col("lap_n") + 1).cast(pl.String))
    keys = {"wkt_step_index"} <= set(laps.columns) and {"message_index", "wkt_step_name"} <= set(
        steps.columns
    )
    if not keys:
        return timed.join_asof(named.select("recorded_at_utc", "lap"), on="recorded_at_utc")
    names = steps.select(wkt_step_index="message_index", lap_name="wkt_step_name")
    joined = named.join(names, on="wkt_step_index", how="left", maintain_order="left")
    return timed.join_asof(
        joined.select("recorded_at_utc", "lap", "lap_name"), on="recorded_at_utc"
    )


def _offset_s(fields: pl.DataFrame) -> int | None:
    """Local time minus UTC, where the activity message states both."""
    activity = _messages(fields, "activity")
    if not {"timestamp", "local_timestamp"} <= set(activity.columns):
        return None
    local, at_utc = (_instant(activity[name])[0] for name in ("local_timestamp", "timestamp"))
    return None if local is None or at_utc is None else round((local - at_utc).total_seconds())


def _stated(fields: pl.DataFrame) -> Stated:
    """The recording's name: that of its sport profile or of its workout."""
    names = fields.filter(
        ((pl.col("message") == "session") & (pl.col("field") == "sport_profile_name"))
        | ((pl.col("message") == "workout") & (pl.col("field") == "wkt_name"))
    )["value"].drop_nulls()
    return {"session_name": names.unique(maintain_order=True).to_list()[:1]}


def _layout(layout: Layout) -> Layout:
    """The layout of the records: their labels lie in columns of their own."""
    places = {
        "cadence_per_min": (0, Column("cadence_per_min", (), "unknown/min")),
        "lap": (0, Column("lap", (), "text")),
        "lap_name": (0, Column("lap_name", (), "text")),
    }
    return replace(layout, headers=(), places=places)
