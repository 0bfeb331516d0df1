"""Plans how the fields of a message become columns, once for all files that store them alike.

Most fields are one number each, and a column costs more to make than to fill. So all numbers that
have a scale are brought to physical units in one go, as are all that share a base type and have
none; their columns are slices of the result. The other fields are made one by one.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from retrowalk.read.fit.definitions import FieldKey
from retrowalk.read.fit.profile import FieldProfile, message_fields
from retrowalk.read.fit.rows import Raw, Rows

#: At most so many cells are made in one go, so that what is made on the way stays small.
CELLS_AT_ONCE = 2**16
#: Wider whole numbers do not all have a float of their own.
WIDEST_EXACT_BYTES = 4

_COLUMN_DTYPES: dict[str, pl.DataType] = {
    "u1": pl.UInt8(), "u2": pl.UInt16(), "u4": pl.UInt32(), "u8": pl.UInt64(),
    "i1": pl.Int8(), "i2": pl.Int16(), "i4": pl.Int32(), "i8": pl.Int64(),
    "f4": pl.Float32(), "f8": pl.Float64(),
}  # fmt: skip

#: Plans of more fields than this are not kept: only hostile files need them.
MOST_KEPT = 256

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Fields of one number each that are made together.

    Args:
        keys: The fields.
        dtype: Type that holds the values of all of them.
        casts: By field, the type of its column; None: the same.
        invalid: By field, the value that means absent; NaN for floats.
        scale: By field, physical value is raw / scale - offset; None: raw values stay.
        offset: See ``scale``.
    """

    keys: tuple[FieldKey, ...]
    dtype: np.dtype[Any]
    casts: tuple[pl.DataType | None, ...]
    invalid: Raw
    scale: Floats | None = None
    offset: Floats | None = None

    def columns(self, rows: Rows) -> Iterator[tuple[FieldKey, pl.Series]]:
        """Gives the fields' columns, without names; null where absent."""
        n = len(rows)
        step = max(1, CELLS_AT_ONCE // n)
        for first in range(0, len(self.keys), step):
            chosen = slice(first, first + step)
            keys = self.keys[chosen]
            values = self._values(rows.stacked(keys, self.dtype), chosen)
            for i, (key, dtype) in enumerate(zip(keys, self.casts[chosen], strict=True)):
                column = values.slice(i * n, n)
                yield key, column if dtype is None else column.cast(dtype)

    def _values(self, matrix: Raw, chosen: slice) -> pl.Series:
        """Gives the values of some of the fields, one field after the other."""
        absent = matrix == self.invalid[chosen]
        if self.scale is not None:
            np.divide(matrix, self.scale[chosen], out=matrix)
            np.subtract(matrix, self.offset[chosen] if self.offset is not None else 0, out=matrix)
            np.putmask(matrix, absent, np.nan)
        flat = pl.Series(matrix.reshape(-1), nan_to_null=True)
        if self.scale is None and np.count_nonzero(absent):
            return flat.set(pl.Series(absent.reshape(-1)), None)
        return flat


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """A field of the profile on its way to a column.

    Args:
        key: The field as stored.
        field: What the profile says about it.
        twin: Name of another column that is the same, as enhanced speed is speed.
        is_apart: Whether its bits hold other fields, or other fields give it other names.
    """

    key: FieldKey
    field: FieldProfile
    twin: str | None
    is_apart: bool


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """How the fields of a message become columns.

    Args:
        batches: Those that are made together, developer fields among them.
        columns: Those of the profile, in the order of the definitions.
    """

    batches: tuple[Batch, ...]
    columns: tuple[Column, ...]


def plan(number: int, keys: tuple[FieldKey, ...], wanted: frozenset[str] | None) -> Plan:
    """Plans a message, or finds the plan made before.

    Args:
        number: The message.
        keys: Its fields as stored.
        wanted: Names of the columns wanted; None: all. Developer fields always are.
    """
    return (
        _kept_plan(number, keys, wanted) if len(keys) <= MOST_KEPT else _plan(number, keys, wanted)
    )


@lru_cache(maxsize=512)
def _kept_plan(number: int, keys: tuple[FieldKey, ...], wanted: frozenset[str] | None) -> Plan:
    return _plan(number, keys, wanted)


def _plan(number: int, keys: tuple[FieldKey, ...], wanted: frozenset[str] | None) -> Plan:
    fields = message_fields(number)
    columns = [
        _column(key, fields)
        for key in keys
        if key.developer is None and _is_wanted(key, fields, wanted)
    ]
    own = [(key, FieldProfile("", "")) for key in keys if key.developer is not None]
    numbers = [
        (key, field)
        for key, field in (*((c.key, c.field) for c in columns), *own)
        if _is_number(key, field)
    ]
    return Plan(tuple(_batches(numbers)), tuple(columns))


def _is_wanted(
    key: FieldKey, fields: Mapping[int, FieldProfile], wanted: frozenset[str] | None
) -> bool:
    """Tells whether a field of the profile is wanted, or holds a field that is."""
    if wanted is None:
        return True
    field = fields.get(key.number)
    if field is None:
        return False
    held = [fields[c.number].name for c in field.components if c.number in fields]
    return not wanted.isdisjoint((field.name, *held, *(s.name for s in field.subfields)))


def _column(key: FieldKey, fields: Mapping[int, FieldProfile]) -> Column:
    field = fields.get(key.number) or FieldProfile(f"unknown_{key.number}", key.base.name)
    twin = _twin(key, field, fields)
    is_apart = bool(field.subfields or field.components) and twin is None
    return Column(key, field, twin, is_apart)


def _twin(key: FieldKey, field: FieldProfile, fields: Mapping[int, FieldProfile]) -> str | None:
    """Names the field that a field is, whole and in the same scale."""
    if field.subfields or len(field.components) != 1:
        return None
    (component,) = field.components
    target = fields.get(component.number)
    is_unsigned = key.is_whole_number and key.base.dtype.kind == "u"
    if target is None or not is_unsigned or not component.is_all_of(field, 8 * key.base.size):
        return None
    return target.name


def _is_number(key: FieldKey, field: FieldProfile) -> bool:
    """Tells whether a field is one number, with or without a scale, and nothing else."""
    if not key.is_number or field.is_special:
        return False
    is_exact = key.is_whole_number and key.base.size <= WIDEST_EXACT_BYTES
    return is_exact or not (field.scale or field.offset)


def _batches(numbers: Sequence[tuple[FieldKey, FieldProfile]]) -> Iterator[Batch]:
    """Puts numbers together that are made alike."""
    scaled = [(key, field) for key, field in numbers if field.scale or field.offset]
    if scaled:
        yield Batch(
            keys=tuple(key for key, _ in scaled),
            dtype=np.dtype(np.float64),
            casts=(None,) * len(scaled),
            invalid=np.array([[key.base.invalid] for key, _ in scaled], dtype=np.float64),
            scale=np.array([[field.scale or 1.0] for _, field in scaled]),
            offset=np.array([[field.offset] for _, field in scaled]),
        )
    kinds: dict[str, list[FieldKey]] = {}
    for key, field in numbers:
        if not (field.scale or field.offset):
            kinds.setdefault(_kind(key), []).append(key)
    for keys in kinds.values():
        dtype = np.result_type(*(key.base.dtype for key in keys))
        own = [
            None if key.base.dtype == dtype else _COLUMN_DTYPES[key.base.dtype.str[1:]]
            for key in keys
        ]
        invalid = [[np.nan if key.base.invalid is None else key.base.invalid] for key in keys]
        yield Batch(tuple(keys), dtype, tuple(own), np.array(invalid, dtype=dtype))


def _kind(key: FieldKey) -> str:
    """Names the kind of numbers that have a type in common, which holds all of them exactly."""
    dtype = key.base.dtype
    if dtype.kind == "f":
        return "float"
    return "whole" if key.base.size <= WIDEST_EXACT_BYTES else dtype.str
