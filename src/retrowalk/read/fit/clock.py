"""Time in FIT: compressed timestamps, the device's own clock, and its distance to UTC.

A timestamp is seconds since 1989-12-31T00:00:00Z. Below ``0x10000000`` it is seconds since the
device started; a ``timestamp_correlation`` message tells what that was in UTC.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from retrowalk.read.fit.profile import TIMESTAMP_FIELD
from retrowalk.read.fit.rows import Int64, Raw, Rows
from retrowalk.read.fit.walk import COMPRESSED, Group

#: 1989-12-31T00:00:00Z in Unix time.
FIT_EPOCH_S = 631_065_600
#: Smallest timestamp that is UTC.
FIRST_UTC = 0x10000000
#: Largest timestamp; it means absent.
LAST_TIMESTAMP = 0xFFFFFFFF
#: Bits of a timestamp that a compressed header holds.
COMPRESSED_BITS = 5
LOW_BITS = 0x1F
TIMESTAMP_CORRELATION = 162
_FRACTION, _SYSTEM, _SYSTEM_FRACTION = 0, 1, 2
_FRACTIONS_PER_S = 32_768

Bool = npt.NDArray[np.bool_]


def unrolled(low: Int64, bits: int, full: Int64, is_full: Bool, is_start: Bool) -> Int64:
    """Completes values of which only the low bits are stored and which never fall.

    Args:
        low: Low bits of each value, in order; those of ``full`` where it stands.
        bits: How many.
        full: The whole value, where it is known.
        is_full: Where that is.
        is_start: Where counting starts anew, from zero.

    Returns:
        The whole value of every element.

    Example:
        >>> seen = np.array([30, 31, 2, 2]); base = np.array([1054, 0, 0, 0])
        >>> none = np.zeros(4, bool); first = np.array([True, False, False, False])
        >>> unrolled(seen, 5, base, first, none).tolist()
        [1054, 1055, 1058, 1058]
    """
    low = np.where(is_full, full, low) & ((1 << bits) - 1)
    step = np.diff(low, prepend=np.int64(0)) & ((1 << bits) - 1)
    full = np.where(is_start & ~is_full, low, full)
    anchored = is_full | is_start
    total = np.cumsum(np.where(anchored, 0, step))
    anchor = np.maximum.accumulate(np.where(anchored, np.arange(len(low)), -1))
    base = np.where(anchor < 0, 0, full[anchor] - total[anchor])
    return np.asarray(base + total, dtype=np.int64)


def timestamps_of_compressed(data: bytes, groups: Sequence[Group]) -> list[Raw | None]:
    """Completes compressed timestamps from the last full one before, of whatever message.

    Returns:
        For each group with compressed timestamps its full ones; None for the other groups.
    """
    if not any(group.is_compressed for group in groups):
        return [None] * len(groups)
    # A message without any timestamp takes no part.
    timed = [group for group in groups if group.is_compressed or _has_timestamp(group)]
    rows = Rows(data, timed, [group.definition.fields for group in timed], [None] * len(timed))
    headers = np.frombuffer(data, dtype=np.uint8)[rows.offsets()]
    is_compressed = headers >= COMPRESSED
    full, is_full = _timestamps(rows)
    low = np.where(is_compressed, headers & LOW_BITS, full)
    full = np.where(is_compressed, full + ((low - full) & LOW_BITS), full)
    is_said = is_full | is_compressed
    is_start = np.diff(rows.parts()[is_said], prepend=-1) != 0
    values = np.zeros(len(rows), dtype=np.int64)
    values[is_said] = unrolled(
        low[is_said], COMPRESSED_BITS, full[is_said], is_full[is_said], is_start
    )
    whole = rows.by_group(np.minimum(values, LAST_TIMESTAMP).astype(np.uint32))
    found = dict(zip(map(id, timed), whole, strict=True))
    return [found[id(group)] if group.is_compressed else None for group in groups]


def _has_timestamp(group: Group) -> bool:
    return any(key.number == TIMESTAMP_FIELD for key in group.definition.fields)


def _timestamps(rows: Rows, number: int = TIMESTAMP_FIELD) -> tuple[Int64, Bool]:
    """Gives a field of whole numbers and where it is present; what is stored first wins."""
    values, is_present = np.zeros(len(rows), dtype=np.int64), np.zeros(len(rows), dtype=bool)
    for key in rows.keys:
        if key.number == number and key.developer is None and key.is_whole_number:
            raw = rows.raw(key)
            is_new = ~(is_present | key.base.absent(raw))
            values[is_new] = raw[is_new]
            is_present |= is_new
    return values, is_present


class Shift(NamedTuple):
    """How far FIT time is ahead of the device's clock, row by row, and where that is known."""

    microseconds: Int64
    is_known: Bool


@dataclass(frozen=True, slots=True)
class DeviceClock:
    """How far FIT time is ahead of the device's clock, at the places in the file that say so.

    Args:
        offsets: Bytes of the file, rising.
        parts: Part of each.
        microseconds: The distance there.
    """

    offsets: Int64
    parts: Int64
    microseconds: Int64

    def shift_at(self, offsets: Int64, parts: Int64) -> Shift:
        """Gives what was last said in the same part, or is said next in it."""
        last = np.searchsorted(self.offsets, offsets, side="right") - 1
        before, after = np.maximum(last, 0), np.minimum(last + 1, len(self.offsets) - 1)
        place = np.where(self.parts[before] == parts, before, after)
        return Shift(self.microseconds[place], self.parts[place] == parts)


def device_clock(data: bytes, groups: Sequence[Group]) -> DeviceClock | None:
    """Reads the timestamp correlations; None where the file has none."""
    saying = [
        group
        for group in groups
        if group.definition.message == TIMESTAMP_CORRELATION and not group.is_compressed
    ]
    if not saying:
        return None
    rows = Rows(data, saying, [group.definition.fields for group in saying], [None] * len(saying))
    utc, has_utc = _timestamps(rows)
    device, has_device = _timestamps(rows, _SYSTEM)
    fraction = _fractions(rows, _FRACTION) - _fractions(rows, _SYSTEM_FRACTION)
    usable = has_utc & has_device & (utc >= FIRST_UTC)
    if not usable.any():
        return None
    shift = (utc - device) * 1_000_000 + fraction * 1_000_000 // _FRACTIONS_PER_S
    return DeviceClock(rows.offsets()[usable], rows.parts()[usable], shift[usable])


def _fractions(rows: Rows, number: int) -> Int64:
    values, is_present = _timestamps(rows, number)
    return np.where(is_present, values, 0)
