"""Heart rate: dropped, smoothed, bridged."""

import polars as pl
import pytest

from tests.builders_records import records, windows_of, workouts


def heart_rates(*measured: float | None, age: float | None = None) -> list[float | None]:
    """Mean of each cell, from one heart rate a second."""
    windows = windows_of(
        records(range(len(measured)), speed_mps=1.0, heart_rate_bpm=list(measured)),
        of=workouts(age_at_start_year=age),
    )
    return windows["heart_rate_mean_bpm"].to_list()


def test_a_steady_heart_rate_stays() -> None:
    assert heart_rates(*[90.0] * 10) == [90.0, 90.0]


@pytest.mark.parametrize("impossible", [255.0, 221.0, 29.0])
def test_what_no_heart_does_is_dropped(impossible: float) -> None:
    assert heart_rates(*[impossible] * 5) == [None]


def test_what_no_heart_of_that_age_does_is_dropped() -> None:
    # 220 - 70 + 20 = 170
    assert heart_rates(*[171.0] * 5, age=70.0) == [None]
    assert heart_rates(*[170.0] * 5, age=70.0) == [170.0]
    assert heart_rates(*[171.0] * 5) == [171.0]


def test_a_spike_leaves_no_trace() -> None:
    assert heart_rates(*[90.0] * 7, 140.0, *[90.0] * 7) == [90.0] * 3


def test_a_short_spike_that_is_no_step_is_smoothed_away() -> None:
    assert heart_rates(*[90.0] * 7, 110.0, *[90.0] * 7) == [90.0] * 3


def test_a_hole_of_ten_seconds_is_bridged() -> None:
    bridged = heart_rates(*[90.0] * 5, *[None] * 9, *[100.0] * 6)

    assert None not in bridged
    assert bridged[1] == pytest.approx(93.0, abs=1.0)


def test_a_longer_hole_stays_a_hole() -> None:
    assert heart_rates(*[90.0] * 5, *[None] * 20, *[90.0] * 5) == [
        90.0,
        None,
        None,
        None,
        None,
        90.0,
    ]


def test_a_workout_is_not_smoothed_into_the_next() -> None:
    both = pl.concat(
        [
            records(range(5), speed_mps=1.0, heart_rate_bpm=80.0),
            records(range(5), workout_id="w2", speed_mps=1.0, heart_rate_bpm=150.0),
        ]
    )
    windows = windows_of(both, of=workouts({}, {"workout_id": "w2"}))

    assert windows["heart_rate_mean_bpm"].to_list() == [80.0, 150.0]
