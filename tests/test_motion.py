import itertools
import math
import tomllib
from dataclasses import fields, replace
from importlib.resources import files
from time import perf_counter

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from retrowalk.motion import motion_from_samples
from retrowalk.rules.motion import motion_rules
from retrowalk.tables.motion import Motion
from retrowalk.tables.vocabulary import FORWARD_AXES
from tests.builders_samples import (
    Floats,
    at,
    device_samples,
    sample_times,
    trunk_acceleration,
    walk_samples,
    worn,
)

RULES = motion_rules()
PHASE = "vertical_anterior_posterior_phase_rad"
OF_STEPS = ["step_frequency_hz", "vertical_rms_mps2", "anterior_posterior_rms_mps2", PHASE]
OF_AHEAD = ["anterior_posterior_rms_mps2", PHASE, "coherence_fraction", "heading_deg"]


def motion(samples: pl.DataFrame, workouts: pl.DataFrame | None = None) -> pl.DataFrame:
    return motion_from_samples(samples, worn() if workouts is None else workouts, RULES)


def phases_deg(frame: pl.DataFrame) -> Floats:
    phases: Floats = np.degrees(frame[PHASE].drop_nulls().to_numpy())
    return phases


def turned(about: int, degrees: float) -> Floats:
    """Rotation matrix about one of the axes 0, 1, 2."""
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    first, second = [axis for axis in range(3) if axis != about]
    matrix = np.eye(3)
    matrix[[first, first, second, second], [first, second, first, second]] = cos, -sin, sin, cos
    return matrix


# --- the phase and its sign ---


def test_forward_walking_has_a_phase_about_a_third_of_a_turn() -> None:
    phases = phases_deg(motion(walk_samples(30.0, travels=1.0)))

    assert phases.size == 10  # 30 s in spans of 3 s
    assert ((phases > 80.0) & (phases < 150.0)).all()


def test_backward_walking_has_a_phase_about_a_quarter_turn_below_zero() -> None:
    phases = phases_deg(motion(walk_samples(30.0, travels=-1.0)))

    assert phases.size == 10
    assert ((phases > -110.0) & (phases < -30.0)).all()


def test_turning_round_shifts_the_phase_by_half_a_turn_and_nothing_else() -> None:
    ahead = motion(walk_samples(30.0, travels=1.0))
    backward = motion(walk_samples(30.0, travels=-1.0))

    shift = np.abs(phases_deg(ahead) - phases_deg(backward))
    assert shift == pytest.approx([180.0] * 10, abs=1e-6)
    assert_frame_equal(ahead.drop(PHASE), backward.drop(PHASE))


def test_naming_the_opposite_axis_shifts_the_phase_by_half_a_turn() -> None:
    right = motion(walk_samples())
    wrong = motion(walk_samples(), worn(forward_axis="-x"))

    assert np.abs(phases_deg(right) - phases_deg(wrong)) == pytest.approx([180.0] * 10)


def test_a_change_of_direction_shows_in_the_next_span() -> None:
    times_s = sample_times(30.0, 50.0)
    travels = np.where(times_s < 15.0, 1.0, -1.0)[:, np.newaxis]
    both = trunk_acceleration(times_s) * np.where([True, False, False], travels, 1.0)

    phases = phases_deg(motion(device_samples(times_s, both)))

    assert (phases[:5] > 80.0).all()
    assert (phases[5:] < -30.0).all()


# --- the step ---


@pytest.mark.parametrize("step_hz", [0.95, 1.2, 1.6, 2.0, 2.6, 3.1])
def test_the_step_frequency_is_found(step_hz: float) -> None:
    times_s = sample_times(30.0, 50.0)
    found = motion(device_samples(times_s, trunk_acceleration(times_s, step_hz=step_hz)))

    assert found["step_frequency_hz"].to_list() == pytest.approx([step_hz] * 10, abs=0.02)


def test_a_second_harmonic_half_as_large_again_is_not_taken_for_the_step() -> None:
    times_s = sample_times(30.0, 50.0)
    upward = np.cos(2 * np.pi * 1.5 * times_s) + 1.5 * np.cos(2 * np.pi * 3.0 * times_s + 1.0)
    rough = np.stack([np.zeros_like(times_s), np.zeros_like(times_s), upward], axis=1)

    found = motion(device_samples(times_s, rough))

    assert found["step_frequency_hz"].to_list() == pytest.approx([1.5] * 10, abs=0.03)


def test_amplitudes_are_root_mean_squares_without_gravity() -> None:
    times_s = sample_times(30.0, 100.0)
    wave = np.sin(2 * np.pi * 2.0 * times_s)
    still = np.zeros_like(times_s)
    found = motion(device_samples(times_s, np.stack([wave, still, 3.0 * wave], axis=1)))

    # A sine of height h has a root mean square of h / sqrt(2); cells of 40 ms take 2 % of it.
    assert found["vertical_rms_mps2"].to_list() == pytest.approx([3 / math.sqrt(2)] * 10, rel=0.03)
    ahead = found["anterior_posterior_rms_mps2"].to_list()
    assert ahead == pytest.approx([1 / math.sqrt(2)] * 10, rel=0.03)


def test_a_device_at_rest_has_no_step() -> None:
    times_s = sample_times(30.0, 50.0)
    found = motion(device_samples(times_s, np.zeros((times_s.size, 3)), noise_mps2=0.02))

    assert found["step_frequency_hz"].null_count() == 10
    assert found["vertical_rms_mps2"].is_between(0.001, 0.03).all()


def test_unrelated_movement_ahead_has_little_coherence() -> None:
    times_s = sample_times(600.0, 50.0)
    walk = trunk_acceleration(times_s)
    walk[:, 0] = np.random.default_rng(3).normal(0.0, 1.0, times_s.size)

    related = motion(walk_samples(600.0))["coherence_fraction"]
    unrelated = motion(device_samples(times_s, walk))["coherence_fraction"]

    assert related.min() > 0.98  # type: ignore[operator]
    assert unrelated.mean() == pytest.approx(1 / RULES.tapers_n, abs=0.06)


def test_swaying_with_the_trunk_does_not_hide_the_phase() -> None:
    times_s = sample_times(60.0, 50.0)
    lean = np.radians(6.0) * np.sin(2 * np.pi * 0.15 * times_s)
    swaying = trunk_acceleration(times_s) + 9.8 * np.outer(np.sin(lean), [1.0, 0.0, 0.0])

    phases = phases_deg(motion(device_samples(times_s, swaying)))

    assert ((phases > 80.0) & (phases < 150.0)).all()


# --- mounting ---


@pytest.mark.parametrize("axis", FORWARD_AXES)
def test_any_axis_may_point_forward(axis: str) -> None:
    place, sign = "xyz".index(axis[1]), 1.0 if axis[0] == "+" else -1.0
    others = [row for row in range(3) if row != place]
    mounting = np.zeros((3, 3))
    mounting[place, 0] = sign
    mounting[others, [1, 2]] = 1.0
    mounting[others[0]] *= np.linalg.det(mounting)  # right-handed
    times_s = sample_times(30.0, 50.0)
    found = motion(
        device_samples(times_s, trunk_acceleration(times_s), mounting=mounting),
        worn(forward_axis=axis),
    )

    assert_frame_equal(found.drop("forward_axis"), motion(walk_samples()).drop("forward_axis"))


@settings(max_examples=25, deadline=None)
@given(roll=st.floats(-180.0, 180.0), pitch=st.floats(-50.0, 50.0))
def test_tilting_and_rolling_the_device_changes_nothing(roll: float, pitch: float) -> None:
    """But for less than 0.01: a part of a step left in the mean tilts the vertical by a little."""
    times_s = sample_times(12.0, 50.0)
    walk = trunk_acceleration(times_s)
    tilted = turned(0, roll) @ turned(1, pitch)

    found = motion(device_samples(times_s, walk, mounting=tilted))

    assert_frame_equal(found, motion(device_samples(times_s, walk)), abs_tol=0.01)


@pytest.mark.parametrize("pitch", [90.0, -75.0])
def test_an_axis_that_points_up_or_down_does_not_say_where_forward_is(pitch: float) -> None:
    times_s = sample_times(9.0, 50.0)
    upright = device_samples(
        times_s, trunk_acceleration(times_s), mounting=turned(1, pitch), facing_deg=10.0
    )

    found = motion(upright)

    assert found.select(OF_AHEAD).null_count().row(0) == (3, 3, 3, 3)
    assert found["step_frequency_hz"].null_count() == 0


def test_without_a_forward_axis_the_axis_that_moves_with_the_steps_is_found() -> None:
    times_s = sample_times(9.0, 50.0)
    walk = device_samples(times_s, trunk_acceleration(times_s), facing_deg=10.0)
    found, stated = motion(walk, worn(forward_axis=None)), motion(walk)

    # the device's x axis points forward; which end is forward is a coin that the axis' sign shows
    assert found["found_axis_x_fraction"].abs().to_list() == pytest.approx([1.0] * 3, abs=0.02)
    turned_by = np.where(found["found_axis_x_fraction"].to_numpy() < 0, 180.0, 0.0)
    off = np.radians(phases_deg(found) + turned_by - phases_deg(stated))
    assert np.cos(off) == pytest.approx([1.0] * 3, abs=0.01)
    assert found["heading_deg"].null_count() == 3


def test_sideways_sway_is_not_taken_for_the_forward_axis() -> None:
    times_s = sample_times(30.0, 50.0)
    walk = trunk_acceleration(times_s)
    walk[:, 1] = 3.0 * np.sin(np.pi * 1.8 * times_s)  # once a stride, and three times as much
    found = motion(device_samples(times_s, walk), worn(forward_axis=None))

    assert found["found_axis_x_fraction"].abs().min() > 0.9  # type: ignore[operator]


def test_a_stated_axis_is_not_found_again() -> None:
    found = motion(walk_samples(9.0))

    axes = found.select(f"found_axis_{axis}_fraction" for axis in "xyz")
    assert axes.null_count().row(0) == (3, 3, 3)


@pytest.mark.parametrize(("swing_mps2", "low", "high"), [(0.0, 0.0, 0.1), (6.0, 0.8, 1.0)])
def test_what_swings_once_a_stride_shows(swing_mps2: float, low: float, high: float) -> None:
    times_s = sample_times(30.0, 50.0)
    walk = trunk_acceleration(times_s)
    walk[:, 0] += swing_mps2 * np.sin(np.pi * 1.8 * times_s)
    found = motion(device_samples(times_s, walk))

    assert found["stride_fraction"].is_between(low, high).all()


def test_the_placement_passes_through() -> None:
    found = motion(walk_samples(9.0), worn(placement="wrist"))

    assert found["placement"].to_list() == ["wrist"] * 3


# --- gravity ---


@pytest.mark.parametrize(("gravity_mps2", "what"), [(0.0, "taken off"), (1.0, "in g")])
def test_without_gravity_only_counts_are_told(gravity_mps2: float, what: str) -> None:
    times_s = sample_times(9.0, 50.0)
    found = motion(
        device_samples(
            times_s,
            trunk_acceleration(times_s) * gravity_mps2 / 9.8,
            gravity_mps2=gravity_mps2,
            facing_deg=10.0,
        )
    )

    assert found.select(*OF_STEPS, "heading_deg").null_count().row(0) == (3,) * 5, what
    assert found["samples_n"].to_list() == [150, 150, 150]


# --- the compass ---


@settings(max_examples=25, deadline=None)
@given(facing=st.floats(0.0, 359.9), roll=st.floats(-180.0, 180.0), pitch=st.floats(-50.0, 50.0))
def test_the_heading_is_where_the_body_faces_however_the_device_is_tilted(
    facing: float, roll: float, pitch: float
) -> None:
    times_s = sample_times(6.0, 50.0)
    still = np.zeros((times_s.size, 3))
    tilted = turned(0, roll) @ turned(1, pitch)

    found = motion(device_samples(times_s, still, mounting=tilted, facing_deg=facing))

    off = (found["heading_deg"].to_numpy() - facing + 180.0) % 360.0 - 180.0
    assert off == pytest.approx([0.0, 0.0], abs=1e-6)


def test_walking_backward_leaves_the_heading_where_the_body_faces() -> None:
    times_s = sample_times(30.0, 50.0)
    backward = trunk_acceleration(times_s, travels=-1.0)

    found = motion(device_samples(times_s, backward, facing_deg=90.0))

    assert found["heading_deg"].to_list() == pytest.approx([90.0] * 10, abs=2.0)


def test_without_a_magnetometer_there_is_no_heading() -> None:
    assert motion(walk_samples(9.0))["heading_deg"].null_count() == 3


@pytest.mark.parametrize("factor", [0.3, 2.0])
def test_a_field_that_is_not_the_earths_gives_no_heading(factor: float) -> None:
    times_s = sample_times(9.0, 50.0)
    samples = device_samples(times_s, trunk_acceleration(times_s), facing_deg=10.0)

    found = motion(samples.with_columns(pl.col("^magnetic_.*$") * factor))

    assert found["heading_deg"].null_count() == 3
    assert found[PHASE].null_count() == 0


def test_field_and_acceleration_may_come_in_rows_of_their_own() -> None:
    times_s = sample_times(9.0, 50.0)
    together = device_samples(times_s, trunk_acceleration(times_s), facing_deg=10.0)
    felt = together.with_columns(pl.lit(None, pl.Float64).alias(f"magnetic_{a}_ut") for a in "xyz")
    field = together.gather_every(5).with_columns(
        pl.lit(None, pl.Float64).alias(f"acceleration_{a}_mps2") for a in "xyz"
    )

    assert_frame_equal(motion(pl.concat([field, felt])), motion(together))


# --- rates, jitter, gaps ---


@pytest.mark.parametrize("rate_hz", [25.0, 32.0, 50.0, 100.0])
def test_the_sample_rate_hardly_matters(rate_hz: float) -> None:
    found = motion(walk_samples(30.0, rate_hz))
    finest = motion(walk_samples(30.0, 200.0))

    assert found["sample_rate_hz"].to_list() == pytest.approx([rate_hz] * 10, rel=1e-3)
    assert phases_deg(found) == pytest.approx(phases_deg(finest), abs=4.0)
    for column in ("vertical_rms_mps2", "anterior_posterior_rms_mps2"):
        assert found[column].to_list() == pytest.approx(finest[column].to_list(), rel=0.06)


@pytest.mark.parametrize("rate_hz", [25.0, 50.0, 100.0])
def test_jitter_of_half_an_interval_hardly_matters(rate_hz: float) -> None:
    even = motion(walk_samples(30.0, rate_hz))
    times_s = sample_times(30.0, rate_hz, jitter_s=0.5 / rate_hz)
    uneven = motion(device_samples(times_s, trunk_acceleration(times_s))).head(10)

    assert phases_deg(uneven) == pytest.approx(phases_deg(even), abs=4.0)
    assert uneven["gap_fraction"].max() <= 2 / 75  # type: ignore[operator] # a cell at either end


def test_lost_samples_are_interpolated() -> None:
    kept = np.random.default_rng(5).random(1500) > 0.2
    thinned = motion(walk_samples().filter(pl.Series(kept)))

    assert thinned["gap_fraction"].to_list() == [0.0] * 10
    assert phases_deg(thinned) == pytest.approx(phases_deg(motion(walk_samples())), abs=3.0)


def test_a_gap_is_counted_and_a_short_one_leaves_the_phase_standing() -> None:
    """From 4.0 to 4.6 s: 30 of 150 samples of the second span are gone."""
    gone = pl.col("sampled_at_utc").is_between(at(4.0), at(4.6), closed="left")
    found = motion(walk_samples(9.0).filter(~gone))

    assert found["samples_n"].to_list() == [150, 120, 150]
    assert found["gap_fraction"].to_list() == pytest.approx([0.0, 0.6 / 3, 0.0], abs=1e-9)
    assert phases_deg(found)[1] == pytest.approx(phases_deg(motion(walk_samples(9.0)))[1], abs=10.0)


def test_a_span_with_too_many_gaps_tells_nothing_of_steps() -> None:
    """From 4.0 to 5.2 s: 1.2 of 3 s are gone, which is more than 0.3 of the span."""
    gone = pl.col("sampled_at_utc").is_between(at(4.0), at(5.2), closed="left")
    times_s = sample_times(9.0, 50.0)
    samples = device_samples(times_s, trunk_acceleration(times_s), facing_deg=10.0)
    found = motion(samples.filter(~gone))

    assert found["gap_fraction"].to_list() == pytest.approx([0.0, 1.2 / 3, 0.0], abs=1e-9)
    assert found.select(pl.col(OF_STEPS).is_null()).row(1) == (True,) * 4
    assert found["heading_deg"].null_count() == 0


def test_a_break_has_no_spans_and_is_not_reached_across() -> None:
    first, second = walk_samples(9.0), walk_samples(9.0)
    later = second.with_columns(pl.col("sampled_at_utc") + pl.duration(minutes=10))

    found = motion(pl.concat([first, later]))

    alone = motion(first)
    moved = alone.with_columns(pl.col("^.*_at_utc$") + pl.duration(minutes=10))
    assert_frame_equal(found, pl.concat([alone, moved]))


def test_spans_lie_on_the_clock_and_a_late_start_is_a_gap() -> None:
    """A recording from second 1 to 6 fills two thirds of one span and all of the next."""
    late = walk_samples(6.0).filter(pl.col("sampled_at_utc") >= at(1.0))

    found = motion(late)

    assert found["started_at_utc"].to_list() == [at(0.0), at(3.0)]
    assert found["ended_at_utc"].to_list() == [at(3.0), at(6.0)]
    assert found["gap_fraction"].to_list() == pytest.approx([1 / 3, 0.0])


def test_a_slow_recording_tells_a_heading_but_no_steps() -> None:
    times_s = sample_times(30.0, 10.0)
    slow = motion(device_samples(times_s, trunk_acceleration(times_s), facing_deg=45.0))

    assert slow.select(OF_STEPS).null_count().row(0) == (10,) * 4
    assert slow["heading_deg"].to_list() == pytest.approx([45.0] * 10, abs=5.0)


def test_a_single_sample_makes_a_span() -> None:
    found = motion(walk_samples(9.0).head(1))

    assert found["samples_n"].to_list() == [1]
    assert found["sample_rate_hz"].to_list() == pytest.approx([1 / 3])
    assert found["gap_fraction"].to_list() == pytest.approx([74 / 75])
    assert found.select(OF_STEPS).null_count().row(0) == (1,) * 4


# --- whole tables ---


def test_two_workouts_at_once_are_each_as_alone() -> None:
    times_s = sample_times(30.0, 100.0, jitter_s=0.002)
    other = device_samples(
        times_s, trunk_acceleration(times_s, travels=-1.0, step_hz=1.3), workout_id="back"
    )
    other_worn = worn("back", "pocket", "+x")

    both = motion(pl.concat([walk_samples(), other]), pl.concat([worn(), other_worn]))

    assert_frame_equal(both, pl.concat([motion(other, other_worn), motion(walk_samples())]))


def test_the_order_of_rows_does_not_matter() -> None:
    samples = walk_samples()

    assert_frame_equal(motion(samples.sample(fraction=1.0, shuffle=True, seed=2)), motion(samples))


@settings(max_examples=25, deadline=None)
@given(cut_s=st.floats(0.1, 29.9))
@example(cut_s=9.0)
@example(cut_s=3.015625)
def test_a_log_split_in_two_has_the_same_spans_but_for_those_that_the_cut_touches(
    cut_s: float,
) -> None:
    samples = walk_samples()
    whole = motion(samples)
    halves = [
        motion(samples.filter(pl.col("sampled_at_utc") < at(cut_s))),
        motion(samples.filter(pl.col("sampled_at_utc") >= at(cut_s))),
    ]

    # The outermost cell of a span is interpolated towards the next sample, and a single sample (50 a
    # second) makes no span; so a cut on the border between two spans, or just behind it, touches both.
    last = pl.col("ended_at_utc") + pl.duration(milliseconds=20)
    touched = (pl.col("started_at_utc") <= at(cut_s)) & (last >= at(cut_s))
    uncut = ~touched & (pl.col("gap_fraction") == 0.0)
    assert_frame_equal(pl.concat(halves).filter(uncut), whole.filter(uncut))
    assert sum(half["samples_n"].sum() for half in halves) == whole["samples_n"].sum()


def test_samples_at_the_same_instant_are_averaged() -> None:
    samples = walk_samples(9.0)
    twice = motion(pl.concat([samples, samples]))

    assert twice["samples_n"].to_list() == [300] * 3
    assert_frame_equal(twice.drop("samples_n"), motion(samples).drop("samples_n"))


def test_samples_of_a_workout_that_is_not_scored_are_left_out() -> None:
    assert motion(walk_samples(), worn("another")).is_empty()


def test_samples_without_a_time_or_a_number_count_for_nothing() -> None:
    samples = walk_samples(9.0)
    broken = samples.with_columns(
        pl.when(pl.int_range(pl.len()) % 2 == 0).then("sampled_at_utc"),
        acceleration_y_mps2=pl.when(pl.int_range(pl.len()) % 4 == 0)
        .then(float("nan"))
        .otherwise("acceleration_y_mps2"),
    )

    found = motion(broken)

    assert found["samples_n"].sum() == 113 - 1  # 450 rows: 225 timed, 113 of them with NaN


@pytest.mark.parametrize("workouts", [worn(), worn().clear()])
def test_nothing_gives_nothing(workouts: pl.DataFrame) -> None:
    found = motion(walk_samples().clear(), workouts)

    assert found.is_empty()
    assert found.schema == Motion.create_empty().schema


# --- rules and speed ---


def test_every_rule_says_what_it_means_and_what_it_rests_on() -> None:
    text = files("retrowalk.rules").joinpath("motion.toml").read_text(encoding="utf-8")
    entries = tomllib.loads(text)

    assert entries.keys() == {field.name for field in fields(RULES)}
    assert [name for name, entry in entries.items() if not entry["source"].strip()] == []
    assert [name for name, entry in entries.items() if not entry["meaning"].strip()] == []


def test_a_span_holds_a_whole_number_of_cells() -> None:
    cells = RULES.span_s * RULES.analysis_rate_hz

    assert cells == round(cells)
    assert RULES.analysis_rate_hz > 4 * RULES.step_high_hz  # the second harmonic fits below half


def test_the_length_of_a_span_is_a_rule() -> None:
    found = motion_from_samples(walk_samples(30.0), worn(), replace(RULES, span_s=5.0))

    assert found["started_at_utc"].to_list() == [at(s) for s in range(0, 30, 5)]
    assert [b - a for a, b in itertools.pairwise(phases_deg(found))] == pytest.approx(
        [0.0] * 5, abs=5.0
    )


def test_an_hour_at_100_hz_takes_less_than_a_second() -> None:
    samples = walk_samples(3600.0, 100.0)

    def seconds() -> float:
        before = perf_counter()
        assert motion(samples).height == 1200
        return perf_counter() - before

    assert min(seconds() for _ in range(3)) < 1.0
