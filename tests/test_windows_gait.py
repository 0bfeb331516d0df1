"""Signs of gait against a person's own labelled walking."""

import math
from typing import Any

import polars as pl
import pytest

from retrowalk.rules.evidence import evidence_rules
from retrowalk.rules.plausibility import plausibility_rules
from retrowalk.tables import Marks, Records, Workouts
from retrowalk.windows import windows_from_records
from retrowalk.windows.gait import HABITS, habits_from_windows
from tests.builders_records import lap, marks, motion, walk, windows_of, workouts

RULES = evidence_rules()
MINUTES_10 = 600
#: Step lengths 0.55 and 0.44 m at 100 steps/min; heart rate 90 and 110 at the same speed.
FORWARD = {"speed_mps": 0.92, "cadence_spm": 100.0, "heart_rate_bpm": 90.0, "grade_fraction": 0.0}
BACKWARD = {"speed_mps": 0.92, "cadence_spm": 125.0, "heart_rate_bpm": 110.0, "grade_fraction": 0.0}


def history(sessions: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Windows and workouts of sessions that go ten minutes forward and ten backward."""
    names = [f"h{n}" for n in range(sessions)]
    recorded = pl.concat(
        [
            part
            for name in names
            for part in (
                walk(range(MINUTES_10), workout_id=name, **FORWARD),
                walk(range(MINUTES_10, 2 * MINUTES_10), workout_id=name, **BACKWARD),
            )
        ]
    )
    labels = [
        lap(start, start + MINUTES_10, direction, workout_id=name)
        for name in names
        for start, direction in ((0, "forward"), (MINUTES_10, "backward"))
    ]
    of = workouts(*({"workout_id": name} for name in names))
    return windows_of(recorded, marks(*labels), of=of), of


def told(recorded: pl.DataFrame, habits: pl.DataFrame | None) -> pl.DataFrame:
    """Windows of an unlabelled walk of the same person."""
    return windows_from_records(
        Records.validate(recorded),
        Marks.create_empty(),
        motion(),
        Workouts.validate(workouts()),
        evidence=RULES,
        plausibility=plausibility_rules(),
        habits=habits,
    )


def logistic(nats: float) -> float:
    return 1.0 / (1.0 + math.exp(-nats))


def test_habits_are_learned_from_labelled_walking() -> None:
    habits = habits_from_windows(*history(2), RULES)
    row = habits.row(0, named=True)

    assert habits.columns == list(HABITS)
    assert row["participant_id"] == "p1"
    assert (row["forward_sessions_n"], row["backward_sessions_n"]) == (2, 2)
    assert (row["forward_windows_n"], row["backward_windows_n"]) == (240, 240)
    assert row["forward_log_walk_ratio_mean"] == pytest.approx(math.log(0.92 * 60 / 100 / 100))
    assert row["backward_log_walk_ratio_mean"] == pytest.approx(math.log(0.92 * 60 / 125 / 125))
    assert row["backward_heart_rate_excess_mean_bpm"] == pytest.approx(20.0, abs=0.5)


def test_unlabelled_walking_teaches_nothing() -> None:
    windows, of = windows_of(walk(range(600), **FORWARD)), workouts()

    assert habits_from_windows(windows, of, RULES).is_empty()


def test_without_a_history_signs_of_gait_say_nothing() -> None:
    for habits in (
        None,
        habits_from_windows(*history(2), RULES).with_columns(participant_id=pl.lit("p9")),
    ):
        windows = told(walk(range(300), **BACKWARD), habits)

        assert windows["gait_log_likelihood_ratio_nats"].null_count() == windows.height
        assert set(windows["backward_probability"]) == {0.5}


def test_a_history_of_one_direction_says_nothing() -> None:
    windows = windows_of(walk(range(600), **FORWARD), marks(lap(0, 600, "forward")))
    habits = habits_from_windows(windows, workouts(), RULES)

    assert (
        told(walk(range(300), **FORWARD), habits)["gait_log_likelihood_ratio_nats"].null_count()
        == 60
    )


@pytest.mark.parametrize(("windows_n", "is_told"), [(60, True), (59, False)])
def test_a_history_is_enough_from_sixty_windows_of_each_direction(
    windows_n: int, *, is_told: bool
) -> None:
    habits = habits_from_windows(*history(2), RULES).with_columns(
        backward_windows_n=pl.lit(windows_n, pl.UInt32)
    )
    windows = told(walk(range(60), **BACKWARD), habits)

    assert RULES.gait_least_n == 60
    assert windows["gait_log_likelihood_ratio_nats"].is_not_null().all() == is_told
    assert windows["habits_version"].is_not_null().all() == is_told


@pytest.mark.parametrize(("channels", "sign"), [(FORWARD, -1.0), (BACKWARD, 1.0)])
def test_signs_of_gait_alone_never_leave_unknown(channels: dict[str, float], sign: float) -> None:
    windows = told(walk(range(3000), **channels), habits_from_windows(*history(3), RULES))

    assert set(windows["gait_log_likelihood_ratio_nats"]) == {sign * RULES.gait_cap_nats}
    assert windows["backward_probability"].to_list() == pytest.approx(
        [logistic(sign * RULES.gait_cap_nats)] * windows.height
    )
    assert logistic(RULES.gait_cap_nats) < RULES.decide_at_probability


def test_the_cap_rises_with_enough_labelled_sessions() -> None:
    habits = habits_from_windows(*history(RULES.gait_sessions_n), RULES)
    windows = told(walk(range(300), **BACKWARD), habits)

    assert set(windows["gait_log_likelihood_ratio_nats"]) == {RULES.gait_cap_high_nats}


def test_heart_rate_is_no_sign_where_the_grade_is_not_known_to_be_level() -> None:
    habits = habits_from_windows(*history(3), RULES)
    # Half-way between the walk ratios, so that heart rate alone speaks.
    between = {**FORWARD, "cadence_spm": math.sqrt(100.0 * 125.0)}

    def nats(heart_rate: float, grade: float | None) -> set[float]:
        walked: dict[str, Any] = {**between, "heart_rate_bpm": heart_rate, "grade_fraction": grade}
        return set(told(walk(range(300), **walked), habits)["gait_log_likelihood_ratio_nats"])

    assert nats(110.0, 0.0) == {RULES.gait_cap_nats}
    assert nats(90.0, 0.0) == {-RULES.gait_cap_nats}
    assert max(map(abs, nats(110.0, 0.08))) < 0.01
    assert max(map(abs, nats(110.0, None))) < 0.01


def test_habits_do_not_depend_on_the_order_of_rows() -> None:
    windows, of = history(2)
    shuffled = windows.sample(fraction=1.0, shuffle=True, seed=4)

    assert habits_from_windows(shuffled, of, RULES).equals(habits_from_windows(windows, of, RULES))
