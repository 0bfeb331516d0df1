"""The rule files of these rooms: every number has a source, every word a meaning."""

import re
import tomllib
from dataclasses import asdict
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from retrowalk.rules.evidence import evidence_rules
from retrowalk.rules.plausibility import plausibility_rules
from retrowalk.rules.words import word_list

FILES = ("evidence.toml", "plausibility.toml")


def entries(name: str) -> dict[str, dict[str, Any]]:
    return tomllib.loads(files("retrowalk.rules").joinpath(name).read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", FILES)
def test_every_value_says_what_it_is_and_where_it_comes_from(name: str) -> None:
    for key, entry in entries(name).items():
        assert entry.keys() <= {"value", "meaning", "source", "consequence"}, key
        assert len(entry["meaning"]) > 20, key
        assert len(entry["source"]) > 10, key


def test_probabilities_are_probabilities_and_settings_say_what_follows() -> None:
    rules = evidence_rules()

    assert 0.5 < rules.decide_at_probability <= 1.0
    assert 0.0 < rules.change_at_mark_probability <= rules.change_at_label_probability == 0.5
    assert "consequence" in entries("evidence.toml")["decide_at_probability"]


def test_a_label_outweighs_everything_else() -> None:
    rules = evidence_rules()
    decided = rules.decide_at_probability

    assert 1 / (1 + 2.718281828 ** -(rules.label_nats - rules.label_doubt_nats)) > decided


def test_bounds_rise() -> None:
    rules = plausibility_rules()
    speeds = (
        rules.rest_below_mps,
        rules.course_from_mps,
        rules.walk_run_backward_mps,
        rules.walk_run_forward_mps,
        rules.backward_impossible_mps,
        rules.walking_ceiling_mps,
    )

    assert all(low < high for low, high in pairwise(speeds))
    assert rules.incline_off_fraction < rules.incline_on_fraction
    assert rules.grade_least_m < rules.grade_stretch_m
    assert rules.heart_rate_low_bpm < rules.heart_rate_high_bpm


def test_the_word_list_has_both_directions_in_every_language() -> None:
    phrases = word_list().phrases
    languages = {phrase.language for phrase in phrases} - {"any"}

    assert len(languages) >= 25
    for language in languages:
        stated = {phrase.direction for phrase in phrases if phrase.language == language}
        assert stated == {"backward", "forward"}, language


def test_developer_fields_are_named_with_letters_only() -> None:
    for field in word_list().developer_fields:
        assert all(name.isalpha() and name.islower() for name in field.names)
        assert not set(field.backward) & set(field.forward)


def test_the_page_on_direction_names_the_shipped_settings() -> None:
    page = Path(__file__).parents[1].joinpath("docs/direction.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| ([\d.]+) \|", page, flags=re.MULTILINE)
    shipped = asdict(evidence_rules())

    assert len(rows) >= 5
    assert {name: float(value) for name, value in rows} == {name: shipped[name] for name, _ in rows}
