"""Developer fields: what an app on the watch wrote, described inside the file itself.

A ``field_description`` message gives name, base type and units for a pair of developer index and
field number, and may say that the field stands for one of the profile's own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from retrowalk.read.fit.base_types import BASE_TYPES, BYTE, STRING, BaseType
from retrowalk.read.fit.definitions import Definition, FieldKey, field_key
from retrowalk.read.fit.strings import text_from_bytes
from retrowalk.read.fit.traps import Traps
from retrowalk.read.fit.walk import Group

FIELD_DESCRIPTION = 206
_INDEX, _NUMBER, _TYPE, _NAME, _UNITS, _NATIVE_FIELD = 0, 1, 2, 3, 8, 15


@dataclass(frozen=True, slots=True)
class Description:
    """What a file says about one of its developer fields.

    Args:
        name: Column name.
        base: Base type.
        units: Unit as the developer wrote it; empty for none.
        native_field: Number of the profile's field that it stands for; None: for none.
    """

    name: str
    base: BaseType
    units: str = ""
    native_field: int | None = None


#: Part, developer index, field number -> description.
Descriptions = dict[tuple[int, int, int], Description]


def descriptions_from_groups(data: bytes, groups: Sequence[Group]) -> Descriptions:
    """Reads the field descriptions of all parts; the last one of a field counts.

    A file holds a handful, each defined anew, so they are read one by one.
    """
    found: Descriptions = {}
    for part, said in _said(data, groups):
        index, number = said.get(_INDEX), said.get(_NUMBER)
        if index is not None and number is not None:
            found[part, index, number] = Description(
                name=said.get(_NAME) or f"unnamed_dev_field_{number}",
                base=BASE_TYPES.get(said.get(_TYPE, -1), BYTE),
                units=said.get(_UNITS) or "",
                native_field=said.get(_NATIVE_FIELD),
            )
    return found


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
        description = descriptions.get((group.part, slot.developer_index, slot.number))
        if description is None and slot.size:
            sentence = f"no description of developer field {slot.developer_index}/{slot.number}; kept as bytes."
            traps.add("undescribed_developer_field", group.defined_at, sentence)
        base = BYTE if description is None else description.base
        if slot.size:
            fields[field_key(slot.number, slot.size, base, slot.developer_index)] = slot.at
    return fields
