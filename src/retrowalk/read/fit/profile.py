"""Names, types, scales and units of messages and fields: the FIT profile, as plain data.

The profile of fitparse (2019), and what the public profile gained since (``profile.toml``). The
only module that imports fitparse; of fitparse it uses nothing but these tables.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from fitparse import profile as published

#: Types of numbers whose values all have names. The others that name some values (a bit mask,
#: "creator", "calculating") stay numbers.
NAMED_NUMBERS = frozenset(
    {
        "antplus_device_type",
        "battery_status",
        "bike_light_beam_angle_mode",
        "comm_timeout_type",
        "exercise_category",
        "fit_base_type",
        "fit_base_unit",
        "garmin_product",
        "manufacturer",
        "mesg_num",
        "set_type",
    }
)
#: Types of numbers that become something else.
SPECIAL_TYPES = frozenset({"bool", "date_time", "local_date_time", "localtime_into_day"})
TIMESTAMP_FIELD = 253


@dataclass(frozen=True, slots=True)
class Component:
    """Some bits of a field that hold another field's value.

    Args:
        number: Field that they hold.
        bits: How many.
        bit_offset: First of them.
        scale: Physical value is raw / scale - offset; 0 for none.
        offset: See ``scale``.
        accumulates: Whether the bits are the low end of a value that only rises.
    """

    number: int
    bits: int
    bit_offset: int
    scale: float
    offset: float
    accumulates: bool

    def is_all_of(self, field: "FieldProfile", bits: int) -> bool:
        """Tells whether it is a whole field in the same scale, as speed is enhanced speed."""
        own = (self.bit_offset, self.bits, self.scale, self.offset, self.accumulates)
        return own == (0, bits, field.scale, field.offset, False) and field.names is None


@dataclass(frozen=True, slots=True)
class FieldProfile:
    """What the profile says about a field or a subfield.

    Args:
        name: Column name.
        type_name: Profile type, e.g. ``date_time`` or ``sport``.
        scale: Physical value is raw / scale - offset; 0 for none.
        offset: See ``scale``.
        units: Unit as the profile writes it; empty for none.
        names: Value -> name, for enumerations.
        components: What its bits hold besides.
        subfields: What it is called where another field has a certain value.
        when: For a subfield: (field number, raw value) pairs, any of which makes it apply.
    """

    name: str
    type_name: str
    scale: float = 0.0
    offset: float = 0.0
    units: str = ""
    names: Mapping[int, str] | None = None
    components: tuple[Component, ...] = ()
    subfields: tuple["FieldProfile", ...] = ()
    when: tuple[tuple[int, int], ...] = ()

    @property
    def is_special(self) -> bool:
        """Whether its values are more than numbers: names, times or truth."""
        return self.names is not None or self.type_name in SPECIAL_TYPES


@cache
def message_name(number: int) -> str:
    """Names a message; ``unknown_<number>`` where the profile does not."""
    message = published.MESSAGE_TYPES.get(number)
    if message is not None:
        return str(message.name)
    return _added_messages().get(number, (f"unknown_{number}", {}))[0]


@cache
def message_fields(number: int) -> dict[int, FieldProfile]:
    """Gives all known fields of a message by number."""
    message = published.MESSAGE_TYPES.get(number)
    known = {} if message is None else message.fields
    added = _added_messages().get(number, ("", {}))[1]
    timestamp = {TIMESTAMP_FIELD: FieldProfile("timestamp", "date_time", units="s")}
    return timestamp | added | {key: _from_published(value) for key, value in known.items()}


@cache
def type_names(type_name: str) -> Mapping[int, str] | None:
    """Gives the names of an enumeration's values; None where the type is a number."""
    known = published.FIELD_TYPES.get(type_name)
    added = _additions()["type"].get(type_name)
    if known is None and added is None:
        return None
    if known is not None and not _names_all_values(type_name, known.base_type.name):
        return None
    before = dict(known.values or {}) if known is not None else {}
    return {int(key): name for key, name in (added or {}).items()} | before


def _names_all_values(type_name: str, base_name: str) -> bool:
    if type_name == "bool":
        return False
    is_exercise = type_name.endswith("_exercise_name")
    return base_name == "enum" or type_name in NAMED_NUMBERS or is_exercise


def _from_published(field: Any) -> FieldProfile:
    """Copies a field or subfield of fitparse's tables."""
    references = getattr(field, "ref_fields", None) or ()
    subfields = getattr(field, "subfields", None) or ()
    return FieldProfile(
        name=field.name,
        type_name=field.type.name,
        scale=float(field.scale or 0),
        offset=float(field.offset or 0),
        units=field.units or "",
        names=type_names(field.type.name),
        components=tuple(_component_published(part) for part in field.components or ()),
        subfields=tuple(_from_published(subfield) for subfield in subfields),
        when=tuple((reference.def_num, reference.raw_value) for reference in references),
    )


def _component_published(part: Any) -> Component:
    return Component(
        number=part.def_num,
        bits=part.bits,
        bit_offset=part.bit_offset,
        scale=float(part.scale or 0),
        offset=float(part.offset or 0),
        accumulates=bool(part.accumulate),
    )


@cache
def _additions() -> dict[str, Any]:
    text = files("retrowalk.read.fit").joinpath("profile.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@cache
def _added_messages() -> dict[int, tuple[str, dict[int, FieldProfile]]]:
    """Gives message number -> name and fields of what ``profile.toml`` adds."""
    return {
        entry["number"]: (
            name,
            {int(key): _from_toml(value) for key, value in entry["field"].items()},
        )
        for name, entry in _additions()["message"].items()
    }


def _from_toml(entry: Mapping[str, Any]) -> FieldProfile:
    return FieldProfile(
        name=entry["name"],
        type_name=entry["type"],
        scale=float(entry.get("scale", 0)),
        offset=float(entry.get("offset", 0)),
        units=entry.get("units", ""),
        names=type_names(entry["type"]),
        components=tuple(
            Component(
                part["number"],
                part["bits"],
                part["bit_offset"],
                float(part["scale"]),
                float(part["offset"]),
                accumulates=False,
            )
            for part in entry.get("components", ())
        ),
    )
