"""The energy rules: every number has a source, every row its published value."""

import tomllib
from importlib.resources import files
from itertools import pairwise

import pytest

from retrowalk.energy import EDITIONS, FORWARD_METHODS, RESTING_METHODS
from retrowalk.rules.energy import CompendiumRow, energy_rules

RULES = energy_rules()
BY_KEY = {(row.edition, row.code): row for row in RULES.compendium}
#: Forward models at level speeds, gross MET: the comparison that the forward interval rests on.
LEVEL_MODELS = {
    0.89: (2.8, (2.53, 2.42, 2.88, 2.82, 2.21)),
    1.12: (3.0, (2.92, 2.76, 3.32, 3.16, 2.77)),
    1.34: (3.8, (3.30, 3.18, 3.85, 3.62, 3.44)),
    1.565: (4.8, (3.68, 3.67, 4.49, 4.29, 4.24)),
}


def level_rows(edition: str, surface: str) -> list[CompendiumRow]:
    return [
        row
        for row in RULES.compendium
        if (row.edition, row.use, row.surface) == (edition, "level", surface)
    ]


def test_every_row_of_the_compendium_names_its_source() -> None:
    assert [row.code for row in RULES.compendium if not row.source.strip()] == []


def test_every_method_names_its_source_and_says_what_it_is() -> None:
    silent = [m.name for m in RULES.methods.values() if not (m.source and m.description)]

    assert silent == []


def test_every_value_says_what_it_means_and_where_it_comes_from() -> None:
    text = files("retrowalk.rules").joinpath("energy.toml").read_text(encoding="utf-8")
    silent = [
        name
        for name, entry in tomllib.loads(text)["values"].items()
        if not (entry.get("source", "").strip() and entry.get("meaning", "").strip())
    ]

    assert silent == []


def test_a_row_is_keyed_by_edition_and_code() -> None:
    assert len(BY_KEY) == len(RULES.compendium)


@pytest.mark.parametrize(
    ("edition", "code", "met"),
    [
        ("2011", "17320", 6.0),
        ("2011", "17325", 8.0),
        ("2024", "17320", 6.0),
        ("2024", "17325", 7.8),
        ("2024", "17475", 7.8),
        ("2011", "17200", 4.3),
        ("2024", "17200", 4.8),
        ("2011", "17190", 3.5),
        ("2024", "17190", 3.8),
        ("2011", "17210", 5.3),
        ("2011", "17211", 8.0),
        ("2024", "17034", 5.3),
        ("2024", "17035", 7.0),
        ("2024", "17036", 8.8),
        ("2024-60+", "1717060", 4.5),
    ],
)
def test_a_row_has_its_published_value(edition: str, code: str, met: float) -> None:
    assert BY_KEY[edition, code].met == met


def test_the_treadmill_row_for_backward_walking_is_of_2024_alone() -> None:
    assert ("2011", "17475") not in BY_KEY


def test_no_row_is_estimated() -> None:
    assert [row.code for row in RULES.compendium if row.is_estimated] == []


def test_rows_are_of_known_editions_uses_and_surfaces() -> None:
    assert {row.edition for row in RULES.compendium} == {*EDITIONS, "2024-60+"}
    assert {row.use for row in RULES.compendium} == {"level", "uphill", "downhill", "backward"}
    assert {row.surface for row in RULES.compendium} == {"any", "treadmill"}


@pytest.mark.parametrize(
    ("edition", "surface"), [("2011", "any"), ("2024", "any"), ("2024", "treadmill")]
)
def test_level_rows_rise_in_speed_and_cost_and_do_not_overlap(edition: str, surface: str) -> None:
    rows = level_rows(edition, surface)

    assert len(rows) >= 8
    for slower, faster in pairwise(rows):
        assert slower.speed_high_mps <= faster.speed_low_mps
        assert slower.met < faster.met


def test_every_method_that_can_be_chosen_is_described() -> None:
    assert set(FORWARD_METHODS) <= RULES.methods.keys()
    assert set(RESTING_METHODS) <= RULES.methods.keys()


@pytest.mark.parametrize("speed_mps", LEVEL_MODELS)
def test_the_forward_interval_holds_every_model_of_the_comparison(speed_mps: float) -> None:
    row_met, models = LEVEL_MODELS[speed_mps]
    low = row_met * (1 - RULES.forward_interval_fraction)
    high = row_met * (1 + RULES.forward_interval_fraction)

    assert all(low <= met <= high for met in models)


def test_a_narrower_forward_interval_would_not_hold_them() -> None:
    narrower = RULES.forward_interval_fraction - 0.05

    assert any(
        not row_met * (1 - narrower) <= met <= row_met * (1 + narrower)
        for row_met, models in LEVEL_MODELS.values()
        for met in models
    )
