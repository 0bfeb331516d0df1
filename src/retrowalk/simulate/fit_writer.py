"""Writes FIT activity files, whole columns at a time: what a device puts into one, in which order."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from retrowalk.simulate.fit_form import (
    TEXT_BASE_TYPE,
    Column,
    Rows,
    definition,
    framed,
    interleaved,
    rows,
    written,
)
from retrowalk.simulate.series import Floats

#: 1989-12-31T00:00:00Z as Unix time: FIT counts seconds from there.
FIT_EPOCH_UNIX_S = 631_065_600
SPORTS = {"generic": 0, "running": 1, "cycling": 2, "walking": 11, "hiking": 17}
SUB_SPORTS = {"generic": 0, "treadmill": 1, "track": 4, "indoor_walking": 27, "casual_walking": 30}
_EVENT_TIMER = 0
_EVENT_LAP = 9
_EVENT_ACTIVITY = 26
_START, _STOP, _STOP_ALL = 0, 1, 4
_LAP_TRIGGER_MANUAL, _LAP_TRIGGER_DISTANCE = 0, 2
_SERIAL_NUMBER = 1
_SENSOR_TYPES = {"accelerometer_data": 0, "magnetometer_data": 2}
_COUNTS_PER_UNIT = {"accelerometer_data": 4096, "magnetometer_data": 10_000}
_LEVEL_SHIFT = 32768
#: The chip sits in the device a quarter turn about its z axis: rows are device axes, columns are
#: chip axes, so device x is chip y, and device y is minus chip x.
_TURNED_CHIP = np.array([[0.0, 1.0, 0.0], [-1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])


@dataclass(frozen=True, slots=True)
class FitLap:
    """A lap: seconds since the start, what was covered, and the workout step it carried out.

    NaN: the device does not count that. ``is_automatic`` says that the distance ended it and nobody's finger.
    """

    start_s: int
    end_s: int
    timer_s: int
    distance_m: float
    strides_n: float
    step_n: int | None = None
    is_automatic: bool = False


@dataclass(frozen=True, slots=True)
class FitSensor:
    """A motion sensor's samples, in device axes.

    Args:
        message: ``accelerometer_data`` or ``magnetometer_data``.
        axes: One row per sample since the start of the activity, columns x, y, z: g or gauss.
        rate_hz: Samples per second; a message holds a second.
        offset_counts: What the chip shows too much on each of its own axes.
    """

    message: str
    axes: Floats
    rate_hz: int
    offset_counts: tuple[int, int, int] = (0, 0, 0)

    @property
    def sensor_type(self) -> int:
        """FIT's number of the kind of sensor."""
        return _SENSOR_TYPES[self.message]

    @property
    def counts_per_unit(self) -> int:
        """Counts per g or gauss."""
        return _COUNTS_PER_UNIT[self.message]

    @property
    def axis_names(self) -> tuple[str, str, str]:
        """Fields of the axes."""
        prefix = "accel" if self.message == "accelerometer_data" else "mag"
        return (f"{prefix}_x", f"{prefix}_y", f"{prefix}_z")


@dataclass(frozen=True, slots=True)
class FitActivity:
    """One recorded activity, in physical units, as a device knows it when it writes the file.

    Args:
        started_at: Start, with a time zone.
        elapsed_s: Length with pauses.
        utc_offset_s: Local time minus UTC; None: the device does not write it.
        records: ``elapsed_s`` and any of ``distance_m, speed_mps, cadence_spm, heart_rate_bpm,
            altitude_m, grade_fraction, latitude_deg, longitude_deg``; NaN is absent.
        laps: At least one; without gaps.
        sport: Key of :data:`SPORTS`.
        sub_sport: Key of :data:`SUB_SPORTS`.
        profile_name: Name of the sport profile, as the user called it.
        step_names: Names of the workout's steps; empty: no workout was loaded.
        workout_name: Name of the workout.
        pauses: Spans without timer, seconds since the start.
        developer_text: Name of a developer field and its text per record.
        sensors: Motion sensors that were recorded all the time, without pauses.
        manufacturer: FIT manufacturer number.
        product: Product number.
        product_name: Product in words.
        is_enhanced: Whether speed and altitude go to the enhanced fields.
        is_female: Sex in the user profile; None: the file has no user profile.
        height_m: Height in the user profile.
        body_mass_kg: Body mass in the user profile.
        resting_heart_rate_bpm: Resting heart rate in the user profile.
    """

    started_at: datetime
    elapsed_s: int
    utc_offset_s: int | None
    records: Mapping[str, Floats]
    laps: Sequence[FitLap]
    sport: str = "walking"
    sub_sport: str = "generic"
    profile_name: str = "Walk"
    step_names: Sequence[str] = ()
    workout_name: str = ""
    pauses: Sequence[tuple[int, int]] = ()
    developer_text: tuple[str, Sequence[str]] | None = None
    sensors: Sequence[FitSensor] = ()
    manufacturer: int = 1
    product: int = 0
    product_name: str = ""
    is_enhanced: bool = True
    is_female: bool | None = None
    height_m: float = float("nan")
    body_mass_kg: float = float("nan")
    resting_heart_rate_bpm: float = float("nan")

    @property
    def start_fit_s(self) -> int:
        """Start in FIT time."""
        return int(self.started_at.timestamp()) - FIT_EPOCH_UNIX_S

    @property
    def end_fit_s(self) -> int:
        """End in FIT time."""
        return self.start_fit_s + self.elapsed_s

    @property
    def timer_s(self) -> int:
        """Length without pauses."""
        return self.elapsed_s - sum(end - start for start, end in self.pauses)


def fit_bytes(activity: FitActivity) -> bytes:
    """Writes one activity as a FIT file.

    Args:
        activity: What was recorded.

    Returns:
        The file, with header, definitions, data and both checksums.
    """
    data = b"".join([*_opening(activity), *_recording(activity), *_closing(activity)])
    return framed(data)


def _opening(activity: FitActivity) -> Iterable[bytes]:
    maker = {
        "manufacturer": [activity.manufacturer],
        "product": [activity.product],
        "serial_number": [_SERIAL_NUMBER],
    }
    start = [activity.start_fit_s]
    yield written("file_id", {"type": [4], **maker, "time_created": start})
    yield written(
        "device_info",
        {
            "timestamp": start,
            "device_index": [0],
            **maker,
            "product_name": [activity.product_name],
        },
    )
    if activity.developer_text is not None:
        yield from _developer_field(activity.developer_text[0])
    if activity.is_female is not None:
        yield written(
            "user_profile",
            {
                "gender": [0 if activity.is_female else 1],
                "height": [activity.height_m],
                "weight": [activity.body_mass_kg],
                "resting_heart_rate": [activity.resting_heart_rate_bpm],
            },
        )
    yield written("sport", _sport_columns(activity) | {"name": [activity.profile_name]})
    if activity.step_names:
        yield from _workout(activity)


def _developer_field(name: str) -> Iterable[bytes]:
    identifier = np.frombuffer(b"walking-gait-app", dtype="u1")[None, :]
    yield written("developer_data_id", {"application_id": identifier, "developer_data_index": [0]})
    yield written(
        "field_description",
        {
            "developer_data_index": [0],
            "field_definition_number": [0],
            "fit_base_type_id": [TEXT_BASE_TYPE],
            "field_name": [name],
            "units": ["word"],
        },
    )


def _workout(activity: FitActivity) -> Iterable[bytes]:
    steps_n = len(activity.step_names)
    yield written(
        "workout",
        {
            "sport": [SPORTS[activity.sport]],
            "num_valid_steps": [steps_n],
            "wkt_name": [activity.workout_name],
        },
    )
    yield written(
        "workout_step",
        {
            "wkt_step_name": activity.step_names,
            "duration_type": [0] * steps_n,
            "target_type": [2] * steps_n,
            "message_index": range(steps_n),
        },
    )


def _sport_columns(activity: FitActivity) -> dict[str, Column]:
    return {
        "sport": [SPORTS[activity.sport]],
        "sub_sport": [SUB_SPORTS[activity.sub_sport]],
    }


def _recording(activity: FitActivity) -> Iterable[bytes]:
    """Everything that has a time, in its order; what ends or begins stands before its record."""
    texts = activity.developer_text
    developer = texts[1] if texts else None
    columns, laps, events = (f(activity) for f in (_record_columns, _lap_columns, _event_columns))
    yield definition("event", events)
    yield definition("lap", laps)
    yield definition("record", columns, developer_texts=developer)
    streams: list[tuple[Column, Rows]] = [
        (events["timestamp"], rows("event", events)),
        (laps["timestamp"], rows("lap", laps)),
        (columns["timestamp"], rows("record", columns, developer_texts=developer)),
    ]
    for sensor in activity.sensors:
        batches = _batch_columns(activity, sensor)
        yield written("three_d_sensor_calibration", _calibration_columns(activity, sensor))
        yield definition(sensor.message, batches)
        streams.append((batches["timestamp"], rows(sensor.message, batches)))
    yield interleaved(streams)


def _calibration_columns(activity: FitActivity, sensor: FitSensor) -> dict[str, Column]:
    return {
        "timestamp": [activity.start_fit_s],
        "sensor_type": [sensor.sensor_type],
        "calibration_factor": [1],
        "calibration_divisor": [sensor.counts_per_unit],
        "level_shift": [_LEVEL_SHIFT],
        "offset_cal": np.array([sensor.offset_counts]),
        "orientation_matrix": _TURNED_CHIP.reshape(1, -1),
    }


def _batch_columns(activity: FitActivity, sensor: FitSensor) -> dict[str, Column]:
    """One message a second; counts are what the chip measured before any correction."""
    batches_n = sensor.axes.shape[0] // sensor.rate_hz
    kept = sensor.axes[: batches_n * sensor.rate_hz].reshape(batches_n, sensor.rate_hz, 3)
    chip = kept @ _TURNED_CHIP * sensor.counts_per_unit
    counts = chip + _LEVEL_SHIFT + np.array(sensor.offset_counts)
    offsets_ms = np.rint(np.arange(sensor.rate_hz) * 1000.0 / sensor.rate_hz)
    x, y, z = sensor.axis_names
    return {
        "timestamp": activity.start_fit_s + np.arange(batches_n),
        "timestamp_ms": np.zeros(batches_n),
        "sample_time_offset": np.tile(offsets_ms, (batches_n, 1)),
        x: np.rint(counts[:, :, 0]),
        y: np.rint(counts[:, :, 1]),
        z: np.rint(counts[:, :, 2]),
    }


def _record_columns(activity: FitActivity) -> dict[str, Column]:
    """Renames, splits cadence as FIT counts it, and leaves out channels that are not there."""
    records = activity.records
    columns: dict[str, Column] = {"timestamp": activity.start_fit_s + records["elapsed_s"]}
    prefix = "enhanced_" if activity.is_enhanced else ""
    names = {
        "latitude_deg": "position_lat",
        "longitude_deg": "position_long",
        "distance_m": "distance",
        "speed_mps": f"{prefix}speed",
        "altitude_m": f"{prefix}altitude",
        "heart_rate_bpm": "heart_rate",
    }
    columns |= {fit: records[ours] for ours, fit in names.items() if ours in records}
    if "cadence_spm" in records:
        strides = records["cadence_spm"] / 2.0
        whole = np.floor(strides)
        columns |= {"cadence": whole, "fractional_cadence": strides - whole}
    if "grade_fraction" in records:
        columns["grade"] = 100.0 * records["grade_fraction"]
    return columns


def _event_columns(activity: FitActivity) -> dict[str, Column]:
    """Timer start, stops, restarts and last stop."""
    pauses = [moment for pause in activity.pauses for moment in pause]
    seconds = [0, *pauses, activity.elapsed_s]
    kinds = [_START, *([_STOP_ALL, _START] * len(activity.pauses)), _STOP_ALL]
    return {
        "timestamp": [activity.start_fit_s + second for second in seconds],
        "event": [_EVENT_TIMER] * len(seconds),
        "event_type": kinds,
    }


def _lap_columns(activity: FitActivity) -> dict[str, Column]:
    laps, count = activity.laps, len(activity.laps)
    columns: dict[str, Column] = {
        "timestamp": [activity.start_fit_s + lap.end_s for lap in laps],
        "event": [_EVENT_LAP] * count,
        "event_type": [_STOP] * count,
        "start_time": [activity.start_fit_s + lap.start_s for lap in laps],
        "total_elapsed_time": [lap.end_s - lap.start_s for lap in laps],
        "total_timer_time": [lap.timer_s for lap in laps],
        "total_distance": [lap.distance_m for lap in laps],
        "total_cycles": [lap.strides_n for lap in laps],
        "message_index": range(count),
        "lap_trigger": [
            _LAP_TRIGGER_DISTANCE if lap.is_automatic else _LAP_TRIGGER_MANUAL for lap in laps
        ],
    }
    if activity.step_names:
        columns["wkt_step_index"] = [np.nan if lap.step_n is None else lap.step_n for lap in laps]
    return columns


def _closing(activity: FitActivity) -> Iterable[bytes]:
    end = [activity.end_fit_s]
    yield written("session", _session_columns(activity))
    offset = activity.utc_offset_s
    local = {} if offset is None else {"local_timestamp": [activity.end_fit_s + offset]}
    yield written(
        "activity",
        {
            "timestamp": end,
            "total_timer_time": [activity.timer_s],
            "num_sessions": [1],
            "type": [0],
            "event": [_EVENT_ACTIVITY],
            "event_type": [_STOP],
            **local,
        },
    )


def _session_columns(activity: FitActivity) -> dict[str, Column]:
    strides_n = sum(lap.strides_n for lap in activity.laps)
    heart_rate = activity.records.get("heart_rate_bpm", np.array([np.nan]))
    is_known = bool(np.isfinite(heart_rate).any())
    return {
        "timestamp": [activity.end_fit_s],
        "event": [_EVENT_LAP],
        "event_type": [_STOP],
        "start_time": [activity.start_fit_s],
        **_sport_columns(activity),
        "total_elapsed_time": [activity.elapsed_s],
        "total_timer_time": [activity.timer_s],
        "total_distance": [sum(lap.distance_m for lap in activity.laps)],
        "total_cycles": [strides_n],
        "avg_heart_rate": [float(np.nanmean(heart_rate)) if is_known else np.nan],
        "avg_cadence": [60.0 * strides_n / max(activity.timer_s, 1)],
        "first_lap_index": [0],
        "num_laps": [len(activity.laps)],
        "message_index": [0],
        "sport_profile_name": [activity.profile_name],
    }
