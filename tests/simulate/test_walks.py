"""People, walks, ground and labels: the truth behind every export."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrowalk.simulate import routines
from retrowalk.simulate.gait import draw_person, oxygen_cost_met
from retrowalk.simulate.labels import labels_of
from retrowalk.simulate.plans import Labelling
from retrowalk.simulate.series import ar1_noise, first_order_response
from retrowalk.simulate.terrain import TERRAINS, Place, ground_from_trace, positions
from retrowalk.simulate.walks import Block
from tests.builders_walks import person, rng, there_and_back, trace

HOME = Place(52.5, 13.4, 35.0)


def test_people_spread_around_the_stated_means() -> None:
    crowd = [draw_person(rng(seed), "young", this_year=2026) for seed in range(300)]
    speeds = np.array([p.forward.speed_mps for p in crowd])
    ratios = np.array([p.backward.walk_ratio_m_min for p in crowd])
    # 1.35 m/s with sd 0.15 and 0.0049 with sd 0.0008, each within 4 standard errors
    assert speeds.mean() == pytest.approx(1.35, abs=4 * 0.15 / 300**0.5)
    assert ratios.mean() == pytest.approx(0.0049, abs=4 * 0.0008 / 300**0.5)
    assert speeds.std() > 0.1


def test_step_length_over_cadence_is_the_walk_ratio() -> None:
    gait = person().forward
    speed = np.array([0.8, 1.2, 1.6])
    cadence = gait.cadence_spm(speed)
    assert speed * 60 / cadence / cadence == pytest.approx(gait.walk_ratio_m_min)


def test_old_people_quicken_backward_steps_and_do_not_lengthen_them() -> None:
    gait = person("old").backward
    speed = np.array([0.4, 0.8])
    lengths = speed * 60 / gait.cadence_spm(speed)
    assert lengths[0] == pytest.approx(lengths[1])


def test_walking_backward_at_three_and_a_half_miles_an_hour_costs_six_mets() -> None:
    met = oxygen_cost_met(np.array([1.565]), np.array([0.0]), np.array([True]))
    # (3.5 + 0.1864 x 93.9) / 3.5
    assert met[0] == pytest.approx(6.0, abs=0.01)


def test_distance_is_the_sum_of_speeds() -> None:
    walk = trace(Block(300, speed_mps=1.2), Block(60, activity="rest"), is_exact=True)
    assert walk.distance_m[-1] == pytest.approx(360.0)
    assert walk.distance_m[300] == pytest.approx(360.0)


def test_an_exact_walk_keeps_to_the_plan() -> None:
    plan = routines.steady_by_the_clock(rng(), 0)
    walk = trace(*plan, is_exact=True)
    assert walk.elapsed_s == 2400
    assert walk.distance_m[-1] == pytest.approx(2 * 5 * 60 * 1.2 + 30 * 60 * 1.0)
    assert set(walk.heart_rate_bpm.tolist()) == {92.0, 112.0}


def test_heart_rate_follows_work_with_a_lag() -> None:
    walk = trace(Block(300, activity="rest"), Block(600, speed_mps=1.8))
    rest, early, late = walk.heart_rate_bpm[[290, 305, 880]]
    assert rest < early < late
    assert late > rest + 15


def test_what_is_not_on_foot_has_no_steps() -> None:
    walk = trace(Block(60, activity="other", speed_mps=8.0), Block(60, activity="rest"))
    assert not walk.cadence_spm.any()
    assert walk.speed_mps[30] > 5


def test_noise_has_the_spread_and_memory_that_it_was_asked_for() -> None:
    noise = ar1_noise(rng(), 200_000, sigma=0.25, phi=0.9)
    assert noise.std() == pytest.approx(0.25, rel=0.03)
    assert np.corrcoef(noise[1:], noise[:-1])[0, 1] == pytest.approx(0.9, abs=0.01)


def test_a_response_reaches_its_target() -> None:
    lagged = first_order_response(np.full(400, 100.0), start=60.0, time_constant_s=45.0)
    # after one time constant 1 - 1/e of the way is done
    assert lagged[44] == pytest.approx(60 + 40 * (1 - np.exp(-1)), abs=0.5)
    assert lagged[-1] == pytest.approx(100.0, abs=0.2)


@pytest.mark.parametrize("terrain", TERRAINS)
def test_only_a_treadmill_stays_where_it_is(terrain: str) -> None:
    ground = ground_from_trace(there_and_back(), terrain, HOME, rng())
    moved = np.hypot(np.diff(ground.east_m), np.diff(ground.north_m)).sum()
    assert (moved == 0) == (terrain == "treadmill")


def test_who_walks_backward_faces_where_they_came_from() -> None:
    walk = there_and_back()
    ground = ground_from_trace(walk, "road", HOME, rng())
    apart = (ground.heading_deg - ground.course_deg) % 360.0
    assert apart[:120] == pytest.approx(0.0)
    assert apart[120:] == pytest.approx(180.0)


def test_a_hill_rises_by_grade_times_distance() -> None:
    walk = trace(Block(200, speed_mps=1.0, grade_fraction=0.05), is_exact=True)
    ground = ground_from_trace(walk, "hill", HOME, rng())
    assert ground.altitude_m[100] - ground.altitude_m[0] == pytest.approx(5.0)


def test_positions_lie_where_the_walk_went() -> None:
    walk = trace(Block(300))
    ground = ground_from_trace(walk, "road", HOME, rng())
    latitude, longitude = positions(ground, HOME, rng(), sigma_m=0.0)
    north = (latitude[-1] - HOME.latitude_deg) * 111_195
    east = (longitude[-1] - HOME.longitude_deg) * 111_195 * np.cos(np.radians(52.5))
    assert north == pytest.approx(ground.north_m[-1], abs=0.1)
    assert east == pytest.approx(ground.east_m[-1], abs=0.1)


def test_labels_can_be_wrong_and_are_so_as_often_as_stated() -> None:
    walk = trace(*[Block(5, direction="backward")] * 1000)
    labels = labels_of(walk, Labelling("workout_step", mistaken_fraction=0.1), 0, rng())
    # 1000 draws at 0.1: standard deviation 9.5
    assert 60 < labels.directions.count("forward") < 140


def test_only_the_first_stretch_is_labelled_when_that_is_the_habit() -> None:
    walk = trace(Block(10, activity="rest"), Block(10), Block(10, direction="backward"))
    labels = labels_of(walk, Labelling("annotation", first_n=1), 0, rng())
    assert labels.directions == (None, "forward", None)
    assert labels.labelled_n == 2


def test_labelling_ends_when_it_is_said_to() -> None:
    habit = Labelling("workout_step", until_week_n=3)
    kinds = [labels_of(there_and_back(), habit, week_n, rng()).kind for week_n in (2, 3)]
    assert kinds == ["workout_step", "none"]


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), late_sd_s=st.floats(0.0, 60.0))
def test_labels_stay_in_order_and_inside_the_walk(seed: int, late_sd_s: float) -> None:
    pause = Block(30, activity="rest", is_paused=True)
    walk = trace(Block(20), Block(20, direction="backward"), pause, Block(20))
    labels = labels_of(walk, Labelling("workout_step", late_sd_s=late_sd_s), 0, rng(seed))
    assert (np.diff(labels.border_s) >= 0).all()
    assert labels.border_s[0] == 0
    assert labels.border_s[-1] == 90
    # the timer's own borders are where the timer says
    assert labels.border_s[[2, 3]].tolist() == [40, 70]


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    week_n=st.integers(0, 60),
    routine=st.sampled_from(
        [
            routines.steady,
            routines.backward_only,
            routines.gentle,
            routines.uphill_treadmill,
            routines.hill,
            routines.alternating,
            routines.forward_only,
            routines.short_bouts,
            routines.brisk_then_alternating,
            routines.cautious_forward,
            routines.uphill_forward,
            routines.run_and_ride,
        ]
    ),
)
def test_every_routine_gives_a_walk_of_sane_length_and_pace(
    seed: int, week_n: int, routine: routines.Routine
) -> None:
    walk = trace(*routine(rng(seed), week_n), seed=seed)
    assert 120 <= walk.elapsed_s <= 3600
    assert (walk.speed_mps >= 0).all()
    backward = walk.speed_mps[walk.is_backward & ~walk.is_paused]
    assert backward.size == 0 or backward.max() < 2.2
    assert ((walk.heart_rate_bpm > 40) & (walk.heart_rate_bpm < 210)).all()
