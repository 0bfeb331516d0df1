"""Heart rate: dropped, smoothed, bridged."""

from collections.abc import Sequence

import polars as pl
import pytest

from tests.builders_records import records, segments_of, windows_of, workouts


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


def doubts(beats: Sequence[float], steps: Sequence[float], **of: object) -> list[str | None]:
    """What is said of each cell, from one heart rate and one cadence a second."""
    walked = records(
        range(len(beats)), speed_mps=1.0, heart_rate_bpm=list(beats), cadence_spm=list(steps)
    )
    return windows_of(walked, of=workouts(**of))["heart_rate_doubt"].to_list()


def climbing(start: float, seconds: int) -> list[float]:
    """Rises by one every five seconds, so that no two cells are alike."""
    return [start + second // 5 for second in range(seconds)]


@pytest.mark.parametrize("per_step", [1.0, 2.0])
def test_a_heart_rate_that_follows_steps_or_strides_for_half_a_minute_is_doubted(
    per_step: float,
) -> None:
    beats = climbing(60.0, 30)
    steps = [per_step * (beat + 3.0) for beat in beats]
    # Median smoothing moves a border of two values by no second: 6 cells of 5 s.
    assert doubts(beats, steps) == ["cadence_lock"] * 6
    assert doubts(beats[:25], steps[:25]) == [None] * 5


def test_a_heart_rate_that_is_four_beats_off_the_cadence_is_not_doubted() -> None:
    beats = climbing(100.0, 60)

    assert doubts(beats, [beat + 4.0 for beat in beats]) == [None] * 12


def test_a_cadence_that_is_away_for_a_while_ends_the_lock() -> None:
    beats = climbing(100.0, 50)
    steps = [beat + (20.0 if 20 <= second < 30 else 0.0) for second, beat in enumerate(beats)]

    assert doubts(beats, steps) == [None] * 10


def test_a_heart_rate_that_does_not_change_for_over_a_minute_is_doubted() -> None:
    assert doubts([90.0] * 65, [120.0] * 65) == ["flat_line"] * 13
    assert doubts([90.0] * 60, [120.0] * 60) == [None] * 12


def test_a_pause_ends_a_flat_line() -> None:
    walked = records(
        [*range(40), *range(140, 180)], speed_mps=1.0, heart_rate_bpm=90.0, cadence_spm=120.0
    )

    assert windows_of(walked)["heart_rate_doubt"].is_null().all()


def test_one_mean_of_a_lap_is_not_doubted() -> None:
    assert set(doubts([90.0] * 65, [90.0] * 65, grain="lap")) == {None}


def test_doubted_heart_rates_are_kept_and_their_time_is_counted() -> None:
    beats = [*climbing(80.0, 60), *[120.0] * 60]
    walked = records(range(120), speed_mps=1.0, heart_rate_bpm=beats, cadence_spm=120.0)
    segment = segments_of(walked).row(0, named=True)

    assert segment["heart_rate_usable_s"] == 120.0
    assert segment["heart_rate_doubted_s"] == 60.0


def test_without_heart_rate_no_time_of_it_is_doubted() -> None:
    assert segments_of(records(range(60), speed_mps=1.0))["heart_rate_doubted_s"].to_list() == [
        None
    ]


def test_two_short_stretches_at_the_cadence_are_no_lock() -> None:
    beats = climbing(100.0, 20)
    walked = records(
        [*range(20), *range(120, 140)],
        speed_mps=1.0,
        heart_rate_bpm=beats * 2,
        cadence_spm=beats * 2,
    )

    assert windows_of(walked)["heart_rate_doubt"].is_null().all()


def test_a_step_of_25_beats_in_a_second_is_kept_and_a_larger_one_is_not() -> None:
    assert heart_rates(*[90.0] * 5, *[115.0] * 5) == [90.0, 115.0]
    # Of 26, the first sample is dropped and bridged, half-way between 90 and 116.
    assert heart_rates(*[90.0] * 5, *[116.0] * 5) == [90.0, pytest.approx((103.0 + 4 * 116.0) / 5)]
