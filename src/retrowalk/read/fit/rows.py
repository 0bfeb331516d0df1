"""Gathers the raw values of one message from wherever its rows lie in the file.

A message may have been defined several times, with other fields, sizes or byte orders. Its rows
are put in file order, and every field becomes one native array over all rows; where a row's
definition lacks the field, the array holds the value that means absent.
"""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from retrowalk.read.fit.base_types import BASE_TYPES, STRING
from retrowalk.read.fit.definitions import FieldKey
from retrowalk.read.fit.profile import TIMESTAMP_FIELD
from retrowalk.read.fit.walk import Group

Raw = npt.NDArray[Any]
Int64 = npt.NDArray[np.int64]
#: The field that every message calls its timestamp.
TIMESTAMP_KEY = FieldKey(TIMESTAMP_FIELD, BASE_TYPES[0x86], 1)


@dataclass(frozen=True, slots=True)
class _Block:
    """The rows of one definition: their bytes, and their places before rows are put in order."""

    rows: Raw
    places: slice
    is_big_endian: bool
    fields: Mapping[FieldKey, int]
    timestamps: Raw | None

    def stored(self, key: FieldKey) -> Raw:
        """Copies a field out of the rows' bytes, in native byte order."""
        if key.base is STRING:
            n, size = len(self.rows), self.rows.dtype.itemsize
            return np.ndarray((n,), f"S{key.length}", self.rows, self.fields[key], (size,)).copy()
        return self.view(key).astype(key.base.dtype, order="C")

    def view(self, key: FieldKey) -> Raw:
        """Gives a field as it lies in the rows' bytes, in the file's byte order."""
        if self.timestamps is not None and key == TIMESTAMP_KEY:
            return self.timestamps
        n, size, at, base = len(self.rows), self.rows.dtype.itemsize, self.fields[key], key.base
        dtype = base.swapped if self.is_big_endian else base.dtype
        if key.is_scalar:
            return np.ndarray((n,), dtype, self.rows, at, (size,))
        return np.ndarray((n, key.length), dtype, self.rows, at, (size, base.size))


class Rows:
    """All rows of one message, in file order.

    Args:
        data: The file.
        groups: The message's groups, none empty.
        fields: For each group its fields and their offsets, developer fields included.
        timestamps: For each group with compressed timestamps, the full ones; None for the others.
    """

    __slots__ = ("_blocks", "_groups", "_order", "_rows_n", "_starts", "keys")

    def __init__(
        self,
        data: bytes,
        groups: Sequence[Group],
        fields: Sequence[Mapping[FieldKey, int]],
        timestamps: Sequence[Raw | None],
    ) -> None:
        self._groups = groups
        #: Every stored field, in the order of the definitions.
        self.keys: dict[FieldKey, list[_Block]] = {}
        self._starts = [group.offsets() for group in groups]
        self._order = _order(self._starts)
        self._blocks: list[_Block] = []
        first = 0
        for group, starts, held, times in zip(
            groups, self._starts, fields, timestamps, strict=True
        ):
            places = slice(first, first + len(starts))
            rows = _row_bytes(data, starts, group.definition.size)
            block = _Block(rows, places, group.definition.is_big_endian, held, times)
            self._blocks.append(block)
            for key in held if times is None else {TIMESTAMP_KEY: 0, **held}:
                self.keys.setdefault(key, []).append(block)
            first = places.stop
        self._rows_n = first

    def __len__(self) -> int:
        return self._rows_n

    def offsets(self) -> Int64:
        """Gives the first byte of every row."""
        return self._ordered(self._starts[0] if len(self._starts) == 1 else np.hstack(self._starts))

    def parts(self) -> Int64:
        """Gives the part that every row stands in."""
        parts = np.array([group.part for group in self._groups])
        return self._ordered(parts.repeat([len(starts) for starts in self._starts]))

    def raw(self, key: FieldKey) -> Raw:
        """Gives a field's raw values, absent where a row's definition lacks it.

        Returns:
            One value a row; a matrix with ``key.length`` columns for arrays; for strings an array
            of byte strings.
        """
        blocks = self.keys[key]
        if len(self._blocks) == 1:
            return blocks[0].stored(key)
        raw = _absent(key, len(self))
        for block in blocks:
            raw[block.places] = block.stored(key)
        return self._ordered(raw)

    def stacked(self, keys: Sequence[FieldKey], dtype: npt.DTypeLike) -> Raw:
        """Gives the raw values of several fields of one number each, in one type.

        Returns:
            A row per field, with a value per row of the message; absent where its definition
            lacks the field.
        """
        matrix: Raw = np.empty((len(keys), self._rows_n), dtype=dtype)
        for values, key in zip(matrix, keys, strict=True):
            blocks = self.keys[key]
            if len(blocks) < len(self._blocks):
                values.fill(np.nan if key.base.invalid is None else key.base.invalid)
            for block in blocks:
                values[block.places] = block.view(key)
        return matrix if self._order is None else matrix.take(self._order, axis=1)

    def by_group(self, values: Raw) -> list[Raw]:
        """Takes a value per row apart again, group by group."""
        grouped = values
        if self._order is not None:
            grouped = np.empty_like(values)
            grouped[self._order] = values
        return [grouped[block.places] for block in self._blocks]

    def _ordered(self, values: Raw) -> Raw:
        """Puts values of all groups, one after the other, into the order of the file."""
        return values if self._order is None else values.take(self._order, axis=0)


def _order(starts: list[Int64]) -> npt.NDArray[np.intp] | None:
    """Tells the place among all groups of each row of the file; None: they follow one another."""
    if all(one[-1] < other[0] for one, other in itertools.pairwise(starts)):
        return None
    return np.argsort(np.concatenate(starts), kind="stable")


def _row_bytes(data: bytes, starts: Int64, size: int) -> Raw:
    """Copies the messages that start at some bytes, one element each, in one gather.

    Every byte of the file counts as a possible start: a view with a stride of one byte and an
    element as long as the message. Indexing it copies whole messages.
    """
    everywhere: Raw = np.ndarray((len(data) - size + 1,), f"V{size}", data, 0, (1,))
    return everywhere[starts]


def _absent(key: FieldKey, rows_n: int) -> Raw:
    """An array of nothing."""
    if key.base is STRING:
        return np.zeros(rows_n, dtype=f"S{key.length}")
    shape = (rows_n,) if key.is_scalar else (rows_n, key.length)
    fill = np.nan if key.base.invalid is None else key.base.invalid
    raw: Raw = np.empty(shape, dtype=key.base.dtype)
    raw.fill(fill)
    return raw
