"""Each equation against worked values of others, and against known errors of transcription.

``SIDE_BY_SIDE`` are gross MET of the published equations, worked out independently of this code.
"""

from collections.abc import Callable

import polars as pl
import pytest

from retrowalk.energy import equations as eq
from retrowalk.rules.energy import energy_rules

RULES = energy_rules()
K = {name: method.coefficients for name, method in RULES.methods.items()}
ROUNDING = 0.0101  # two printed decimals, and 4.186 against 4.184 kJ/kcal

Equation = Callable[[pl.Expr, pl.Expr], pl.Expr]
OXYGEN: dict[str, Equation] = {
    "acsm": lambda v, g: eq.linear_oxygen_expr(v, g, K["acsm"]),
    "ludlow_weyand_2017": lambda v, g: eq.ludlow_weyand_2017_oxygen_expr(
        v, g, K["ludlow_weyand_2017"]
    ),
    "ludlow_weyand_2016": lambda v, _: eq.ludlow_weyand_2016_oxygen_expr(
        v, pl.lit(1.75), K["ludlow_weyand_2016"]
    ),
    "lcda": lambda v, g: eq.lcda_oxygen_expr(v, g, K["lcda"], RULES),
    "pandolf": lambda v, g: eq.pandolf_oxygen_expr(v, g, K["pandolf"], RULES),
    "minetti": lambda v, g: eq.minetti_oxygen_expr(v, g, K["minetti"], RULES),
    "acsm_run": lambda v, g: eq.linear_oxygen_expr(v, g, K["acsm_run"]),
    "backward_equation": lambda v, g: eq.linear_oxygen_expr(v, g, K["backward_equation"]),
}
COLUMNS = ("acsm", "ludlow_weyand_2017", "ludlow_weyand_2016", "lcda", "pandolf")
SIDE_BY_SIDE = {
    (0.45, 0.0): (1.77, 1.96, 2.29, 2.31, 1.48),
    (0.89, 0.0): (2.53, 2.42, 2.88, 2.82, 2.21),
    (1.12, 0.0): (2.92, 2.76, 3.32, 3.16, 2.77),
    (1.34, 0.0): (3.30, 3.18, 3.85, 3.62, 3.44),
    (1.565, 0.0): (3.68, 3.67, 4.49, 4.29, 4.24),
    (1.79, 0.0): (4.07, 4.24, 5.22, 5.24, 5.16),
    (1.565, 0.05): (6.10, 5.89, None, 6.04, 6.49),
    (1.118, 0.10): (6.36, 5.48, None, 6.05, 5.98),
}
CELLS = [
    (name, speed, grade, met)
    for (speed, grade), mets in SIDE_BY_SIDE.items()
    for name, met in zip(COLUMNS, mets, strict=True)
    if met is not None
]


def value(expr: pl.Expr) -> float:
    return float(pl.select(expr).item())


def oxygen(name: str, speed_mps: float, grade_fraction: float = 0.0) -> float:
    return value(OXYGEN[name](pl.lit(speed_mps), pl.lit(grade_fraction)))


def power_w_per_kg(oxygen_ml_per_kg_min: float) -> float:
    """Back from mL/kg/min at 5 kcal per litre and 4184 J per kcal."""
    return oxygen_ml_per_kg_min * 5.0 * 4.184 / 60.0


@pytest.mark.parametrize(("name", "speed_mps", "grade_fraction", "met"), CELLS)
def test_models_agree_with_the_side_by_side_table(
    name: str, speed_mps: float, grade_fraction: float, met: float
) -> None:
    assert oxygen(name, speed_mps, grade_fraction) / 3.5 == pytest.approx(met, abs=ROUNDING)


def test_acsm_walking_gives_a_textbook_example() -> None:
    # 2.5 mph (67 m/min) up 3 %: 3.5 + 67 x 0.1 + 67 x 0.03 x 1.8 = 13.8 mL/kg/min
    assert oxygen("acsm", 67 / 60, 0.03) == pytest.approx(13.8, abs=0.05)


def test_acsm_running_gives_a_textbook_example() -> None:
    # A woman who should run at 8 MET, 28 mL/kg/min, runs 122.5 m/min on the level.
    assert oxygen("acsm_run", 122.5 / 60) == pytest.approx(28.0)


def test_acsm_running_uphill_costs_half_of_what_it_costs_walking() -> None:
    uphill = {name: oxygen(name, 2.0, 0.1) - oxygen(name, 2.0) for name in ("acsm", "acsm_run")}

    assert uphill["acsm"] == pytest.approx(1.8 * 120 * 0.1)
    assert uphill["acsm_run"] == pytest.approx(0.9 * 120 * 0.1)


@pytest.mark.parametrize(
    ("speed_mps", "grade_fraction", "met"),
    [
        (0.3, 0.0, 1.96),
        (0.3, 0.05, 2.34),
        (0.3, 0.1, 2.73),
        (0.5, 0.0, 2.60),
        (0.5, 0.05, 3.24),
        (0.5, 0.1, 3.88),
        (0.7, 0.0, 3.24),
        (0.7, 0.05, 4.14),
        (0.7, 0.1, 5.04),
        (0.89, 0.0, 3.84),
        (0.89, 0.05, 4.99),
        (0.89, 0.1, 6.13),
        (1.118, 0.1, 7.45),
        (1.12, 0.0, 4.58),
        (1.12, 0.05, 6.02),
        (1.12, 0.1, 7.46),
        (1.34, 0.0, 5.28),
        (1.34, 0.05, 7.00),
        (1.34, 0.1, 8.73),
        (1.565, 0.0, 6.00),
        (1.565, 0.05, 8.01),
        (1.565, 0.1, 10.03),
        (1.79, 0.0, 6.72),
        (1.79, 0.05, 9.02),
        (1.79, 0.1, 11.32),
    ],
)
def test_the_backward_equation_gives_its_worked_examples(
    speed_mps: float, grade_fraction: float, met: float
) -> None:
    assert oxygen("backward_equation", speed_mps, grade_fraction) / 3.5 == pytest.approx(
        met, abs=0.0051
    )


@pytest.mark.parametrize(
    ("grade_fraction", "measured", "sd"),
    [(0.45, 17.33, 1.11), (-0.45, 3.46, 0.95), (-0.10, 0.81, 0.37)],
)
def test_minetti_lies_within_what_was_measured_walking(
    grade_fraction: float, measured: float, sd: float
) -> None:
    # Minetti 2002, abstract. The polynomial of running gives 19.4 J/kg/m at +0.45 and fails here.
    cost = value(eq.minetti_net_cost_expr(pl.lit(grade_fraction), K["minetti"]))

    assert cost == pytest.approx(measured, abs=sd)


def test_minetti_is_the_polynomial_of_walking_not_of_running() -> None:
    assert value(eq.minetti_net_cost_expr(pl.lit(0.0), K["minetti"])) == 2.5  # running: 3.6


def test_minetti_is_net_cost_so_rest_is_added_once() -> None:
    # 2.5 J/kg/m x 1 m/s = 2.5 W/kg; / 20.92 J per mL x 60 s = 7.17 mL/kg/min above 3.5
    assert oxygen("minetti", 1.0) == pytest.approx(3.5 + 2.5 / 20.92 * 60)
    assert oxygen("minetti", 0.0) == 3.5


def test_lcda_has_its_powers_and_takes_metres_a_second() -> None:
    # 1.44 + 1.94 x 1.2^0.43 + 0.24 x 1.2^4 = 1.44 + 2.0982 + 0.4977 = 4.0359 W/kg
    right = 1.44 + 1.94 * 1.2**0.43 + 0.24 * 1.2**4
    without_powers = 1.44 + 1.94 * 1.2 + 0.24 * 1.2**2
    in_mph = 1.44 + 1.94 * 2.684**0.43 + 0.24 * 2.684**4

    assert right == pytest.approx(4.0359, abs=1e-3)
    assert power_w_per_kg(oxygen("lcda", 1.2)) == pytest.approx(right)
    assert abs(right - without_powers) > 0.05
    assert abs(right - in_mph) > 1.0


def test_the_grade_term_of_lcda_is_proportional_to_speed_and_gone_on_the_level() -> None:
    def grade_term(speed_mps: float, grade_fraction: float) -> float:
        return oxygen("lcda", speed_mps, grade_fraction) - oxygen("lcda", speed_mps)

    assert grade_term(1.5, 0.05) == pytest.approx(3 * grade_term(0.5, 0.05))
    assert grade_term(1.5, 0.0) == 0.0
    # 0.34 x 1 x 5 x (1 - 1.05^(1 - 1.1^37)) = 1.7 x (1 - 0.19946) W/kg
    worked = 0.34 * 1.0 * 5.0 * (1 - 1.05 ** (1 - 1.1**37))
    assert power_w_per_kg(grade_term(1.0, 0.05)) == pytest.approx(worked)


def test_lcda_downhill_costs_less_than_level() -> None:
    assert oxygen("lcda", 1.2, -0.05) < oxygen("lcda", 1.2)


def test_pandolf_takes_grade_in_per_cent() -> None:
    # 1.5 + 1.5 x 1 + 0.35 x 1 x 5 = 4.75 W/kg
    assert power_w_per_kg(oxygen("pandolf", 1.0, 0.05)) == pytest.approx(4.75)


def test_ludlow_and_weyand_downhill_is_a_share_of_the_level_walking_part() -> None:
    level_part = 3.28 + 2.66 * 1.2**2

    assert oxygen("ludlow_weyand_2017", 1.2, -0.05) == pytest.approx(3.05 + 0.73 * level_part)
    assert oxygen("ludlow_weyand_2017", 1.2, 0.0) == pytest.approx(3.05 + level_part)


def test_ludlow_and_weyand_2016_costs_a_taller_person_less() -> None:
    def cost(height_m: float) -> float:
        height = pl.lit(height_m)
        k = K["ludlow_weyand_2016"]
        return value(eq.ludlow_weyand_2016_oxygen_expr(pl.lit(1.4), height, k))

    assert cost(1.6) - 7.35 == pytest.approx(5.97 * 1.4**2 / 1.6)
    assert cost(1.9) < cost(1.6)


@pytest.mark.parametrize(
    ("method", "sex", "kcal_per_day"),
    [
        ("mifflin", "male", 10 * 70 + 6.25 * 175 - 5 * 30 + 5),  # 1648.75
        ("mifflin", "female", 10 * 70 + 6.25 * 175 - 5 * 30 - 161),  # 1482.75
        ("harris_benedict", "male", 66.473 + 13.7516 * 70 + 5.0033 * 175 - 6.755 * 30),
        ("harris_benedict", "female", 655.0955 + 9.5634 * 70 + 1.8496 * 175 - 4.6756 * 30),
    ],
)
def test_resting_rates_follow_sex_mass_height_and_age(
    method: str, sex: str, kcal_per_day: float
) -> None:
    expr = eq.resting_energy_expr(pl.lit(sex), pl.lit(70.0), pl.lit(175.0), pl.lit(30.0), K[method])

    assert value(expr) == pytest.approx(kcal_per_day)


def test_a_resting_rate_of_unknown_sex_is_unknown() -> None:
    sex = pl.lit(None, dtype=pl.String)
    expr = eq.resting_energy_expr(sex, pl.lit(70.0), pl.lit(175.0), pl.lit(30.0), K["mifflin"])

    assert pl.select(expr).item() is None


def test_a_resting_rate_as_oxygen_uptake() -> None:
    # 1512 kcal/day / 1440 min / 5 kcal/L / 70 kg x 1000 = 3.0 mL/kg/min
    assert value(eq.resting_oxygen_expr(pl.lit(1512.0), pl.lit(70.0), RULES)) == pytest.approx(3.0)
