"""FIT's own form: message tables, scaling, definitions, data records, header and checksums.

Field numbers, base types and scales are those of the public FIT profile. What an activity is made
of does not belong here, nor how FIT is read.
"""

import struct
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import fastcrc
import numpy as np
import numpy.typing as npt

from retrowalk.units import DEGREES_PER_SEMICIRCLE

Column = npt.NDArray[Any] | Sequence[Any]
Rows = npt.NDArray[np.void]
_HEADER_BYTES = 14
_PROTOCOL_VERSION = 0x20
_PROFILE_VERSION = 2140
_STRING = "string"
#: Base type -> code in a definition, numpy type, value that means "invalid".
_BASE_TYPES: dict[str, tuple[int, str, int]] = {
    "enum": (0x00, "u1", 0xFF),
    "sint8": (0x01, "i1", 0x7F),
    "uint8": (0x02, "u1", 0xFF),
    "sint16": (0x83, "<i2", 0x7FFF),
    "uint16": (0x84, "<u2", 0xFFFF),
    "sint32": (0x85, "<i4", 0x7FFFFFFF),
    "uint32": (0x86, "<u4", 0xFFFFFFFF),
    _STRING: (0x07, "S", 0),
    "uint32z": (0x8C, "<u4", 0),
    "byte": (0x0D, "u1", 0xFF),
}

#: Code of the base type of texts.
TEXT_BASE_TYPE = _BASE_TYPES[_STRING][0]


class _Field(NamedTuple):
    number: int
    kind: str
    scale: float = 1.0
    offset: float = 0.0


class _Message(NamedTuple):
    number: int
    fields: dict[str, _Field]


_TIMESTAMP = {"timestamp": _Field(253, "uint32")}
_BATCH = _TIMESTAMP | {
    "timestamp_ms": _Field(0, "uint16"),
    "sample_time_offset": _Field(1, "uint16"),
}
_SPAN = {
    "event": _Field(0, "enum"),
    "event_type": _Field(1, "enum"),
    "start_time": _Field(2, "uint32"),
    "total_elapsed_time": _Field(7, "uint32", 1000),
    "total_timer_time": _Field(8, "uint32", 1000),
    "total_distance": _Field(9, "uint32", 100),
    "total_cycles": _Field(10, "uint32"),
    "message_index": _Field(254, "uint16"),
}
_MESSAGES = {
    "file_id": _Message(
        0,
        {
            "type": _Field(0, "enum"),
            "manufacturer": _Field(1, "uint16"),
            "product": _Field(2, "uint16"),
            "serial_number": _Field(3, "uint32z"),
            "time_created": _Field(4, "uint32"),
        },
    ),
    "user_profile": _Message(
        3,
        {
            "gender": _Field(1, "enum"),
            "height": _Field(3, "uint8", 100),
            "weight": _Field(4, "uint16", 10),
            "resting_heart_rate": _Field(8, "uint8"),
        },
    ),
    "sport": _Message(
        12,
        {
            "sport": _Field(0, "enum"),
            "sub_sport": _Field(1, "enum"),
            "name": _Field(3, _STRING),
        },
    ),
    "session": _Message(
        18,
        _TIMESTAMP
        | _SPAN
        | {
            "sport": _Field(5, "enum"),
            "sub_sport": _Field(6, "enum"),
            "avg_heart_rate": _Field(16, "uint8"),
            "avg_cadence": _Field(18, "uint8"),
            "first_lap_index": _Field(25, "uint16"),
            "num_laps": _Field(26, "uint16"),
            "sport_profile_name": _Field(110, _STRING),
        },
    ),
    "lap": _Message(
        19,
        _TIMESTAMP
        | _SPAN
        | {"lap_trigger": _Field(24, "enum"), "wkt_step_index": _Field(71, "uint16")},
    ),
    "record": _Message(
        20,
        _TIMESTAMP
        | {
            "position_lat": _Field(0, "sint32", 1.0 / DEGREES_PER_SEMICIRCLE),
            "position_long": _Field(1, "sint32", 1.0 / DEGREES_PER_SEMICIRCLE),
            "altitude": _Field(2, "uint16", 5, 500),
            "heart_rate": _Field(3, "uint8"),
            "cadence": _Field(4, "uint8"),
            "distance": _Field(5, "uint32", 100),
            "speed": _Field(6, "uint16", 1000),
            "grade": _Field(9, "sint16", 100),
            "fractional_cadence": _Field(53, "uint8", 128),
            "enhanced_speed": _Field(73, "uint32", 1000),
            "enhanced_altitude": _Field(78, "uint32", 5, 500),
        },
    ),
    "event": _Message(
        21, _TIMESTAMP | {"event": _Field(0, "enum"), "event_type": _Field(1, "enum")}
    ),
    "device_info": _Message(
        23,
        _TIMESTAMP
        | {
            "device_index": _Field(0, "uint8"),
            "manufacturer": _Field(2, "uint16"),
            "serial_number": _Field(3, "uint32z"),
            "product": _Field(4, "uint16"),
            "product_name": _Field(27, _STRING),
        },
    ),
    "workout": _Message(
        26,
        {
            "sport": _Field(4, "enum"),
            "num_valid_steps": _Field(6, "uint16"),
            "wkt_name": _Field(8, _STRING),
        },
    ),
    "workout_step": _Message(
        27,
        {
            "wkt_step_name": _Field(0, _STRING),
            "duration_type": _Field(1, "enum"),
            "target_type": _Field(3, "enum"),
            "message_index": _Field(254, "uint16"),
        },
    ),
    "activity": _Message(
        34,
        _TIMESTAMP
        | {
            "total_timer_time": _Field(0, "uint32", 1000),
            "num_sessions": _Field(1, "uint16"),
            "type": _Field(2, "enum"),
            "event": _Field(3, "enum"),
            "event_type": _Field(4, "enum"),
            "local_timestamp": _Field(5, "uint32"),
        },
    ),
    "field_description": _Message(
        206,
        {
            "developer_data_index": _Field(0, "uint8"),
            "field_definition_number": _Field(1, "uint8"),
            "fit_base_type_id": _Field(2, "uint8"),
            "field_name": _Field(3, _STRING),
            "units": _Field(8, _STRING),
        },
    ),
    "accelerometer_data": _Message(
        165,
        _BATCH
        | {
            "accel_x": _Field(2, "uint16"),
            "accel_y": _Field(3, "uint16"),
            "accel_z": _Field(4, "uint16"),
        },
    ),
    "magnetometer_data": _Message(
        208,
        _BATCH
        | {
            "mag_x": _Field(2, "uint16"),
            "mag_y": _Field(3, "uint16"),
            "mag_z": _Field(4, "uint16"),
        },
    ),
    "three_d_sensor_calibration": _Message(
        167,
        _TIMESTAMP
        | {
            "sensor_type": _Field(0, "enum"),
            "calibration_factor": _Field(1, "uint32"),
            "calibration_divisor": _Field(2, "uint32"),
            "level_shift": _Field(3, "uint32"),
            "offset_cal": _Field(4, "sint32"),
            "orientation_matrix": _Field(5, "sint32", 65535),
        },
    ),
    "developer_data_id": _Message(
        207,
        {
            "application_id": _Field(1, "byte"),
            "developer_data_index": _Field(3, "uint8"),
        },
    ),
}
#: What a recording writes again and again keeps a local number; everything else takes 0 in turn.
_LOCAL_NUMBERS = {
    "record": 1,
    "event": 2,
    "lap": 3,
    "accelerometer_data": 4,
    "magnetometer_data": 5,
}
_ONCE = 0


def framed(data: bytes) -> bytes:
    """Puts FIT's header before data records and the checksum after them.

    Args:
        data: Definition and data records.

    Returns:
        A whole FIT file.
    """
    header = struct.pack(
        "<BBHI4s", _HEADER_BYTES, _PROTOCOL_VERSION, _PROFILE_VERSION, len(data), b".FIT"
    )
    header += struct.pack("<H", fastcrc.crc16.arc(header))
    return header + data + struct.pack("<H", fastcrc.crc16.arc(header + data))


def written(message: str, columns: Mapping[str, Column]) -> bytes:
    """Writes messages of one kind with their definition.

    Args:
        message: Name of the message.
        columns: Values by field, one per message, in physical units; NaN is invalid.

    Returns:
        A definition record and the data records.
    """
    return definition(message, columns) + rows(message, columns).tobytes()


def definition(
    message: str,
    columns: Mapping[str, Column],
    *,
    developer_texts: Sequence[str] | None = None,
) -> bytes:
    """Writes a definition record.

    Args:
        message: Name of the message.
        columns: Values by field; their form decides on lengths of texts and lists.
        developer_texts: Texts of the one developer field, if there is one.

    Returns:
        Header, architecture, global number, fields, developer fields.
    """
    known = _MESSAGES[message]
    flag = 0x40 if developer_texts is None else 0x60
    content = struct.pack(
        "<BBBHB", flag | _LOCAL_NUMBERS.get(message, _ONCE), 0, 0, known.number, len(columns)
    )
    for name, values in columns.items():
        column = known.fields[name]
        size = _dtype(column, values).itemsize
        content += struct.pack("<BBB", column.number, size, _BASE_TYPES[column.kind][0])
    if developer_texts is not None:
        content += struct.pack("<BBBB", 1, 0, _text_dtype(developer_texts).itemsize, 0)
    return content


def rows(
    message: str,
    columns: Mapping[str, Column],
    *,
    developer_texts: Sequence[str] | None = None,
) -> Rows:
    """Writes data records.

    Args:
        message: Name of the message.
        columns: Values by field, one per message, in physical units; NaN is invalid.
        developer_texts: Texts of the one developer field, one per message.

    Returns:
        One array element per record, header byte included.

    Raises:
        ValueError: A value does not fit its field.
    """
    fields = _MESSAGES[message].fields
    layout: list[tuple[str, np.dtype[np.generic]]] = [("header", np.dtype("u1"))]
    layout += [(name, _dtype(fields[name], values)) for name, values in columns.items()]
    if developer_texts is not None:
        layout.append(("developer", _text_dtype(developer_texts)))
    count = len(next(iter(columns.values())))
    table = np.zeros(count, dtype=np.dtype(layout))
    table["header"] = _LOCAL_NUMBERS.get(message, _ONCE)
    for name, values in columns.items():
        table[name] = _encoded(fields[name], values)
    if developer_texts is not None:
        table["developer"] = [text.encode() for text in developer_texts]
    return table


def _dtype(column: _Field, values: Column) -> np.dtype[np.generic]:
    if column.kind == _STRING:
        return _text_dtype(values)
    base = np.dtype(_BASE_TYPES[column.kind][1])
    shape = np.shape(values)[1:]
    return np.dtype((base, shape)) if shape else base


def _text_dtype(texts: Iterable[str]) -> np.dtype[np.generic]:
    """Room for the longest text and the zero that ends it."""
    return np.dtype(f"S{max(len(text.encode()) for text in set(texts)) + 1}")


def _encoded(column: _Field, values: Column) -> npt.NDArray[np.generic]:
    """Scales to what FIT stores; NaN becomes the base type's invalid value.

    Raises:
        ValueError: A value does not fit its field.
    """
    if column.kind == _STRING:
        return np.array([str(text).encode() for text in values])
    _, name, invalid = _BASE_TYPES[column.kind]
    base = np.dtype(name)
    scaled = np.rint((np.asarray(values, dtype=np.float64) + column.offset) * column.scale)
    stored = np.where(np.isnan(scaled), invalid, scaled)
    limits = np.iinfo(base)
    if stored.size and (stored.min() < limits.min or stored.max() > limits.max):
        raise ValueError(f"field {column.number} ({column.kind}) cannot hold {stored.max()}")
    return stored.astype(base)


def interleaved(streams: Sequence[tuple[npt.ArrayLike, Rows]]) -> bytes:
    """Merges kinds of records by time.

    Args:
        streams: Time of each record, and the records, by kind; at the same time the kind that is
            named first comes first.

    Returns:
        All records, each kind's in its own order.
    """
    times = np.concatenate([np.asarray(time, dtype=np.float64) for time, _ in streams])
    sizes = np.repeat([kind.itemsize for _, kind in streams], [kind.size for _, kind in streams])
    order = np.argsort(times, kind="stable")
    begins = np.empty(sizes.size, dtype=np.int64)
    begins[order] = np.cumsum(sizes[order]) - sizes[order]
    content = np.empty(int(sizes.sum()), dtype="u1")
    done_n = 0
    for _, kind in streams:
        places = begins[done_n : done_n + kind.size, None] + np.arange(kind.itemsize)
        content[places] = np.frombuffer(kind.tobytes(), "u1").reshape(kind.size, kind.itemsize)
        done_n += kind.size
    return content.tobytes()
