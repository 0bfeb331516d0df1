"""Evidence of direction: labels, compass, motion sensors, and how it is joined over time."""

import math
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrowalk.rules.evidence import evidence_rules
from retrowalk.windows.direction import posterior_log_odds
from tests.builders_records import (
    lap,
    marks,
    motion,
    records,
    segments_of,
    walk,
    windows_of,
    workouts,
)

RULES = evidence_rules()


def logistic(nats: float) -> float:
    return 1.0 / (1.0 + math.exp(-nats))


def brute_force(evidence: list[float], change: list[float]) -> list[float]:
    """Posterior of backward in each cell, by summing over all paths."""
    cells = len(evidence)
    total, backward = 0.0, [0.0] * cells
    for path in range(2**cells):
        states = [(path >> n) & 1 for n in range(cells)]
        weight = 1.0
        for n in range(cells):
            weight *= math.exp(evidence[n]) if states[n] else 1.0
            if n:
                weight *= change[n] if states[n] != states[n - 1] else 1.0 - change[n]
        total += weight
        backward = [b + weight * s for b, s in zip(backward, states, strict=True)]
    return [b / total for b in backward]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.floats(-4.0, 4.0), st.floats(0.001, 0.5)), min_size=1, max_size=8))
def test_the_chain_gives_the_posterior_of_all_paths(cells: list[tuple[float, float]]) -> None:
    evidence, change = [e for e, _ in cells], [c for _, c in cells]
    odds = posterior_log_odds(np.array(evidence), np.array(change), np.array([len(cells)]))

    assert [logistic(each) for each in odds] == pytest.approx(brute_force(evidence, change))


@settings(max_examples=25, deadline=None)
@given(st.lists(st.lists(st.floats(-3.0, 3.0), min_size=1, max_size=6), min_size=1, max_size=5))
def test_chains_of_a_batch_do_not_touch_each_other(chains: list[list[float]]) -> None:
    change = 0.1
    lengths = np.array([len(chain) for chain in chains])
    together = posterior_log_odds(np.concatenate(chains), np.full(lengths.sum(), change), lengths)
    alone = [
        posterior_log_odds(np.array(c), np.full(len(c), change), np.array([len(c)])) for c in chains
    ]

    assert np.array_equal(together, np.concatenate(alone))


def test_no_cells_have_no_odds() -> None:
    none = np.zeros(0)

    assert posterior_log_odds(none, none, np.zeros(0, dtype=np.int64)).size == 0


def test_a_label_gives_its_own_odds_however_long_it_lasts() -> None:
    for seconds in (10, 600):
        windows = windows_of(walk(range(seconds)), marks(lap(0, seconds, "backward")))

        assert windows["backward_probability"].to_list() == pytest.approx(
            [logistic(RULES.label_nats)] * (seconds // 5)
        )
        assert set(windows["label_log_likelihood_ratio_nats"]) == {RULES.label_nats}


def test_walking_without_evidence_is_as_likely_forward_as_backward() -> None:
    assert set(windows_of(walk(range(60)))["backward_probability"]) == {0.5}


def test_what_is_not_walking_has_no_probability() -> None:
    windows = windows_of(records(range(10), speed_mps=0.0))

    assert windows["backward_probability"].to_list() == [None, None]


def compass_walk(
    *legs: tuple[int, float, float], offset: float = 0.0, scatter: float = 0.0, speed: float = 1.0
) -> pl.DataFrame:
    """Records of legs: seconds, course, and how far the body faces off it; all in degrees."""
    noise = np.random.default_rng(0)
    course = [c for seconds, c, _ in legs for _ in range(seconds)]
    facing = [c + f + offset for seconds, c, f in legs for _ in range(seconds)]
    turned = noise.normal(0.0, scatter, len(facing))
    return walk(
        range(len(course)),
        speed_mps=speed,
        course_deg=[c % 360.0 for c in course],
        heading_deg=[(f + t) % 360.0 for f, t in zip(facing, turned, strict=True)],
    )


OUT_AND_BACK = ((120, 40.0, 0.0), (120, 40.0, 180.0), (120, 220.0, 0.0))


def directions(recorded: pl.DataFrame, *labels: dict[str, Any]) -> list[tuple[str, str, float]]:
    segments = segments_of(recorded, marks(*labels))
    return segments.select("direction", "direction_evidence", "duration_s").rows()


def test_a_compass_that_a_label_orients_tells_forward_from_backward() -> None:
    found = directions(
        compass_walk(*OUT_AND_BACK, offset=70.0, scatter=20.0), lap(0, 60, "forward")
    )

    assert [(d, e) for d, e, _ in found] == [
        ("forward", "lap_name"),
        ("forward", "compass"),
        ("backward", "compass"),
        ("forward", "compass"),
    ]
    assert [s for *_, s in found] == pytest.approx([60.0, 60.0, 120.0, 120.0], abs=5.0)


def test_a_compass_that_a_backward_label_orients_says_the_same() -> None:
    found = directions(compass_walk(*OUT_AND_BACK, offset=200.0), lap(130, 200, "backward"))

    assert {d for d, e, _ in found if e == "compass"} == {"forward", "backward"}
    assert sum(s for d, _, s in found if d == "backward") == pytest.approx(120.0, abs=5.0)


def test_a_stretch_too_fast_for_walking_backward_orients_a_compass() -> None:
    legs = compass_walk((60, 40.0, 0.0), (300, 40.0, 180.0), offset=130.0)
    fast = legs.with_columns(speed_mps=pl.when(pl.col("elapsed_s") < 60).then(1.95).otherwise(0.9))
    found = segments_of(fast)

    assert found.select("direction", "direction_evidence").rows() == [
        ("forward", "compass"),
        ("backward", "compass"),
    ]


@pytest.mark.parametrize("offset", [0.0, 90.0, 180.0])
def test_a_compass_that_nothing_orients_decides_nothing(offset: float) -> None:
    found = directions(compass_walk(*OUT_AND_BACK, offset=offset))

    assert {d for d, *_ in found} == {"unknown"}


def test_an_unoriented_compass_that_is_not_straight_says_nothing_at_all() -> None:
    windows = windows_of(compass_walk(*OUT_AND_BACK, offset=90.0))

    assert windows["compass_log_likelihood_ratio_nats"].null_count() == windows.height
    assert set(windows["backward_probability"]) == {0.5}


def test_a_wrist_that_swings_says_nothing() -> None:
    windows = windows_of(compass_walk(*OUT_AND_BACK, scatter=150.0), marks(lap(0, 60, "forward")))
    beside = windows.filter(pl.col("label_direction").is_null())

    assert beside["compass_log_likelihood_ratio_nats"].null_count() == beside.height


def test_a_compass_is_no_surer_than_it_is_oriented() -> None:
    windows = windows_of(compass_walk((600, 40.0, 180.0)))

    assert windows["backward_probability"].max() == pytest.approx(
        logistic(RULES.heading_column_nats)
    )


def test_a_slow_walk_has_a_compass_by_positions() -> None:
    seconds = range(600)
    windows = windows_of(
        walk(
            seconds,
            speed_mps=0.4,
            east_m=[0.4 * n for n in seconds],
            north_m=0.0,
            heading_deg=[90.0 if n < 300 else 270.0 for n in seconds],
        ),
        marks(lap(0, 100, "forward")),
    )

    assert windows["course_mean_deg"].null_count() == windows.height
    assert windows["backward_probability"][-20] > 0.9


def motion_walk(*legs: tuple[int, float], **change: Any) -> pl.DataFrame:
    """Motion spans of legs: seconds, and phase in degrees."""
    phases = [phase for seconds, phase in legs for _ in range(0, seconds, 3)]
    return motion(
        *(
            {
                "start_s": 3 * n,
                "end_s": 3 * n + 3,
                "vertical_anterior_posterior_phase_rad": math.radians(phase),
                **change,
            }
            for n, phase in enumerate(phases)
        )
    )


def test_the_phase_of_a_trunk_sensor_tells_the_directions_apart() -> None:
    segments = segments_of(records([]), moved=motion_walk((120, 120.0), (90, -75.0), (120, 120.0)))

    assert segments.select("direction", "direction_evidence").rows() == [
        ("forward", "imu"),
        ("backward", "imu"),
        ("forward", "imu"),
    ]
    assert segments["duration_s"].to_list() == pytest.approx([120, 90, 120], abs=5)


def test_modes_are_learned_of_the_person() -> None:
    # Forward lies 45 degrees off, nearly between the general modes of +120 and -75 degrees.
    segments = segments_of(records([]), moved=motion_walk((300, 165.0), (300, -100.0)))
    sums = segments.group_by("direction").agg(pl.col("duration_s").sum())

    assert dict(sums.cast({"direction": pl.String}).rows()) == {
        "forward": pytest.approx(300.0, abs=5.0),
        "backward": pytest.approx(300.0, abs=5.0),
    }


@pytest.mark.parametrize("phase", [195.0, 30.0])
def test_a_phase_half_way_between_the_modes_leaves_direction_open(phase: float) -> None:
    segments = segments_of(records([]), moved=motion_walk((600, phase)))

    assert segments["direction"].to_list() == ["unknown"]


def test_a_second_mode_settles_one_that_lies_half_way() -> None:
    segments = segments_of(records([]), moved=motion_walk((300, 110.0), (300, -170.0)))
    sums = segments.group_by("direction").agg(pl.col("duration_s").sum())
    by_direction = dict(sums.cast({"direction": pl.String}).rows())

    assert by_direction["forward"] == pytest.approx(300.0, abs=15.0)
    assert by_direction["backward"] == pytest.approx(300.0, abs=15.0)


def test_two_modes_close_beside_each_other_are_one() -> None:
    legs = [(15, 175.0 if n % 2 else -145.0) for n in range(40)]
    segments = segments_of(records([]), moved=motion_walk(*legs))

    assert segments["direction"].to_list() == ["unknown"]


@pytest.mark.parametrize("placement", ["wrist", "foot", "unknown"])
def test_a_sensor_whose_phase_does_not_carry_says_nothing(placement: str) -> None:
    windows = windows_of(records([]), moved=motion_walk((60, -75.0), placement=placement))

    assert windows["imu_log_likelihood_ratio_nats"].null_count() == windows.height


def test_a_sensor_that_swings_once_a_stride_says_nothing_wherever_it_is_said_to_be() -> None:
    swinging = RULES.imu_stride_high_fraction + 0.01
    windows = windows_of(records([]), moved=motion_walk((60, -75.0), stride_fraction=swinging))

    assert windows["imu_log_likelihood_ratio_nats"].null_count() == windows.height


#: Found anew in every span, the axis has its forward end now here, now there.
ENDS = [1.0, -1.0, -1.0, 1.0, -1.0]


def unstated_walk(*legs: tuple[int, float], **change: Any) -> pl.DataFrame:
    """Motion spans of a sensor whose forward axis nobody states, along its y axis."""
    phases = [phase for seconds, phase in legs for _ in range(0, seconds, 3)]
    ends = [ENDS[n % len(ENDS)] for n in range(len(phases))]
    return motion(
        *(
            {
                "start_s": 3 * n,
                "end_s": 3 * n + 3,
                "vertical_anterior_posterior_phase_rad": math.remainder(
                    math.radians(phase + (180.0 if end < 0 else 0.0)), 2 * math.pi
                ),
                "forward_axis": None,
                "found_axis_x_fraction": 0.0,
                "found_axis_y_fraction": end,
                "found_axis_z_fraction": 0.0,
                **change,
            }
            for n, (phase, end) in enumerate(zip(phases, ends, strict=True))
        )
    )


@pytest.mark.parametrize("turned", [0.0, 180.0])
def test_a_labelled_stretch_says_which_way_a_found_axis_points(turned: float) -> None:
    moved = unstated_walk((120, 100.0 + turned), (90, -95.0 + turned), (120, 100.0 + turned))
    segments = segments_of(records([]), marks(lap(0, 60, "forward")), moved)

    assert segments.select("direction", "direction_evidence").rows() == [
        ("forward", "lap_name"),
        ("forward", "imu"),
        ("backward", "imu"),
        ("forward", "imu"),
    ]
    assert segments["duration_s"].to_list() == pytest.approx([60, 60, 90, 120], abs=5)


def test_a_labelled_sensor_at_an_unknown_place_is_no_surer_than_one_of_known_mounting() -> None:
    moved = unstated_walk((120, 100.0), (90, -95.0), placement="unknown")
    windows = windows_of(records([]), marks(lap(0, 60, "forward")), moved)

    assert windows["backward_probability"].max() == pytest.approx(logistic(RULES.stated_axis_nats))


def test_a_found_axis_that_no_label_orients_says_nothing() -> None:
    windows = windows_of(records([]), moved=unstated_walk((120, 120.0), (90, -75.0)))

    assert windows["imu_log_likelihood_ratio_nats"].null_count() == windows.height


def test_two_groups_of_phases_that_may_be_either_are_named_by_the_gentler() -> None:
    # both lie a quarter turn from where they should, so that phases name neither
    def walked(second_rms: float) -> pl.DataFrame:
        moved = motion_walk((300, 50.0), (300, 145.0))
        rms = pl.when(pl.int_range(pl.len()) < 100).then(1.5).otherwise(second_rms)
        return moved.with_columns(vertical_rms_mps2=rms)

    windows = windows_of(records([]), moved=walked(0.6))
    turned = windows_of(records([]), moved=walked(3.0))
    later = pl.int_range(pl.len()) >= 70

    assert windows.filter(later)["backward_probability"].mean() > 0.5  # type: ignore[operator]
    assert turned.filter(later)["backward_probability"].mean() < 0.5  # type: ignore[operator]


def test_a_group_that_is_certain_is_stated_beside_one_that_is_not() -> None:
    # 40 degrees off and gentler: another pace, or walking backward by an odd walker
    rms = pl.when(pl.int_range(pl.len()) < 100).then(1.5).otherwise(0.8)
    moved = motion_walk((300, 110.0), (300, 150.0)).with_columns(vertical_rms_mps2=rms)
    segments = segments_of(records([]), moved=moved)
    sums = segments.group_by("direction").agg(pl.col("duration_s").sum())

    assert dict(sums.cast({"direction": pl.String}).rows()) == {
        "forward": pytest.approx(300.0, abs=15.0),
        "unknown": pytest.approx(300.0, abs=15.0),
    }


def test_an_incoherent_span_says_nothing() -> None:
    windows = windows_of(records([]), moved=motion_walk((60, -75.0), coherence_fraction=0.3))

    assert windows["imu_log_likelihood_ratio_nats"].null_count() == windows.height


def test_evidence_of_a_span_is_shared_among_the_cells_that_it_overlaps() -> None:
    windows = windows_of(records([]), moved=motion_walk((30, -75.0)))
    modes = math.cos(math.radians(195.0))
    said = 10 * RULES.imu_nats * 0.9 * (1.0 - modes) / 2.0

    assert windows["imu_log_likelihood_ratio_nats"].sum() == pytest.approx(said, rel=0.02)


def test_a_label_that_contradicts_a_motion_sensor_silences_it() -> None:
    segments = segments_of(
        records([]),
        marks(lap(0, 200, "backward")),
        moved=motion_walk((400, 120.0)),
    )

    assert segments.select("direction", "direction_evidence").rows() == [
        ("backward", "lap_name"),
        ("unknown", "none"),
    ]


def test_strong_measurements_make_a_label_less_sure_and_do_not_overrule_it() -> None:
    seconds = 300
    recorded = compass_walk((seconds, 40.0, 0.0), (seconds, 40.0, 180.0))
    windows = windows_of(
        recorded, marks(lap(0, 250, "forward"), lap(300, 350, "forward"), lap(350, 600, "backward"))
    )
    wrong = windows.filter(pl.col("started_at_utc").is_between(*_span(305, 340)))

    assert wrong["backward_probability"].to_list() == pytest.approx(
        [logistic(-RULES.label_nats + RULES.label_doubt_nats)] * wrong.height
    )


def _span(start_s: float, end_s: float) -> tuple[pl.Expr, pl.Expr]:
    begin = workouts()["started_at_utc"][0]
    return (
        pl.lit(begin) + pl.duration(milliseconds=int(start_s * 1000)),
        pl.lit(begin) + pl.duration(milliseconds=int(end_s * 1000)),
    )


def test_a_label_says_nothing_across_its_border() -> None:
    windows = windows_of(walk(range(60)), marks(lap(0, 30, "backward")))

    assert windows["backward_probability"].to_list()[6:] == [0.5] * 6
