"""Room sessions: what it sums, where a bout ends, and what it does without data."""

import datetime as dt
from dataclasses import fields, replace
from typing import TypeVar

import dataframely as dy
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrowalk.rules.sessions import SessionRules, session_rules
from retrowalk.sessions import level_distances, sessions_from_segments
from retrowalk.tables import Prescriptions, Segments, Sessions, Windows, Workouts
from tests.builders_sessions import (
    Span,
    Walk,
    at,
    backward,
    day,
    forward,
    logs,
    measured,
    prescriptions,
    rest,
    unknown,
    walk,
)

_Table = TypeVar("_Table", bound=dy.Schema)


def only(table: pl.DataFrame) -> dict[str, object]:
    """The one row."""
    assert table.height == 1
    return table.row(0, named=True)


def test_walking_is_split_by_direction_and_grade() -> None:
    row = only(
        measured(
            walk(
                at(day(0)),
                forward(5),
                backward(10, grade="incline"),
                backward(4, is_assumed=True),
                unknown(3, grade="unknown"),
                forward(2, grade="decline"),
                rest(6),
            )
        )
    )
    assert row["walking_min"] == 5 + 10 + 4 + 3 + 2
    assert row["backward_min"] == 10 + 4
    assert row["backward_assumed_min"] == 4
    assert row["forward_min"] == 5 + 2
    assert row["unknown_direction_min"] == 3
    assert row["incline_min"] == row["incline_backward_min"] == 10
    assert row["decline_min"] == 2
    assert row["unknown_grade_min"] == 3
    # 14 min x 60 s x 0.7 m/s
    assert row["backward_distance_m"] == pytest.approx(588.0)
    # 588 m backward, 7 min forward at 1.2 m/s, 3 min of unknown direction at 0.7 m/s
    assert row["walking_distance_m"] == pytest.approx(588.0 + 504.0 + 126.0)


def test_a_workout_without_walking_is_a_row_and_no_session() -> None:
    row = only(measured(walk(at(day(0)), Span(30, "unknown", activity="run", speed=3.0))))
    assert (row["is_session"], row["exclusion_code"]) == (False, "no_walking")
    assert row["walking_min"] == row["backward_min"] == row["backward_distance_m"] == 0.0
    assert row["backward_cadence_median_spm"] is None
    assert row["bout_distance_list_m"] == []


def test_a_workout_without_any_segment_is_a_row() -> None:
    made = logs(walk(at(day(0))))
    row = only(
        sessions_from_segments(
            Segments.create_empty(),
            Windows.create_empty(),
            made.workouts,
            Prescriptions.create_empty(),
            session_rules(),
        )
    )
    assert (row["is_session"], row["walking_min"]) == (False, 0.0)


def test_nothing_gives_nothing() -> None:
    empty = sessions_from_segments(
        Segments.create_empty(),
        Windows.create_empty(),
        Workouts.create_empty(),
        Prescriptions.create_empty(),
        session_rules(),
    )
    assert empty.height == 0


def test_forward_walking_only_is_a_session_without_backward_minutes() -> None:
    row = only(measured(walk(at(day(0)), forward(30))))
    assert row["is_session"] is True
    assert (row["backward_min"], row["backward_distance_m"], row["bouts_n"]) == (0.0, 0.0, 0)
    assert row["backward_speed_median_mps"] is None


def test_backward_distance_is_null_where_no_distance_is_known() -> None:
    row = only(measured(walk(at(day(0)), backward(10, speed=None))))
    assert row["backward_distance_m"] is None
    assert row["backward_level_distance_m"] is None
    assert row["bout_distance_list_m"] == [None]


@pytest.mark.parametrize(("gap_s", "bouts_n"), [(0, 1), (10, 1), (11, 2)])
def test_backward_walking_that_stops_for_ten_seconds_is_one_bout(gap_s: int, bouts_n: int) -> None:
    row = only(measured(walk(at(day(0)), backward(5), gap_s / 60.0, backward(3))))
    assert row["bouts_n"] == bouts_n
    whole = [pytest.approx(8 * 42.0)]
    assert row["bout_distance_list_m"] == (
        whole if bouts_n == 1 else [pytest.approx(5 * 42.0), pytest.approx(3 * 42.0)]
    )


def test_bouts_do_not_reach_from_one_workout_into_the_next() -> None:
    table = measured(walk(at(day(0)), backward(5)), walk(at(day(0), 10, 5), backward(5)))
    assert table["bouts_n"].to_list() == [1, 1]


def test_alternations_are_changes_between_known_directions() -> None:
    row = only(
        measured(
            walk(at(day(0)), forward(1), backward(1), unknown(1), backward(1), rest(1), forward(1))
        )
    )
    assert row["alternations_n"] == 2


def test_cadence_is_the_median_by_time_of_backward_walking_with_a_cadence() -> None:
    row = only(
        measured(
            walk(
                at(day(0)),
                backward(6, cadence=60.0),
                backward(5, cadence=90.0),
                backward(2, cadence=None),
                forward(20, cadence=120.0),
            )
        )
    )
    # 11 min with a cadence: the middle of them lies in the first 6.
    assert row["backward_cadence_median_spm"] == 60.0
    assert row["backward_cadence_usable_min"] == 11.0


def test_where_half_of_the_time_falls_between_two_values_the_median_is_their_mean() -> None:
    row = only(measured(walk(at(day(0)), backward(5, cadence=60.0), backward(5, cadence=90.0))))
    assert row["backward_cadence_median_spm"] == 75.0


def test_zero_cadence_is_missing_and_not_slow() -> None:
    row = only(measured(walk(at(day(0)), backward(5, cadence=60.0), backward(6, cadence=0.0))))
    assert row["backward_cadence_median_spm"] == 60.0
    assert row["backward_cadence_usable_min"] == 5.0


def test_peak_speed_is_a_high_quantile_of_ten_second_means() -> None:
    # 100 spans of 10 s: 90 at 0.6 m/s, 10 at 1.0 m/s. Sorted, the quantile at 0.95 lies at place
    # 0.95 x 99 = 94.05, among the fast ones.
    row = only(measured(walk(at(day(0)), backward(15, speed=0.6), backward(10 / 6, speed=1.0))))
    assert row["backward_speed_peak_mps"] == pytest.approx(1.0)
    assert row["backward_speed_median_mps"] == pytest.approx(0.6)


def test_a_burst_of_one_window_is_averaged_over_ten_seconds() -> None:
    # One span of 10 s holds 5 s at 0.6 and 5 s at 1.0 m/s: its mean is 0.8, and it is the only one.
    row = only(measured(walk(at(day(0)), backward(5 / 60, speed=0.6), backward(5 / 60, speed=1.0))))
    assert row["backward_speed_peak_mps"] == pytest.approx(0.8)


def test_a_bout_shorter_than_five_seconds_has_no_peak() -> None:
    row = only(measured(walk(at(day(0)), backward(4 / 60))))
    assert row["backward_speed_peak_mps"] is None


def test_heart_rate_counts_after_two_minutes_of_backward_walking() -> None:
    row = only(
        measured(
            walk(
                at(day(0)),
                forward(10, heart_rate=150.0),
                backward(2, heart_rate=140.0),
                backward(6, heart_rate=98.0),
            )
        )
    )
    assert row["backward_heart_rate_median_bpm"] == 98.0
    assert row["backward_heart_rate_usable_min"] == 6.0
    assert row["heart_rate_delta_bpm"] == 98.0 - 65.0


def test_the_first_two_minutes_may_end_inside_a_window() -> None:
    row = only(measured(walk(at(day(0)), backward(118 / 60), 1.0, backward(62 / 60))))
    assert row["backward_heart_rate_usable_min"] == pytest.approx(1.0)


@pytest.mark.parametrize(("grade", "delta"), [("A", 30.0), ("B", 30.0), ("C", None), ("D", None)])
def test_heart_rate_is_held_against_a_measured_rest_only(grade: str, delta: float | None) -> None:
    row = only(measured(walk(at(day(0)), backward(10), resting_heart_rate_grade=grade)))
    assert row["heart_rate_delta_bpm"] == delta


@pytest.mark.parametrize(
    ("grade_fraction", "level_m"),
    [(0.0, 10.0), (0.02, 10.0), (-0.02, 10.0), (0.021, 0.0), (-0.06, 0.0), (None, 0.0)],
)
def test_level_is_two_per_cent_either_way_inclusive(
    grade_fraction: float | None, level_m: float
) -> None:
    cells = pl.DataFrame(
        {"workout_id": ["w"], "distance_m": [10.0], "grade_fraction": [grade_fraction]},
        schema_overrides={"grade_fraction": pl.Float64},
    )
    found = level_distances(cells, level=0.02)
    assert found["backward_level_distance_m"].item() == level_m


def test_level_distance_is_that_of_known_grade_within_two_per_cent() -> None:
    row = only(
        measured(
            walk(
                at(day(0)),
                backward(5),
                backward(3, grade="incline"),
                backward(2, grade="unknown"),
            )
        )
    )
    assert row["backward_level_distance_m"] == pytest.approx(5 * 42.0)
    assert row["backward_known_grade_distance_m"] == pytest.approx(8 * 42.0)


def test_a_straight_bout_has_a_chord_as_long_as_its_path() -> None:
    row = only(measured(walk(at(day(0)), backward(5))))
    assert row["backward_chord_over_path_fraction"] == pytest.approx(1.0)


def test_a_right_angle_shortens_the_chord() -> None:
    # Two legs of 126 m at a right angle, less half a cell of 3.5 m at either end: legs of 124.25 m,
    # chord 124.25 x sqrt(2), path 248.5 m.
    row = only(measured(walk(at(day(0)), backward(3), backward(3, course_deg=0.0))))
    assert row["backward_chord_over_path_fraction"] == pytest.approx(2**0.5 / 2, abs=1e-6)


def test_walking_out_and_back_is_two_straight_stretches() -> None:
    row = only(measured(walk(at(day(0)), backward(5), backward(5, course_deg=270.0))))
    assert row["backward_chord_over_path_fraction"] == pytest.approx(1.0, abs=0.01)


def test_straightness_needs_a_hundred_metres_and_positions() -> None:
    short = only(measured(walk(at(day(0)), backward(99 / 42))))
    blind = only(measured(walk(at(day(0)), backward(5, course_deg=None))))
    assert short["backward_chord_over_path_fraction"] is None
    assert blind["backward_chord_over_path_fraction"] is None


@pytest.mark.parametrize(
    ("hour", "minute", "near"),
    [(22, 59, False), (23, 0, True), (0, 0, True), (1, 0, True), (1, 1, False), (12, 0, False)],
)
def test_within_an_hour_of_midnight_is_near_it(hour: int, minute: int, *, near: bool) -> None:
    row = only(measured(walk(at(day(0), hour, minute), backward(10))))
    assert row["is_near_midnight"] is near


def test_near_midnight_is_local() -> None:
    row = only(measured(walk(at(day(0), 18, 30), backward(10), utc_offset_s=5 * 3600)))
    assert row["is_near_midnight"] is True


def test_the_protocol_is_that_of_the_local_day() -> None:
    table = measured(
        *(walk(at(day(number)), backward(10)) for number in range(5)),
        prescribed=prescriptions(
            ("general", day(1), day(2)), ("cervical_spondylosis", day(3), None)
        ),
    )
    assert table["protocol"].to_list() == [
        None,
        "general",
        "general",
        "cervical_spondylosis",
        "cervical_spondylosis",
    ]


def test_of_two_prescriptions_on_a_day_the_later_one_holds_until_it_ends() -> None:
    table = measured(
        *(walk(at(day(number)), backward(10)) for number in range(4)),
        prescribed=prescriptions(
            ("general", day(0), None), ("lumbar_disc_herniation", day(1), day(2))
        ),
    )
    assert table["protocol"].to_list() == ["general", *["lumbar_disc_herniation"] * 2, "general"]


def test_order_of_rows_changes_nothing() -> None:
    made = logs(*(walk(at(day(n)), forward(3.3), backward(7.7), unknown(1.1)) for n in range(3)))
    tables = [
        sessions_from_segments(
            _shuffled(made.segments, Segments, seed),
            _shuffled(made.windows, Windows, seed),
            _shuffled(made.workouts, Workouts, seed),
            prescriptions(),
            session_rules(),
        )
        for seed in (1, 2)
    ]
    assert tables[0].equals(tables[1])


def _shuffled(frame: pl.DataFrame, table: type[_Table], seed: int) -> dy.DataFrame[_Table]:
    return table.validate(frame.sample(fraction=1.0, shuffle=True, seed=seed))


#: Value of ``sessions.toml`` -> another one.
_OTHER = {
    "bout_gap_s": 5.0,
    "settle_s": 60.0,
    "peak_span_s": 30.0,
    "peak_least_s": 11.0,
    "peak_quantile_fraction": 0.2,
    "level_grade_fraction": 0.06,
    "straight_from_m": 140.0,
    "turn_from_deg": 60.0,
    "near_midnight_s": 60.0,
}


def test_every_value_of_the_session_rules_is_tried() -> None:
    assert {field.name for field in fields(SessionRules)} == _OTHER.keys()


@pytest.mark.parametrize("name", _OTHER)
def test_each_value_of_the_session_rules_changes_an_output(name: str) -> None:
    made = logs(
        walk(
            at(day(0), 23, 30),
            backward(2, speed=0.5, heart_rate=140.0),
            7 / 60,  # a pause of 7 s
            backward(2, speed=0.9, heart_rate=100.0, course_deg=0.0),
            forward(1),
            # Legs of 42 and 74.5 m at a right angle: more bent than the 168 m before, and shorter.
            backward(1, grade="incline", course_deg=180.0),
            backward(1),
            backward(25 / 60, speed=1.3),
        )
    )
    tables = [
        sessions_from_segments(made.segments, made.windows, made.workouts, prescriptions(), rules)
        for rules in (session_rules(), replace(session_rules(), **{name: _OTHER[name]}))
    ]
    assert not tables[0].equals(tables[1])


_SPANS = st.lists(
    st.builds(
        Span,
        minutes=st.integers(1, 40).map(lambda quarters: quarters / 4),
        direction=st.sampled_from(["backward", "forward", "unknown"]),
        speed=st.floats(0.3, 1.5).map(lambda v: round(v, 2)),
    ),
    min_size=2,
    max_size=6,
)


@settings(max_examples=20, deadline=None)
@given(spans=_SPANS, cut=st.integers(1, 5))
def test_splitting_a_workout_changes_no_total(spans: list[Span], cut: int) -> None:
    cut = min(cut, len(spans) - 1)
    first_min = sum(span.minutes for span in spans[:cut])
    whole = measured(Walk(at(day(0)), tuple(spans), {}))
    halves = measured(
        Walk(at(day(0)), tuple(spans[:cut]), {}),
        Walk(at(day(0)) + dt.timedelta(minutes=first_min), tuple(spans[cut:]), {}),
    )
    for name in ("walking_min", "backward_min", "unknown_direction_min", "walking_distance_m"):
        assert halves[name].sum() == pytest.approx(whole[name].sum(), abs=1e-5)


@settings(max_examples=20, deadline=None)
@given(spans=_SPANS)
def test_walking_is_the_sum_of_its_directions(spans: list[Span]) -> None:
    row = Sessions.validate(measured(Walk(at(day(0)), tuple(spans), {}))).row(0, named=True)
    parts = row["backward_min"] + row["forward_min"] + row["unknown_direction_min"]
    assert row["walking_min"] == pytest.approx(parts)
    assert row["walking_min"] == pytest.approx(sum(span.minutes for span in spans))
