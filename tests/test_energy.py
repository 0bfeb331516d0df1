"""What a segment costs: the ladder, rung by rung, then what is unknown, then the amounts."""

import datetime as dt
from typing import Any

import pytest

from retrowalk.energy import energy_from_segments
from retrowalk.errors import SettingsError
from retrowalk.rules.energy import EnergyRules, energy_rules
from retrowalk.tables import Energy, Segments
from tests.builders_segments import participants_of, segments_of, workouts_of

LEVEL = {"grade_class": "level", "grade_mean_fraction": 0.0}
UNKNOWN_GRADE = {"grade_class": "unknown"}


def graded(grade_fraction: float) -> dict[str, Any]:
    grade_class = "incline" if grade_fraction > 0 else "decline"
    return {"grade_class": grade_class, "grade_mean_fraction": grade_fraction}


def energy_of(
    segment: dict[str, Any],
    *,
    workout: dict[str, Any] | None = None,
    person: dict[str, Any] | None = None,
    rules: EnergyRules | None = None,
    **settings: Any,
) -> dict[str, Any]:
    """The one row of energy of one segment."""
    table = energy_from_segments(
        segments_of(segment),
        workouts_of(workout or {}),
        rules or energy_rules(),
        participants=None if person is None else participants_of(person),
        **settings,
    )
    return table.row(0, named=True)


# ---- backward: rows, then the equation ----------------------------------------------------------


@pytest.mark.parametrize(
    ("edition", "speed_mps", "grade_fraction", "code", "met"),
    [
        ("2011", 1.565, 0.0, "17320", 6.0),
        ("2024", 1.565, 0.0, "17320", 6.0),
        ("2011", 1.565, 0.05, "17325", 8.0),
        ("2024", 1.565, 0.05, "17325", 7.8),
        ("2024", 1.118, 0.10, "17475", 7.8),
    ],
)
def test_backward_walking_at_a_row_has_its_value_word_for_word(
    edition: str, speed_mps: float, grade_fraction: float, code: str, met: float
) -> None:
    grade = graded(grade_fraction) if grade_fraction else LEVEL
    row = energy_of({"speed_mean_mps": speed_mps, **grade}, edition=edition)

    assert (row["method"], row["compendium_code"], row["met_gross"]) == ("compendium", code, met)
    assert (row["is_modelled"], row["is_extrapolated"]) == (False, False)
    assert row["compendium_edition"] == edition


@pytest.mark.parametrize(
    ("speed_mps", "grade", "method"),
    [
        (1.465, LEVEL, "compendium"),
        (1.464, LEVEL, "backward_equation"),
        (1.665, LEVEL, "compendium"),
        (1.666, LEVEL, "backward_equation"),
        (1.565, {**LEVEL, "grade_mean_fraction": 0.010}, "compendium"),
        (1.565, {**LEVEL, "grade_mean_fraction": -0.010}, "compendium"),
        (1.565, {**LEVEL, "grade_mean_fraction": 0.011}, "backward_equation"),
        (1.565, graded(0.04), "compendium"),
        (1.565, graded(0.039), "backward_equation"),
        (1.565, graded(0.06), "compendium"),
        (1.565, graded(0.061), "backward_equation"),
    ],
)
def test_a_row_holds_within_a_tenth_of_a_metre_a_second_and_one_per_cent(
    speed_mps: float, grade: dict[str, Any], method: str
) -> None:
    assert energy_of({"speed_mean_mps": speed_mps, **grade})["method"] == method


def test_the_edition_of_2011_has_no_row_at_ten_per_cent() -> None:
    row = energy_of({"speed_mean_mps": 1.118, **graded(0.10)}, edition="2011")

    assert (row["method"], row["compendium_code"]) == ("backward_equation", None)
    # 3.5 + 0.1864 x 67.08 + 1.5 x 67.08 x 0.1 = 26.066 mL/kg/min
    assert row["met_gross"] == pytest.approx(26.066 / 3.5, abs=1e-3)


@pytest.mark.parametrize(
    ("speed_mps", "met"), [(0.5, 2.60), (0.7, 3.24), (1.0, 4.20), (1.34, 5.28)]
)
def test_slow_backward_walking_is_modelled_and_far_from_six_met(
    speed_mps: float, met: float
) -> None:
    row = energy_of({"speed_mean_mps": speed_mps})

    assert row["met_gross"] == pytest.approx(met, abs=0.005)
    assert (row["method"], row["is_modelled"]) == ("backward_equation", True)
    assert not row["is_extrapolated"]


@pytest.mark.parametrize(
    ("speed_mps", "grade", "is_extrapolated"),
    [
        (0.30, LEVEL, False),
        (0.29, LEVEL, True),
        (1.63, graded(0.03), False),
        (1.64, graded(0.03), True),
        (1.0, graded(0.10), False),
        (1.0, graded(0.101), True),
        (1.0, graded(-0.03), True),
        (1.0, {**LEVEL, "grade_mean_fraction": -0.005}, False),
    ],
)
def test_backward_walking_outside_the_evidence_says_so(
    speed_mps: float, grade: dict[str, Any], *, is_extrapolated: bool
) -> None:
    row = energy_of({"speed_mean_mps": speed_mps, **grade})

    assert row["is_extrapolated"] is is_extrapolated


def test_backward_walking_downhill_costs_what_level_does_never_less() -> None:
    level = energy_of({"speed_mean_mps": 1.0})

    assert energy_of({"speed_mean_mps": 1.0, **graded(-0.08)})["met_gross"] == level["met_gross"]


def test_a_grade_above_the_evidence_is_held_at_its_end() -> None:
    at_end = energy_of({"speed_mean_mps": 0.8, **graded(0.10)})

    assert energy_of({"speed_mean_mps": 0.8, **graded(0.20)})["met_gross"] == at_end["met_gross"]


# ---- forward: rows by speed, lines in the gaps, uphill, downhill -------------------------------


@pytest.mark.parametrize(
    ("edition", "speed_mps", "code", "met"),
    [
        ("2011", 0.50, "17151", 2.0),
        ("2011", 0.894, "17152", 2.8),
        ("2011", 1.118, "17170", 3.0),
        ("2011", 1.34, "17190", 3.5),
        ("2011", 1.565, "17200", 4.3),
        ("2011", 1.788, "17220", 5.0),
        ("2011", 2.012, "17230", 7.0),
        ("2011", 2.235, "17231", 8.3),
        ("2024", 0.50, "17151", 2.3),
        ("2024", 1.00, "17152", 2.8),
        ("2024", 1.118, "17170", 3.0),
        ("2024", 1.34, "17190", 3.8),
        ("2024", 1.565, "17200", 4.8),
        ("2024", 1.743, "17200", 4.8),
        ("2024", 1.80, "17220", 5.5),
        ("2024", 2.10, "17230", 7.0),
        ("2024", 2.30, "17231", 8.5),
    ],
)
def test_forward_walking_on_the_level_takes_the_row_of_its_speed(
    edition: str, speed_mps: float, code: str, met: float
) -> None:
    row = energy_of({"direction": "forward", "speed_mean_mps": speed_mps}, edition=edition)

    assert (row["compendium_code"], row["met_gross"]) == (code, met)
    assert (row["is_modelled"], row["is_extrapolated"]) == (False, False)


@pytest.mark.parametrize(
    ("edition", "speed_mps", "met"),
    [
        # 2024, from 2.5 mph (ends 1.118 + 0.0225) to 2.8 mph (begins 1.252 - 0.0225)
        ("2024", 1.185, (3.0 + 3.8) / 2),
        # 2011, half way from 3.2 mph (1.431) to 3.5 mph (1.565)
        ("2011", 1.498, (3.5 + 4.3) / 2),
        # 2011, a quarter of the way from 4.0 mph (ends 1.8105) to 4.5 mph (begins 1.9895)
        ("2011", 1.8105 + 0.179 / 4, 5.0 + 2.0 / 4),
    ],
)
def test_in_a_gap_between_rows_forward_walking_lies_on_the_line_between_them(
    edition: str, speed_mps: float, met: float
) -> None:
    row = energy_of({"direction": "forward", "speed_mean_mps": speed_mps}, edition=edition)

    assert row["met_gross"] == pytest.approx(met)
    assert (row["method"], row["compendium_code"]) == ("compendium_interpolated", None)
    assert row["is_modelled"]


def test_a_printed_speed_stands_for_what_rounds_to_it() -> None:
    def code(speed_mps: float) -> str | None:
        segment = {"direction": "forward", "speed_mean_mps": speed_mps}
        found: str | None = energy_of(segment, edition="2011")["compendium_code"]
        return found

    assert [code(1.565 - 0.0226), code(1.565 - 0.0224)] == [None, "17200"]
    assert [code(1.565 + 0.0224), code(1.565 + 0.0226)] == ["17200", None]


@pytest.mark.parametrize(
    ("speed_mps", "edition", "code", "met"),
    [
        (0.40, "2024", "17340", 2.1),
        (1.20, "2024", "17352", 3.5),
        (1.565, "2024", "17358", 4.8),
        (1.80, "2024", "17361", 5.8),
        (1.80, "2011", "17220", 5.0),
    ],
)
def test_a_treadmill_has_its_own_rows_where_the_edition_has_them(
    speed_mps: float, edition: str, code: str, met: float
) -> None:
    row = energy_of(
        {"direction": "forward", "speed_mean_mps": speed_mps},
        workout={"environment": "treadmill"},
        edition=edition,
    )

    assert (row["compendium_code"], row["met_gross"]) == (code, met)


@pytest.mark.parametrize(
    ("edition", "speed_mps", "grade_fraction", "code", "met"),
    [
        ("2011", 1.4, 0.03, "17210", 5.3),
        ("2011", 1.4, 0.10, "17211", 8.0),
        ("2024", 1.4, 0.03, "17034", 5.3),
        ("2024", 1.565, 0.05, "17034", 5.3),
        ("2024", 1.4, 0.056, "17035", 7.0),
        ("2024", 1.2, 0.15, "17036", 8.8),
        ("2024", 2.0, 0.04, "17037", 10.0),
    ],
)
def test_forward_walking_uphill_takes_the_row_of_its_speed_and_grade(
    edition: str, speed_mps: float, grade_fraction: float, code: str, met: float
) -> None:
    segment = {"direction": "forward", "speed_mean_mps": speed_mps, **graded(grade_fraction)}
    row = energy_of(segment, edition=edition)

    assert (row["compendium_code"], row["met_gross"]) == (code, met)


@pytest.mark.parametrize(("edition", "grade_fraction"), [("2011", 0.20), ("2024", 0.30)])
def test_uphill_without_a_row_forward_walking_takes_acsm(
    edition: str, grade_fraction: float
) -> None:
    segment = {"direction": "forward", "speed_mean_mps": 1.0, **graded(grade_fraction)}
    row = energy_of(segment, edition=edition)

    # 3.5 + 0.1 x 60 + 1.8 x 60 x grade
    assert row["met_gross"] == pytest.approx((9.5 + 108 * grade_fraction) / 3.5)
    assert (row["method"], row["compendium_code"], row["is_modelled"]) == ("acsm", None, True)


def test_forward_walking_downhill_takes_its_row_near_its_speed() -> None:
    row = energy_of({"direction": "forward", "speed_mean_mps": 1.15, **graded(-0.05)})

    assert (row["compendium_code"], row["met_gross"]) == ("17180", 3.3)


def test_a_treadmill_downhill_has_its_own_row() -> None:
    row = energy_of(
        {"direction": "forward", "speed_mean_mps": 1.3, **graded(-0.05)},
        workout={"environment": "treadmill"},
    )

    assert (row["compendium_code"], row["met_gross"]) == ("17382", 3.3)


@pytest.mark.parametrize(
    ("speed_mps", "met"),
    [
        (0.5, 2.3),  # 17151, the slowest row
        (1.225, 3.0 + 0.8 * (1.225 - 1.1405) / (1.2295 - 1.1405)),  # between 17170 and 17190
        (1.4, 3.8),  # 17190
    ],
)
def test_downhill_without_a_row_costs_what_level_does_and_is_marked(
    speed_mps: float, met: float
) -> None:
    row = energy_of({"direction": "forward", "speed_mean_mps": speed_mps, **graded(-0.05)})

    assert (row["met_gross"], row["is_extrapolated"]) == (pytest.approx(met), True)


@pytest.mark.parametrize(
    ("speed_mps", "grade_fraction", "code"),
    [
        (1.34, 0.0549, "17034"),  # rounds to 5 %, of 1 to 5 %
        (1.34, 0.055, "17035"),  # rounds to 6 %, of 6 to 10 %
        (1.34, 0.1049, "17035"),
        (1.34, 0.105, "17036"),  # rounds to 11 %, of 11 to 20 %
        (1.765, 0.02, "17034"),  # rounds to 3.9 mph, the end of "brisk"
        (1.766, 0.02, None),  # beyond it there is no row at 2 %
    ],
)
def test_an_uphill_row_holds_for_every_grade_and_speed_that_rounds_to_its_own(
    speed_mps: float, grade_fraction: float, code: str | None
) -> None:
    segment = {"direction": "forward", "speed_mean_mps": speed_mps, **graded(grade_fraction)}
    row = energy_of(segment)

    assert row["compendium_code"] == code
    assert row["method"] == ("compendium" if code else "acsm")


@pytest.mark.parametrize(
    ("speed_mps", "is_extrapolated"), [(2.459, False), (2.48, False), (2.482, True)]
)
def test_beyond_the_fastest_row_its_value_stands_and_is_marked(
    speed_mps: float, *, is_extrapolated: bool
) -> None:
    row = energy_of({"direction": "forward", "speed_mean_mps": speed_mps})

    assert (row["compendium_code"], row["met_gross"]) == ("17231", 8.5)
    assert row["is_extrapolated"] is is_extrapolated


@pytest.mark.parametrize(
    ("method", "met"),
    [
        ("acsm", 3.30),
        ("lcda", 3.62),
        ("ludlow_weyand_2017", 3.18),
        ("ludlow_weyand_2016", 3.85),
        ("minetti", 1.0 + 2.5 * 1.34 / 20.92 * 60 / 3.5),
        ("pandolf", 3.44),
    ],
)
def test_forward_walking_takes_the_equation_that_is_set(method: str, met: float) -> None:
    row = energy_of(
        {"direction": "forward", "speed_mean_mps": 1.34},
        person={"height_cm": 175.0},
        forward_method=method,
    )

    assert row["met_gross"] == pytest.approx(met, abs=0.0101)
    assert (row["method"], row["compendium_code"], row["is_modelled"]) == (method, None, True)


def test_an_equation_for_level_walking_leaves_uphill_to_acsm() -> None:
    segment = {"direction": "forward", "speed_mean_mps": 1.34, **graded(0.05)}
    row = energy_of(segment, person={"height_cm": 175.0}, forward_method="ludlow_weyand_2016")

    assert row["method"] == "acsm"


# ---- forward compared with backward ---------------------------------------------------------------


@pytest.mark.parametrize(("edition", "ratio"), [("2011", 1.395), ("2024", 1.25)])
def test_forty_per_cent_more_is_what_the_edition_of_2011_says(edition: str, ratio: float) -> None:
    row = energy_of({}, edition=edition)

    assert row["met_gross"] / row["forward_met_gross"] == pytest.approx(ratio, abs=5e-4)
    # 10 min at 70 kg: (6.0 - forward) x 3.5 x 70 / 200 x 10
    extra = (6.0 - row["forward_met_gross"]) * 12.25
    assert row["extra_over_forward_kcal"] == pytest.approx(extra)


@pytest.mark.parametrize(
    ("forward_method", "ratio"),
    [("acsm", 1.629), ("lcda", 1.399), ("ludlow_weyand_2017", 1.635), ("compendium", 1.25)],
)
def test_the_excess_rests_more_on_the_forward_method_than_on_anything_measured_backward(
    forward_method: str, ratio: float
) -> None:
    row = energy_of({}, forward_method=forward_method)

    assert row["met_gross"] / row["forward_met_gross"] == pytest.approx(ratio, abs=2.5e-3)


@pytest.mark.parametrize(
    ("speed_mps", "grade_fraction", "ratio"), [(1.565, 0.05, 1.279), (1.118, 0.10, 1.225)]
)
def test_uphill_the_ratio_is_smaller_than_on_the_level(
    speed_mps: float, grade_fraction: float, ratio: float
) -> None:
    row = energy_of({"speed_mean_mps": speed_mps, **graded(grade_fraction)})

    assert row["met_gross"] / row["forward_met_gross"] == pytest.approx(ratio, abs=1e-3)
    assert 1.17 <= ratio <= 1.28


def test_a_row_is_compared_at_its_own_speed_so_its_tolerance_makes_no_difference() -> None:
    ratios = {
        speed: (row := energy_of({"speed_mean_mps": speed}))["met_gross"] / row["forward_met_gross"]
        for speed in (1.48, 1.565, 1.65)
    }

    assert set(ratios.values()) == {1.25}


@pytest.mark.parametrize("grade_fraction", [0.041, 0.05, 0.059])
def test_a_row_is_compared_at_its_own_grade_so_its_tolerance_makes_no_difference(
    grade_fraction: float,
) -> None:
    row = energy_of({"speed_mean_mps": 1.565, **graded(grade_fraction)})

    # Row 17325 stands for 5 %: ACSM 3.5 + 93.9 x (0.1 + 1.8 x 0.05) = 21.341 mL/kg/min
    assert row["compendium_code"] == "17325"
    assert row["forward_met_gross"] == pytest.approx(21.341 / 3.5)


def test_a_row_is_compared_with_its_own_kind_of_slope_whatever_the_stretch_is_called() -> None:
    row = energy_of({"speed_mean_mps": 1.565, "grade_class": "level", "grade_mean_fraction": 0.045})

    assert (row["compendium_code"], row["forward_met_gross"]) == (
        "17325",
        pytest.approx(6.0974, abs=1e-3),
    )


def test_a_grade_held_at_the_end_of_the_evidence_is_compared_there() -> None:
    row = energy_of({"speed_mean_mps": 1.0, **graded(0.20)})

    # Backward is held at 10 %: 3.5 + 60 x (0.1864 + 1.5 x 0.1); so is forward: 3.5 + 60 x 0.28
    assert row["met_gross"] == pytest.approx(23.684 / 3.5)
    assert row["forward_met_gross"] == pytest.approx(20.3 / 3.5)


def test_a_modelled_value_is_compared_at_the_speed_that_was_walked() -> None:
    row = energy_of({"speed_mean_mps": 1.34})

    assert row["forward_met_gross"] == 3.8


def test_backward_downhill_is_compared_with_level_as_it_is_taken_for_level() -> None:
    row = energy_of({"speed_mean_mps": 1.118, **graded(-0.05)})

    assert row["forward_met_gross"] == 3.0


def test_where_a_wide_row_of_forward_is_dearer_no_excess_is_claimed() -> None:
    # 0.35 m/s: 3.5 + 0.1864 x 21 = 7.41 mL/kg/min or 2.12 MET; row 17151 says 2.3
    row = energy_of({"speed_mean_mps": 0.35})

    assert row["met_gross"] == pytest.approx((3.5 + 0.1864 * 21) / 3.5)
    assert (row["forward_met_gross"], row["extra_over_forward_kcal"]) == (row["met_gross"], 0.0)


def test_forward_walking_has_no_excess_over_itself() -> None:
    row = energy_of({"direction": "forward", "speed_mean_mps": 1.4, **graded(0.05)})

    assert row["forward_met_gross"] == row["met_gross"] == 5.3
    assert row["extra_over_forward_kcal"] == 0.0


# ---- intervals -------------------------------------------------------------------------------------


def test_the_interval_of_backward_walking_is_a_quarter_to_either_side() -> None:
    row = energy_of({})

    assert (row["met_gross_low"], row["met_gross_high"]) == (4.5, 7.5)


def test_an_unknown_direction_has_forward_as_point_and_reaches_to_backward() -> None:
    row = energy_of({"direction": "unknown"})

    assert (row["met_gross"], row["method"]) == (4.8, "compendium")
    assert row["met_gross_low"] == pytest.approx(4.8 * 0.75)
    assert row["met_gross_high"] == pytest.approx(6.0 * 1.25)
    assert row["forward_met_gross"] == 4.8
    assert row["extra_over_forward_kcal"] is None


def test_an_unknown_grade_has_level_as_point_and_reaches_to_five_per_cent() -> None:
    row = energy_of(UNKNOWN_GRADE)

    assert (row["met_gross"], row["compendium_code"]) == (6.0, "17320")
    assert row["is_level_assumed"]
    assert (row["met_gross_low"], row["met_gross_high"]) == (4.5, 7.8 * 1.25)


def test_forward_walking_of_unknown_grade_reaches_to_five_per_cent_as_well() -> None:
    row = energy_of({"direction": "forward", **UNKNOWN_GRADE})

    # Level 17200 4.8; at 5 % 17034 5.3
    assert (row["met_gross"], row["met_gross_low"]) == (4.8, pytest.approx(4.8 * 0.75))
    assert row["met_gross_high"] == pytest.approx(5.3 * 1.25)


def test_where_forward_is_dearer_an_unknown_direction_reaches_from_backward_to_forward() -> None:
    row = energy_of({"direction": "unknown", "speed_mean_mps": 0.35})

    # 17151 says 2.3; backward is 3.5 + 0.1864 x 21 = 7.4144 mL/kg/min or 2.1184 MET
    assert row["met_gross"] == 2.3
    assert row["met_gross_low"] == pytest.approx(7.4144 / 3.5 * 0.75)
    assert row["met_gross_high"] == pytest.approx(2.3 * 1.25)


def test_a_grade_that_is_too_unsure_for_a_class_is_not_used() -> None:
    row = energy_of({"grade_class": "unknown", "grade_mean_fraction": 0.05})

    assert (row["compendium_code"], row["met_gross"]) == ("17320", 6.0)
    assert row["met_gross_high"] == pytest.approx(7.8 * 1.25)


def test_a_known_grade_is_not_assumed() -> None:
    assert not energy_of({})["is_level_assumed"]
    assert not energy_of({"activity": "rest", **UNKNOWN_GRADE})["is_level_assumed"]


def test_an_incline_whose_grade_nobody_knows_is_taken_as_unknown() -> None:
    row = energy_of({"grade_class": "incline", "grade_mean_fraction": None})

    assert (row["met_gross"], row["is_level_assumed"]) == (6.0, True)


# ---- running, rest, other, and what is not known ------------------------------------------------


def test_running_takes_acsm() -> None:
    row = energy_of({"activity": "run", "speed_mean_mps": 2.5})

    # 3.5 + 0.2 x 150 = 33.5 mL/kg/min
    assert row["met_gross"] == pytest.approx(33.5 / 3.5)
    assert (row["method"], row["is_modelled"]) == ("acsm_run", True)
    assert (row["forward_met_gross"], row["extra_over_forward_kcal"]) == (None, None)


def test_running_downhill_is_taken_as_level_and_marked() -> None:
    row = energy_of({"activity": "run", "speed_mean_mps": 2.5, **graded(-0.05)})

    assert row["met_gross"] == pytest.approx(33.5 / 3.5)
    assert row["is_extrapolated"]


def test_rest_is_one_met_and_nets_nothing() -> None:
    row = energy_of({"activity": "rest", "speed_mean_mps": None})

    assert (row["met_gross"], row["energy_net_kcal"], row["reason_code"]) == (1.0, 0.0, "ok")


def test_what_is_neither_walking_running_nor_rest_is_not_estimated() -> None:
    row = energy_of({"activity": "other"})

    assert row["reason_code"] == "not_estimated"
    assert (row["met_gross"], row["method"], row["energy_gross_kcal"]) == (None, None, None)


@pytest.mark.parametrize("activity", ["walk", "run"])
def test_without_a_speed_nothing_is_guessed(activity: str) -> None:
    row = energy_of({"activity": activity, "speed_mean_mps": None})

    assert (row["reason_code"], row["method"]) == ("speed_unknown", None)
    assert (row["met_gross"], row["met_gross_low"], row["energy_gross_kcal"]) == (None, None, None)


@pytest.mark.parametrize(
    "segment",
    [
        {"direction": "forward", **graded(0.05)},
        {"direction": "backward", **graded(0.05)},
        {"direction": "unknown", **UNKNOWN_GRADE},
    ],
)
def test_without_a_speed_no_method_is_named(segment: dict[str, Any]) -> None:
    row = energy_of({**segment, "speed_mean_mps": None})

    assert (row["reason_code"], row["method"]) == ("speed_unknown", None)
    assert not row["is_modelled"]


def test_without_a_body_mass_met_stay_and_kilocalories_are_unknown() -> None:
    row = energy_of({}, workout={"body_mass_kg": None, "body_mass_source": "none"})

    assert row["reason_code"] == "body_mass_unknown"
    assert (row["met_gross"], row["energy_gross_met_min"]) == (6.0, 60.0)
    kcal = [value for name, value in row.items() if name.endswith("kcal")]
    assert set(kcal) == {None}


def test_an_equation_that_asks_for_height_says_so_where_nobody_knows_it() -> None:
    row = energy_of({"direction": "unknown"}, forward_method="ludlow_weyand_2016")

    assert row["reason_code"] == "height_unknown"
    assert (row["met_gross"], row["met_gross_low"], row["met_gross_high"]) == (None, None, None)


def test_backward_walking_that_cannot_be_compared_with_forward_says_so() -> None:
    row = energy_of({}, forward_method="ludlow_weyand_2016")

    assert (row["met_gross"], row["energy_gross_kcal"]) == (6.0, pytest.approx(6.0 * 12.25))
    assert (row["forward_met_gross"], row["extra_over_forward_kcal"]) == (None, None)
    assert row["reason_code"] == "height_unknown"


# ---- amounts ----------------------------------------------------------------------------------------


def test_kilocalories_are_met_times_three_and_a_half_times_mass_over_two_hundred() -> None:
    row = energy_of({"duration_s": 1500.0}, workout={"body_mass_kg": 80.0})

    per_met = 3.5 * 80 / 200 * 25  # 25 min of 1 MET at 80 kg: 35 kcal
    assert row["energy_gross_kcal"] == pytest.approx(6.0 * per_met)
    assert row["energy_net_kcal"] == pytest.approx(5.0 * per_met)
    assert row["energy_gross_low_kcal"] == pytest.approx(4.5 * per_met)
    assert row["energy_gross_high_kcal"] == pytest.approx(7.5 * per_met)
    assert row["forward_energy_gross_kcal"] == pytest.approx(4.8 * per_met)
    assert row["extra_over_forward_kcal"] == pytest.approx(1.2 * per_met)
    assert row["energy_gross_met_min"] == pytest.approx(150.0)


def test_kilocalories_agree_with_a_worked_example() -> None:
    # 8.0 MET at 70 kg: 8 x 70 x 3.5 / 200 = 9.8 kcal a minute
    row = energy_of({"duration_s": 60.0, **graded(0.05)}, edition="2011")

    assert row["energy_gross_kcal"] == pytest.approx(9.8)


# ---- sixty and over ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("speed_mps", "code", "met60"), [(1.118, "1717060", 4.5), (1.6, "brisk-60+", 6.0)]
)
def test_from_sixty_a_row_counts_in_its_own_met(speed_mps: float, code: str, met60: float) -> None:
    segment = {"direction": "forward", "speed_mean_mps": speed_mps}
    row = energy_of(segment, workout={"age_at_start_year": 60.0})

    assert (row["method"], row["compendium_code"]) == ("compendium_60_plus", code)
    assert row["age_convention"] == "older_adult"
    # met60 x 2.7 mL/kg/min for 10 min at 70 kg, 5 kcal/L: met60 x 9.45 kcal, rest 9.45 kcal
    assert row["met_gross"] == pytest.approx(met60 * 2.7 / 3.5)
    assert row["energy_gross_kcal"] == pytest.approx(met60 * 9.45)
    assert row["energy_net_kcal"] == pytest.approx((met60 - 1) * 9.45)


@pytest.mark.parametrize(
    ("speed_mps", "method"),
    [
        (1.018, "compendium_60_plus"),
        (1.017, "compendium"),
        (1.218, "compendium_60_plus"),
        (1.219, "compendium_interpolated"),
    ],
)
def test_a_row_of_sixty_plus_holds_within_a_tenth_of_a_metre_a_second(
    speed_mps: float, method: str
) -> None:
    segment = {"direction": "forward", "speed_mean_mps": speed_mps}

    assert energy_of(segment, workout={"age_at_start_year": 60.0})["method"] == method


@pytest.mark.parametrize("grade", [graded(0.05), graded(-0.05)])
def test_a_row_of_sixty_plus_is_for_the_level_alone(grade: dict[str, Any]) -> None:
    segment = {"direction": "forward", "speed_mean_mps": 1.118, **grade}
    row = energy_of(segment, workout={"age_at_start_year": 70.0})

    assert (row["method"] != "compendium_60_plus", row["age_convention"]) == (
        True,
        "adult_for_older",
    )


def test_before_sixty_the_adult_row_holds() -> None:
    segment = {"direction": "forward", "speed_mean_mps": 1.118}
    row = energy_of(segment, workout={"age_at_start_year": 59.0})

    assert (row["compendium_code"], row["age_convention"]) == ("17170", "adult")


@pytest.mark.parametrize(
    ("segment", "edition", "code"),
    [
        ({"direction": "backward"}, "2024", "17320"),
        ({"direction": "forward", "speed_mean_mps": 1.34}, "2024", "17190"),
        ({"direction": "forward", "speed_mean_mps": 1.118}, "2011", "17170"),
    ],
)
def test_from_sixty_without_a_row_the_adult_cost_stands_and_it_says_so(
    segment: dict[str, Any], edition: str, code: str
) -> None:
    row = energy_of(segment, workout={"age_at_start_year": 70.0}, edition=edition)

    assert (row["compendium_code"], row["age_convention"]) == (code, "adult_for_older")


def test_from_sixty_backward_is_compared_in_the_same_unit() -> None:
    row = energy_of({}, workout={"age_at_start_year": 70.0})

    assert row["met_gross"] / row["forward_met_gross"] == 1.25


def test_an_unknown_age_is_taken_as_adult_and_says_so() -> None:
    row = energy_of({}, workout={"age_at_start_year": None})

    assert row["age_convention"] == "adult_age_unknown"


# ---- corrected values -------------------------------------------------------------------------------


def test_corrected_values_stand_beside_the_standard_ones() -> None:
    person = {"sex": "female", "height_cm": 165.0}
    row = energy_of({}, workout={"body_mass_kg": 60.0, "age_at_start_year": 50.0}, person=person)

    kcal_a_day = 10 * 60 + 6.25 * 165 - 5 * 50 - 161  # 1220.25
    rest = kcal_a_day / 1440 / 5 / 60 * 1000  # 2.825 mL/kg/min
    assert row["gross_corrected_met"] == pytest.approx(6.0 * 3.5 / rest)
    assert row["energy_corrected_kcal"] == pytest.approx(6.0 * kcal_a_day / 1440 * 10)
    assert row["energy_gross_kcal"] == pytest.approx(6.0 * 3.5 * 60 / 200 * 10)


def test_a_corrected_row_of_sixty_plus_multiplies_its_published_value() -> None:
    person = {"sex": "male", "height_cm": 170.0}
    workout = {"body_mass_kg": 70.0, "age_at_start_year": 70.0}
    segment = {"direction": "forward", "speed_mean_mps": 1.118}
    row = energy_of(segment, workout=workout, person=person)

    kcal_a_day = 10 * 70 + 6.25 * 170 - 5 * 70 + 5  # 1417.5
    assert row["energy_corrected_kcal"] == pytest.approx(4.5 * kcal_a_day / 1440 * 10)


def test_rest_is_one_of_the_own_rest() -> None:
    person = {"sex": "male", "height_cm": 170.0}

    assert energy_of({"activity": "rest"}, person=person)["gross_corrected_met"] == 1.0
    assert energy_of({"activity": "rest"})["gross_corrected_met"] is None


@pytest.mark.parametrize(
    ("person", "workout"),
    [
        ({"sex": None, "height_cm": 170.0}, {}),
        ({"sex": "male", "height_cm": None}, {}),
        ({"sex": "male", "height_cm": 170.0}, {"age_at_start_year": None}),
        ({"sex": "male", "height_cm": 170.0}, {"body_mass_kg": None}),
        ({"sex": "male", "height_cm": 170.0, "valid_from_date": dt.date(2026, 11, 17)}, {}),
        ({"sex": "male", "height_cm": 170.0, "participant_id": "p2"}, {}),
    ],
)
def test_corrected_values_need_sex_height_age_and_mass_of_that_day(
    person: dict[str, Any], workout: dict[str, Any]
) -> None:
    row = energy_of({}, person=person, workout=workout)

    assert (row["gross_corrected_met"], row["energy_corrected_kcal"]) == (None, None)
    assert row["met_gross"] == 6.0


# ---- the whole table --------------------------------------------------------------------------------


def test_there_is_one_row_per_segment_by_workout_and_segment() -> None:
    rows = [{"workout_id": workout} for workout in ("w2", "w1", "w2", "w1")]
    segments = segments_of(*rows).sample(fraction=1.0, shuffle=True, seed=1)
    workouts = workouts_of({"workout_id": "w2"}, {"workout_id": "w1"})

    energy = energy_from_segments(Segments.cast(segments), workouts, energy_rules())

    assert energy.select("workout_id", "segment_n").rows() == [
        ("w1", 0),
        ("w1", 1),
        ("w2", 0),
        ("w2", 1),
    ]


def test_no_segments_give_no_energy() -> None:
    energy = energy_from_segments(Segments.create_empty(), workouts_of(), energy_rules())

    assert energy.is_empty()
    assert energy.columns == Energy.column_names()


@pytest.mark.parametrize(
    "setting", [{"edition": "2000"}, {"forward_method": "keytel"}, {"resting_method": "guess"}]
)
def test_an_unknown_word_is_refused_with_the_words_that_are_known(setting: dict[str, Any]) -> None:
    with pytest.raises(SettingsError, match="it can be"):
        energy_of({}, **setting)
