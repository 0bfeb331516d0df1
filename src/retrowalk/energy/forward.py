"""The ladder of forward walking: rows of the Compendium where they hold, else one equation."""

from collections.abc import Callable, Sequence
from itertools import pairwise

import polars as pl

from retrowalk.energy import equations as eq
from retrowalk.energy.ladder import (
    NO,
    TOLERANCE,
    Conditions,
    Rung,
    fitted_grade_expr,
    is_outside_expr,
    met_expr,
)
from retrowalk.rules.energy import CompendiumRow, EnergyRules, Method

#: The words that ``forward_method`` takes.
FORWARD_METHODS = (
    "compendium",
    "acsm",
    "lcda",
    "ludlow_weyand_2017",
    "ludlow_weyand_2016",
    "minetti",
    "pandolf",
)
#: Edition in force -> the edition of its rows for older adults.
OLDER_EDITIONS = {"2024": "2024-60+"}


def forward_rungs(
    at: Conditions, rules: EnergyRules, *, edition: str, method: str, has_uphill_rows: bool = True
) -> list[Rung]:
    """The methods for what walking forward costs under these conditions, first choice first.

    Args:
        at: Speed, grade and what else the methods ask for.
        rules: Rows, coefficients and tolerances.
        edition: Edition of the Compendium.
        method: One of :data:`FORWARD_METHODS`.
        has_uphill_rows: Whether uphill rows, which span several grades and paces, may stand for one
            grade and speed. Not where forward is compared with backward.
    """
    if method == "compendium":
        uphill = _uphill_rungs(at, rules, edition) if has_uphill_rows else []
        return [
            *_older_rungs(at, rules, edition),
            *uphill,
            _equation_rung("acsm", at, rules, applies=at.slope == "incline"),
            *_downhill_rungs(at, rules, edition),
            *_level_rungs(at, rules, edition),
        ]
    if method == "ludlow_weyand_2016":
        return [
            _equation_rung("acsm", at, rules, applies=at.slope == "incline"),
            _equation_rung(method, at, rules, applies=pl.lit(value=True)),
        ]
    return [_equation_rung(method, at, rules, applies=pl.lit(value=True))]


def _rows(rules: EnergyRules, edition: str, use: str, surface: str) -> list[CompendiumRow]:
    return [
        row
        for row in rules.compendium
        if (row.edition, row.use, row.surface) == (edition, use, surface)
    ]


def _row_rung(row: CompendiumRow, applies: pl.Expr, is_extrapolated: pl.Expr = NO) -> Rung:
    return Rung(applies, pl.lit(row.met), "compendium", row.code, is_extrapolated=is_extrapolated)


def _is_near_speed(at: Conditions, row: CompendiumRow, margin_mps: float) -> pl.Expr:
    low, high = row.speed_low_mps - margin_mps, row.speed_high_mps + margin_mps
    return at.speed_mps.is_between(low - TOLERANCE, high + TOLERANCE)


def _has_grade(at: Conditions, row: CompendiumRow, rules: EnergyRules) -> pl.Expr:
    """Whether a grade rounds into a row's; a row that states none holds for every grade."""
    if row.grade_low_fraction is None or row.grade_high_fraction is None:
        return pl.lit(value=True)
    low = row.grade_low_fraction - rules.grade_rounding_fraction
    high = row.grade_high_fraction + rules.grade_rounding_fraction
    return (at.grade_fraction >= low - TOLERANCE) & (at.grade_fraction < high - TOLERANCE)


def _older_rungs(at: Conditions, rules: EnergyRules, edition: str) -> list[Rung]:
    """Rows for people of 60 and over, whose MET is another unit; level walking only."""
    is_older = (at.age_year >= rules.older_from_year) & (at.slope == "level")
    scale = rules.older_met_oxygen_ml_per_kg_min / rules.met_oxygen_ml_per_kg_min
    return [
        Rung(
            is_older & _is_near_speed(at, row, rules.speed_tolerance_mps),
            pl.lit(row.met * scale),
            "compendium_60_plus",
            row.code,
        )
        for row in _rows(rules, OLDER_EDITIONS.get(edition, ""), "level", "any")
    ]


def _uphill_rungs(at: Conditions, rules: EnergyRules, edition: str) -> list[Rung]:
    return [
        _row_rung(
            row,
            (at.slope == "incline")
            & _is_near_speed(at, row, rules.speed_rounding_mps)
            & _has_grade(at, row, rules),
        )
        for row in _rows(rules, edition, "uphill", "any")
    ]


def _downhill_rungs(at: Conditions, rules: EnergyRules, edition: str) -> list[Rung]:
    is_downhill = at.slope == "decline"
    on_treadmill = at.surface == "treadmill"
    treadmill = [
        _row_rung(
            row,
            is_downhill
            & on_treadmill
            & _is_near_speed(at, row, rules.speed_rounding_mps)
            & _has_grade(at, row, rules),
        )
        for row in _rows(rules, edition, "downhill", "treadmill")
    ]
    anywhere = [
        _row_rung(row, is_downhill & _is_near_speed(at, row, rules.speed_tolerance_mps))
        for row in _rows(rules, edition, "downhill", "any")
    ]
    return [*treadmill, *anywhere]


def _level_rungs(at: Conditions, rules: EnergyRules, edition: str) -> list[Rung]:
    """Rows by speed; on a treadmill its own rows, where the edition has them.

    Downhill that no row covers is taken as level, so that it is never a credit, and marked.
    """
    on_treadmill = at.surface == "treadmill"
    treadmill = _rows(rules, edition, "level", "treadmill")
    anywhere = _rows(rules, edition, "level", "any")
    return [
        *_band_rungs(treadmill, at, rules, on_treadmill),
        *_band_rungs(anywhere, at, rules, pl.lit(value=True)),
    ]


def _band_rungs(
    rows: Sequence[CompendiumRow], at: Conditions, rules: EnergyRules, is_here: pl.Expr
) -> list[Rung]:
    """From the fastest row down: beyond it, the row, the gap below it, the next row, and so on."""
    if not rows:
        return []
    is_downhill = at.slope == "decline"
    margin = rules.speed_rounding_mps
    fastest, rungs = rows[-1], []
    is_beyond = is_here & (at.speed_mps >= fastest.speed_high_mps + margin)
    rungs.append(_row_rung(fastest, is_beyond, pl.lit(value=True)))
    for below, row in reversed(list(pairwise(rows))):
        is_in_row = is_here & (at.speed_mps >= row.speed_low_mps - margin)
        rungs.append(_row_rung(row, is_in_row, is_downhill))
        start, end = below.speed_high_mps + margin, row.speed_low_mps - margin
        if end - start > TOLERANCE:
            is_in_gap = is_here & (at.speed_mps >= start)
            slope = (row.met - below.met) / (end - start)
            met = below.met + slope * (at.speed_mps - start)
            rungs.append(_gap_rung(is_in_gap, met, is_downhill))
    rungs.append(_row_rung(rows[0], is_here & at.speed_mps.is_not_null(), is_downhill))
    return rungs


def _gap_rung(applies: pl.Expr, met: pl.Expr, is_extrapolated: pl.Expr) -> Rung:
    """The straight line from the upper edge of one row to the lower edge of the next."""
    return Rung(
        applies,
        met,
        "compendium_interpolated",
        is_modelled=True,
        is_extrapolated=is_extrapolated,
    )


def _equation_rung(name: str, at: Conditions, rules: EnergyRules, *, applies: pl.Expr) -> Rung:
    method = rules.methods[name]
    oxygen = _OXYGEN[name](at, method, rules)
    return Rung(
        applies & at.speed_mps.is_not_null(),
        met_expr(oxygen, rules),
        name,
        is_modelled=True,
        is_extrapolated=is_outside_expr(at, method),
    )


def _acsm(at: Conditions, method: Method, _: EnergyRules) -> pl.Expr:
    grade = fitted_grade_expr(at.grade_fraction, method)
    return eq.linear_oxygen_expr(at.speed_mps, grade, method.coefficients)


def _lcda(at: Conditions, method: Method, rules: EnergyRules) -> pl.Expr:
    grade = fitted_grade_expr(at.grade_fraction, method)
    return eq.lcda_oxygen_expr(at.speed_mps, grade, method.coefficients, rules)


def _ludlow_weyand_2017(at: Conditions, method: Method, _: EnergyRules) -> pl.Expr:
    grade = fitted_grade_expr(at.grade_fraction, method)
    return eq.ludlow_weyand_2017_oxygen_expr(at.speed_mps, grade, method.coefficients)


def _ludlow_weyand_2016(at: Conditions, method: Method, _: EnergyRules) -> pl.Expr:
    return eq.ludlow_weyand_2016_oxygen_expr(at.speed_mps, at.height_m, method.coefficients)


def _minetti(at: Conditions, method: Method, rules: EnergyRules) -> pl.Expr:
    grade = fitted_grade_expr(at.grade_fraction, method)
    return eq.minetti_oxygen_expr(at.speed_mps, grade, method.coefficients, rules)


def _pandolf(at: Conditions, method: Method, rules: EnergyRules) -> pl.Expr:
    grade = fitted_grade_expr(at.grade_fraction, method)
    return eq.pandolf_oxygen_expr(at.speed_mps, grade, method.coefficients, rules)


_OXYGEN: dict[str, Callable[[Conditions, Method, EnergyRules], pl.Expr]] = {
    "acsm": _acsm,
    "lcda": _lcda,
    "ludlow_weyand_2017": _ludlow_weyand_2017,
    "ludlow_weyand_2016": _ludlow_weyand_2016,
    "minetti": _minetti,
    "pandolf": _pandolf,
}
