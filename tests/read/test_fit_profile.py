"""What we add to the published profile is sourced, new, and complete."""

import tomllib
from importlib.resources import files
from typing import Any

import pytest
from fitparse import profile as published

from retrowalk.read.fit.base_types import BASE_TYPES
from retrowalk.read.fit.messages import MESSAGES
from retrowalk.read.fit.profile import message_fields, message_name, type_names

ADDED: dict[str, Any] = tomllib.loads(
    files("retrowalk.read.fit").joinpath("profile.toml").read_text(encoding="utf-8")
)
ADDED_NUMBERS = {entry["number"]: name for name, entry in ADDED["message"].items()}
NUMBERS = sorted({*published.MESSAGE_TYPES, *ADDED_NUMBERS})
PLAIN = {base.name for base in BASE_TYPES.values()} | {"bool", "date_time"}


def test_the_additions_name_their_source() -> None:
    assert "profile" in ADDED["source"]


@pytest.mark.parametrize(("number", "name"), sorted(ADDED_NUMBERS.items()))
def test_an_addition_repeats_nothing_that_is_published(number: int, name: str) -> None:
    known = published.MESSAGE_TYPES.get(number)
    assert message_name(number) == name
    if known is not None:
        assert not {int(key) for key in ADDED["message"][name]["field"]} & set(known.fields)


@pytest.mark.parametrize("type_name", sorted(ADDED["type"]))
def test_an_added_name_is_new_to_its_type(type_name: str) -> None:
    known = published.FIELD_TYPES.get(type_name)
    if known is not None:
        assert not {int(key) for key in ADDED["type"][type_name]} & set(known.values)
    assert type_names(type_name)


@pytest.mark.parametrize("number", NUMBERS)
def test_the_fields_of_a_message_have_names_of_their_own_and_known_types(number: int) -> None:
    fields = message_fields(number)
    # Two messages have a timestamp of their own beside the one that every message may have.
    names = [field.name for field in fields.values() if field.name != "timestamp"]
    assert len(names) == len(set(names))
    for field in fields.values():
        assert field.type_name in PLAIN or field.type_name in published.FIELD_TYPES or field.names
        assert all(component.number in fields for component in field.components)


def test_every_message_that_workouts_need_is_known_with_its_fields() -> None:
    by_name = {message_name(number): number for number in NUMBERS}
    for name, columns in MESSAGES.items():
        fields = message_fields(by_name[name]).values()
        known = {f.name for f in fields} | {s.name for f in fields for s in f.subfields}
        # Laps have no name of their own; segment laps do.
        assert set(columns) <= known | {"name"}


def test_walking_has_its_names() -> None:
    sports, sub_sports = type_names("sport") or {}, type_names("sub_sport") or {}
    assert (sports[11], sports[17], sports[1]) == ("walking", "hiking", "running")
    assert [sub_sports[n] for n in (1, 4, 27, 30, 31)] == [
        "treadmill", "track", "indoor_walking", "casual_walking", "speed_walking",
    ]  # fmt: skip
