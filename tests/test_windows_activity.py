"""What was done: walking, running, rest or something else."""

import itertools
import math
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrowalk.windows.chain import likeliest_path
from retrowalk.windows.timeline import Floats
from tests.builders_records import lap, marks, motion, records, windows_of, workouts


def activity(
    *,
    sport: str | None = "walking",
    label: str | None = None,
    workout: dict[str, Any] | None = None,
    **channels: Any,
) -> str:
    """Activity of a minute of steady records."""
    labels = marks(lap(0, 60, label)) if label else marks()
    windows = windows_of(
        records(range(60), **channels), labels, of=workouts(sport=sport, **(workout or {}))
    )
    (only,) = windows["activity"].unique().to_list()
    return str(only)


@pytest.mark.parametrize("sport", ["walking", "hiking"])
def test_a_walking_sport_is_walking(sport: str) -> None:
    assert activity(sport=sport, speed_mps=1.2, cadence_spm=110.0) == "walk"


def test_a_walking_sport_that_stands_still_is_rest() -> None:
    assert activity(speed_mps=0.1, cadence_spm=0.0) == "rest"
    assert activity(speed_mps=0.1) == "rest"


def test_steps_without_speed_are_walking_on_the_spot_or_on_a_treadmill() -> None:
    assert activity(speed_mps=0.0, cadence_spm=90.0) == "walk"


def test_a_slow_walk_whose_steps_the_watch_misses_is_walking() -> None:
    assert activity(speed_mps=0.4, cadence_spm=0.0) == "walk"


def test_a_walking_sport_without_speed_and_steps_is_believed() -> None:
    assert activity(heart_rate_bpm=90.0) == "walk"


def test_a_run_in_a_walking_sport_is_a_run() -> None:
    assert activity(speed_mps=2.8, cadence_spm=165.0) == "run"
    assert activity(speed_mps=2.8) == "run"


def test_a_ride_in_a_walking_sport_is_something_else() -> None:
    assert activity(speed_mps=8.0) == "other"
    assert activity(speed_mps=3.0, cadence_spm=100.0) == "other"


def test_the_slow_part_of_a_ride_is_no_walk() -> None:
    speeds = [12.0] * 60 + [1.5] * 30 + [12.0] * 60
    windows = windows_of(records(range(150), speed_mps=speeds))

    assert windows["activity"].unique().to_list() == ["other"]


def test_a_running_sport_is_never_walking() -> None:
    assert activity(sport="running", speed_mps=2.8, cadence_spm=160.0) == "run"
    assert activity(sport="running", speed_mps=1.3, cadence_spm=110.0) == "other"
    assert activity(sport="running", speed_mps=0.0, cadence_spm=0.0) == "rest"
    assert activity(sport="running", heart_rate_bpm=150.0) == "run"


def test_a_label_makes_walking_of_a_walking_speed_in_a_running_profile() -> None:
    def labelled(speed: float, cadence: float) -> str:
        return activity(sport="running", label="backward", speed_mps=speed, cadence_spm=cadence)

    assert labelled(1.1, 100.0) == "walk"
    assert labelled(2.4, 160.0) == "run"


@pytest.mark.parametrize("sport", ["cycling", "swimming", "training", "rowing"])
def test_another_sport_is_something_else_even_with_a_label(sport: str) -> None:
    assert activity(sport=sport, speed_mps=1.2, cadence_spm=90.0, label="backward") == "other"


@pytest.mark.parametrize("sport", [None, "generic"])
def test_without_a_sport_a_plausible_gait_is_walking(sport: str | None) -> None:
    assert activity(sport=sport, speed_mps=1.2, cadence_spm=105.0) == "walk"
    assert activity(sport=sport, speed_mps=1.2) == "walk"
    assert activity(sport=sport, heart_rate_bpm=90.0) == "other"
    assert activity(sport=sport, heart_rate_bpm=90.0, label="backward") == "walk"


def test_without_a_sport_the_slow_parts_of_a_ride_are_no_walk() -> None:
    speeds = [5.0] * 300 + [1.5] * 100
    windows = windows_of(records(range(400), speed_mps=speeds), of=workouts(sport=None))

    assert windows["activity"].unique().to_list() == ["other"]


def test_an_indoor_walk_is_walking_whatever_the_sport_says() -> None:
    workout = {"sub_sport": "indoor_walking"}

    assert activity(sport="fitness_equipment", heart_rate_bpm=90.0, workout=workout) == "walk"


def test_a_backward_label_is_kept_and_flagged_at_a_speed_at_which_nobody_walks_backward() -> None:
    def flags(speed: float) -> list[bool]:
        windows = windows_of(
            records(range(10), speed_mps=speed, cadence_spm=120.0), marks(lap(0, 10, "backward"))
        )
        assert windows["activity"].to_list() == ["walk", "walk"]
        return windows["is_label_contradicted"].to_list()

    assert flags(2.4) == [False, False]
    assert flags(3.0) == [True, True]


def test_beyond_the_walking_ceiling_a_label_makes_no_walk() -> None:
    assert activity(speed_mps=9.0, label="backward") == "other"


@pytest.mark.parametrize(
    ("rms", "step", "expected"), [(2.0, 1.8, "walk"), (0.05, 1.8, "rest"), (3.0, 2.7, "other")]
)
def test_motion_alone_tells_walking_from_rest(rms: float, step: float, expected: str) -> None:
    moved = motion(
        *(
            {"start_s": n, "end_s": n + 3, "vertical_rms_mps2": rms, "step_frequency_hz": step}
            for n in range(0, 30, 3)
        )
    )
    windows = windows_of(records([]), moved=moved, of=workouts(sport=None))

    assert windows["activity"].unique().to_list() == [expected]


def test_every_window_has_an_activity() -> None:
    windows = windows_of(records(range(60), altitude_m=1.0), of=workouts(sport=None))

    assert windows["activity"].null_count() == 0
    assert windows.filter(pl.col("activity") != "other").is_empty()


def test_a_rest_of_one_window_is_taken_for_the_walk_around_it_and_a_longer_one_is_not() -> None:
    def activities(rest_s: int) -> list[str]:
        speed = [1.0] * 60 + [0.0] * rest_s + [1.0] * 60
        return windows_of(records(range(len(speed)), speed_mps=speed))["activity"].to_list()

    assert set(activities(5)) == {"walk"}
    assert activities(20) == ["walk"] * 12 + ["rest"] * 4 + ["walk"] * 12


def test_a_speed_that_wavers_about_the_transition_does_not_flicker() -> None:
    speed = [1.9 if n // 5 % 2 else 2.1 for n in range(300)]
    windows = windows_of(records(range(300), speed_mps=speed, cadence_spm=150.0))

    assert len(windows["activity"].rle()) <= 2


def all_paths(emissions: Floats, change: Floats) -> tuple[int, ...]:
    """The best path by trying all of them; of equally good ones the first."""
    cells, states = emissions.shape

    def score(path: tuple[int, ...]) -> float:
        steps = (
            math.log1p(-change[n]) if path[n] == path[n - 1] else math.log(change[n] / (states - 1))
            for n in range(1, cells)
        )
        return float(sum(emissions[n, s] for n, s in enumerate(path))) + sum(steps)

    return max(itertools.product(range(states), repeat=cells), key=score)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), lengths=st.lists(st.integers(1, 5), min_size=1, max_size=4))
def test_the_path_is_the_likeliest_of_all(seed: int, lengths: list[int]) -> None:
    chance = np.random.default_rng(seed)
    emissions = chance.normal(0.0, 2.0, size=(sum(lengths), 3))
    change = chance.uniform(0.01, 0.5, size=sum(lengths))
    path = likeliest_path(emissions, change, np.array(lengths))
    ends = np.cumsum(lengths)
    expected = [
        all_paths(emissions[end - n : end], change[end - n : end])
        for n, end in zip(lengths, ends, strict=True)
    ]

    assert path.tolist() == [state for chain in expected for state in chain]
