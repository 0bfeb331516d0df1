"""What fitparse and fitdecode read from a file, and how ours may differ from it.

Every difference from fitparse has a reason, listed in :data:`REASONS`.
"""

import io
import warnings
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import fitdecode
import polars as pl
from fitparse import FitFile
from fitparse import records as fitparse_records
from fitparse.utils import FitParseError

from retrowalk.read.fit.profile import message_fields, message_name, type_names

#: Times are compared as naive UTC, the way fitparse gives them.
EPOCH = datetime(1989, 12, 31)  # noqa: DTZ001
RECORD = 20
#: Why a value may differ from fitparse's.
REASONS = {
    "newer profile": "the public profile has named the field, or given it a scale, since 2019",
    "newer name": "the public profile has named the value since 2019",
    "unnamed value": "a value of an enumeration that has no name is its number as text",
    "partly named": "a number of which only some values have names stays a number",
    "device clock": "seconds since the device started are no instant; they have a column of their own",
    "seeded count": "12-bit heart beat times count on from the whole one that the file states",
}


def plain(value: Any) -> Any:
    """Brings values of both sides into one form: lists for arrays, None for nothing, naive UTC."""
    if isinstance(value, tuple | list):
        values = [plain(v) for v in value]
        return None if all(v is None for v in values) else values
    return value.replace(tzinfo=None) if isinstance(value, datetime) else value


def same(ours: Any, theirs: Any) -> bool:
    """Tells whether values are equal; one value and an array of it count as equal."""
    return bool(ours == theirs) or bool(ours == [theirs])


def _reason(number: int, field: Any, theirs: Any, ours: Any, row: dict[str, Any]) -> str | None:
    """Gives the reason why a value differs from a field of fitparse; None: there is none."""
    known = message_fields(number).get(field.def_num)
    names = type_names(field.type.name) or {}
    reasons = {
        "newer profile": field.field is None
        and known is not None
        and same(ours, _as_profiled(known, theirs)),
        "newer name": isinstance(ours, str) and ours == names.get(theirs),
        "unnamed value": isinstance(ours, str) and ours == str(theirs),
        "partly named": isinstance(theirs, str) and ours == field.raw_value,
        "device clock": known is not None
        and known.type_name == "date_time"
        and ours is None
        and row.get(f"{known.name}_since_device_start_s")
        in (theirs if isinstance(theirs, list) else [theirs]),
        "seeded count": field.name == "event_timestamp"
        and [t % 4 for t in ours] == [t % 4 for t in theirs],
    }
    return next((reason for reason, holds in reasons.items() if holds), None)


def _as_profiled(known: Any, value: Any) -> Any:
    """Converts what fitparse left raw by what the newer profile says."""
    if isinstance(value, list):
        return [_as_profiled(known, v) for v in value]
    if value is None or isinstance(value, str):
        return value
    if known.type_name == "date_time":
        return EPOCH + timedelta(seconds=value)
    if known.names is not None:
        return known.names.get(value, str(value))
    scaled = value / known.scale if known.scale else value
    return scaled - known.offset if known.offset else scaled


def fitparse_messages(data: bytes) -> tuple[dict[int, list[Any]], bool]:
    """Gives fitparse's messages by number, and whether it read to the end."""
    fitparse_records.DEV_TYPES.clear()
    found = defaultdict(list)
    try:
        for message in FitFile(data, check_crc=False).get_messages():
            found[message.mesg_num].append(message)
    except FitParseError:
        return found, False
    return found, True


def differences(
    ours: dict[str, pl.DataFrame], by_fitparse: dict[int, list[Any]], *, is_whole: bool
) -> Iterator[tuple[str | None, str]]:
    """Gives reason and place of every value that differs from fitparse's."""
    for number, messages in by_fitparse.items():
        name = message_name(number)
        rows = ours[name].to_dicts()
        assert len(rows) == len(messages) or not is_whole
        for i, (message, row) in enumerate(zip(messages, rows, strict=False)):
            for field in message.fields:
                values = [plain(f.value) for f in message.fields if f.name == field.name]
                known = message_fields(number).get(field.def_num)
                column = field.name if field.field or not known else known.name
                value = plain(row[column])
                if not any(same(value, v) for v in (values, *values)):
                    theirs: Any = values if len(values) > 1 else values[0]
                    place = f"{name}[{i}].{column}: ours {value!r}, theirs {theirs!r}"
                    yield _reason(number, field, theirs, value, row), place


def fitdecode_messages(data: bytes) -> dict[str, list[Any]]:
    """Gives fitdecode's messages by name, as far as it reads."""
    found = defaultdict(list)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        reader = fitdecode.FitReader(
            io.BytesIO(data),
            check_crc=fitdecode.CrcCheck.DISABLED,
            error_handling=fitdecode.ErrorHandling.IGNORE,
        )
        try:
            for frame in reader:
                if isinstance(frame, fitdecode.FitDataMessage):
                    found[frame.name].append(frame)
        except fitdecode.FitError:
            pass
    return found
