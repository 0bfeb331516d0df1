"""Developer fields: what an app on the watch wrote, described inside the file itself.

A ``field_description`` message gives name, base type and units for a pair of developer index and
field number, and may say that the field stands for one of the profile's own.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any, Literal

from retrowalk.read.fit.base_types import BASE_TYPES, BYTE, STRING, BaseType
from retrowalk.read.fit.definitions import (
    Definition,
    DeveloperField,
    DeveloperSlot,
    FieldKey,
    field_key,
)
from retrowalk.read.fit.strings import text_from_bytes
from retrowalk.read.fit.traps import Traps
from retrowalk.read.fit.walk import Group

FIELD_DESCRIPTION = 206
_INDEX, _NUMBER, _TYPE, _NAME, _UNITS, _NATIVE_FIELD = 0, 1, 2, 3, 8, 15


#: Base type and the rest of what is said.
Description = tuple[BaseType, DeveloperField]


class Descriptions:
    """What a file says about its developer fields; a part may take over what an earlier one said.

    Nothing is read before it is asked for.

    Args:
        data: The file.
        groups: All groups of all parts.
        traps: Receives what is used but not described.
    """

    __slots__ = ("_by_field", "_data", "_groups", "_keys", "_traps")

    def __init__(self, data: bytes, groups: Sequence[Group], traps: Traps) -> None:
        self._data = data
        self._groups = groups
        self._traps = traps
        #: Part, developer index, number and size -> the field.
        self._keys: dict[tuple[int, int, int, int], FieldKey] = {}
        self._by_field: dict[tuple[int, int], list[tuple[int, Description]]] | None = None

    def key(self, slot: DeveloperSlot, group: Group) -> FieldKey:
        """Names the field in a slot of a definition, of the type it was described with."""
        known = (group.part, slot.developer_index, slot.number, slot.size)
        key = self._keys.get(known)
        if key is None:
            key = self._keys[known] = self._key(slot, group)
        return key

    def _key(self, slot: DeveloperSlot, group: Group) -> FieldKey:
        index, number = slot.developer_index, slot.number
        description = self._said_last(group.part, index, number)
        if description is None:
            sentence = f"no description of developer field {index}/{number}; kept as bytes."
            self._traps.add("undescribed_developer_field", group.defined_at, sentence)
        unknown = BYTE, DeveloperField(index, f"unknown_dev_{index}_{number}")
        base, field = description or unknown
        return field_key(number, slot.size, base, field)

    def _said_last(self, part: int, index: int, number: int) -> Description | None:
        """Gives what was said last about a field, in a part or before it."""
        if self._by_field is None:
            self._by_field = _by_field(self._data, self._groups)
        said = self._by_field.get((index, number), [])
        place = bisect_right(said, part, key=itemgetter(0))
        return said[place - 1][1] if place else None


def _by_field(
    data: bytes, groups: Sequence[Group]
) -> dict[tuple[int, int], list[tuple[int, Description]]]:
    """Gives by developer index and field number what is said of a field, and in which part."""
    places = sorted(
        (at, group.part, i)
        for i, group in enumerate(groups)
        if group.definition.message == FIELD_DESCRIPTION
        for at in group.offsets().tolist()
    )
    found: dict[tuple[int, int], list[tuple[int, Description]]] = {}
    # A file holds a handful, each defined anew, so they are read one by one.
    for at, part, i in places:
        definition = groups[i].definition
        said = _description(definition, data[at : at + definition.size])
        if said is not None:
            field, description = said
            found.setdefault(field, []).append((part, description))
    return found


@lru_cache(maxsize=512)
def _description(
    definition: Definition, message: bytes
) -> tuple[tuple[int, int], Description] | None:
    """Reads a description: developer index and field number, and what it says; None: of no field.

    An app writes the same ones into every file.
    """
    said = _values(definition, message)
    index, number = said.get(_INDEX), said.get(_NUMBER)
    if index is None or number is None:
        return None
    field = DeveloperField(
        developer_index=index,
        name=said.get(_NAME) or f"unnamed_dev_field_{number}",
        units=said.get(_UNITS) or "",
        native_field=said.get(_NATIVE_FIELD),
    )
    return (index, number), (BASE_TYPES.get(said.get(_TYPE, -1), BYTE), field)


def _values(definition: Definition, message: bytes) -> dict[int, Any]:
    """Reads the texts and whole numbers of one message that are present, by field number."""
    order: Literal["big", "little"] = "big" if definition.is_big_endian else "little"
    values: dict[int, Any] = {}
    for key, at in definition.fields.items():
        raw = message[at : at + key.length * key.base.size]
        if key.base is STRING:
            values[key.number] = text_from_bytes(raw)
        elif key.is_whole_number:
            value = int.from_bytes(raw, order)
            if value != key.base.invalid:
                values[key.number] = value
    return values


def described_fields(group: Group, descriptions: Descriptions) -> Mapping[FieldKey, int]:
    """Gives all fields of a group, its developer fields with the types they were described with."""
    definition = group.definition
    if not definition.developer_slots:
        return definition.fields
    own = {descriptions.key(s, group): s.at for s in definition.developer_slots if s.size}
    return {**definition.fields, **own}
