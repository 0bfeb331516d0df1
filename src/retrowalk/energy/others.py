"""Estimates of what is not walking: running by its equation, rest by definition."""

import polars as pl

from retrowalk.energy.equations import linear_oxygen_expr
from retrowalk.energy.ladder import Conditions, Rung, fitted_grade_expr, is_outside_expr, met_expr
from retrowalk.rules.energy import EnergyRules


def run_rung(at: Conditions, rules: EnergyRules, *, applies: pl.Expr) -> Rung:
    """Running by ACSM; downhill as level."""
    method = rules.methods["acsm_run"]
    grade = fitted_grade_expr(at.grade_fraction, method)
    oxygen = linear_oxygen_expr(at.speed_mps, grade, method.coefficients)
    return Rung(
        applies & at.speed_mps.is_not_null(),
        met_expr(oxygen, rules),
        method.name,
        is_modelled=True,
        is_extrapolated=is_outside_expr(at, method),
    )


def rest_rung(rules: EnergyRules, *, applies: pl.Expr) -> Rung:
    """Rest: one MET."""
    return Rung(applies, pl.lit(rules.methods["rest"].coefficients["met"]), "rest")
