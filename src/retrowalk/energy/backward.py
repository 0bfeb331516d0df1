"""The ladder of backward walking: its few rows of the Compendium, else the modelled equation."""

import polars as pl

from retrowalk.energy.equations import linear_oxygen_expr
from retrowalk.energy.ladder import (
    TOLERANCE,
    Conditions,
    Rung,
    fitted_grade_expr,
    is_outside_expr,
    met_expr,
)
from retrowalk.rules.energy import CompendiumRow, EnergyRules


def backward_rungs(at: Conditions, rules: EnergyRules, *, edition: str) -> list[Rung]:
    """The methods for what walking backward costs under these conditions, first choice first."""
    rows = [_row_rung(row, at, rules) for row in backward_rows(rules, edition)]
    return [*rows, _equation_rung(at, rules)]


def backward_rows(rules: EnergyRules, edition: str) -> list[CompendiumRow]:
    """The rows that an edition has for backward walking."""
    return [row for row in rules.compendium if (row.edition, row.use) == (edition, "backward")]


def is_at_row_expr(at: Conditions, row: CompendiumRow, rules: EnergyRules) -> pl.Expr:
    """Whether speed and grade are near enough to a row's for its value to stand as published."""
    speed_off = (at.speed_mps - row.speed_low_mps).abs()
    grade_off = (at.grade_fraction - (row.grade_low_fraction or 0.0)).abs()
    return (speed_off <= rules.speed_tolerance_mps + TOLERANCE) & (
        grade_off <= rules.grade_tolerance_fraction + TOLERANCE
    )


def comparable_conditions(at: Conditions, rules: EnergyRules, *, edition: str) -> Conditions:
    """The conditions that a backward value stands for, at which forward is compared with it.

    A row stands for its own speed and grade, the equation for the grade held within its range. Two
    costs under different conditions would make a difference out of the tolerance of a row.
    """
    method = rules.methods["backward_equation"]
    speed, grade = at.speed_mps, fitted_grade_expr(at.grade_fraction, method)
    slope = pl.when(at.slope == "decline").then(pl.lit("level")).otherwise(at.slope)
    for row in backward_rows(rules, edition):
        is_here = is_at_row_expr(at, row, rules)
        row_grade = row.grade_low_fraction or 0.0
        row_slope = "incline" if row_grade > 0.0 else "level"
        speed = pl.when(is_here).then(pl.lit(row.speed_low_mps)).otherwise(speed)
        grade = pl.when(is_here).then(pl.lit(row_grade)).otherwise(grade)
        slope = pl.when(is_here).then(pl.lit(row_slope)).otherwise(slope)
    unknown_age = pl.lit(None, dtype=pl.Float64)
    return Conditions(speed, grade, slope, at.surface, unknown_age, at.height_m)


def _row_rung(row: CompendiumRow, at: Conditions, rules: EnergyRules) -> Rung:
    return Rung(is_at_row_expr(at, row, rules), pl.lit(row.met), "compendium", row.code)


def _equation_rung(at: Conditions, rules: EnergyRules) -> Rung:
    method = rules.methods["backward_equation"]
    grade = fitted_grade_expr(at.grade_fraction, method)
    oxygen = linear_oxygen_expr(at.speed_mps, grade, method.coefficients)
    return Rung(
        at.speed_mps.is_not_null(),
        met_expr(oxygen, rules),
        "backward_equation",
        is_modelled=True,
        is_extrapolated=is_outside_expr(at, method),
    )
