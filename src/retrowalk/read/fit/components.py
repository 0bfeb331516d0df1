"""Fields inside fields: components (some bits hold another field) and subfields (another name).

``compressed_speed_distance`` holds speed in 12 bits and distance in the next 12, which only ever
count up; ``speed`` holds ``enhanced_speed``. ``event.data`` is a timer trigger or a battery level,
as ``event.event`` says.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from retrowalk.read.fit.base_types import STRING, BaseType
from retrowalk.read.fit.clock import unrolled
from retrowalk.read.fit.columns import (
    as_lists,
    column_from_raw,
    named,
    nothing,
    null_where,
    numbers,
)
from retrowalk.read.fit.definitions import FieldKey
from retrowalk.read.fit.profile import Component, FieldProfile
from retrowalk.read.fit.rows import Raw, Rows

Bool = npt.NDArray[np.bool_]
Int64 = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Expansion:
    """A message whose fields are to be taken apart.

    Args:
        rows: All its rows.
        fields: Its fields by number.
    """

    rows: Rows
    fields: Mapping[int, FieldProfile]

    def columns(self, keys: Iterable[FieldKey]) -> Iterator[pl.Series]:
        """Gives the columns that follow from fields with subfields or components.

        Args:
            keys: The fields to take apart.

        Yields:
            Columns of all rows, null where a row's field holds no such thing.
        """
        for key in keys:
            field = self.fields.get(key.number)
            if field is None or key.developer is not None or key.base is STRING:
                continue
            if field.subfields:
                yield from self._subfields(field, key)
            elif field.components:
                raw = self.rows.raw(key)
                yield from self._components(field.components, raw, ~_absent_rows(raw, key.base))

    def _subfields(self, field: FieldProfile, key: FieldKey) -> Iterator[pl.Series]:
        """Gives a column per subfield that applies anywhere; a row belongs to the first."""
        raw = self.rows.raw(key)
        absent = _absent_rows(raw, key.base)
        left = np.ones(len(self.rows), dtype=bool)
        for subfield in field.subfields:
            applies = left & self._applies(subfield)
            if not applies.any():
                continue
            left &= ~applies
            yield null_where(column_from_raw(raw, key.base, subfield), ~applies)
            yield from self._components(subfield.components, raw, applies & ~absent)

    def _applies(self, subfield: FieldProfile) -> Bool:
        """Tells where any reference of a subfield has the value that makes it apply."""
        applies = np.zeros(len(self.rows), dtype=bool)
        for number, value in subfield.when:
            for key in self._stored(number):
                applies |= self.rows.raw(key) == value
        return applies

    def _stored(self, number: int) -> list[FieldKey]:
        """Gives the forms in which the file stores a field as one whole number."""
        return [
            key
            for key in self.rows.keys
            if key.number == number and key.developer is None and key.is_whole_number
        ]

    def _components(
        self, components: tuple[Component, ...], raw: Raw, present: Bool
    ) -> Iterator[pl.Series]:
        """Gives a column per field that the bits hold; a list where several hold the same one."""
        if raw.dtype.kind not in "iu" or (raw.ndim == 2 and raw.dtype.itemsize > 1):
            return
        if not present.any():
            yield from self._nothing(components)
            return
        by_target: dict[int, list[Component]] = {}
        for component in components:
            if raw.ndim == 1 or component.bit_offset < 8 * raw.shape[1]:
                by_target.setdefault(component.number, []).append(component)
        for number, same in by_target.items():
            if number not in self.fields:
                continue
            bits = np.stack([_bits(raw, component) for component in same], axis=1)
            if same[0].accumulates:
                bits = self._accumulated(same[0], bits, present)
            yield from self._targets(same[0], bits, present)

    def _nothing(self, components: tuple[Component, ...]) -> Iterator[pl.Series]:
        """Gives the columns of components that hold nothing anywhere."""
        for number in {component.number for component in components}:
            if number in self.fields:
                target = self.fields[number]
                dtype = pl.Float64() if target.names is None else pl.String()
                yield nothing(target.name, dtype, len(self.rows))

    def _accumulated(self, component: Component, bits: Int64, present: Bool) -> Int64:
        """Counts on over overflows, row by row, from the last whole value that a row states."""
        stated, is_stated = self._stated(component)
        # A row's own statement stands before its bits.
        low = np.column_stack([stated, bits]).reshape(-1)
        held = np.repeat(present[:, None], bits.shape[1], axis=1)
        is_said = np.column_stack([is_stated, held]).reshape(-1)
        is_full = np.column_stack([is_stated, np.zeros_like(held)]).reshape(-1)[is_said]
        parts = np.repeat(self.rows.parts(), bits.shape[1] + 1)[is_said]
        is_start = np.diff(parts, prepend=-1) != 0
        whole = np.zeros(len(low), dtype=np.int64)
        said = low[is_said]
        whole[is_said] = unrolled(said, component.bits, said, is_full, is_start)
        return whole.reshape(len(bits), -1)[:, 1:]

    def _stated(self, component: Component) -> tuple[Int64, Bool]:
        """Gives what rows state themselves about a component's field, in the component's scale."""
        stated = np.zeros(len(self.rows), dtype=np.int64)
        is_stated = np.zeros(len(self.rows), dtype=bool)
        ratio = (component.scale or 1.0) / (self.fields[component.number].scale or 1.0)
        for key in self._stored(component.number):
            raw = self.rows.raw(key)
            present = ~key.base.absent(raw)
            stated[present] = np.rint(raw[present] * ratio).astype(np.int64)
            is_stated |= present
        return stated, is_stated

    def _targets(self, component: Component, bits: Int64, present: Bool) -> Iterator[pl.Series]:
        """Scales or names what the bits hold, under the field that they stand for."""
        target = self.fields[component.number]
        scale, offset = component.scale, component.offset
        if bits.shape[1] > 1:
            each = np.repeat(~present, bits.shape[1])
            flat = numbers(target.name, bits.reshape(-1), each, scale, offset)
            yield null_where(as_lists(flat, bits.shape), ~present)
            return
        values = bits[:, 0]
        if target.names is not None and not scale:
            yield named(target.name, values, ~present, target)
        else:
            yield numbers(target.name, values, ~present, scale, offset)
        for subfield in target.subfields:
            applies = present & self._applies(subfield)
            if applies.any() and subfield.names is not None:
                yield named(subfield.name, values, ~applies, subfield)
            elif applies.any():
                yield numbers(subfield.name, values, ~applies, subfield.scale, subfield.offset)


def _absent_rows(raw: Raw, base: BaseType) -> Bool:
    absent = base.absent(raw)
    return np.asarray(absent if raw.ndim == 1 else absent.all(axis=1), dtype=bool)


def _bits(raw: Raw, component: Component) -> Int64:
    """Cuts a component's bits out; byte arrays count as one little-endian number."""
    first, last = component.bit_offset // 8, (component.bit_offset + component.bits - 1) // 8
    if raw.ndim == 1:
        value = raw.astype(np.int64) >> component.bit_offset
    else:
        parts = raw[:, first : last + 1].astype(np.int64)
        value = (parts << (8 * np.arange(parts.shape[1]))).sum(axis=1) >> component.bit_offset % 8
    return np.asarray(value & ((1 << component.bits) - 1), dtype=np.int64)
