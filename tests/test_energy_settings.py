"""Each setting and each coefficient of the energy rules changes an output."""

from dataclasses import fields, replace
from types import MappingProxyType
from typing import Any

import polars as pl
import pytest

from retrowalk.energy import FORWARD_METHODS, energy_from_segments
from retrowalk.rules.energy import EnergyRules, energy_rules
from tests.builders_segments import participants_of, segments_of, workouts_of

RULES = energy_rules()
SLOPES = {"incline": 0.05, "decline": -0.05, "level": 0.0}
#: Enough walking that everything in the rules is used by some segment.
SEGMENTS = segments_of(
    *(
        {
            "workout_id": workout,
            "direction": direction,
            "speed_mean_mps": speed,
            "grade_class": slope,
            "grade_mean_fraction": grade,
        }
        for workout in ("young", "old")
        for direction in ("forward", "backward", "unknown")
        for speed in (0.8, 1.118, 1.145, 1.2, 1.32, 1.48, 1.565)
        for slope, grade in SLOPES.items()
    ),
    *(
        {
            "workout_id": "young",
            "direction": direction,
            "speed_mean_mps": 1.3,
            "grade_class": slope,
            "grade_mean_fraction": grade,
        }
        for direction in ("forward", "backward")
        for slope, grade in (("unknown", None), ("incline", 0.054), ("incline", 0.25))
    ),
    {"workout_id": "young", "direction": "backward", "speed_mean_mps": 1.565}
    | {"grade_class": "level", "grade_mean_fraction": 0.008},
    {"workout_id": "young", "activity": "run", "speed_mean_mps": 2.5, "grade_class": "incline"}
    | {"grade_mean_fraction": 0.03},
    {"workout_id": "young", "activity": "rest", "speed_mean_mps": 0.0},
)
WORKOUTS = workouts_of(
    {"workout_id": "young", "age_at_start_year": 40.0},
    {"workout_id": "old", "age_at_start_year": 60.0, "participant_id": "p2"},
)
PEOPLE = participants_of(
    {"sex": "female", "height_cm": 165.0},
    {"participant_id": "p2", "sex": "male", "height_cm": 180.0},
)
CHANGED: dict[str, Any] = {
    "met_oxygen_ml_per_kg_min": 3.4,
    "older_met_oxygen_ml_per_kg_min": 2.8,
    "older_from_year": 61,
    "oxygen_energy_kcal_per_l": 4.9,
    "joules_per_kcal": 4186.0,
    "speed_rounding_mps": 0.03,
    "grade_rounding_fraction": 0.0,
    "speed_tolerance_mps": 0.05,
    "grade_tolerance_fraction": 0.005,
    "forward_interval_fraction": 0.2,
    "backward_interval_fraction": 0.3,
    "is_backward_one_sided": True,
    "rest_interval_fraction": 0.1,
    "unknown_grade_high_fraction": 0.08,
}
NOT_VALUES = {"version", "methods", "compendium"}
#: Method -> the setting under which it is used; all others are used as it is.
SETTINGS = {
    "harris_benedict": {"resting_method": "harris_benedict"},
    **{
        name: {"forward_method": name}
        for name in ("lcda", "ludlow_weyand_2017", "ludlow_weyand_2016", "minetti", "pandolf")
    },
}
COEFFICIENTS = [
    (method.name, coefficient)
    for method in RULES.methods.values()
    for coefficient in method.coefficients
]


def energy_with(rules: EnergyRules, **settings: Any) -> pl.DataFrame:
    return energy_from_segments(SEGMENTS, WORKOUTS, rules, participants=PEOPLE, **settings)


def with_coefficient(rules: EnergyRules, name: str, coefficient: str) -> EnergyRules:
    """The rules with one coefficient 1 % larger."""
    method = rules.methods[name]
    larger = {**method.coefficients, coefficient: method.coefficients[coefficient] * 1.01}
    changed = replace(method, coefficients=MappingProxyType(larger))
    return replace(rules, methods=MappingProxyType({**rules.methods, name: changed}))


def test_every_value_of_the_rules_is_tried() -> None:
    assert {field.name for field in fields(EnergyRules)} - NOT_VALUES == CHANGED.keys()


@pytest.mark.parametrize("name", CHANGED)
def test_each_value_changes_an_output(name: str) -> None:
    settings = {"forward_method": "lcda"} if name == "joules_per_kcal" else {}
    changed = replace(RULES, **{name: CHANGED[name]})

    assert not energy_with(changed, **settings).equals(energy_with(RULES, **settings))


@pytest.mark.parametrize(("method", "coefficient"), COEFFICIENTS)
def test_each_coefficient_changes_an_output(method: str, coefficient: str) -> None:
    settings = SETTINGS.get(method, {})
    changed = with_coefficient(RULES, method, coefficient)

    assert not energy_with(changed, **settings).equals(energy_with(RULES, **settings))


@pytest.mark.parametrize(
    "settings",
    [
        {"edition": "2011"},
        {"resting_method": "harris_benedict"},
        *({"forward_method": name} for name in ("acsm", "lcda", "minetti", "pandolf")),
        {"forward_method": "ludlow_weyand_2016"},
        {"forward_method": "ludlow_weyand_2017"},
    ],
)
def test_each_choice_changes_an_output(settings: dict[str, str]) -> None:
    assert not energy_with(RULES, **settings).equals(energy_with(RULES))


@pytest.mark.parametrize("code", [row.code for row in RULES.compendium if row.edition == "2024"])
def test_each_row_of_the_edition_in_force_is_reached(code: str) -> None:
    row = next(r for r in RULES.compendium if (r.edition, r.code) == ("2024", code))
    grade = row.grade_low_fraction if row.grade_low_fraction is not None else -0.05
    slope = "level" if grade == 0 else "incline" if grade > 0 else "decline"
    segment = {
        "direction": "backward" if row.use == "backward" else "forward",
        "speed_mean_mps": row.speed_high_mps if row.speed_low_mps else 0.2,
        "grade_class": slope,
        "grade_mean_fraction": grade,
    }
    workouts = workouts_of(
        {"environment": "treadmill" if row.surface == "treadmill" else "outdoor"}
    )

    energy = energy_from_segments(segments_of(segment), workouts, RULES)

    assert energy["compendium_code"].to_list() == [code]
    assert energy["met_gross"].to_list() == [row.met]


BOUNDS = ("speed_low_mps", "speed_high_mps", "grade_low_fraction", "grade_high_fraction")
_BOUNDED = [
    (method.name, bound)
    for method in RULES.methods.values()
    for bound in BOUNDS
    if getattr(method, bound) is not None
]


@pytest.mark.parametrize(("name", "bound"), _BOUNDED)
def test_each_end_of_the_range_of_a_method_changes_an_output(name: str, bound: str) -> None:
    # A range that ends within what the segments hold. Ludlow and Weyand 2016 is asked on the level
    # and downhill only.
    inside = {
        "speed_low_mps": 2.6 if name == "acsm_run" else 1.4,
        "speed_high_mps": 0.7,
        "grade_low_fraction": 0.04 if name == "acsm_run" else -0.049,
        "grade_high_fraction": 0.04,
    }
    if name == "ludlow_weyand_2016":
        inside |= {"grade_low_fraction": -0.06, "grade_high_fraction": -0.06}
    given: dict[str, Any] = {bound: inside[bound]}
    method = replace(RULES.methods[name], **given)
    changed = replace(RULES, methods=MappingProxyType({**RULES.methods, name: method}))
    settings = {"forward_method": name} if name in FORWARD_METHODS else {}

    assert not energy_with(changed, **settings).equals(energy_with(RULES, **settings))


@pytest.mark.parametrize("code", [row.code for row in RULES.compendium if row.edition == "2011"])
def test_each_row_of_the_older_edition_is_reached(code: str) -> None:
    row = next(r for r in RULES.compendium if (r.edition, r.code) == ("2011", code))
    grade = row.grade_low_fraction if row.grade_low_fraction is not None else -0.05
    segment = {
        "direction": "backward" if row.use == "backward" else "forward",
        "speed_mean_mps": row.speed_high_mps if code != "17151" else 0.2,
        "grade_class": "level" if grade == 0 else "incline" if grade > 0 else "decline",
        "grade_mean_fraction": grade,
    }

    energy = energy_from_segments(segments_of(segment), workouts_of(), RULES, edition="2011")

    assert energy["compendium_code"].to_list() == [code]
    assert energy["met_gross"].to_list() == [row.met]


def test_no_code_of_one_edition_appears_in_the_other() -> None:
    for edition in ("2011", "2024"):
        own = {row.code for row in RULES.compendium if row.edition.startswith(edition)}
        assert set(energy_with(RULES, edition=edition)["compendium_code"].drop_nulls()) <= own


def test_the_one_sided_interval_of_novices_begins_at_the_point() -> None:
    novices = energy_with(replace(RULES, is_backward_one_sided=True))
    backward = novices.filter(SEGMENTS["direction"] == "backward")

    assert (backward["met_gross_low"] == backward["met_gross"]).all()


def test_one_run_knows_one_edition() -> None:
    for edition in ("2011", "2024"):
        assert set(energy_with(RULES, edition=edition)["compendium_edition"]) == {edition}
