"""Developer fields: what an app on the watch wrote, described inside the file itself.

A ``field_description`` message gives name, base type and units for a pair of developer index and
field number, and may say that the field stands for one of the profile's own.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Any, Literal

from retrowalk.read.fit.base_types import BASE_TYPES, BYTE, STRING, BaseType
from retrowalk.read.fit.definitions import Definition, DeveloperField, FieldKey, field_key
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
    """

    __slots__ = ("_by_field", "_data", "_groups")

    def __init__(self, data: bytes, groups: Sequence[Group]) -> None:
        self._data = data
        self._groups = groups
        self._by_field: dict[tuple[int, int], list[tuple[int, Description]]] | None = None

    def of(self, part: int, index: int, number: int) -> Description | None:
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
    found: dict[tuple[int, int], list[tuple[int, Description]]] = {}
    # A file holds a handful, each defined anew, so they are read one by one.
    for part, said in _said(data, groups):
        index, number = said.get(_INDEX), said.get(_NUMBER)
        if index is not None and number is not None:
            found.setdefault((index, number), []).append((part, _description(index, number, said)))
    return found


def _description(index: int, number: int, said: dict[int, Any]) -> Description:
    field = DeveloperField(
        developer_index=index,
        name=said.get(_NAME) or f"unnamed_dev_field_{number}",
        units=said.get(_UNITS) or "",
        native_field=said.get(_NATIVE_FIELD),
    )
    return BASE_TYPES.get(said.get(_TYPE, -1), BYTE), field


def _said(data: bytes, groups: Sequence[Group]) -> list[tuple[int, dict[int, Any]]]:
    """Gives part and present values, by field number, of every description in file order."""
    places = sorted(
        (at, group.part, i)
        for i, group in enumerate(groups)
        if group.definition.message == FIELD_DESCRIPTION
        for at in group.offsets().tolist()
    )
    return [(part, _values(data, at, groups[i].definition)) for at, part, i in places]


def _values(data: bytes, at: int, definition: Definition) -> dict[int, Any]:
    """Reads the texts and whole numbers of one message."""
    order: Literal["big", "little"] = "big" if definition.is_big_endian else "little"
    values: dict[int, Any] = {}
    for key, offset in definition.fields.items():
        raw = data[at + offset : at + offset + key.length * key.base.size]
        if key.base is STRING:
            values[key.number] = text_from_bytes(raw)
        elif key.is_whole_number:
            value = int.from_bytes(raw, order)
            if value != key.base.invalid:
                values[key.number] = value
    return values


def described_fields(
    group: Group, descriptions: Descriptions, traps: Traps
) -> Mapping[FieldKey, int]:
    """Gives all fields of a group, its developer fields with the types they were described with."""
    definition = group.definition
    if not definition.developer_slots:
        return definition.fields
    fields = dict(definition.fields)
    for slot in definition.developer_slots:
        if not slot.size:
            continue
        index, number = slot.developer_index, slot.number
        description = descriptions.of(group.part, index, number)
        if description is None:
            sentence = f"no description of developer field {index}/{number}; kept as bytes."
            traps.add("undescribed_developer_field", group.defined_at, sentence)
        unknown = BYTE, DeveloperField(index, f"unknown_dev_{index}_{number}")
        base, field = description or unknown
        fields[field_key(number, slot.size, base, field)] = slot.at
    return fields
