"""Gives what a file says about each workout as a whole: sport, device, totals, the wearer."""

import dataframely as dy
import polars as pl

from retrowalk.read.fit.frames import OFFSET, PART
from retrowalk.read.fit.messages import Messages
from retrowalk.read.reading import ReadWorkouts

#: Local time differs from UTC by quarters of an hour, at most 14 hours.
OFFSET_STEP_S = 900
LARGEST_OFFSET_S = 14 * 3600
#: A stated barometer: device type 4 of source type "local" (public profile, local_device_type).
LOCAL_BAROMETER = 4


def workouts_from_messages(
    messages: Messages, spans: pl.DataFrame, records: pl.DataFrame
) -> dy.LazyFrame[ReadWorkouts]:
    """Gives one row per workout.

    Args:
        messages: The file.
        spans: The workouts, as from :func:`retrowalk.read.fit.spans.widened`.
        records: All records of something done, with or without a time.
    """
    frame = (
        _with_set_aside(spans, records)
        .join(_facts_by_part(messages), on=PART, how="left", maintain_order="left")
        .join(_sessions(messages), on="_session_offset", how="left", maintain_order="left")
    )
    has_records = pl.col("records_n").is_not_null()
    has_strides = pl.col("total_strides").is_not_null()
    workouts = frame.lazy().select(
        "workout_n",
        "started_at_utc",
        "ended_at_utc",
        "file_utc_offset_s",
        sport=pl.coalesce("session_sport", "sport").str.to_lowercase(),
        sub_sport=pl.coalesce("session_sub_sport", "sub_sport").str.to_lowercase(),
        device=pl.concat_str("manufacturer", "product", separator=" ", ignore_nulls=True).replace(
            "", None
        ),
        writer=pl.col("manufacturer").str.to_lowercase(),
        grain=pl.when(has_records).then(pl.lit("record")).otherwise(pl.lit("workout")),
        cadence_unit=pl.when(has_strides).then(pl.lit("strides")).otherwise(pl.lit("unknown")),
        total_cycles_n=pl.coalesce("total_strides", "total_cycles"),
        total_steps_n=pl.lit(None, dtype=pl.Float64),
        timer_s="total_timer_time",
        total_distance_m="total_distance",
        resting_heart_rate_bpm="resting_heart_rate",
        body_mass_kg="weight",
        has_barometer="has_barometer",
        placement=pl.lit("unknown"),
        forward_axis=pl.lit(None, dtype=pl.String),
        records_set_aside_n=pl.col("set_aside_n").fill_null(0),
    )
    return ReadWorkouts.validate(ReadWorkouts.cast(workouts))


def _sessions(messages: Messages) -> pl.DataFrame:
    """Gives the sessions' own words and totals."""
    return messages["session"].select(
        "total_cycles",
        "total_strides",
        "total_timer_time",
        "total_distance",
        _session_offset=OFFSET,
        session_sport="sport",
        session_sub_sport="sub_sport",
    )


def _facts_by_part(messages: Messages) -> pl.DataFrame:
    """Gives by part what is said of sport, device, local time and wearer; the first word counts."""
    told = (_sports, _devices, _offsets, _wearer, _barometers)
    return (
        pl.concat([facts(messages) for facts in told], how="diagonal")
        .group_by(PART)
        .agg(pl.exclude(PART, OFFSET).drop_nulls().first())
    )


def _sports(messages: Messages) -> pl.DataFrame:
    return messages["sport"].drop("name")


def _devices(messages: Messages) -> pl.DataFrame:
    """Gives maker and product of the device that wrote the part, from file_id or device_info."""
    own = messages["file_id"]
    creator = messages["device_info"].filter(pl.col("device_index") == 0)
    number = pl.col("product").cast(pl.Int64).cast(pl.String)
    return pl.concat([own, creator], how="diagonal").select(
        PART,
        "manufacturer",
        product=pl.coalesce("product_name", "garmin_product", number),
    )


def _offsets(messages: Messages) -> pl.DataFrame:
    """Gives local time minus UTC, where it is a possible one."""
    local = pl.col("local_timestamp").dt.replace_time_zone("UTC")
    offset = (local - pl.col("timestamp")).dt.total_seconds()
    is_possible = (offset % OFFSET_STEP_S == 0) & (offset.abs() <= LARGEST_OFFSET_S)
    return messages["activity"].select(PART, file_utc_offset_s=pl.when(is_possible).then(offset))


def _wearer(messages: Messages) -> pl.DataFrame:
    """Gives resting heart rate and body mass of the user profile; zero is "not set"."""
    is_set = [pl.when(pl.col(name) > 0).then(name) for name in ("resting_heart_rate", "weight")]
    return messages["user_profile"].with_columns(is_set)


def _barometers(messages: Messages) -> pl.DataFrame:
    """Tells where a barometer is stated; a file never states that there is none."""
    stated = messages["device_info"].filter(
        (pl.col("source_type") == "local") & (pl.col("device_type") == LOCAL_BAROMETER)
    )
    measured = messages["barometer_data"]
    return pl.concat([stated.select(PART), measured.select(PART)]).with_columns(
        has_barometer=pl.lit(value=True)
    )


def _with_set_aside(spans: pl.DataFrame, records: pl.DataFrame) -> pl.DataFrame:
    """Adds the number of records without a time, at the first workout of their part."""
    if not records.get_column("timestamp").null_count():
        return spans.with_columns(set_aside_n=pl.lit(0))
    first = spans.group_by(PART).agg(pl.col("workout_n").min())
    counts = (
        records.filter(pl.col("timestamp").is_null())
        .group_by(PART)
        .agg(set_aside_n=pl.len())
        .join(first, on=PART, how="inner")
        .drop(PART)
    )
    return spans.join(counts, on="workout_n", how="left", maintain_order="left")
