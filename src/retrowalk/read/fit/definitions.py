"""Definition messages: which fields, of which type and size, the data of a local type hold.

``header, reserved, byte order (1: big-endian), message number (2), field count``, then three bytes
a field: ``number, size, base type``. If the header says so, developer fields follow in the same
way, with the developer's index in place of the base type.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from operator import mod
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


@dataclass(frozen=True, eq=False)
class Definition:
    """What the data of one local type look like.

    Its fields are read when they are first asked for: most messages of a file need not be decoded.

    Args:
        block: The definition message, its header byte zero.
        message: Global message number.
        is_big_endian: Byte order of its values.
        size: Bytes of one message, header byte included.
    """

    block: bytes
    message: int
    is_big_endian: bool
    size: int

    @cached_property
    def fields(self) -> dict[FieldKey, int]:
        """Its fields, and the offset of each from the start of a message; those of size 0 left out."""
        fields: dict[FieldKey, int] = {}
        at = 1
        for number, size, base in self._stated():
            if size:
                fields[field_key(number, size, base)] = at
            at += size
        return fields

    @cached_property
    def developer_slots(self) -> tuple[DeveloperSlot, ...]:
        """Its developer fields."""
        native_end = _native_end(self.block)
        slots = []
        at = 1 + sum(self.block[DEFINITION_BYTES + 1 : native_end : BYTES_PER_FIELD])
        for i in range(native_end + 1, len(self.block), BYTES_PER_FIELD):
            slot = DeveloperSlot(self.block[i], self.block[i + 1], self.block[i + 2], at)
            slots.append(slot)
            at += slot.size
        return tuple(slots)

    @cached_property
    def misaligned(self) -> list[tuple[int, int]]:
        """Numbers and sizes of the fields whose size does not fit their type."""
        native_end = _native_end(self.block)
        sizes = self.block[DEFINITION_BYTES + 1 : native_end : BYTES_PER_FIELD]
        codes = self.block[DEFINITION_BYTES + 2 : native_end : BYTES_PER_FIELD]
        if not any(map(mod, sizes, codes.translate(_SIZE_OF_CODE))):
            return []
        return [(number, size) for number, size, base in self._stated() if size % base.size]

    def _stated(self) -> Iterator[tuple[int, int, BaseType]]:
        """Gives number, size and base type of every field as they are stated."""
        for i in range(DEFINITION_BYTES, _native_end(self.block), BYTES_PER_FIELD):
            number, size, code = self.block[i : i + BYTES_PER_FIELD]
            yield number, size, BASE_TYPES.get(code, BYTE)


#: Number of a base type -> its bytes.
_SIZE_OF_CODE = bytes(BASE_TYPES.get(code, BYTE).size for code in range(256))


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


@lru_cache(maxsize=1024)
def definition_from_bytes(block: bytes) -> Definition:
    """Gives the definition that a definition message states, its header byte zero.

    Devices write the same ones into every file, so what was read of them is kept.
    """
    native_end = _native_end(block)
    native = sum(block[DEFINITION_BYTES + 1 : native_end : BYTES_PER_FIELD])
    own = sum(block[native_end + 2 :: BYTES_PER_FIELD])
    return Definition(
        block=block,
        message=int.from_bytes(block[3:5], "big" if block[2] else "little"),
        is_big_endian=bool(block[2]),
        size=1 + native + own,
    )


def _native_end(block: bytes) -> int:
    """Gives the place behind the profile's fields, where developer fields are counted, if any."""
    return DEFINITION_BYTES + BYTES_PER_FIELD * block[5]


@lru_cache(maxsize=4096)
def field_key(
    number: int, size: int, base: BaseType, developer: DeveloperField | None = None
) -> FieldKey:
    """Names a field of a size; as bytes where the size is no multiple of its type's."""
    if size % base.size:
        return FieldKey(number, BYTE, size, developer)
    return FieldKey(number, base, size // base.size, developer)
