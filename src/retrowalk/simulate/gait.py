"""People and how they walk: speed, cadence, step length and heart rate, drawn with their spread.

Means and spreads stand in ``gait_params.csv``. They serve synthetic data only and are no norms.
"""

import csv
import math
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np

from retrowalk.simulate.series import Floats, Rng, Truths
from retrowalk.units import SECONDS_PER_MINUTE

AGE_GROUPS = ("young", "old")
#: No one is drawn further from the mean than this many standard deviations.
_REACH_SD = 2.0
#: Slowest comfortable backward walk that is drawn.
_SLOWEST_MPS = 0.3
#: Who is fast forward tends to be fast backward.
_SPEED_CORRELATION = 0.6


@dataclass(frozen=True, slots=True)
class Gait:
    """How one person walks in one direction."""

    speed_mps: float
    walk_ratio_m_min: float
    stride_time_cv_fraction: float
    stance_fraction: float
    trunk_pitch_deg: float
    keeps_step_length: bool

    def cadence_spm(self, speed_mps: Floats) -> Floats:
        """Cadence at a speed.

        Most people lengthen and quicken their steps together, at a constant ratio of the two; old
        people walking backward only quicken them (Laufer 2005, J Gerontol A 60(5):627).

        Args:
            speed_mps: Speed, 0 where standing.

        Returns:
            Steps/min, 0 where standing.
        """
        if self.keeps_step_length:
            return SECONDS_PER_MINUTE * speed_mps / self.step_length_m
        return np.sqrt(SECONDS_PER_MINUTE * speed_mps / self.walk_ratio_m_min)

    @property
    def step_length_m(self) -> float:
        """Step length at comfortable speed."""
        return math.sqrt(SECONDS_PER_MINUTE * self.speed_mps * self.walk_ratio_m_min)


@dataclass(frozen=True, slots=True)
class Person:
    """Who walks. Birth year, height and mass are round, as a clinic writes them down."""

    age_group: str
    is_female: bool
    birth_year: int
    height_cm: int
    body_mass_kg: float
    resting_heart_rate_bpm: int
    maximal_heart_rate_bpm: int
    maximal_met: float
    forward: Gait
    backward: Gait


def draw_person(rng: Rng, age_group: str, *, this_year: int) -> Person:
    """Draws one person.

    Args:
        rng: Where chance comes from.
        age_group: One of :data:`AGE_GROUPS`.
        this_year: The year in which the person walks.

    Returns:
        The person.
    """
    is_old = age_group == "old"
    is_female = bool(rng.random() < 0.5)
    age = int(rng.integers(70, 82) if is_old else rng.integers(24, 58))
    pace = _bounded(rng)
    backward_pace = _SPEED_CORRELATION * pace + math.sqrt(1 - _SPEED_CORRELATION**2) * _bounded(rng)
    height_cm = (163 if is_female else 177) + 6.0 * _bounded(rng) - (3 if is_old else 0)
    return Person(
        age_group=age_group,
        is_female=is_female,
        birth_year=this_year - age,
        height_cm=round(height_cm),
        body_mass_kg=round((25.0 + 2.5 * _bounded(rng)) * (height_cm / 100.0) ** 2, 1),
        resting_heart_rate_bpm=round(63 + 6.0 * _bounded(rng)),
        maximal_heart_rate_bpm=round(208 - 0.7 * age),
        maximal_met=(6.5 if is_old else 10.5) + _bounded(rng),
        forward=_gait(rng, age_group, "forward", pace),
        backward=_gait(rng, age_group, "backward", backward_pace),
    )


def oxygen_cost_met(speed_mps: Floats, grade_fraction: Floats, is_backward: Truths) -> Floats:
    """Work of walking, which heart rate follows.

    Args:
        speed_mps: Speed, 0 where resting.
        grade_fraction: Rise over run; downhill counts as level.
        is_backward: Direction.

    Returns:
        Gross METs; 1.2 where standing.

    References:
        Forward: ACSM walking equation. Backward: a line through the Compendium's entries for 3.5
        mph, level and at 5 %.
    """
    speed = SECONDS_PER_MINUTE * speed_mps
    level = np.where(is_backward, 0.1864, 0.1) * speed
    climb = np.where(is_backward, 1.5, 1.8) * speed * np.maximum(grade_fraction, 0.0)
    return np.maximum((3.5 + level + climb) / 3.5, 1.2)


def _gait(rng: Rng, age_group: str, direction: str, pace: float) -> Gait:
    mean, sd = _parameter(age_group, direction, "speed_mps")
    return Gait(
        speed_mps=max(_SLOWEST_MPS, mean + sd * pace),
        walk_ratio_m_min=_drawn(rng, age_group, direction, "walk_ratio_m_min"),
        stride_time_cv_fraction=abs(_drawn(rng, "any", direction, "stride_time_cv_fraction")),
        stance_fraction=_drawn(rng, "any", direction, "stance_fraction"),
        trunk_pitch_deg=_drawn(rng, "any", direction, "trunk_pitch_deg"),
        keeps_step_length=age_group == "old" and direction == "backward",
    )


def _drawn(rng: Rng, age_group: str, direction: str, quantity: str) -> float:
    mean, sd = _parameter(age_group, direction, quantity)
    return mean + sd * _bounded(rng)


def _bounded(rng: Rng) -> float:
    return float(np.clip(rng.standard_normal(), -_REACH_SD, _REACH_SD))


def _parameter(age_group: str, direction: str, quantity: str) -> tuple[float, float]:
    return _parameters()[age_group, direction, quantity]


@cache
def _parameters() -> dict[tuple[str, str, str], tuple[float, float]]:
    text = (files(__package__) / "gait_params.csv").read_text(encoding="utf-8")
    return {
        (row["age_group"], row["direction"], row["quantity"]): (
            float(row["mean"]),
            float(row["sd"]),
        )
        for row in csv.DictReader(text.splitlines())
    }
