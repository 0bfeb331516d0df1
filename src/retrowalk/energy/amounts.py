"""From an estimate in MET to amounts: intervals, kilocalories, excess over forward, corrected MET."""

import polars as pl

from retrowalk.energy.equations import (
    MILLILITRES_PER_LITRE,
    MINUTES_PER_DAY,
    resting_energy_expr,
    resting_oxygen_expr,
)
from retrowalk.rules.energy import EnergyRules
from retrowalk.units import SECONDS_PER_MINUTE

IS_WALK = pl.col("activity") == "walk"
IS_BACKWARD = IS_WALK & (pl.col("direction") == "backward")
IS_UNKNOWN = IS_WALK & (pl.col("direction") == "unknown")


def rest_met_expr(rules: EnergyRules) -> pl.Expr:
    """What a published MET of 1 is in standard MET: less for a row that counts in MET60+."""
    older = rules.older_met_oxygen_ml_per_kg_min / rules.met_oxygen_ml_per_kg_min
    return pl.when(pl.col("method") == "compendium_60_plus").then(older).otherwise(1.0)


def energy_expr(met: pl.Expr, rules: EnergyRules) -> pl.Expr:
    """Kilocalories of a segment at a standard MET: MET x 3.5 x kg / 200 a minute."""
    kcal_per_ml = rules.oxygen_energy_kcal_per_l / MILLILITRES_PER_LITRE
    kcal_per_met_kg_min = rules.met_oxygen_ml_per_kg_min * kcal_per_ml
    return met * kcal_per_met_kg_min * pl.col("body_mass_kg") * pl.col("duration_min")


def with_interval(frame: pl.LazyFrame, rules: EnergyRules) -> pl.LazyFrame:
    """Adds ``met_gross_low`` and ``met_gross_high``.

    Forward and backward each reach their share about the point; where the grade is not known, the
    upper end is that of the steepest grade considered. An unknown direction has the hull of both.
    """
    forward, backward = rules.forward_interval_fraction, rules.backward_interval_fraction
    below_backward = 0.0 if rules.is_backward_one_sided else backward
    forward_low = pl.col("forward_met") * (1.0 - forward)
    forward_high = pl.max_horizontal("forward_met", "forward_upper_met") * (1.0 + forward)
    backward_low = pl.col("backward_met") * (1.0 - below_backward)
    backward_high = pl.max_horizontal("backward_met", "backward_upper_met") * (1.0 + backward)
    other = (
        pl.when(pl.col("activity") == "run").then(forward).otherwise(rules.rest_interval_fraction)
    )
    met = pl.col("met_gross")
    return frame.with_columns(
        met_gross_low=_by_direction_expr(
            backward=backward_low,
            unknown=pl.min_horizontal(forward_low, backward_low),
            forward=forward_low,
            other=met * (1.0 - other),
        ),
        met_gross_high=_by_direction_expr(
            backward=backward_high,
            unknown=pl.max_horizontal(forward_high, backward_high),
            forward=forward_high,
            other=met * (1.0 + other),
        ),
    )


def _by_direction_expr(
    *, backward: pl.Expr, unknown: pl.Expr, forward: pl.Expr, other: pl.Expr
) -> pl.Expr:
    """One of four by what was done; null where there is no point to lie about."""
    chosen = pl.when(IS_BACKWARD).then(backward).when(IS_UNKNOWN).then(unknown)
    chosen_of_all = chosen.when(IS_WALK).then(forward).otherwise(other)
    return pl.when(pl.col("met_gross").is_not_null()).then(chosen_of_all)


def with_amounts(frame: pl.LazyFrame, rules: EnergyRules) -> pl.LazyFrame:
    """Adds MET-minutes, kilocalories and the excess over forward; null kcal without a body mass."""
    met, forward_met = pl.col("met_gross"), pl.col("forward_met_gross")
    return frame.with_columns(
        energy_gross_met_min=met * pl.col("duration_min"),
        energy_gross_kcal=energy_expr(met, rules),
        energy_net_kcal=energy_expr(met - rest_met_expr(rules), rules),
        energy_gross_low_kcal=energy_expr(pl.col("met_gross_low"), rules),
        energy_gross_high_kcal=energy_expr(pl.col("met_gross_high"), rules),
        forward_energy_gross_kcal=energy_expr(forward_met, rules),
        extra_over_forward_kcal=pl.when(IS_WALK & ~IS_UNKNOWN).then(
            energy_expr(met - forward_met, rules)
        ),
    )


def with_corrected(frame: pl.LazyFrame, rules: EnergyRules, *, resting_method: str) -> pl.LazyFrame:
    """Adds the pair of corrected values; null where sex, age, height or body mass is unknown."""
    mass = pl.col("body_mass_kg")
    resting = resting_energy_expr(
        pl.col("sex"),
        mass,
        pl.col("height_cm"),
        pl.col("age_at_start_year"),
        rules.methods[resting_method].coefficients,
    )
    own_rest = resting_oxygen_expr(pl.col("resting_kcal_per_day"), mass, rules)
    multiples = pl.col("met_gross") * rules.met_oxygen_ml_per_kg_min / own_rest
    published_met = pl.col("met_gross") / rest_met_expr(rules)
    resting_kcal = pl.col("resting_kcal_per_day") * (1.0 / MINUTES_PER_DAY) * pl.col("duration_min")
    is_rest, is_known = pl.col("activity") == "rest", pl.col("resting_kcal_per_day").is_not_null()
    return frame.with_columns(resting_kcal_per_day=resting).with_columns(
        gross_corrected_met=pl.when(is_rest & is_known).then(1.0).otherwise(multiples),
        energy_corrected_kcal=published_met * resting_kcal,
    )


def reason_expr() -> pl.Expr:
    """Why a value is null: what was not estimated, then what was not known."""
    is_moving = IS_WALK | (pl.col("activity") == "run")
    return (
        pl.when(pl.col("activity") == "other")
        .then(pl.lit("not_estimated"))
        .when(is_moving & pl.col("speed_mean_mps").is_null())
        .then(pl.lit("speed_unknown"))
        .when(pl.col("met_gross").is_null() | (IS_WALK & pl.col("forward_met_gross").is_null()))
        .then(pl.lit("height_unknown"))
        .when(pl.col("body_mass_kg").is_null())
        .then(pl.lit("body_mass_unknown"))
        .otherwise(pl.lit("ok"))
    )


def duration_min_expr() -> pl.Expr:
    """Minutes of a segment."""
    return pl.col("duration_s") * (1.0 / SECONDS_PER_MINUTE)
