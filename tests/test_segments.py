"""From cells to segments: what is stated, what is assumed, and where a segment ends."""

import datetime as dt
from typing import Any

import dataframely as dy
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrowalk.rules.evidence import evidence_rules
from retrowalk.rules.plausibility import plausibility_rules
from retrowalk.segments import segments_from_windows
from retrowalk.tables import Prescriptions, Segments, Windows, Workouts
from tests.builders_records import (
    at,
    lap,
    marks,
    pause,
    prescriptions,
    records,
    segments_of,
    table,
    walk,
    windows_of,
    workouts,
)


def classes(segments: pl.DataFrame) -> list[tuple[str, float]]:
    """Walking class (or activity) and duration of each segment."""
    words = pl.col("activity", "walking_class").cast(pl.String)
    named = pl.when(pl.col("activity") == "walk").then("walking_class").otherwise("activity")
    return segments.with_columns(words).select(named, "duration_s").rows()


def seconds_by_class(segments: pl.DataFrame) -> dict[str, float]:
    sums = segments.group_by("walking_class").agg(pl.col("duration_s").sum())
    return dict(sums.cast({"walking_class": pl.String}).rows())


def sloped(*stretches: tuple[int, float | None], **channels: Any) -> pl.DataFrame:
    """Walking at 1 m/s over stretches of so many seconds and a reported grade."""
    grades = [grade for seconds, grade in stretches for _ in range(seconds)]
    return walk(range(len(grades)), grade_fraction=grades, **channels)


def test_fifteen_hundred_records_labelled_backward_are_twenty_five_minutes() -> None:
    segments = segments_of(walk(range(1500)), marks(lap(0, 1500, "backward")))

    assert classes(segments) == [("backward", 1500.0)]
    assert segments["direction_evidence"].to_list() == ["lap_name"]
    assert segments["is_direction_assumed"].to_list() == [False]
    assert segments["distance_m"].to_list() == pytest.approx([1500.0])


def test_the_border_of_a_label_is_exact_to_the_second() -> None:
    segments = segments_of(
        walk(range(1200)), marks(lap(0, 437, "forward"), lap(437, 1200, "backward"))
    )

    assert classes(segments) == [("forward", 437.0), ("backward", 763.0)]


def test_a_short_label_is_never_absorbed() -> None:
    segments = segments_of(
        walk(range(60)),
        marks(lap(0, 20, "forward"), lap(20, 22, "backward"), lap(22, 60, "forward")),
    )

    assert classes(segments) == [("forward", 20.0), ("backward", 2.0), ("forward", 38.0)]


def test_walking_that_nothing_tells_of_is_unknown() -> None:
    segments = segments_of(walk(range(600)))

    assert classes(segments) == [("unknown", 600.0)]
    assert segments.select("direction", "direction_evidence", "direction_probability").row(0) == (
        "unknown",
        "none",
        0.5,
    )


def test_a_label_says_nothing_of_what_lies_beside_it() -> None:
    segments = segments_of(walk(range(600)), marks(lap(0, 300, "backward")))

    assert classes(segments) == [("backward", 300.0), ("unknown", 300.0)]


@pytest.mark.parametrize("taken_for", ["backward", "forward"])
def test_the_prescription_decides_unlabelled_walking_as_an_assumption(taken_for: str) -> None:
    segments = segments_of(
        walk(range(600)),
        marks(lap(0, 100, "backward"), lap(100, 200, "forward")),
        prescribed=prescriptions(taken_for),
    )
    assumed = segments.filter("is_direction_assumed")

    assert classes(segments)[:2] == [("backward", 100.0), ("forward", 100.0)]
    assert assumed.select(
        "direction", "direction_evidence", "direction_probability", "duration_s"
    ).rows() == [(taken_for, "assumption", None, 400.0)]


@pytest.mark.parametrize(
    "change",
    [
        {"participant_id": "p2"},
        {"starts_on_date": dt.date(2026, 11, 17)},
        {"starts_on_date": dt.date(2026, 11, 1), "ends_on_date": dt.date(2026, 11, 15)},
        {"unlabelled_walking": "unknown"},
    ],
)
def test_a_prescription_that_is_not_in_force_assumes_nothing(change: dict[str, Any]) -> None:
    prescribed = prescriptions(**{"unlabelled_walking": "backward", **change})

    assert classes(segments_of(walk(range(60)), prescribed=prescribed)) == [("unknown", 60.0)]


def test_of_two_prescriptions_the_one_that_began_last_counts() -> None:
    rows = [
        {"participant_id": "p1", "protocol": "general", "starts_on_date": start, "unlabelled_walking": taken}
        for start, taken in ((dt.date(2026, 11, 1), "forward"), (dt.date(2026, 11, 10), "backward"))
    ]  # fmt: skip
    segments = segments_of(walk(range(60)), prescribed=table(Prescriptions, rows))

    assert classes(segments) == [("backward", 60.0)]


def test_an_assumption_never_touches_a_run_or_a_rest() -> None:
    speed = [2.9] * 60 + [0.0] * 60
    segments = segments_of(
        records(range(120), speed_mps=speed, cadence_spm=[165.0] * 60 + [0.0] * 60),
        prescribed=prescriptions("backward"),
    )

    assert classes(segments) == [("run", 60.0), ("rest", 60.0)]


def test_a_gap_ends_a_segment() -> None:
    segments = segments_of(walk([*range(100), *range(200, 300)]), marks(lap(0, 300, "backward")))

    assert classes(segments) == [("backward", 100.0), ("backward", 100.0)]


def test_a_pause_ends_a_segment() -> None:
    segments = segments_of(
        walk([*range(100), *range(110, 200)]), marks(lap(0, 200, "backward"), pause(99, 110))
    )

    assert classes(segments) == [("backward", 100.0), ("backward", 90.0)]


def test_a_border_without_a_change_of_direction_ends_nothing() -> None:
    segments = segments_of(
        walk(range(120)), marks(lap(0, 60, "backward"), lap(60, 120, "backward"))
    )

    assert classes(segments) == [("backward", 120.0)]


def test_a_contradicted_label_is_kept_and_flagged() -> None:
    segments = segments_of(
        records(range(60), speed_mps=3.0, cadence_spm=130.0), marks(lap(0, 60, "backward"))
    )

    assert segments.select("walking_class", "is_label_contradicted").rows() == [("backward", True)]


def test_a_rest_of_one_window_inside_a_walk_is_absorbed_and_a_longer_one_is_not() -> None:
    def with_rest(seconds: int) -> list[tuple[str, float]]:
        speed = [1.0] * 60 + [0.0] * seconds + [1.0] * 60
        return classes(segments_of(records(range(len(speed)), speed_mps=speed)))

    assert with_rest(5) == [("unknown", 125.0)]
    assert with_rest(20) == [("unknown", 60.0), ("rest", 20.0), ("unknown", 60.0)]


def test_an_absorbed_rest_has_the_direction_of_the_walk_around_it() -> None:
    speed = [1.0] * 60 + [0.0] * 5 + [1.0] * 60
    segments = segments_of(records(range(125), speed_mps=speed), marks(lap(0, 125, "backward")))

    assert classes(segments) == [("backward", 125.0)]


def windows_at(*probabilities: float) -> dy.DataFrame[Windows]:
    """Walking windows of five seconds with these probabilities of backward."""
    plain = windows_of(walk(range(5 * len(probabilities))))
    return Windows.validate(
        plain.with_columns(backward_probability=pl.Series(probabilities, dtype=pl.Float64))
    )


def directions_of(*probabilities: float) -> list[tuple[str, float]]:
    found = segments_from_windows(
        windows_at(*probabilities),
        workouts(),
        Prescriptions.create_empty(),
        evidence=evidence_rules(),
        plausibility=plausibility_rules(),
    )
    return [(row["direction"], row["duration_s"]) for row in found.iter_rows(named=True)]


def test_a_doubtful_window_between_the_two_directions_goes_to_the_likelier() -> None:
    forward, backward = [0.03] * 4, [0.97] * 4

    assert directions_of(*forward, 0.3, *backward) == [("forward", 25.0), ("backward", 20.0)]
    assert directions_of(*forward, 0.7, *backward) == [("forward", 20.0), ("backward", 25.0)]
    assert directions_of(*backward, 0.7, *forward) == [("backward", 25.0), ("forward", 20.0)]


def test_a_doubtful_window_at_one_half_or_at_an_end_stays_unknown() -> None:
    forward, backward = [0.03] * 4, [0.97] * 4

    assert ("unknown", 5.0) in directions_of(*forward, 0.5, *backward)
    assert directions_of(0.6, *backward)[0] == ("unknown", 5.0)


def test_a_long_doubtful_stretch_between_the_two_directions_stays_unknown() -> None:
    forward, backward = [0.03] * 4, [0.97] * 4

    assert directions_of(*forward, 0.3, 0.7, *backward)[1] == ("unknown", 10.0)


def test_incline_begins_at_three_and_ends_below_two_per_cent() -> None:
    segments = segments_of(
        sloped((60, 0.025), (60, 0.03), (60, 0.021), (60, 0.019)), marks(lap(0, 240, "backward"))
    )

    assert classes(segments) == [
        ("backward", 60.0),
        ("incline_backward", 120.0),
        ("backward", 60.0),
    ]
    assert segments["grade_class"].to_list() == ["level", "incline", "level"]
    assert segments["grade_mean_fraction"].to_list() == pytest.approx([0.025, 0.0255, 0.019])


def test_decline_mirrors_incline() -> None:
    segments = segments_of(sloped((60, -0.03), (60, -0.021), (60, -0.019)))

    assert classes(segments) == [("decline_unknown", 120.0), ("unknown", 60.0)]


def test_a_slope_that_turns_over_is_not_held() -> None:
    segments = segments_of(sloped((60, 0.03), (60, -0.025), (60, -0.03)))

    assert segments["grade_class"].to_list() == ["incline", "level", "decline"]


def test_without_a_grade_the_class_is_unknown_and_never_level() -> None:
    segments = segments_of(sloped((60, 0.05), (60, None)), marks(lap(0, 120, "forward")))

    assert segments.select("grade_class", "walking_class", "grade_mean_fraction").rows() == [
        ("incline", "incline_forward", 0.05),
        ("unknown", "forward", None),
    ]


def test_a_barometric_incline_below_thirty_metres_is_level() -> None:
    def hump(metres: int) -> set[str]:
        climbed = [0.0] * 100
        climbed += [0.10 * n for n in range(metres)]
        climbed += [0.10 * metres] * 100
        segments = segments_of(
            walk(range(len(climbed)), altitude_m=[100 + each for each in climbed]),
            of=workouts(altitude_source="barometer"),
        )
        return set(segments["grade_class"])

    assert hump(5) == {"level"}
    assert "incline" in hump(80)


def test_the_median_of_cadence_is_weighted_by_time() -> None:
    cadence = [90.0] * 30 + [110.0] * 60 + [130.0] * 20
    segments = segments_of(records(range(110), speed_mps=1.0, cadence_spm=cadence))

    assert segments.select("cadence_median_spm", "cadence_usable_s").rows() == [(110.0, 110.0)]


def test_missing_cadence_and_heart_rate_are_not_usable_time() -> None:
    segments = segments_of(
        records(
            range(60),
            speed_mps=1.0,
            cadence_spm=[100.0] * 40 + [None] * 20,
            heart_rate_bpm=[None] * 30 + [90.0] * 30,
        )
    )

    assert segments.select(
        "cadence_usable_s", "heart_rate_usable_s", "heart_rate_mean_bpm", "step_length_mean_m"
    ).row(0) == pytest.approx((40.0, 30.0, 90.0, 0.6))


def test_a_listed_workout_is_one_segment_with_its_totals() -> None:
    segments = segments_of(
        records([0], cadence_spm=90.0),
        of=workouts(grain="workout", moving_s=1800.0, distance_m=1500.0),
        marked=marks(lap(0, 3600, "backward", source="session_name")),
    )

    assert segments.select("walking_class", "duration_s", "distance_m", "cadence_median_spm").rows() == [
        ("backward", 1800.0, pytest.approx(1500.0), 90.0)
    ]  # fmt: skip


def test_a_higher_threshold_states_less() -> None:
    windows = windows_of(walk(range(60)), marks(lap(0, 60, "backward")))

    def direction(decide_at: float) -> list[str]:
        return segments_from_windows(
            windows,
            workouts(),
            table(Prescriptions, []),
            evidence=evidence_rules(),
            plausibility=plausibility_rules(),
            decide_at=decide_at,
        )["direction"].to_list()

    assert direction(0.9) == ["backward"]
    assert direction(0.999) == ["unknown"]


def test_segments_are_numbered_by_time_within_each_workout() -> None:
    both = pl.concat([walk(range(60)), walk(range(60), workout_id="w2")])
    labels = marks(lap(0, 30, "backward"), lap(0, 10, "forward", workout_id="w2"))
    segments = segments_of(both, labels, of=workouts({}, {"workout_id": "w2"}))

    assert segments.select("workout_id", "segment_n", "duration_s").rows() == [
        ("w1", 0, 30.0),
        ("w1", 1, 30.0),
        ("w2", 0, 10.0),
        ("w2", 1, 50.0),
    ]


def test_no_windows_are_no_segments() -> None:
    assert segments_of(records([]), of=table(Workouts, [])).equals(Segments.create_empty())


@settings(max_examples=30, deadline=None)
@given(
    cut=st.integers(1, 239),
    border=st.integers(1, 239),
    direction=st.sampled_from(["backward", "forward", None]),
)
def test_splitting_a_log_at_any_record_changes_no_minutes_of_any_class(
    cut: int, border: int, direction: str | None
) -> None:
    labels = lap(0, border, "backward"), lap(border, 240, direction)
    whole = segments_of(walk(range(240)), marks(*labels))
    halves = pl.concat([walk(range(cut)), walk(range(cut, 240), workout_id="w2")])
    split = segments_of(
        halves,
        marks(*labels, *({**each, "workout_id": "w2"} for each in labels)),
        of=workouts(
            {"ended_at_utc": at(cut)},
            {"workout_id": "w2", "started_at_utc": at(cut), "ended_at_utc": at(240)},
        ),
    )

    assert seconds_by_class(split) == seconds_by_class(whole)
    assert split["distance_m"].sum() == pytest.approx(whole["distance_m"].sum())


@settings(max_examples=30, deadline=None)
@given(
    speeds=st.lists(st.floats(0.0, 4.0), min_size=20, max_size=60),
    borders=st.lists(st.integers(0, 300), max_size=5),
    seed=st.integers(0, 100),
)
def test_durations_reconcile_and_the_order_of_rows_changes_nothing(
    speeds: list[float], borders: list[int], seed: int
) -> None:
    recorded = records(
        range(0, 5 * len(speeds), 5),
        speed_mps=speeds,
        grade_fraction=[(s - 2.0) / 30 for s in speeds],
    )
    words = ("backward", None, "forward")
    labels = [
        lap(a, b, words[n % 3])
        for n, (a, b) in enumerate(zip(sorted(borders), sorted(borders)[1:], strict=False))
    ]
    of = workouts(median_interval_s=5.0)
    windows = windows_of(recorded, marks(*labels), of=of)
    rules = {"evidence": evidence_rules(), "plausibility": plausibility_rules()}
    none = table(Prescriptions, [])
    segments = segments_from_windows(windows, of, none, **rules)  # type: ignore[arg-type]
    shuffled = windows.sample(fraction=1.0, shuffle=True, seed=seed)
    again = segments_from_windows(shuffled, of, none, **rules)  # type: ignore[arg-type]
    span = (pl.col("ended_at_utc") - pl.col("started_at_utc")).dt.total_microseconds() / 1e6

    assert segments["duration_s"].sum() == pytest.approx(windows.select(span.sum()).item())
    assert segments["distance_m"].sum() == pytest.approx(windows["distance_m"].sum())
    assert again.equals(segments)
