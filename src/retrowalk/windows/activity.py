"""What was done in each cell: walking, running, rest, or something else."""

import numpy as np
import polars as pl

from retrowalk.rules.evidence import EvidenceRules
from retrowalk.rules.plausibility import PlausibilityRules
from retrowalk.tables.vocabulary import ACTIVITIES
from retrowalk.windows.chain import chain_lengths, change_probability_expr, likeliest_path
from retrowalk.windows.features import step_length_expr
from retrowalk.windows.timeline import MICROSECONDS_PER_SECOND

_speed = pl.col("speed_mean_mps")
_cadence = pl.col("cadence_mean_spm")


def sport_kind_expr(rules: PlausibilityRules) -> pl.Expr:
    """What the sport allows: walking, running, open (it says nothing of gait), or other."""
    sport, sub_sport = pl.col("sport"), pl.col("sub_sport")
    is_walking = sport.is_in(rules.walking_sports) | sub_sport.is_in(rules.walking_sub_sports)
    return (
        pl.when(sport.is_in(rules.running_sports))
        .then(pl.lit("running"))
        .when(is_walking)
        .then(pl.lit("walking"))
        .when(sport.is_null() | sport.is_in(rules.open_sports))
        .then(pl.lit("open"))
        .otherwise(pl.lit("other"))
    )


def is_still_expr(rules: PlausibilityRules) -> pl.Expr:
    """Whether nothing moves: no steps, and a speed near zero where one is known."""
    no_steps = pl.when(_speed.is_null()).then(_cadence == 0).otherwise(_cadence.fill_null(0) == 0)
    is_slow = (_speed < rules.rest_below_mps).fill_null(value=True)
    return (no_steps & is_slow).fill_null(value=False)


def has_run_cadence_expr(rules: PlausibilityRules) -> pl.Expr:
    """Whether steps are as quick as a run's; false where they are not known."""
    return (_cadence >= rules.running_cadence_spm).fill_null(value=False)


def is_run_expr(rules: PlausibilityRules) -> pl.Expr:
    """Whether speed lies above the forward transition, with a run's steps or with none known."""
    is_fast = (_speed >= rules.walk_run_forward_mps).fill_null(value=False)
    return is_fast & (has_run_cadence_expr(rules) | _cadence.is_null())


def is_ride_expr(rules: PlausibilityRules) -> pl.Expr:
    """Whether feet cannot explain the speed: too fast to walk, or steps too long, and no run."""
    is_too_fast = _speed > rules.walking_ceiling_mps
    is_too_long = (_speed >= rules.walk_run_forward_mps) & (
        step_length_expr() > rules.step_length_high_m
    )
    return (is_too_fast | is_too_long).fill_null(value=False) & ~has_run_cadence_expr(rules)


def is_near_ride_expr(rules: PlausibilityRules) -> pl.Expr:
    """Whether a cell without steps lies close to riding: the slow parts of a ride."""
    start, is_ride = pl.col("start_us"), is_ride_expr(rules)
    last = pl.when(is_ride).then(start).forward_fill()
    following = pl.when(is_ride).then(start).backward_fill()
    reach_us = rules.ride_reach_s * MICROSECONDS_PER_SECOND
    is_near = (start - last <= reach_us) | (following - start <= reach_us)
    return _cadence.is_null() & is_near.fill_null(value=False)


def is_gait_expr(rules: PlausibilityRules) -> pl.Expr:
    """Whether speed and steps, as far as known, are those of a walk; false where both are not."""
    length = step_length_expr()
    is_step = length.is_between(rules.step_length_low_m, rules.step_length_high_m)
    is_on_the_spot = _speed < rules.rest_below_mps
    is_stepping = (_cadence > 0) & ~has_run_cadence_expr(rules)
    return (
        pl.when(_cadence > 0)
        .then(pl.when(_speed.is_null()).then(is_stepping).otherwise(is_step | is_on_the_spot))
        .otherwise(_speed >= rules.rest_below_mps)
        .fill_null(value=False)
    )


def is_ridden_workout_expr(rules: PlausibilityRules) -> pl.Expr:
    """Whether the workout's usual moving speed is no walk's."""
    moving = _speed.filter(_speed >= rules.rest_below_mps)
    return (moving.median().over("workout_index") >= rules.ride_speed_mps).fill_null(value=False)


def own_activity_expr(rules: PlausibilityRules) -> pl.Expr:
    """What a cell by itself looks like, from sport, label, speed, cadence and step length.

    * A walking sport is walking unless it stands still, runs or rides. Where neither speed nor
      cadence is known, the sport is believed, and so is a running sport.
    * A running sport is never walking, with one exception: a label that states a direction, at a
      walking speed, because treadmill profiles are often running profiles. Its unlabelled walking
      breaks are ``other``.
    * A sport that says nothing of gait is walking where a label states a direction, or where gait
      is plausible and the workout as a whole is no ride.
    * Every other sport is ``other``.
    * What a label calls backward stays walking up to the walking ceiling, however fast: the label
      is kept and flagged.
    """
    kind, label = pl.col("sport_kind"), pl.col("label_direction")
    is_labelled = label.is_not_null()
    is_running_sport = kind == "running"
    is_walking_speed = (_speed < rules.walk_run_forward_mps).fill_null(value=False)
    is_kept = (label == "backward") & (_speed <= rules.walking_ceiling_mps) & ~is_running_sport
    is_open_walk = is_labelled | (is_gait_expr(rules) & ~is_ridden_workout_expr(rules))
    is_walk_break = is_walking_speed & ~has_run_cadence_expr(rules)
    return (
        pl.when(kind == "other")
        .then(pl.lit("other"))
        .when(is_still_expr(rules))
        .then(pl.lit("rest"))
        .when(is_kept.fill_null(value=False))
        .then(pl.lit("walk"))
        .when(is_ride_expr(rules) | (is_near_ride_expr(rules) & ~is_labelled))
        .then(pl.lit("other"))
        .when(is_run_expr(rules))
        .then(pl.lit("run"))
        .when(is_running_sport & is_walk_break)
        .then(pl.when(is_labelled).then(pl.lit("walk")).otherwise(pl.lit("other")))
        .when(is_running_sport)
        .then(pl.lit("run"))
        .when((kind == "walking") | is_open_walk)
        .then(pl.lit("walk"))
        .otherwise(pl.lit("other"))
    )


def with_activity(
    cells: pl.DataFrame, rules: EvidenceRules, plausibility: PlausibilityRules
) -> pl.DataFrame:
    """Adds ``activity``: the likeliest path through what the cells of a workout look like.

    A cell speaks for what it looks like by ``rules.activity_nats_per_s`` times its length, so that
    a stretch of some ten seconds is taken for what surrounds it and a longer one stands.

    Args:
        cells: Cells by workout and time, with ``sport_kind``, label and features.
        rules: How likely changes are, and how loudly a cell speaks.
        plausibility: What speeds and steps look like.
    """
    length_s = (pl.col("end_us") - pl.col("start_us")) / MICROSECONDS_PER_SECOND
    seen = cells.select(
        own=own_activity_expr(plausibility).replace_strict(
            {name: n for n, name in enumerate(ACTIVITIES)}, return_dtype=pl.Int64
        ),
        nats=length_s * rules.activity_nats_per_s,
        change=change_probability_expr(rules),
    )
    is_own = seen["own"].to_numpy()[:, np.newaxis] == np.arange(len(ACTIVITIES))
    path = likeliest_path(
        np.where(is_own, 0.0, -seen["nats"].to_numpy()[:, np.newaxis]),
        seen["change"].to_numpy(),
        chain_lengths(cells),
    )
    return cells.with_columns(activity=pl.Series(np.array(ACTIVITIES)[path], dtype=pl.String))


def is_label_contradicted_expr(rules: PlausibilityRules) -> pl.Expr:
    """Whether a label says backward at a speed at which nobody walks backward."""
    is_impossible = _speed >= rules.backward_impossible_mps
    return ((pl.col("label_direction") == "backward") & is_impossible).fill_null(value=False)
