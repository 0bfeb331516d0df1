"""Habits: sums that add up over workouts, and what they come to."""

import datetime as dt
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrowalk.rules.evidence import evidence_rules
from retrowalk.walk.habits import HABIT_WEEKS, both_ways, habits_of_weeks, weeks_before
from retrowalk.windows.habits import (
    LESSONS,
    habits_from_lessons,
    habits_from_windows,
    lessons_from_windows,
)

RULES = evidence_rules()
MONDAY = dt.date(2026, 6, 1)
START = dt.datetime(2026, 6, 1, 8, tzinfo=dt.UTC)


def table_of(rows: list[dict[str, Any]]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Windows, one for each row and in a workout of its own if none is named; and workouts."""
    plain = {
        "activity": "walk",
        "label_direction": "forward",
        "is_label_contradicted": False,
        "speed_mean_mps": 1.0,
        "cadence_mean_spm": 100.0,
        "heart_rate_mean_bpm": 100.0,
        "grade_fraction": 0.0,
    }
    windows = pl.DataFrame(
        [
            {
                "workout_id": f"w{n:03}",
                "started_at_utc": START + dt.timedelta(seconds=5 * n),
                **plain,
                **row,
            }
            for n, row in enumerate(rows)
        ],
        infer_schema_length=None,
    ).with_columns(step_length_mean_m=pl.col("speed_mean_mps") * 60.0 / pl.col("cadence_mean_spm"))
    workouts = windows.select(
        "workout_id", participant_id=pl.lit("p"), week_start_date=pl.lit(MONDAY)
    ).unique()
    return windows, workouts


WALKED = st.lists(
    st.fixed_dictionaries(
        {
            "label_direction": st.sampled_from(["forward", "backward"]),
            "speed_mean_mps": st.floats(0.4, 1.8),
            "cadence_mean_spm": st.floats(60.0, 150.0),
            "heart_rate_mean_bpm": st.floats(60.0, 170.0),
            "workout_id": st.sampled_from(["a", "b", "c", "d"]),
        }
    ),
    min_size=1,
    max_size=40,
)


@settings(max_examples=25, deadline=None)
@given(WALKED, st.randoms(use_true_random=False))
def test_habits_depend_neither_on_order_nor_on_how_workouts_are_batched(
    rows: list[dict[str, Any]], random: Any
) -> None:
    windows, workouts = table_of(rows)
    at_once = habits_from_windows(windows, workouts, RULES)
    names = workouts["workout_id"].to_list()
    random.shuffle(names)
    parts = [
        lessons_from_windows(windows.filter(pl.col("workout_id").is_in(some)), workouts, RULES)
        for some in (names[::2], names[1::2])
    ]
    assert habits_from_lessons(pl.concat(parts), RULES).equals(at_once)


def test_mean_spread_and_line_are_those_of_the_labelled_windows() -> None:
    rng = np.random.default_rng(4)
    speed, ratio = rng.uniform(0.8, 1.6, 40), np.exp(rng.normal(-5.2, 0.15, 40))
    beats = 70.0 + 25.0 * speed + rng.normal(0.0, 12.0, 40)
    cadence = np.sqrt(speed * 60.0 / ratio)  # step length over cadence is the ratio
    is_back = np.arange(40) % 2 == 1
    row = habits_from_windows(
        *table_of(
            [
                {
                    "label_direction": "backward" if back else "forward",
                    "speed_mean_mps": v,
                    "cadence_mean_spm": c,
                    "heart_rate_mean_bpm": h,
                }
                for back, v, c, h in zip(is_back, speed, cadence, beats, strict=True)
            ]
        ),
        RULES,
    ).row(0, named=True)

    logs, ahead = np.log(ratio), ~is_back
    slope, level = np.polyfit(speed[ahead], beats[ahead], 1)
    excess = beats - level - slope * speed
    expected = {
        "forward_sessions_n": 20,
        "backward_sessions_n": 20,
        "forward_log_walk_ratio_mean": logs[ahead].mean(),
        "forward_log_walk_ratio_sd": logs[ahead].std(ddof=1),
        "backward_log_walk_ratio_mean": logs[is_back].mean(),
        "backward_log_walk_ratio_sd": logs[is_back].std(ddof=1),
        "heart_rate_slope_bpm_per_mps": slope,
        "heart_rate_at_rest_of_line_bpm": level,
        "forward_heart_rate_sd_bpm": excess[ahead].std(ddof=1),
        "backward_heart_rate_excess_mean_bpm": excess[is_back].mean(),
        "backward_heart_rate_excess_sd_bpm": excess[is_back].std(ddof=1),
    }
    assert {name: row[name] for name in expected} == pytest.approx(expected, abs=1e-6)


def test_the_scatter_of_single_windows_within_a_minute_is_averaged_out() -> None:
    """Cadence alternates by 20 % from window to window, and its mean over a minute stays."""
    rows = [{"workout_id": "w", "cadence_mean_spm": 90.0 + 20.0 * (n % 2)} for n in range(240)]
    row = habits_from_windows(*table_of(rows), RULES).row(0, named=True)
    assert row["forward_log_walk_ratio_sd"] == RULES.gait_spread_low


def test_one_speed_tells_no_slope() -> None:
    rows = [{"heart_rate_mean_bpm": 100.0 + n % 3} for n in range(30)]
    row = habits_from_windows(*table_of(rows), RULES).row(0, named=True)
    assert row["heart_rate_slope_bpm_per_mps"] == 0.0
    assert row["heart_rate_at_rest_of_line_bpm"] == pytest.approx(101.0)


@pytest.mark.parametrize(
    "change",
    [
        {"activity": "run"},
        {"label_direction": None},
        {"is_label_contradicted": True},
        {"cadence_mean_spm": None, "heart_rate_mean_bpm": None},
    ],
)
def test_what_is_no_labelled_walking_teaches_nothing(change: dict[str, Any]) -> None:
    windows, workouts = table_of([{}, change])
    assert lessons_from_windows(windows, workouts, RULES)["workout_id"].to_list() == ["w000"]


def test_a_session_without_a_walk_ratio_is_no_labelled_session() -> None:
    row = habits_from_windows(*table_of([{}, {"cadence_mean_spm": None}]), RULES).row(0, named=True)
    assert row["forward_sessions_n"] == 1


def test_other_labels_make_another_version_and_the_same_ones_the_same() -> None:
    def version(**changed: Any) -> str:
        return str(habits_from_windows(*table_of([{}, changed]), RULES)["habits_version"][0])

    assert version() == version()
    assert len({version(), version(cadence_mean_spm=101.0), version(heart_rate_mean_bpm=99.0)}) == 3


@settings(max_examples=25, deadline=None)
@given(st.integers(-2, HABIT_WEEKS + 2))
def test_a_lesson_is_for_the_seven_weeks_after_it(later_n: int) -> None:
    lessons = lessons_from_windows(*table_of([{}]), RULES)
    week = MONDAY + dt.timedelta(weeks=later_n)
    found = habits_of_weeks([lessons], [week], RULES)
    assert found.height == (1 if 1 <= later_n <= HABIT_WEEKS else 0)
    assert (MONDAY in weeks_before([week])) == (found.height == 1)


def test_no_lessons_give_no_habits() -> None:
    assert habits_of_weeks([], [MONDAY], RULES).is_empty()
    assert habits_from_lessons(pl.DataFrame(schema=LESSONS), RULES).is_empty()


def test_only_who_labelled_both_directions_can_be_told_by_habits() -> None:
    labels = pl.DataFrame(
        {
            "participant_id": ["a", "a", "b", "b"],
            "direction": ["forward", "backward"] + ["forward"] * 2,
        }
    )
    assert both_ways(labels).to_list() == ["a"]
