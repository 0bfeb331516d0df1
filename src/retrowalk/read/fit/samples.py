"""Turns raw motion sensor messages into samples: calibrated, in device axes, in SI units, with UTC.

A message holds up to 30 samples of three axes. Until a ``three_d_sensor_calibration`` message is
applied they are counts: ``(raw - level_shift - offset_cal) x factor / divisor``, then the
orientation matrix turns them into the device's axes.
"""

import math
from dataclasses import dataclass
from functools import cache

import dataframely as dy
import polars as pl

from retrowalk.read.fit.frames import OFFSET, PART
from retrowalk.read.fit.messages import Messages
from retrowalk.read.fit.spans import assigned
from retrowalk.read.reading import ReadSamples

#: Standard gravity, m/s^2 (exact by definition, CGPM 1901).
STANDARD_GRAVITY_MPS2 = 9.80665
MICROTESLA_PER_GAUSS = 100.0
AXES = ("x", "y", "z")


@dataclass(frozen=True, slots=True)
class Sensor:
    """A motion sensor of the profile.

    Args:
        message: Message that holds its samples.
        kind: Value of ``sensor_type`` in its calibration.
        field: Name of its fields without the axis.
        column: Column of the samples without axis and unit.
        unit: Unit of the column.
        scale: That unit per unit of the profile (g, degrees/s, gauss).
    """

    message: str
    kind: str
    field: str
    column: str
    unit: str
    scale: float

    @property
    def raw(self) -> list[str]:
        """Names of its fields, axis by axis."""
        return [f"{self.field}_{axis}" for axis in AXES]

    @property
    def columns(self) -> list[str]:
        """Names of its columns, axis by axis."""
        return [f"{self.column}_{axis}_{self.unit}" for axis in AXES]


SENSORS = (
    Sensor(
        "accelerometer_data", "accelerometer", "accel",
        "acceleration", "mps2", STANDARD_GRAVITY_MPS2,
    ),
    Sensor(
        "gyroscope_data", "gyroscope", "gyro",
        "rotation", "radps", math.pi / 180,
    ),
    Sensor(
        "magnetometer_data", "compass", "mag",
        "magnetic", "ut", MICROTESLA_PER_GAUSS,
    ),
)  # fmt: skip


def samples_from_messages(messages: Messages, spans: pl.DataFrame) -> dy.DataFrame[ReadSamples]:
    """Gives all raw motion samples of all workouts.

    Args:
        messages: The file.
        spans: The workouts, as from :func:`retrowalk.read.fit.spans.workout_spans`.

    Returns:
        A row per workout and instant, in order of time. Null where a sensor has no sample at that
        instant, or one that cannot be calibrated.
    """
    found = [_samples(messages, sensor, spans) for sensor in SENSORS if sensor.message in messages]
    if not found:
        return _no_samples()
    merged = pl.concat(found, how="diagonal")
    if len(found) > 1:
        merged = merged.group_by("workout_n", "sampled_at_utc").agg(pl.all().drop_nulls().first())
    absent = [sensor for sensor in SENSORS if sensor.message not in messages]
    nothing = (pl.lit(None, dtype=pl.Float64).alias(c) for s in absent for c in s.columns)
    return ReadSamples.validate(
        merged.with_columns(nothing).sort("workout_n", "sampled_at_utc").collect(), cast=True
    )


@cache
def _no_samples() -> dy.DataFrame[ReadSamples]:
    return ReadSamples.create_empty()


def _samples(messages: Messages, sensor: Sensor, spans: pl.DataFrame) -> pl.LazyFrame:
    """Gives the samples of one sensor."""
    lists = ["sample_time_offset", *sensor.raw, *(f"calibrated_{name}" for name in sensor.raw)]
    batches = messages[sensor.message]
    instant = pl.col("timestamp") + milliseconds_expr("timestamp_ms")
    return (
        assigned(batches.with_columns(timestamp=instant), spans)
        .lazy()
        .join(
            _calibrations(messages, sensor, batches), on=OFFSET, how="left", maintain_order="left"
        )
        .with_columns(_even_lists(lists))
        .explode(lists)
        .with_columns(_centred(sensor))
        .with_columns(_oriented(sensor))
        .select(
            "workout_n",
            *sensor.columns,
            sampled_at_utc=pl.col("timestamp") + milliseconds_expr("sample_time_offset"),
        )
        .filter(pl.any_horizontal(pl.col(sensor.columns).is_not_null()))
    )


def milliseconds_expr(name: str) -> pl.Expr:
    """A span of so many milliseconds; none where it is not said."""
    return pl.duration(microseconds=pl.col(name).fill_null(0) * 1_000)


def _calibrations(messages: Messages, sensor: Sensor, batches: pl.DataFrame) -> pl.LazyFrame:
    """Gives for each batch the calibration that was last said before it, number by number."""
    said = (
        messages["three_d_sensor_calibration"]
        .lazy()
        .filter(pl.col("sensor_type") == sensor.kind)
        .select(
            PART,
            OFFSET,
            "level_shift",
            _per_count=pl.col("calibration_factor") / pl.col("calibration_divisor"),
            **{f"_offset_{axis}": _at("offset_cal", i) for i, axis in enumerate(AXES)},
            **{
                f"_turn_{to}{of}": _at("orientation_matrix", 3 * i + j).fill_null(float(i == j))
                for i, to in enumerate(AXES)
                for j, of in enumerate(AXES)
            },
        )
    )
    return (
        batches.lazy()
        .select(PART, OFFSET)
        .sort(OFFSET)
        .join_asof(said.sort(OFFSET), on=OFFSET, by=PART, check_sortedness=False)
        .drop(PART)
    )


def _at(name: str, place: int) -> pl.Expr:
    return pl.col(name).list.get(place, null_on_oob=True)


def _even_lists(lists: list[str]) -> list[pl.Expr]:
    """Brings lists to the length of the longest in their row; what is missing is null."""
    filled = [pl.col(name).fill_null(pl.lit([], dtype=pl.List(pl.Float64))) for name in lists]
    longest = pl.max_horizontal(column.list.len() for column in filled)
    return [column.list.gather(pl.int_ranges(0, longest), null_on_oob=True) for column in filled]


def _centred(sensor: Sensor) -> list[pl.Expr]:
    """Turns counts into the profile's unit, along the sensor's own axes."""
    return [
        (
            (pl.col(name) - pl.col("level_shift") - pl.col(f"_offset_{axis}"))
            * pl.col("_per_count")
        ).alias(f"_centred_{axis}")
        for name, axis in zip(sensor.raw, AXES, strict=True)
    ]


def _oriented(sensor: Sensor) -> list[pl.Expr]:
    """Turns samples into the device's axes and SI units; what is calibrated already stays."""
    turned = [
        sum((pl.col(f"_turn_{to}{of}") * pl.col(f"_centred_{of}") for of in AXES), pl.lit(0.0))
        for to in AXES
    ]
    return [
        (pl.coalesce(f"calibrated_{name}", turn) * sensor.scale).alias(column)
        for name, turn, column in zip(sensor.raw, turned, sensor.columns, strict=True)
    ]
