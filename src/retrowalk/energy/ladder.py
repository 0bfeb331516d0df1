"""A ladder of methods: what a value is asked for, one rung per method, the first that applies wins."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import polars as pl

from retrowalk.rules.energy import EnergyRules, Method

#: A walked speed or grade that is written as the bound itself must not fall outside by rounding.
TOLERANCE = 1e-9

NO = pl.lit(value=False)


@dataclass(frozen=True, slots=True)
class Conditions:
    """What one energy value is asked for; each an expression over the segments.

    ``slope`` is level, incline or decline, never unknown: it decides which kind of row holds.
    ``grade_fraction`` is never null; ``age_year`` and ``height_m`` may be.
    """

    speed_mps: pl.Expr
    grade_fraction: pl.Expr
    slope: pl.Expr
    surface: pl.Expr
    age_year: pl.Expr
    height_m: pl.Expr


@dataclass(frozen=True, slots=True)
class Rung:
    """One method of a ladder: when it applies, what it gives and what it is called."""

    applies: pl.Expr
    met: pl.Expr
    method: str
    code: str | None = None
    is_modelled: bool = False
    is_extrapolated: pl.Expr = NO

    def estimate_expr(self) -> pl.Expr:
        """The rung as a struct, as it stands in the row that it decides."""
        return pl.struct(
            self.met.alias("met"),
            pl.lit(self.method).alias("method"),
            pl.lit(self.code, dtype=pl.String).alias("code"),
            pl.lit(self.is_modelled).alias("is_modelled"),
            self.is_extrapolated.alias("is_extrapolated"),
        )


def ladder_expr(rungs: Sequence[Rung]) -> pl.Expr:
    """The estimate of the first rung that applies; null where none does."""
    return _first_that_applies([(rung.applies, rung.estimate_expr()) for rung in rungs])


def ladder_met_expr(rungs: Sequence[Rung]) -> pl.Expr:
    """The same, but for its MET alone."""
    return _first_that_applies([(rung.applies, rung.met) for rung in rungs])


def _first_that_applies(choices: Sequence[tuple[pl.Expr, pl.Expr]]) -> pl.Expr:
    def above(rest: pl.Expr, choice: tuple[pl.Expr, pl.Expr]) -> pl.Expr:
        return pl.when(choice[0]).then(choice[1]).otherwise(rest)

    return reduce(above, reversed(choices), pl.lit(None))


def met_expr(oxygen_ml_per_kg_min: pl.Expr, rules: EnergyRules) -> pl.Expr:
    """Oxygen uptake in standard MET."""
    return oxygen_ml_per_kg_min * (1.0 / rules.met_oxygen_ml_per_kg_min)


def fitted_grade_expr(grade_fraction: pl.Expr, method: Method) -> pl.Expr:
    """The grade, held within what the method was fitted on: downhill is never a credit by chance."""
    return grade_fraction.clip(method.grade_low_fraction, method.grade_high_fraction)


def is_outside_expr(at: Conditions, method: Method) -> pl.Expr:
    """Whether speed or grade lies outside what the method was fitted on; unstated bounds are open.

    A level stretch that sinks by some tenths of a per cent is not downhill: only a decline falls
    below the range of grades.
    """
    outside = [NO]
    if method.speed_low_mps is not None:
        outside.append(at.speed_mps < method.speed_low_mps - TOLERANCE)
    if method.speed_high_mps is not None:
        outside.append(at.speed_mps > method.speed_high_mps + TOLERANCE)
    if method.grade_low_fraction is not None:
        is_steeper = at.grade_fraction < method.grade_low_fraction - TOLERANCE
        outside.append((at.slope == "decline") & is_steeper)
    if method.grade_high_fraction is not None:
        outside.append(at.grade_fraction > method.grade_high_fraction + TOLERANCE)
    return pl.any_horizontal(outside)
