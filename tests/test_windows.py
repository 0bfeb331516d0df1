"""How time is counted, and what a cell measures."""

import datetime as dt
import math
from itertools import pairwise

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrowalk.tables import Windows, Workouts
from tests.builders_records import (
    at,
    lap,
    marks,
    motion,
    pause,
    records,
    table,
    walk,
    windows_of,
    workouts,
)


def spans(windows: pl.DataFrame) -> list[tuple[float, float]]:
    """First and last second of each window."""
    return [
        ((start - at(0)).total_seconds(), (end - at(0)).total_seconds())
        for start, end in windows.select("started_at_utc", "ended_at_utc").rows()
    ]


def total_s(windows: pl.DataFrame) -> float:
    return sum(end - start for start, end in spans(windows))


def test_a_record_a_second_stands_for_a_second_each() -> None:
    assert total_s(windows_of(walk(range(1500)))) == 1500.0


def test_cells_lie_on_the_five_second_grid_of_the_clock() -> None:
    windows = windows_of(walk(range(3, 12)))

    assert spans(windows) == [(3, 5), (5, 10), (10, 12)]
    assert windows["records_n"].to_list() == [2, 5, 2]


def test_a_record_stands_for_its_whole_interval_across_cells() -> None:
    windows = windows_of(
        walk([0, 8, 16], speed_mps=1.0, distance_m=[0.0, 8.0, 16.0]),
        of=workouts(median_interval_s=8.0),
    )

    assert spans(windows) == [(0, 5), (5, 10), (10, 15), (15, 20), (20, 24)]
    assert windows["distance_m"].to_list() == pytest.approx([5, 5, 5, 5, 4])
    assert windows["records_n"].to_list() == [1, 1, 0, 1, 0]


def test_a_gap_is_not_covered_and_the_record_before_it_stands_as_long_as_usual() -> None:
    windows = windows_of(walk([*range(10), *range(41, 45)]))

    assert spans(windows) == [(0, 5), (5, 10), (41, 45)]


def test_thirty_seconds_are_no_gap() -> None:
    assert total_s(windows_of(walk([0, 30]))) == 31.0


def test_a_pause_is_not_covered_even_if_it_is_short() -> None:
    windows = windows_of(walk([*range(10), *range(20, 30)]), marks(pause(9, 20)))

    assert total_s(windows) == 20.0
    assert spans(windows)[:3] == [(0, 5), (5, 9), (9, 10)]
    assert spans(windows)[3] == (20, 25)


def test_a_pause_shorter_than_an_interval_still_leaves_a_hole() -> None:
    windows = windows_of(walk(range(10)), marks(pause(4.2, 4.8)))

    assert total_s(windows) == pytest.approx(10.0 - 0.8)
    assert spans(windows) == [(0, 4.2), (5, 10)]


def test_records_inside_a_pause_stand_for_nothing() -> None:
    windows = windows_of(walk(range(30)), marks(pause(10, 20)))

    assert total_s(windows) == 21.0
    assert windows["records_n"].sum() == 21


def test_cells_end_at_the_borders_of_marks() -> None:
    windows = windows_of(walk(range(10)), marks(lap(0, 3, "forward"), lap(3, 10, "backward")))

    assert spans(windows) == [(0, 3), (3, 5), (5, 10)]
    assert windows["label_direction"].to_list() == ["forward", "backward", "backward"]


def test_a_border_between_two_records_cuts_between_them() -> None:
    windows = windows_of(walk(range(4)), marks(lap(0, 1.5, "backward")))

    assert spans(windows) == [(0, 1.5), (1.5, 4)]


def test_a_listed_workout_is_one_cell_of_its_moving_time() -> None:
    windows = windows_of(
        records([0], speed_mps=2.0, cadence_spm=90.0, heart_rate_bpm=101.0),
        of=workouts(grain="workout", moving_s=1800.0, distance_m=1500.0),
    )

    assert spans(windows) == [(0, 1800)]
    assert windows.select(
        "distance_m", "speed_mean_mps", "cadence_mean_spm", "heart_rate_mean_bpm"
    ).row(0) == pytest.approx((1500.0, 1500.0 / 1800.0, 90.0, 101.0))


def test_a_listed_workout_without_a_record_is_a_cell_too() -> None:
    windows = windows_of(
        records([]), of=workouts(grain="workout", moving_s=600.0, distance_m=600.0)
    )

    assert spans(windows) == [(0, 600)]
    assert windows["activity"].to_list() == ["walk"]


def test_a_row_per_lap_stands_until_the_next_lap_or_the_end() -> None:
    windows = windows_of(
        records([0, 300], speed_mps=[1.0, 1.2]),
        of=workouts(grain="lap", ended_at_utc=at(900), median_interval_s=300.0),
    )

    assert spans(windows) == [(0, 300), (300, 900)]


def test_motion_spans_stand_in_where_a_workout_has_no_records() -> None:
    spans_of_motion = [{"start_s": n, "end_s": n + 3} for n in range(0, 12, 3)]
    windows = windows_of(records([]), moved=motion(*spans_of_motion))

    assert spans(windows) == [(0, 5), (5, 10), (10, 12)]
    assert windows["cadence_mean_spm"].to_list() == pytest.approx([108.0] * 3)
    assert windows["speed_mean_mps"].to_list() == [None] * 3


def test_distance_comes_from_the_distance_channel_and_not_from_speed() -> None:
    windows = windows_of(walk(range(6), speed_mps=9.0, distance_m=[0.0, 1.0, 2.0, 3.0, 4.0, 5.0]))

    assert windows["distance_m"].to_list() == pytest.approx([5.0, 9.0])


def test_distance_is_speed_times_time_where_the_channel_is_missing_or_reset() -> None:
    windows = windows_of(
        walk(range(5), speed_mps=2.0, distance_m=[10.0, 11.0, 0.0, None, 2.0], cadence_spm=None)
    )

    # 1 m by the channel, 2 m across the reset, 1 m a second across the hole, 2 m at the end.
    assert windows["distance_m"].to_list() == pytest.approx([1.0 + 2.0 + 1.0 + 1.0 + 2.0])


def test_speed_comes_from_distance_where_no_channel_gives_it() -> None:
    windows = windows_of(records(range(6), distance_m=[0.0, 1.5, 3.0, 4.5, 6.0, 7.5]))

    assert windows["speed_mean_mps"][0] == pytest.approx(1.5)


def test_speed_and_course_come_from_positions_where_nothing_else_gives_them() -> None:
    east = [1.2 * n for n in range(20)]
    windows = windows_of(records(range(20), east_m=east, north_m=0.0))

    assert windows["speed_mean_mps"].to_list() == pytest.approx([1.2] * 4)
    assert windows["course_mean_deg"].to_list() == pytest.approx([90.0] * 4)


def test_a_mean_is_weighted_by_time_and_not_by_records() -> None:
    windows = windows_of(records([0, 1, 5], speed_mps=[2.0, 1.0, 1.0]))

    assert windows["speed_mean_mps"][0] == pytest.approx((2.0 * 1 + 1.0 * 4) / 5)


def test_a_cadence_of_zero_while_moving_is_left_out() -> None:
    windows = windows_of(records(range(5), speed_mps=0.4, cadence_spm=[0.0, 60.0, 60.0, 0.0, 60.0]))

    assert windows["cadence_mean_spm"].to_list() == [60.0]


def test_a_cadence_of_zero_standing_still_is_measured() -> None:
    assert windows_of(records(range(5), speed_mps=0.0, cadence_spm=0.0))[
        "cadence_mean_spm"
    ].to_list() == [0.0]


def test_headings_around_north_average_to_north() -> None:
    heading = windows_of(records(range(4), speed_mps=1.0, heading_deg=[350.0, 10.0, 355.0, 5.0]))[
        "heading_mean_deg"
    ][0]

    assert math.cos(math.radians(heading)) == pytest.approx(1.0)


def test_a_course_below_half_a_metre_a_second_is_not_taken() -> None:
    assert windows_of(records(range(5), speed_mps=0.4, course_deg=90.0))[
        "course_mean_deg"
    ].to_list() == [None]


def test_step_length_is_speed_over_steps_per_second() -> None:
    windows = windows_of(records(range(5), speed_mps=1.0, cadence_spm=120.0))

    assert windows["step_length_mean_m"].to_list() == pytest.approx([0.5])


def test_no_records_are_no_windows() -> None:
    assert windows_of(records([]), of=table(Workouts, [])).equals(Windows.create_empty())


def test_records_of_workouts_that_are_not_scored_are_not_taken() -> None:
    assert windows_of(walk(range(5), workout_id="w2")).is_empty()


def test_a_recording_whose_clock_jumps_by_decades_does_no_harm_to_others() -> None:
    both = pl.concat([walk(range(10)), walk([0.0, 2e9], workout_id="w2")])
    of = workouts({}, {"workout_id": "w2", "ended_at_utc": at(2e9)})
    windows = windows_of(both, of=of)

    assert windows.filter(workout_id="w1").equals(windows_of(walk(range(10))))
    assert total_s(windows.filter(workout_id="w2")) == 2.0


def split_walk(cut: int, seconds: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """A labelled walk whole, and the same recorded as two workouts."""
    label = lap(0, seconds / 2, "backward"), lap(seconds / 2, seconds, "forward")
    whole = windows_of(walk(range(seconds)), marks(*label))
    halves = walk(range(cut)), walk(range(cut, seconds), workout_id="w2")
    of = workouts(
        {"ended_at_utc": at(cut)},
        {"workout_id": "w2", "started_at_utc": at(cut), "ended_at_utc": at(seconds)},
    )
    split = windows_of(
        pl.concat(halves),
        marks(*label, *({**each, "workout_id": "w2"} for each in label)),
        of=of,
    )
    return whole, split


def seconds_by_label(windows: pl.DataFrame) -> dict[str | None, float]:
    span = (pl.col("ended_at_utc") - pl.col("started_at_utc")).dt.total_microseconds() / 1e6
    sums = windows.group_by("label_direction", "activity").agg(span.sum().alias("s"))
    return {f"{d} {a}": s for d, a, s in sums.rows()}


@settings(max_examples=40, deadline=None)
@given(cut=st.integers(1, 179))
def test_splitting_a_log_at_any_record_changes_no_total(cut: int) -> None:
    whole, split = split_walk(cut, 180)

    assert seconds_by_label(split) == seconds_by_label(whole)


@settings(max_examples=25, deadline=None)
@given(
    steps=st.lists(st.integers(1, 60), min_size=1, max_size=60),
    cuts=st.lists(st.integers(0, 600), max_size=4),
)
def test_cells_never_overlap_and_hold_every_record_once(steps: list[int], cuts: list[int]) -> None:
    times = [sum(steps[:n]) for n in range(len(steps))]
    borders = sorted({*cuts, 0, 3600})
    laps = [lap(a, b) for a, b in pairwise(borders)]
    windows = windows_of(walk(times), marks(*laps))
    places = spans(windows)

    assert all(end <= start for (_, end), (start, _) in pairwise(places))
    assert windows["records_n"].sum() == len(times)
    assert all(end - start <= 5 for start, end in places)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 1000))
def test_neither_order_nor_company_changes_a_window(seed: int) -> None:
    first = walk(range(40), heart_rate_bpm=[90.0 + n for n in range(40)], altitude_m=3.0)
    second = walk([0, 7, 9, 40, 60], workout_id="w2", distance_m=[0.0, 7.0, 9.0, 40.0, 60.0])
    of = workouts({}, {"workout_id": "w2"})
    shuffled = pl.concat([second, first]).sample(fraction=1.0, shuffle=True, seed=seed)
    windows = windows_of(shuffled, of=of.sample(fraction=1.0, shuffle=True, seed=seed))

    assert windows.filter(workout_id="w1").equals(windows_of(first))
    assert windows.filter(workout_id="w2").equals(windows_of(second, of=workouts(workout_id="w2")))


def test_a_week_is_that_of_the_workout() -> None:
    assert windows_of(walk(range(5)))["week_start_date"].to_list() == [dt.date(2026, 11, 16)]
