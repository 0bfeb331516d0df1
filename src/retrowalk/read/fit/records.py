"""Turns record messages into a reader's records: one column per quantity, in SI units."""

import dataframely as dy
import polars as pl

from retrowalk.read.fit.frames import OFFSET, PART
from retrowalk.read.fit.messages import Messages
from retrowalk.read.reading import ReadRecords
from retrowalk.units import DEGREES_PER_SEMICIRCLE

#: Units in which a developer field may stand in for the profile's own field.
OVERRIDE_UNITS = {
    "speed": ("m/s", "mps"),
    "distance": ("m", "meter", "meters"),
    "cadence": ("rpm", "spm", "strides/min", "steps/min"),
    "heart_rate": ("bpm",),
    "altitude": ("m", "meter", "meters"),
    "grade": ("%", "percent"),
}


def records_from_messages(messages: Messages, assigned: pl.DataFrame) -> dy.LazyFrame[ReadRecords]:
    """Gives the records of all workouts, in file order.

    Where the profile knows a quantity twice, the enhanced one wins; where the profile's own field
    is empty, a developer field that says it stands for it fills in.

    Args:
        messages: The file.
        assigned: The records that have a time, with ``workout_n``.
    """
    records = _with_course(messages, _filled_in(messages, assigned.lazy())).select(
        "workout_n",
        recorded_at_utc="timestamp",
        speed_mps=pl.coalesce("enhanced_speed", "speed"),
        distance_m="distance",
        cadence_per_min=cadence_expr(),
        heart_rate_bpm="heart_rate",
        altitude_m=pl.coalesce("enhanced_altitude", "altitude"),
        grade_fraction=pl.col("grade") / 100,
        course_deg="course_deg",
        heading_deg=pl.lit(None, dtype=pl.Float64),
        latitude_deg=pl.col("position_lat") * DEGREES_PER_SEMICIRCLE,
        longitude_deg=pl.col("position_long") * DEGREES_PER_SEMICIRCLE,
    )
    return ReadRecords.validate(ReadRecords.cast(records))


def cadence_expr() -> pl.Expr:
    """Cadence with its fraction, per minute: strides of one leg, or whatever the writer counts."""
    whole_and_fraction = pl.col("cadence") + pl.col("fractional_cadence").fill_null(0.0)
    return pl.coalesce("cadence256", whole_and_fraction)


def _filled_in(messages: Messages, records: pl.LazyFrame) -> pl.LazyFrame:
    """Fills the profile's fields in from the developer fields that stand for them."""
    overrides = _overrides(messages)
    if not overrides:
        return records
    own = messages.decoded.messages["record"].lazy()
    stand_ins = own.select(
        OFFSET, *(pl.col(c).cast(pl.Float64).alias(f"_stand_in_{c}") for c in overrides)
    )
    return records.join(stand_ins, on=OFFSET, how="left", maintain_order="left").with_columns(
        pl.coalesce(native, *(f"_stand_in_{c}" for c, n in overrides.items() if n == native)).alias(
            native
        )
        for native in set(overrides.values())
    )


def _overrides(messages: Messages) -> dict[str, str]:
    """Gives the developer fields of records that stand for a channel, in a unit that fits it."""
    return {
        found.column: found.native_column
        for found in messages.decoded.developer_columns
        if found.message == "record"
        and found.native_column is not None
        and found.units.strip().lower() in OVERRIDE_UNITS.get(found.native_column, ())
        and messages.decoded.messages["record"].schema[found.column].is_numeric()
    }


def _with_course(messages: Messages, records: pl.LazyFrame) -> pl.LazyFrame:
    """Adds the GPS course by part and second, the last one of a second."""
    if "gps_metadata" not in messages:
        return records.with_columns(course_deg=pl.lit(None, dtype=pl.Float64))
    courses = (
        messages["gps_metadata"]
        .lazy()
        .filter(pl.col("timestamp").is_not_null())
        .select(PART, "timestamp", course_deg="heading")
        .unique([PART, "timestamp"], keep="last", maintain_order=True)
    )
    return records.join(courses, on=[PART, "timestamp"], how="left", maintain_order="left")
