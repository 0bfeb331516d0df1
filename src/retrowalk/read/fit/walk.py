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

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from retrowalk.read.fit.definitions import Definition, definition_end, definition_from_bytes
from retrowalk.read.fit.traps import Traps

Int64 = npt.NDArray[np.int64]

#: Kinds of message often follow one another in the same turn for minutes: records alone, or
#: record, beat intervals, record, ... Walking stops for a look whether they do, after so many
#: bytes, and after twice as many each time that it did not pay.
FIRST_STRETCH_BYTES = 384
LONGEST_STRETCH_BYTES = 12_288
#: A look costs as much as walking so many messages.
SHORTEST_RUN = 100
#: A turn has at most so many messages, and must have come twice to be looked for.
LONGEST_TURN = 6
#: How often a turn repeats is looked up for so many repetitions, then for ever more.
LOOKS = (32, 256, 2_048, 16_384)
#: Fewer messages between two definitions are sorted by kind one by one, more of them as an array.
FEW_MESSAGES = 160
#: So many bytes are walked before their messages are sorted, so that little waits for it.
PIECE_BYTES = 2**20
#: Reaches past the end of any file.
BEYOND = 1 << 62

COMPRESSED = 0x80
DEFINITION = 0x40
#: Header byte -> the header byte that says the same without a time and without reserved bits.
_PLAIN_HEADERS = bytes(
    header & 0xE0 if header & COMPRESSED else header & 0x0F for header in range(256)
)


@dataclass(slots=True)
class Group:
    """Messages of one definition in one part of a file: where each starts.

    Those with a compressed timestamp stand in a group of their own.

    Args:
        definition: What they look like.
        part: The part, from 0.
        defined_at: Byte of the definition.
        is_compressed: Whether their timestamps are compressed.
        singles: First bytes of messages, rising; behind those of ``runs``.
        runs: The same, as arrays.
    """

    definition: Definition
    part: int
    defined_at: int
    is_compressed: bool = False
    singles: list[int] = field(default_factory=list)
    runs: list[Int64] = field(default_factory=list)

    def take(self, run: Int64) -> None:
        """Takes messages that lie behind all those taken before."""
        self._close()
        self.runs.append(run)

    def _close(self) -> None:
        """Moves single messages to where they need 8 bytes each."""
        if self.singles:
            self.runs.append(np.array(self.singles, dtype=np.int64))
            self.singles = []

    def is_empty(self) -> bool:
        """Tells whether it holds no message."""
        return not self.runs and not self.singles

    def offsets(self) -> Int64:
        """Gives the first byte of every message, rising."""
        self._close()
        if len(self.runs) != 1:
            self.runs = [np.concatenate([np.empty(0, np.int64), *self.runs])]
        return self.runs[0]


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
    at = start
    while at < end:
        piece_end = min(end, at + PIECE_BYTES)
        headers, after = _headers(data, at, piece_end, end, local.sizes)
        local.take(headers, at)
        at = after
        if at < piece_end:
            behind = local.define(at)
            if behind is None:
                break
            at = behind
    return Walked(local.held(), at)


def _headers(data: bytes, at: int, stop: int, end: int, sizes: list[int]) -> tuple[bytearray, int]:
    """Collects the header bytes of the whole data messages from a byte on.

    Args:
        data: The file.
        at: The byte.
        stop: No message behind it is looked for.
        end: First byte that is no message any more.
        sizes: By header byte the bytes of a message; :data:`BEYOND` where that is no data of a
            defined type.

    Returns:
        The header bytes, and the byte after the last of these messages: before ``stop`` only if
        no whole data message starts there.
    """
    headers = bytearray()
    take = headers.append
    stretch = FIRST_STRETCH_BYTES
    while at < stop:
        stretch_end = min(stop, at + stretch)
        while at < stretch_end:
            header = data[at]
            take(header)
            at += sizes[header]
        if at < stop:
            walked_n = len(headers)
            at = _behind_turns(data, at, stop, sizes, headers)
            pays = len(headers) - walked_n >= SHORTEST_RUN
            stretch = FIRST_STRETCH_BYTES if pays else min(2 * stretch, LONGEST_STRETCH_BYTES)
    if at > end:
        at -= sizes[headers.pop()]
    return headers, at


def _behind_turns(data: bytes, at: int, end: int, sizes: list[int], headers: bytearray) -> int:
    """Takes the messages from a byte on that go on as the last ones did, and gives the byte after.

    Each message of a turn is one of equal ones at equal distances, whose header bytes are compared
    in one step.
    """
    last = bytes(headers[-2 * LONGEST_TURN :])
    for turn_n in range(1, len(last) // 2 + 1):
        turn = last[-turn_n:]
        if not last.endswith(turn + turn):
            continue
        period = sum([sizes[header] for header in turn])
        repeats, first = (end - at) // period, at
        for header in turn:
            repeats = _repeats(data, header, first, period, repeats)
            first += sizes[header]
        if repeats:
            headers += turn * repeats
            return at + repeats * period
    return at


def _repeats(data: bytes, header: int, at: int, period: int, most: int) -> int:
    """Counts how often a header byte stands at a place and on at a period, looking ever further."""
    same = bytes((header,))
    count = 0
    for look in LOOKS:
        seen = data[at : at + min(look, most) * period : period]
        count = len(seen) - len(seen.lstrip(same))
        if count < look:
            break
    return count


class _LocalTypes:
    """What every header byte stands for, at the moment.

    Args:
        data: The file.
        end: First byte that is no message any more.
        part: Number of the part, for the groups.
        traps: Receives what is odd about definitions.
    """

    __slots__ = ("_bound", "_data", "_end", "_groups", "_part", "_traps", "_variants", "sizes")

    def __init__(self, data: bytes, end: int, part: int, traps: Traps) -> None:
        self._data = data
        self._end = end
        self._part = part
        self._traps = traps
        #: Definition -> its messages; after those, if met, its messages with compressed timestamps.
        self._groups: dict[bytes, list[Group]] = {}
        #: By header byte, the plain one, the messages of the definition that holds at the moment.
        self._bound: dict[int, Group] = {}
        #: By local type the other header bytes that are known to stand for it.
        self._variants: dict[int, list[int]] = {}
        #: By header byte the bytes of a message; past any end where that is not (yet) known.
        self.sizes = [BEYOND] * 256

    def held(self) -> list[Group]:
        """Lists the groups that hold messages."""
        return [g for groups in self._groups.values() for g in groups if not g.is_empty()]

    def take(self, headers: bytearray, at: int) -> None:
        """Sorts messages that follow one another from a byte on into their groups."""
        plain = headers.translate(_PLAIN_HEADERS)
        if len(plain) >= FEW_MESSAGES:
            self._take_many(np.frombuffer(plain, dtype=np.uint8), at)
            return
        for header in plain:
            group = self._bound[header]
            group.singles.append(at)
            at += group.definition.size

    def _take_many(self, headers: npt.NDArray[np.uint8], at: int) -> None:
        kinds = np.flatnonzero(np.bincount(headers)).tolist()
        groups = [self._bound[kind] for kind in kinds]
        sizes = [group.definition.size for group in groups]
        if len(groups) == 1:
            groups[0].take(np.arange(at, at + len(headers) * sizes[0], sizes[0]))
            return
        size_of = np.zeros(256, dtype=np.int64)
        size_of[kinds] = sizes
        steps = size_of.take(headers)
        offsets = np.cumsum(steps) - steps + at
        for kind, group in zip(kinds, groups, strict=True):
            group.take(np.compress(headers == kind, offsets))

    def define(self, at: int) -> int | None:
        """Takes in what stands at a byte where no known data message is.

        Returns:
            The byte to go on at; None where that cannot be.
        """
        header = self._data[at]
        if header & (COMPRESSED | DEFINITION) != DEFINITION:
            return self._learn(header, at)
        after = definition_end(self._data, at, self._end)
        if after > self._end:
            self._traps.add("truncated", at, "a definition starts here and is cut off.")
            return None
        block = b"\x00" + self._data[at + 1 : after]
        groups = self._groups.get(block)
        if groups is None:
            groups = self._groups[block] = [Group(definition_from_bytes(block), self._part, at)]
            _note_oddities(groups[0].definition, at, self._traps)
        local = header & 0x0F
        self._bound[local] = groups[0]
        self.sizes[local] = groups[0].definition.size
        for variant in self._variants.pop(local, ()):
            self.sizes[variant] = BEYOND
        return after

    def _learn(self, header: int, at: int) -> int | None:
        """Learns another header byte of a local type: with a time, or with bits that mean nothing."""
        local = (header >> 5) & 0x03 if header & COMPRESSED else header & 0x0F
        group = self._bound.get(local)
        if group is None:
            sentence = f"header byte 0x{header:02X} is data of local type {local}, which no definition before it describes."
            self._traps.add("undefined_local_message", at, sentence)
            return None
        size = group.definition.size
        if self.sizes[header] == size:
            sentence = f"a message of {size} bytes starts here, {self._end - at} are left."
            self._traps.add("truncated", at, sentence)
            return None
        variants = [header]
        if header & COMPRESSED:
            variants = list(range(_PLAIN_HEADERS[header], _PLAIN_HEADERS[header] + 32))
            self._bound[_PLAIN_HEADERS[header]] = self._compressed(group)
        for variant in variants:
            self.sizes[variant] = size
        self._variants.setdefault(local, []).extend(variants)
        return at

    def _compressed(self, plain: Group) -> Group:
        """Gives the group of a definition's messages with compressed timestamps."""
        groups = self._groups[plain.definition.block]
        if len(groups) == 1:
            twin = Group(plain.definition, plain.part, plain.defined_at, is_compressed=True)
            groups.append(twin)
        return groups[1]


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
