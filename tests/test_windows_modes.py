"""Where the phases of a workout lie, and how each number of the rules moves what is made of them."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrowalk.rules.evidence import EvidenceRules, evidence_rules
from retrowalk.windows.modes import Phases, phase_speech
from retrowalk.windows.timeline import Floats

RULES = evidence_rules()
#: Spans, phase in degrees, vertical movement, and what is known of the direction otherwise.
Leg = tuple[int, float, float, float]


def phases(*legs: Leg, is_stated: bool = True, scatter_deg: float = 0.0) -> Phases:
    """The spans of one workout."""
    counts = [count for count, *_ in legs]
    degrees = np.repeat([phase for _, phase, *_ in legs], counts).astype(np.float64)
    degrees += np.random.default_rng(0).normal(0.0, scatter_deg, degrees.size)
    return Phases(
        points=np.exp(1j * np.radians(degrees)),
        weight=np.full(degrees.size, 0.9),
        log_rms=np.log(np.repeat([rms for *_, rms, _ in legs], counts)),
        signs=np.repeat([sign for *_, sign in legs], counts).astype(np.float64),
        lengths=np.array([degrees.size]),
        is_stated=np.array([is_stated]),
    )


def log_odds(spans: Phases, rules: EvidenceRules = RULES) -> Floats:
    """How sure each span can be, backward positive."""
    said, sure = phase_speech(spans, rules)
    odds: Floats = np.sign(said) * sure
    return odds


def test_one_mode_is_told_by_where_it_lies() -> None:
    # at the general mode: 0.93 of people at exp(3 cos) against the seven in a hundred who lie
    # anywhere, once for its own direction and once for the other, 195 degrees away
    def likely(angle: float) -> float:
        near = math.exp(3 * math.cos(math.radians(angle))) / (2 * math.pi * np.i0(3.0))
        return float(0.93 * near + 0.07 / (2 * math.pi))

    odds = log_odds(phases((40, -75.0, 1.0, 0.0)), replace(RULES, stated_axis_nats=9.0))

    assert odds == pytest.approx([math.log(likely(0) / likely(195))] * 40)


def test_no_sensor_is_surer_than_its_stated_axis() -> None:
    assert log_odds(phases((40, 120.0, 1.0, 0.0))) == pytest.approx([-RULES.stated_axis_nats] * 40)


def test_the_larger_part_of_a_scattered_mode_is_not_two() -> None:
    spans = phases((400, 30.0, 1.0, 0.0), scatter_deg=30.0)
    odds = log_odds(spans)

    # one mode half-way between the general ones stays open as a whole
    assert np.abs(odds).max() < 1.0
    assert len(set(odds.tolist())) <= 2


def test_two_modes_on_one_side_of_the_general_ones_are_found() -> None:
    odds = log_odds(phases((100, -35.0, 1.5, 0.0), (100, -110.0, 0.8, 0.0)))

    assert (odds[:100] < 0).all()
    assert (odds[100:] > 0).all()


def test_labels_name_the_modes_where_nothing_is_stated() -> None:
    legs: tuple[Leg, ...] = ((30, 20.0, 1.0, -1.0), (70, 20.0, 1.0, 0.0), (60, -160.0, 1.0, 0.0))
    odds = log_odds(phases(*legs, is_stated=False))

    assert odds[:100] == pytest.approx([-RULES.learned_axis_nats] * 100, abs=0.1)
    assert (odds[100:] > 2.2).all()


def test_without_a_stated_axis_and_without_labels_nothing_is_sure() -> None:
    legs: tuple[Leg, ...] = ((60, 120.0, 2.0, 0.0), (60, -75.0, 1.0, 0.0))

    assert set(log_odds(phases(*legs, is_stated=False)).tolist()) == {0.0}


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(3, 40),
            st.floats(-180.0, 180.0),
            st.floats(0.2, 3.0),
            st.sampled_from([-1.0, 0.0, 0.0, 1.0]),
        ),
        min_size=1,
        max_size=4,
    ),
    st.booleans(),
)
def test_a_workout_says_the_same_whatever_else_is_in_the_batch(
    legs: list[Leg],
    is_stated: bool,  # noqa: FBT001 drawn by hypothesis
) -> None:
    own = phases(*legs, is_stated=is_stated)
    mate = phases((25, 100.0, 1.0, 0.0), (15, -90.0, 0.5, 0.0))
    both = Phases(
        *(
            np.concatenate([getattr(one, name) for one in (own, mate)])
            for name in ("points", "weight", "log_rms", "signs", "lengths", "is_stated")
        )
    )
    together = phase_speech(both, RULES)
    alone, beside = phase_speech(own, RULES), phase_speech(mate, RULES)

    for part in (0, 1):
        assert np.array_equal(together[part], np.concatenate([alone[part], beside[part]]))


@settings(max_examples=40, deadline=None)
@given(
    st.floats(-180.0, 180.0),
    st.floats(30.0, 180.0),
    st.floats(0.3, 3.0),
    st.sampled_from([-1.0, 1.0]),
)
def test_turning_a_sensor_that_labels_orient_changes_nothing(
    first: float, apart: float, rms: float, sign: float
) -> None:
    def walked(turn: float) -> Phases:
        legs: tuple[Leg, ...] = (
            (40, first + turn, 1.0, sign),
            (60, first + apart + turn, rms, 0.0),
        )
        return phases(*legs, is_stated=False)

    assert log_odds(walked(180.0)) == pytest.approx(log_odds(walked(0.0)), abs=1e-6)


TWO: tuple[Leg, ...] = ((100, 60.0, 1.5, 0.0), (100, 100.0, 1.0, 0.0))
FEW: tuple[Leg, ...] = ((100, 120.0, 1.0, 0.0), (12, -120.0, 1.0, 0.0))


@pytest.mark.parametrize(
    ("name", "value", "legs", "scatter_deg"),
    [
        ("imu_nats", 1.0, TWO, 0.0),
        ("imu_forward_deg", 90.0, TWO, 0.0),
        ("imu_backward_deg", -90.0, TWO, 0.0),
        ("imu_modes_apart_deg", 45.0, TWO, 0.0),
        ("imu_modes_apart_sd", 9.0, TWO, 8.0),
        ("imu_mode_least_n", 13, FEW, 0.0),
        ("imu_people_concentration", 2.0, TWO, 0.0),
        ("imu_odd_people_fraction", 0.2, TWO, 0.0),
        ("imu_person_concentration", 8.0, TWO, 0.0),
        ("imu_vigour_mean", 0.3, TWO, 0.0),
        ("imu_vigour_sd", 0.9, TWO, 0.0),
        ("imu_vigour_same_sd", 0.8, TWO, 0.0),
        ("imu_vigour_share", 0.7, TWO, 0.0),
        ("stated_axis_nats", 2.0, FEW, 0.0),
        ("learned_axis_nats", 0.5, ((100, 60.0, 1.5, -0.1), (100, 100.0, 1.0, 0.0)), 0.0),
    ],
)
def test_every_number_of_the_rules_moves_something(
    name: str, value: float, legs: tuple[Leg, ...], scatter_deg: float
) -> None:
    spans = phases(*legs, scatter_deg=scatter_deg)
    changed = replace(RULES, **{name: value})  # type: ignore[arg-type]

    assert not np.array_equal(phase_speech(spans, changed), phase_speech(spans, RULES))
