"""Definition messages: which fields, of which type and size, the data of a local type hold.

``header, reserved, byte order (1: big-endian), message number (2), field count``, then three bytes
a field: ``number, size, base type``. If the header says so, developer fields follow in the same
way, with the developer's index in place of the base type.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from retrowalk.read.fit.base_types import BASE_TYPES, BYTE, STRING, BaseType

#: A definition without its fields.
DEFINITION_BYTES = 6
BYTES_PER_FIELD = 3
HAS_DEVELOPER_FIELDS = 0x20


class DeveloperField(NamedTuple):
    """What a file says about a field that an app on the watch added.

    Args:
        developer_index: Which developer's.
        name: Column name.
        units: Unit as the developer wrote it; empty for none.
        native_field: Number of the profile's field that it stands for; None: for none.
    """

    developer_index: int
    name: str
    units: str = ""
    native_field: int | None = None


class FieldKey(NamedTuple):
    """A field as the file stores it: the same number may come with several types and lengths.

    Args:
        number: Field number in the message, or in the developer's field descriptions.
        base: Base type; ``byte`` where the size is no multiple of the stated type's.
        length: Values in it; bytes for ``string`` and ``byte``.
        developer: What is said about it, if an app added it; None: it is the profile's.
    """

    number: int
    base: BaseType
    length: int
    developer: DeveloperField | None = None

    @property
    def is_scalar(self) -> bool:
        """Whether it holds one value; bytes always count as an array."""
        return self.length == 1 and self.base is not BYTE

    @property
    def is_number(self) -> bool:
        """Whether it holds one number."""
        return self.is_scalar and self.base is not STRING

    @property
    def is_whole_number(self) -> bool:
        """Whether it holds one whole number."""
        return self.is_number and self.base.dtype.kind in "iu"


class DeveloperSlot(NamedTuple):
    """A developer field in a definition; its type stands in a field description.

    Args:
        number: Field number in the developer's field descriptions.
        size: Bytes.
        developer_index: Which developer's.
        at: Offset from the start of the message.
    """

    number: int
    size: int
    developer_index: int
    at: int


@dataclass(frozen=True, slots=True, eq=False)
class Definition:
    """What the data of one local type look like.

    Args:
        block: The definition message, its header byte zero.
        message: Global message number.
        is_big_endian: Byte order of its values.
        size: Bytes of one message, header byte included.
        fields: Its fields, and the offset of each from the start of the message; those of size 0
            left out.
        developer_slots: Its developer fields.
        misaligned: Numbers and sizes of the fields whose size does not fit their type.
    """

    block: bytes
    message: int
    is_big_endian: bool
    size: int
    fields: dict[FieldKey, int]
    developer_slots: tuple[DeveloperSlot, ...]
    misaligned: tuple[tuple[int, int], ...]


def definition_end(data: bytes, at: int, end: int) -> int:
    """Gives the byte after the definition at a byte; past the end where it is cut off."""
    after = at + DEFINITION_BYTES
    if after > end:
        return end + 1
    after += BYTES_PER_FIELD * data[at + 5]
    if data[at] & HAS_DEVELOPER_FIELDS:
        if after >= end:
            return end + 1
        after += 1 + BYTES_PER_FIELD * data[after]
    return after


@lru_cache(maxsize=4096)
def definition_from_bytes(block: bytes) -> Definition:
    """Reads a definition message, header byte included."""
    native_end = DEFINITION_BYTES + BYTES_PER_FIELD * block[5]
    fields: dict[FieldKey, int] = {}
    misaligned = []
    at = 1
    for i in range(DEFINITION_BYTES, native_end, BYTES_PER_FIELD):
        number, size, code = block[i], block[i + 1], block[i + 2]
        base = BASE_TYPES.get(code, BYTE)
        if size:
            fields[field_key(number, size, base)] = at
        if size % base.size:
            misaligned.append((number, size))
        at += size
    developer_slots = []
    for i in range(native_end + 1, len(block), BYTES_PER_FIELD):
        slot = DeveloperSlot(block[i], block[i + 1], block[i + 2], at)
        developer_slots.append(slot)
        at += slot.size
    return Definition(
        block=block,
        message=int.from_bytes(block[3:5], "big" if block[2] else "little"),
        is_big_endian=bool(block[2]),
        size=at,
        fields=fields,
        developer_slots=tuple(developer_slots),
        misaligned=tuple(misaligned),
    )


def field_key(
    number: int, size: int, base: BaseType, developer: DeveloperField | None = None
) -> FieldKey:
    """Names a field of a size; as bytes where the size is no multiple of its type's."""
    if size % base.size:
        return FieldKey(number, BYTE, size, developer)
    return FieldKey(number, base, size // base.size, developer)
