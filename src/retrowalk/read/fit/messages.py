"""The messages and fields that a workout is built from: always there, always of one type."""

from collections.abc import Mapping
from functools import cache

import polars as pl

from retrowalk.read.fit.columns import LOCAL_INSTANT, UTC_INSTANT, as_lists, nothing
from retrowalk.read.fit.decode import Decoded
from retrowalk.read.fit.frames import OFFSET, PART

_INSTANT = UTC_INSTANT
_NUMBER = pl.Float64()
_TEXT = pl.String()
_NUMBERS = pl.List(pl.Float64)

Columns = Mapping[str, pl.DataType]


def _numbers(*names: str) -> Columns:
    return dict.fromkeys(names, _NUMBER)


def _texts(*names: str) -> Columns:
    return dict.fromkeys(names, _TEXT)


def _instants(*names: str) -> Columns:
    return dict.fromkeys(names, _INSTANT)


def _sensor(field: str) -> Columns:
    """Columns of a motion sensor's message: samples of three axes, raw or calibrated."""
    axes = [f"{kind}{field}_{axis}" for kind in ("", "calibrated_") for axis in "xyz"]
    lists = dict.fromkeys(("sample_time_offset", *axes), _NUMBERS)
    return {**_instants("timestamp"), **_numbers("timestamp_ms"), **lists}


_PRODUCT = {
    **_texts("manufacturer", "product_name", "garmin_product"),
    **_numbers("product"),
}
_LAP = {
    **_instants("start_time", "timestamp"),
    **_numbers("total_elapsed_time", "wkt_step_index"),
    **_texts("name"),
}

#: Message -> column -> type.
MESSAGES: Mapping[str, Columns] = {
    "accelerometer_data": _sensor("accel"),
    "activity": {**_instants("timestamp"), "local_timestamp": LOCAL_INSTANT},
    "barometer_data": {},
    "device_info": {**_PRODUCT, **_numbers("device_index", "device_type"), **_texts("source_type")},
    "event": {**_instants("timestamp"), **_texts("event", "event_type")},
    "file_id": {**_PRODUCT, **_texts("type")},
    "gps_metadata": {**_instants("timestamp"), **_numbers("heading")},
    "gyroscope_data": _sensor("gyro"),
    "lap": _LAP,
    "magnetometer_data": _sensor("mag"),
    "record": {
        **_instants("timestamp"),
        **_numbers("speed", "enhanced_speed", "distance", "heart_rate", "grade"),
        **_numbers("cadence", "fractional_cadence", "cadence256", "altitude", "enhanced_altitude"),
        **_numbers("position_lat", "position_long"),
    },
    "segment_lap": _LAP,
    "session": {
        **_instants("start_time", "timestamp"),
        **_numbers("total_elapsed_time", "total_timer_time", "total_distance"),
        **_numbers("total_cycles", "total_strides"),
        **_texts("sport", "sub_sport", "sport_profile_name"),
    },
    "sport": _texts("sport", "sub_sport", "name"),
    "three_d_sensor_calibration": {
        **_texts("sensor_type"),
        **_numbers("calibration_factor", "calibration_divisor", "level_shift"),
        **dict.fromkeys(("offset_cal", "orientation_matrix"), _NUMBERS),
    },
    "user_profile": _numbers("resting_heart_rate", "weight"),
    "workout": _texts("wkt_name"),
    "workout_step": {**_numbers("message_index"), **_texts("wkt_step_name", "notes")},
}

#: Message -> names of its columns, for the decoder.
WANTED = {name: frozenset(columns) for name, columns in MESSAGES.items()}


class Messages:
    """A decoded file, by the messages and columns that workouts need.

    Args:
        decoded: The file.
    """

    __slots__ = ("_chosen", "decoded")

    def __init__(self, decoded: Decoded) -> None:
        self.decoded = decoded
        self._chosen: dict[str, pl.DataFrame] = {}

    def __contains__(self, name: str) -> bool:
        """Tells whether the file has a message."""
        return name in self.decoded.messages

    def __getitem__(self, name: str) -> pl.DataFrame:
        """Gives the columns of a message that workouts need, in file order.

        Args:
            name: One of :data:`MESSAGES`.

        Returns:
            A row per message (none where the file has no such message); ``_part``, ``_offset`` and
            the columns. A column that the file lacks, or holds in another kind of type, is null;
            so is one that only a developer field of the same name fills.
        """
        if name not in self._chosen:
            self._chosen[name] = self._choose(name)
        return self._chosen[name]

    def says(self, name: str, column: str) -> bool:
        """Tells whether a column of a message is filled anywhere."""
        values = self[name].get_column(column)
        return values.null_count() < len(values)

    def _choose(self, name: str) -> pl.DataFrame:
        wanted = MESSAGES[name]
        frame = self.decoded.messages.get(name)
        if frame is None:
            return _without_rows(name)
        own = {found.column for found in self.decoded.developer_columns if found.message == name}
        have = {series.name: series for series in frame if series.name not in own}
        columns = (
            _as_wanted(have.get(column), column, dtype, frame.height)
            for column, dtype in wanted.items()
        )
        return pl.DataFrame([have[PART], have[OFFSET], *columns])


@cache
def _without_rows(name: str) -> pl.DataFrame:
    return pl.DataFrame(schema={PART: pl.UInt32, OFFSET: pl.Int64, **MESSAGES[name]})


def _as_wanted(have: pl.Series | None, column: str, dtype: pl.DataType, rows_n: int) -> pl.Series:
    if have is None or not _is_castable(have.dtype, dtype):
        return nothing(column, dtype, rows_n)
    if isinstance(dtype, pl.List) and not have.dtype.is_nested():
        return as_lists(have.cast(_NUMBER), (rows_n, 1))
    return have.cast(dtype, strict=False)


def _is_castable(have: pl.DataType, dtype: pl.DataType) -> bool:
    """Tells whether two types mean the same kind of thing."""
    if isinstance(dtype, pl.List):
        value = have.inner if isinstance(have, pl.List) else have
        return value.is_numeric()
    if dtype == _TEXT:
        return have == _TEXT
    if dtype.is_temporal():
        return have == dtype
    return have.is_numeric()
