"""Turns raw values into columns in physical units: sentinels, scales, names, times, text, arrays.

One function per kind of value; each takes all rows of a field at once.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from retrowalk.read.fit.base_types import STRING, BaseType
from retrowalk.read.fit.clock import FIRST_UTC, FIT_EPOCH_S, Shift
from retrowalk.read.fit.profile import FieldProfile
from retrowalk.read.fit.rows import Raw
from retrowalk.read.fit.strings import text_from_bytes

UTC_INSTANT = pl.Datetime("us", "UTC")
LOCAL_INSTANT = pl.Datetime("us")
#: Times have 32 bits; a wider field may hold more, which is no time.
LAST_TIME = 0xFFFFFFFF
_SECONDS_PER_DAY = 86_400
#: Up to so many texts are looked up one by one, more of them by their distinct values.
FEW_TEXTS = 64

Bool = npt.NDArray[np.bool_]


def column_from_raw(
    raw: Raw, base: BaseType, field: FieldProfile, shift: Shift | None = None
) -> pl.Series:
    """Gives a field's column, named as the profile names it, in the profile's unit.

    Args:
        raw: One value a row, or a matrix for arrays.
        base: Base type of the values.
        field: Name, type, scale and offset.
        shift: How far the device's clock is behind FIT time; None: not known.

    Returns:
        As many rows; null where the value means absent. Arrays become lists whose numbers are
        scaled but not named.
    """
    if base is STRING:
        return _strings(field.name, raw)
    if raw.ndim == 2:
        return _lists(field, raw, base)
    absent = base.absent(raw)
    if field.type_name == "date_time":
        return _instants(field.name, raw, absent, shift)
    if field.type_name in _OWN_WAY:
        return _OWN_WAY[field.type_name](field.name, raw, absent)
    if field.names is not None and raw.dtype.kind in "iu":
        return named(field.name, raw, absent, field)
    return numbers(field.name, raw, absent, field.scale, field.offset)


def numbers(name: str, raw: Raw, absent: Bool, scale: float, offset: float) -> pl.Series:
    """Applies scale and offset; a field without them keeps its whole numbers."""
    if not scale and not offset:
        return _present(pl.Series(name, raw), absent)
    values = _scaled(raw, scale or 1.0)
    if offset:
        values -= offset
    values[absent] = np.nan
    return pl.Series(name, values, nan_to_null=True)


def _scaled(raw: Raw, scale: float) -> npt.NDArray[np.float64]:
    if raw.dtype.kind != "f":
        return np.divide(raw, scale)
    with np.errstate(over="ignore", invalid="ignore"):
        return np.divide(raw, scale, dtype=np.float64)


def named(name: str, raw: Raw, absent: Bool, field: FieldProfile) -> pl.Series:
    """Puts the profile's names for an enumeration's values; a value without one keeps its number."""
    names = field.names or {}
    if len(raw) <= FEW_TEXTS:
        said = zip(raw.tolist(), absent.tolist(), strict=True)
        few = [None if gone else names.get(value, str(value)) for value, gone in said]
        return pl.Series(name, few, dtype=pl.String)
    values, places = _distinct(raw)
    texts = pl.Series(name, [names.get(value, str(value)) for value in values.tolist()])
    return _present(texts[places], absent)


def _distinct(raw: Raw) -> tuple[Raw, npt.NDArray[np.intp]]:
    """Gives the distinct values, and for each row the place of its own among them."""
    if raw.dtype == np.uint8:
        seen = np.bincount(raw, minlength=256) > 0
        return np.flatnonzero(seen), (np.cumsum(seen) - 1)[raw]
    return np.unique(raw, return_inverse=True)


def _present(series: pl.Series, absent: Bool) -> pl.Series:
    """Nulls what is absent."""
    absent_n = np.count_nonzero(absent)
    if not absent_n:
        return series
    if absent_n == len(absent):
        return nothing(series.name, series.dtype, len(series))
    return series.set(pl.Series(absent), None)


def nothing(name: str, dtype: pl.DataType, rows_n: int) -> pl.Series:
    """A column of nulls."""
    return _null(dtype).new_from_index(0, rows_n).alias(name)


@cache
def _null(dtype: pl.DataType) -> pl.Series:
    return pl.Series([None], dtype=dtype)


def _strings(name: str, raw: Raw) -> pl.Series:
    if len(raw) <= FEW_TEXTS:
        few = [text_from_bytes(value) for value in raw.tolist()]
        return pl.Series(name, few, dtype=pl.String)
    values, places = _distinct(raw)
    texts = pl.Series(name, [text_from_bytes(value) for value in values.tolist()], dtype=pl.String)
    return texts[places]


def _instants(name: str, raw: Raw, absent: Bool, shift: Shift | None) -> pl.Series:
    """UTC instants; the device's own seconds count only where the shift to UTC is known."""
    seconds, absent = _whole_seconds(raw, absent)
    is_relative = seconds < FIRST_UTC
    seconds += FIT_EPOCH_S
    seconds *= 1_000_000
    if shift is not None:
        absent = absent | (is_relative & ~shift.is_known)
        seconds += np.where(is_relative, shift.microseconds, 0)
    elif np.count_nonzero(is_relative):
        absent = absent | is_relative
    return _present(pl.Series(name, seconds).cast(UTC_INSTANT), absent)


def has_relative_times(raw: Raw) -> bool:
    """Tells whether any of some times counts from the device's start."""
    return bool(raw.min() < FIRST_UTC)


def relative_seconds(name: str, raw: Raw, base: BaseType) -> pl.Series:
    """Gives the times that count from the device's start, in seconds; null for the others."""
    seconds, absent = _whole_seconds(raw, base.absent(raw))
    return _present(
        pl.Series(f"{name}_since_device_start_s", seconds), absent | (seconds >= FIRST_UTC)
    )


def _local_instants(name: str, raw: Raw, absent: Bool) -> pl.Series:
    """Local wall-clock times, zone unknown."""
    seconds, absent = _whole_seconds(raw, absent)
    return _present(
        pl.Series(name, (seconds + FIT_EPOCH_S) * 1_000_000).cast(LOCAL_INSTANT), absent
    )


def _times_of_day(name: str, raw: Raw, absent: Bool) -> pl.Series:
    """Time of day in the profile's ``localtime_into_day``: seconds since midnight."""
    seconds, absent = _whole_seconds(raw, absent)
    absent |= seconds >= _SECONDS_PER_DAY
    nanoseconds = np.where(absent, 0, seconds) * 1_000_000_000
    return _present(pl.Series(name, nanoseconds).cast(pl.Time), absent)


def _truths(name: str, raw: Raw, absent: Bool) -> pl.Series:
    return _present(pl.Series(name, raw != 0), absent)


#: Types of the profile that are neither numbers nor names.
_OWN_WAY: dict[str, Callable[[str, Raw, Bool], pl.Series]] = {
    "bool": _truths,
    "local_date_time": _local_instants,
    "localtime_into_day": _times_of_day,
}


def _whole_seconds(raw: Raw, absent: Bool) -> tuple[npt.NDArray[np.int64], Bool]:
    """Seconds as whole numbers, and what is absent or beyond any time."""
    if raw.dtype == np.uint32:
        return raw.astype(np.int64), absent
    with np.errstate(invalid="ignore"):
        beyond = (raw < 0) | (raw > LAST_TIME) | absent
        return np.where(beyond, 0, raw).astype(np.int64), beyond


def _lists(field: FieldProfile, raw: Raw, base: BaseType) -> pl.Series:
    """Arrays as lists; an array that is absent as a whole is null, one value of it a null inside."""
    flat = raw.reshape(-1)
    absent = base.absent(flat)
    is_bytes = base.name == "byte"
    whole = absent.reshape(raw.shape).all(axis=1)
    # Of a byte array only the whole can be absent: 255 is an ordinary byte.
    each = np.repeat(whole, raw.shape[1]) if is_bytes else absent
    values = numbers(field.name, flat, each, field.scale, field.offset)
    lists = as_lists(values, raw.shape)
    return lists if not whole.any() else null_where(lists, whole)


def as_lists(values: pl.Series, shape: tuple[int, ...]) -> pl.Series:
    """Cuts values into lists, so many of such a length."""
    return values.reshape(shape).cast(pl.List(values.dtype))


def null_where(series: pl.Series, absent: Any) -> pl.Series:
    """Nulls rows of a column of any type."""
    return series.zip_with(pl.Series(~absent), nothing(series.name, series.dtype, len(series)))


def coalesced(first: pl.Series, second: pl.Series) -> pl.Series:
    """Fills the nulls of one column with another of the same field, stored in another type."""
    if not first.null_count():
        return first
    first, second = _same_dtype(first, second)
    return first.zip_with(first.is_not_null(), second).alias(first.name)


def _same_dtype(first: pl.Series, second: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Brings two columns to one type: lists if either is one, text if either is no number."""
    if first.dtype.is_nested() or second.dtype.is_nested():
        first, second = _as_list(first), _as_list(second)
    if first.dtype == second.dtype:
        return first, second
    values = [_value_dtype(series) for series in (first, second)]
    common = pl.Float64() if all(dtype.is_numeric() for dtype in values) else pl.String()
    dtype = pl.List(common) if first.dtype.is_nested() else common
    return first.cast(dtype), second.cast(dtype)


def _value_dtype(series: pl.Series) -> pl.DataType:
    dtype = series.dtype
    return pl.Series(dtype=dtype.inner).dtype if isinstance(dtype, pl.List) else dtype


def _as_list(series: pl.Series) -> pl.Series:
    if series.dtype.is_nested():
        return series
    return null_where(as_lists(series, (len(series), 1)), series.is_null().to_numpy())
