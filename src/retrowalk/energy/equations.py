"""Published equations of the cost of walking, running and rest: one expression each.

Those of walking and running give gross oxygen uptake in mL/kg/min, from speed in m/s and grade as
rise over run, whatever units the paper used. ``rules/energy.toml`` holds their coefficients, their
citations and the range they were fitted on; which of them is used where is not decided here.

Nothing is divided by a constant: polars divides one row and many rows by it in different ways, and
the last digit would depend on how many segments are scored at once. Constants are inverted first.
"""

from collections.abc import Mapping

import polars as pl

from retrowalk.rules.energy import EnergyRules
from retrowalk.units import SECONDS_PER_MINUTE

MINUTES_PER_DAY = 1440.0
MILLILITRES_PER_LITRE = 1000.0


def linear_oxygen_expr(
    speed_mps: pl.Expr, grade_fraction: pl.Expr, k: Mapping[str, float]
) -> pl.Expr:
    """Rest plus a horizontal and a vertical part: ACSM walking and running, and backward walking."""
    speed_m_per_min = speed_mps * SECONDS_PER_MINUTE
    horizontal = k["horizontal"] * speed_m_per_min
    return k["resting"] + horizontal + k["vertical"] * speed_m_per_min * grade_fraction


def oxygen_of_power_expr(power_w_per_kg: pl.Expr, rules: EnergyRules) -> pl.Expr:
    """Oxygen uptake that releases a metabolic power."""
    joules_per_ml = rules.oxygen_energy_kcal_per_l * rules.joules_per_kcal / MILLILITRES_PER_LITRE
    return power_w_per_kg * (SECONDS_PER_MINUTE / joules_per_ml)


def lcda_oxygen_expr(
    speed_mps: pl.Expr, grade_fraction: pl.Expr, k: Mapping[str, float], rules: EnergyRules
) -> pl.Expr:
    """Load Carriage Decision Aid, level and graded; speed in m/s, the grade term times speed."""
    percent = grade_fraction * 100.0
    level = (
        k["standing"]
        + k["slow"] * speed_mps ** k["slow_exponent"]
        + k["fast"] * speed_mps ** k["fast_exponent"]
    )
    inner = pl.lit(k["grade_inner_base"]).pow(percent + k["grade_shift"])
    bend = 1.0 - pl.lit(k["grade_outer_base"]).pow(1.0 - inner)
    return oxygen_of_power_expr(level + k["grade"] * speed_mps * percent * bend, rules)


def ludlow_weyand_2017_oxygen_expr(
    speed_mps: pl.Expr, grade_fraction: pl.Expr, k: Mapping[str, float]
) -> pl.Expr:
    """Ludlow and Weyand 2017 without load; downhill a fixed share of what level walking adds."""
    percent = grade_fraction * 100.0
    level = k["minimum"] + k["speed"] * speed_mps**2
    uphill = (
        k["grade"] * percent
        + k["minimum"]
        + (1.0 + k["grade_speed"] * percent) * k["speed"] * speed_mps**2
    )
    walking = pl.when(grade_fraction < 0.0).then(k["downhill"] * level).otherwise(uphill)
    return k["resting"] + walking


def ludlow_weyand_2016_oxygen_expr(
    speed_mps: pl.Expr, height_m: pl.Expr, k: Mapping[str, float]
) -> pl.Expr:
    """Ludlow and Weyand 2016, level walking by speed and body height."""
    return k["resting"] + k["minimum"] + k["speed"] * speed_mps**2 / height_m


def minetti_net_cost_expr(grade_fraction: pl.Expr, k: Mapping[str, float]) -> pl.Expr:
    """Minetti 2002, net cost of walking in J/kg/m; the polynomial of running is another one."""
    descending = (k[name] for name in ("c4", "c3", "c2", "c1", "c0"))
    cost = pl.lit(k["c5"])
    for coefficient in descending:
        cost = cost * grade_fraction + coefficient
    return cost


def minetti_oxygen_expr(
    speed_mps: pl.Expr, grade_fraction: pl.Expr, k: Mapping[str, float], rules: EnergyRules
) -> pl.Expr:
    """Minetti 2002 as gross uptake: net cost times speed, plus rest."""
    net_w_per_kg = minetti_net_cost_expr(grade_fraction, k) * speed_mps
    return k["resting"] + oxygen_of_power_expr(net_w_per_kg, rules)


def pandolf_oxygen_expr(
    speed_mps: pl.Expr, grade_fraction: pl.Expr, k: Mapping[str, float], rules: EnergyRules
) -> pl.Expr:
    """Pandolf 1977 without load and on firm ground, where body mass cancels out."""
    climbing = k["grade"] * speed_mps * grade_fraction * 100.0
    return oxygen_of_power_expr(k["standing"] + k["speed"] * speed_mps**2 + climbing, rules)


def resting_energy_expr(
    sex: pl.Expr,
    body_mass_kg: pl.Expr,
    height_cm: pl.Expr,
    age_year: pl.Expr,
    k: Mapping[str, float],
) -> pl.Expr:
    """Resting metabolic rate in kcal a day, Mifflin or Harris-Benedict; null where anything is."""

    def of(word: str) -> pl.Expr:
        return (
            k[word]
            + k[f"{word}_mass"] * body_mass_kg
            + k[f"{word}_height"] * height_cm
            + k[f"{word}_age"] * age_year
        )

    return pl.when(sex == "female").then(of("female")).when(sex == "male").then(of("male"))


def resting_oxygen_expr(
    energy_kcal_per_day: pl.Expr, body_mass_kg: pl.Expr, rules: EnergyRules
) -> pl.Expr:
    """The oxygen uptake in mL/kg/min of a resting rate in kcal a day."""
    kcal_per_ml = rules.oxygen_energy_kcal_per_l / MILLILITRES_PER_LITRE
    return energy_kcal_per_day * (1.0 / (MINUTES_PER_DAY * kcal_per_ml)) / body_mass_kg
