"""Room ``energy``: what each segment cost, by which method, and how sure.

Energy of sums (a session, a week) is not made here.
"""

from dataclasses import replace

import dataframely as dy
import polars as pl

from retrowalk.energy.amounts import (
    IS_BACKWARD,
    IS_WALK,
    duration_min_expr,
    reason_expr,
    with_amounts,
    with_corrected,
    with_interval,
)
from retrowalk.energy.backward import backward_rungs, comparable_conditions
from retrowalk.energy.forward import FORWARD_METHODS, forward_rungs
from retrowalk.energy.ladder import Conditions, Rung, ladder_expr, ladder_met_expr
from retrowalk.energy.others import rest_rung, run_rung
from retrowalk.errors import SettingsError
from retrowalk.rules.energy import EnergyRules
from retrowalk.tables import Energy, Participants, Segments, Workouts

#: Editions of the Compendium that a run can take; one per run, never mixed.
EDITIONS = ("2011", "2024")
#: Predictions of resting metabolic rate for the corrected values.
RESTING_METHODS = ("mifflin", "harris_benedict")

__all__ = ["EDITIONS", "FORWARD_METHODS", "RESTING_METHODS", "energy_from_segments"]


def energy_from_segments(
    segments: dy.DataFrame[Segments],
    workouts: dy.DataFrame[Workouts],
    rules: EnergyRules,
    *,
    edition: str = "2024",
    forward_method: str = "compendium",
    resting_method: str = "mifflin",
    participants: dy.DataFrame[Participants] | None = None,
) -> dy.DataFrame[Energy]:
    """Estimates what each segment cost, and what it would have cost walking forward.

    Backward walking takes a row of the Compendium near its speed and grade, else the modelled
    equation. Forward walking takes rows and the lines between them, uphill rows, else ACSM; or one
    equation throughout. Where the direction is unknown, forward is the point and the interval
    reaches to backward. Running takes ACSM, rest is 1 MET, anything else is not estimated.

    Args:
        segments: Any number of workouts, any order.
        workouts: Every workout that the segments belong to.
        rules: Rows, coefficients, tolerances and widths of intervals.
        edition: Edition of the Compendium, one of :data:`EDITIONS`.
        forward_method: One of :data:`FORWARD_METHODS`.
        resting_method: Resting rate of the corrected values, one of :data:`RESTING_METHODS`.
        participants: The registry, for sex and height; without it corrected values are null.

    Returns:
        One row per segment, by workout and segment. MET are null where ``reason_code`` says that
        speed or height is unknown or nothing is estimated, kcal also where the body mass is.

    Raises:
        SettingsError: An edition or a method is none of the known words.

    References:
        Ainsworth et al. 2011, Med Sci Sports Exerc 43(8):1575; Herrmann et al. 2024, 2024 Adult
        Compendium of Physical Activities; the equations in ``rules/energy.toml``.
    """
    _require("edition", edition, EDITIONS)
    _require("forward_method", forward_method, FORWARD_METHODS)
    _require("resting_method", resting_method, RESTING_METHODS)
    return (
        segments.lazy()
        .join(_people(workouts, participants).lazy(), on="workout_id", how="left")
        .with_columns(duration_min=duration_min_expr(), **_slopes(rules))
        .pipe(_with_estimates, rules, edition=edition, method=forward_method)
        .pipe(_with_chosen)
        .pipe(with_interval, rules)
        .pipe(with_amounts, rules)
        .pipe(with_corrected, rules, resting_method=resting_method)
        .with_columns(
            compendium_edition=pl.lit(edition),
            age_convention=_age_convention_expr(rules),
            reason_code=reason_expr(),
        )
        .select(Energy.column_names())
        .sort("workout_id", "segment_n")
        .collect()
        .pipe(Energy.validate, cast=True)
    )


def _require(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise SettingsError(f"{name} is {value!r}; it can be {', '.join(allowed)}.")


def _people(
    workouts: dy.DataFrame[Workouts], participants: dy.DataFrame[Participants] | None
) -> pl.DataFrame:
    """What energy asks of a workout's day: ground, age, mass and, where registered, sex and height."""
    registry = Participants.create_empty() if participants is None else participants
    known = registry.select("participant_id", "sex", "height_cm", from_date="valid_from_date").sort(
        "from_date"
    )
    return (
        workouts.sort("local_date")
        .join_asof(
            known,
            left_on="local_date",
            right_on="from_date",
            by="participant_id",
            strategy="backward",
            check_sortedness=False,
        )
        .select(
            "workout_id", "environment", "body_mass_kg", "age_at_start_year", "sex", "height_cm"
        )
    )


def _slopes(rules: EnergyRules) -> dict[str, pl.Expr]:
    """Slope and grade of the point, and of the upper end where the grade is not known."""
    slope, grade = pl.col("grade_class").cast(pl.String), pl.col("grade_mean_fraction")
    is_assumed = (slope == "unknown") | (grade.is_null() & (slope != "level"))
    known_grade = grade.fill_null(0.0)
    return {
        "is_level_assumed": IS_WALK & is_assumed,
        "slope": pl.when(is_assumed).then(pl.lit("level")).otherwise(slope),
        "grade_fraction": pl.when(is_assumed).then(0.0).otherwise(known_grade),
        "upper_slope": pl.when(is_assumed).then(pl.lit("incline")).otherwise(slope),
        "upper_grade_fraction": pl.when(is_assumed)
        .then(rules.unknown_grade_high_fraction)
        .otherwise(known_grade),
    }


def _with_estimates(
    frame: pl.LazyFrame, rules: EnergyRules, *, edition: str, method: str
) -> pl.LazyFrame:
    """Adds what each segment costs forward and backward, and forward compared with backward."""
    point = Conditions(
        speed_mps=pl.col("speed_mean_mps"),
        grade_fraction=pl.col("grade_fraction"),
        slope=pl.col("slope"),
        surface=pl.col("environment").cast(pl.String),
        age_year=pl.col("age_at_start_year"),
        height_m=pl.col("height_cm") * 0.01,
    )
    upper = replace(
        point, grade_fraction=pl.col("upper_grade_fraction"), slope=pl.col("upper_slope")
    )
    alike = comparable_conditions(point, rules, edition=edition)

    def forward(at: Conditions, *, has_uphill_rows: bool = True) -> list[Rung]:
        return forward_rungs(
            at, rules, edition=edition, method=method, has_uphill_rows=has_uphill_rows
        )

    def backward(at: Conditions) -> list[Rung]:
        return backward_rungs(at, rules, edition=edition)

    return frame.with_columns(
        run=ladder_expr([run_rung(point, rules, applies=pl.col("activity") == "run")]),
        rest=ladder_expr([rest_rung(rules, applies=pl.col("activity") == "rest")]),
        forward=ladder_expr(forward(point)),
        backward=ladder_expr(backward(point)),
        compared_met=ladder_met_expr(forward(alike, has_uphill_rows=False)),
        forward_upper_met=ladder_met_expr(forward(upper)),
        backward_upper_met=ladder_met_expr(backward(upper)),
    )


def _with_chosen(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Takes the estimate that the segment's activity and direction ask for.

    Every study read found backward dearer than forward at the same speed and grade. Where a wide
    row puts forward above the backward equation, forward is held there: no excess, none negative.
    """
    backward_met = pl.col("backward").struct.field("met")
    compared_met = (
        pl.when(pl.col("compared_met") > backward_met).then(backward_met).otherwise("compared_met")
    )
    chosen = pl.coalesce(
        pl.when(IS_BACKWARD).then("backward"), pl.when(IS_WALK).then("forward"), "run", "rest"
    )
    forward_met = pl.when(IS_BACKWARD).then(compared_met).when(IS_WALK).then("forward_met")
    return frame.with_columns(
        chosen.struct.unnest(),
        forward_met=pl.col("forward").struct.field("met"),
        backward_met=backward_met,
    ).with_columns(
        met_gross=pl.col("met"),
        forward_met_gross=forward_met,
        compendium_code=pl.col("code"),
        is_modelled=pl.col("is_modelled").fill_null(value=False),
        is_extrapolated=pl.col("is_extrapolated").fill_null(value=False),
    )


def _age_convention_expr(rules: EnergyRules) -> pl.Expr:
    age = pl.col("age_at_start_year")
    return (
        pl.when(pl.col("method") == "compendium_60_plus")
        .then(pl.lit("older_adult"))
        .when(age.is_null())
        .then(pl.lit("adult_age_unknown"))
        .when(age >= rules.older_from_year)
        .then(pl.lit("adult_for_older"))
        .otherwise(pl.lit("adult"))
    )
