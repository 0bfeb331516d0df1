"""Finds where every message of one FIT file lies, without looking at what it says.

After the file header come messages, one after the other. Each starts with a header byte:

====================  ===========================================================================
``1llttttt``          data with a compressed timestamp: local type ``ll``, seconds ``ttttt``
``01d.llll``          definition of local type ``llll``; ``d``: developer fields follow
``00..llll``          data of local type ``llll``
====================  ===========================================================================

A definition says which message a local type stands for and which fields of which size its data
hold, until the next definition of the same local type. So a data message's size is known from
its header byte alone, and a whole file can be walked in steps. Values are read elsewhere
(:mod:`retrowalk.read.fit.rows`), all messages of one definition at once.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from retrowalk.read.fit.definitions import Definition, definition_end, definition_from_bytes
from retrowalk.read.fit.traps import Traps

Int64 = npt.NDArray[np.int64]

#: Messages of one kind, or of two kinds in turn, often follow one another for minutes. The walk
#: looks whether they do, first a little ahead and then ever further, and takes such a run in one
#: step. Fewer than this are walked one by one.
SHORTEST_RUN = 32
LOOKS = (SHORTEST_RUN, 8 * SHORTEST_RUN, 64 * SHORTEST_RUN, 512 * SHORTEST_RUN)
#: From so many on, a run is cheaper as an array than number by number.
LONG_RUN = 96
#: Where there is no run, the walk goes on for a stretch until it looks again: the next one twice
#: as long, up to the longest.
FIRST_STRETCH_BYTES = 128
LONGEST_STRETCH_BYTES = 4096
#: Offsets wait in lists, 40 bytes each, for at most so many bytes of the file.
PACKING_BYTES = 2**20


@dataclass(slots=True)
class Group:
    """Messages of one definition in one part of a file: where each starts.

    Those with a compressed timestamp stand in a group of their own.

    Args:
        definition: What they look like.
        part: The part, from 0.
        defined_at: Byte of the definition.
        is_compressed: Whether their timestamps are compressed.
    """

    definition: Definition
    part: int
    defined_at: int
    is_compressed: bool = False
    _packed: list[Int64] = field(default_factory=list)
    _waiting: list[int] = field(default_factory=list)

    def take(self, first: int, count: int, step: int) -> None:
        """Takes a run of messages at equal distances."""
        run = range(first, first + count * step, step)
        if count < LONG_RUN:
            self._waiting.extend(run)
        else:
            self.pack()
            self._packed.append(np.arange(run.start, run.stop, step, dtype=np.int64))

    def pack(self) -> None:
        """Moves single messages to where they need 8 bytes each."""
        if self._waiting:
            self._packed.append(np.array(self._waiting, dtype=np.int64))
            self._waiting.clear()

    @property
    def take_one(self) -> Callable[[int], None]:
        """Takes the message at a byte."""
        return self._waiting.append

    def leave_last(self) -> None:
        """Leaves out the message taken last, a single one."""
        self._waiting.pop()

    def is_empty(self) -> bool:
        """Tells whether it holds no message."""
        return not self._packed and not self._waiting

    def offsets(self) -> Int64:
        """Gives the first byte of every message, rising."""
        self.pack()
        if len(self._packed) != 1:
            self._packed = [np.concatenate([np.empty(0, np.int64), *self._packed])]
        return self._packed[0]


#: Bytes of a message, how to take one, and its group.
LocalType = tuple[int, Callable[[int], None], Group]


@dataclass(frozen=True, slots=True)
class Walked:
    """One part, walked: its messages by definition, and how far it could be read."""

    groups: list[Group]
    stopped_at: int


def walk(data: bytes, start: int, end: int, *, part: int, traps: Traps) -> Walked:
    """Collects the offsets of all whole messages between two bytes.

    Args:
        data: The file.
        start: First byte after the file header.
        end: First byte that is no message any more.
        part: Number of the part, for the groups.
        traps: Receives what stops the walk.

    Returns:
        A group per definition, offsets rising in each; the byte where the walk stopped, ``end``
        if nothing was wrong.
    """
    local = _LocalTypes(data, end, part, traps)
    types = local.types
    at, stretch, size, group = start, FIRST_STRETCH_BYTES, 0, None
    while at < end:
        run_end = local.take_run(at)
        longer = min(2 * stretch, LONGEST_STRETCH_BYTES)
        stretch = FIRST_STRETCH_BYTES if run_end > at else longer
        at = run_end
        stretch_end = min(end, at + stretch)
        while at < stretch_end:
            known = types[data[at]]
            if known is None:
                break
            size, take_one, group = known
            take_one(at)
            at += size
        if at < stretch_end:
            after = local.define(at)
            if after is None:
                break
            at = after
    if at > end and group is not None:
        at -= size
        group.leave_last()
        traps.add("truncated", at, f"a message of {size} bytes starts here, {end - at} are left.")
    return Walked(local.held(), at)


class _LocalTypes:
    """What every header byte stands for, at the moment.

    Args:
        data: The file.
        end: First byte that is no message any more.
        part: Number of the part, for the groups.
        traps: Receives what is odd about definitions.
    """

    __slots__ = (
        "_data",
        "_end",
        "_pack_at",
        "_pairs",
        "_part",
        "_traps",
        "types",
    )

    def __init__(self, data: bytes, end: int, part: int, traps: Traps) -> None:
        self._data = data
        self._end = end
        self._part = part
        self._traps = traps
        self._pack_at = PACKING_BYTES
        #: Definition -> its messages with plain and with compressed timestamps.
        self._pairs: dict[bytes, tuple[Group, Group]] = {}
        #: By header byte: bytes of a message, how to take one, and its group; None where that is
        #: no data of a defined type.
        self.types: list[LocalType | None] = [None] * 256

    def held(self) -> list[Group]:
        """Lists the groups that hold messages."""
        return [group for pair in self._pairs.values() for group in pair if not group.is_empty()]

    def define(self, at: int) -> int | None:
        """Takes in the definition at a byte and gives the byte after it; None: there is none."""
        header = self._data[at]
        if header & 0xC0 != 0x40:
            number = (header >> 5) & 0x03 if header & 0x80 else header & 0x0F
            sentence = f"header byte 0x{header:02X} is data of local type {number}, which no definition before it describes."
            self._traps.add("undefined_local_message", at, sentence)
            return None
        after = definition_end(self._data, at, self._end)
        if after > self._end:
            self._traps.add("truncated", at, "a definition starts here and is cut off.")
            return None
        block = b"\x00" + self._data[at + 1 : after]
        if block not in self._pairs:
            definition = definition_from_bytes(block)
            self._pairs[block] = (
                Group(definition, self._part, at),
                Group(definition, self._part, at, is_compressed=True),
            )
            _note_oddities(definition, at, self._traps)
        self._bind(header & 0x0F, self._pairs[block])
        return after

    def _bind(self, local: int, pair: tuple[Group, Group]) -> None:
        """Lets every header byte of a local type stand for a definition."""
        plain, compressed = pair
        size = plain.definition.size
        known = (size, plain.take_one, plain)
        for header in (local, local | 0x10, local | 0x20, local | 0x30):
            self.types[header] = known
        if local < 4:
            first = 0x80 | local << 5
            self.types[first : first + 32] = [(size, compressed.take_one, compressed)] * 32

    def take_run(self, at: int) -> int:
        """Takes the run that starts at a byte, and gives the byte after it; the same for none."""
        if at >= self._pack_at:
            self._pack_at = at + PACKING_BYTES
            for group in self.held():
                group.pack()
        known = self.types[self._data[at]]
        if known is None:
            return at
        size, _, group = known
        next_at = min(at + size, self._end - 1)
        if self._data[next_at] == self._data[at]:
            count = self._repeats(at, size)
            if count < SHORTEST_RUN:
                return at
            group.take(at, count, size)
            return at + count * size
        following = self.types[self._data[next_at]]
        if following is None or following[2] is group:
            return at
        return self._take_pairs(at, size, group, following)

    def _take_pairs(self, at: int, size: int, group: Group, following: LocalType) -> int:
        """Takes a run of two kinds in turn."""
        other_size, _, other = following
        period = size + other_size
        count = self._repeats(at, period)
        if 2 * count >= SHORTEST_RUN:
            count = min(count, self._repeats(at + size, period))
        if 2 * count < SHORTEST_RUN:
            return at
        group.take(at, count, period)
        other.take(at + size, count, period)
        return at + count * period

    def _repeats(self, at: int, period: int) -> int:
        """Counts how often a header byte repeats at a period, looking ever further."""
        header = self._data[at : at + 1]
        whole = (self._end - at) // period
        count = 0
        for most in LOOKS:
            headers = self._data[at : at + min(whole, most) * period : period]
            count = len(headers) - len(headers.lstrip(header))
            if count < most:
                break
        return count


def _note_oddities(definition: Definition, at: int, traps: Traps) -> None:
    for number, size in definition.misaligned:
        sentence = f"field {number} of message {definition.message} has {size} bytes, no multiple of its type; kept as bytes."
        traps.add("misaligned_field", at, sentence)
    for slot in definition.developer_slots:
        if slot.size == 0:
            sentence = (
                f"developer field {slot.developer_index}/{slot.number} has no bytes; skipped."
            )
            traps.add("zero_size_field", at, sentence)
