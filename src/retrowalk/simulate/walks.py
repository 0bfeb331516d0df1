"""What somebody really did, second by second: the truth from which every sensor is derived."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from retrowalk.simulate.gait import Person, oxygen_cost_met
from retrowalk.simulate.series import (
    Floats,
    Integers,
    Rng,
    Truths,
    ar1_noise,
    first_order_response,
    smoothed,
)

#: Heart rate makes up 63 % of a change of work in this time.
_HEART_RATE_LAG_S = 45.0
#: Changing what one does takes about this long; borders stay exact.
_CHANGE_OVER_S = 5
_SPEED_CV_FRACTION = 0.04
_STANDING_SPEED_MPS = 0.0


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch in which one thing is done.

    Args:
        duration_s: Length in whole seconds.
        direction: ``forward`` or ``backward``; only walking has one.
        speed_mps: Speed; None: the person's comfortable speed in that direction.
        speed_factor: What the speed is multiplied by.
        grade_fraction: Rise over run.
        activity: ``walk``, ``rest``, ``run`` or ``other``.
        cadence_spm: Steps/min; None: what the person's gait gives for the speed.
        heart_rate_bpm: Steady heart rate; None: what the work gives.
        is_paused: Whether the timer is stopped.
    """

    duration_s: int
    direction: str = "forward"
    speed_mps: float | None = None
    speed_factor: float = 1.0
    grade_fraction: float = 0.0
    activity: str = "walk"
    cadence_spm: float | None = None
    heart_rate_bpm: float | None = None
    is_paused: bool = False

    @property
    def true_label(self) -> str | None:
        """The direction that a right label would state; None: there is nothing to state."""
        return self.direction if self.activity == "walk" and not self.is_paused else None


@dataclass(frozen=True, slots=True)
class Trace:
    """One workout's truth, one value per second since its start."""

    blocks: tuple[Block, ...]
    block_n: Integers
    speed_mps: Floats
    cadence_spm: Floats
    grade_fraction: Floats
    heart_rate_bpm: Floats
    is_backward: Truths
    is_paused: Truths

    @property
    def elapsed_s(self) -> int:
        """Length with pauses."""
        return int(self.block_n.size)

    @property
    def border_s(self) -> Integers:
        """Start of every block and, last, the end of the workout."""
        return np.concatenate([[0], np.cumsum([block.duration_s for block in self.blocks])])

    @property
    def distance_m(self) -> Floats:
        """Distance at the start of every second and, last, at the end of the workout."""
        return np.concatenate([[0.0], np.cumsum(self.speed_mps)])


def trace_from_blocks(
    blocks: Sequence[Block], person: Person, rng: Rng, *, is_exact: bool = False
) -> Trace:
    """Walks a plan.

    Args:
        blocks: What is done, in order.
        person: Who does it.
        rng: Where chance comes from.
        is_exact: Whether speed, cadence and heart rate keep exactly to the plan.

    Returns:
        One value per second.
    """
    block_n = np.repeat(np.arange(len(blocks)), [block.duration_s for block in blocks])
    is_backward = np.array([block.direction == "backward" for block in blocks])[block_n]
    is_still = np.array([block.activity == "rest" or block.is_paused for block in blocks])[block_n]
    grade = np.array([block.grade_fraction for block in blocks])[block_n]
    speed = np.array([_speed_mps(block, person) for block in blocks])[block_n]
    if not is_exact:
        speed = _with_human_variation(speed, rng)
    speed = np.where(is_still, _STANDING_SPEED_MPS, speed)
    return Trace(
        blocks=tuple(blocks),
        block_n=block_n,
        speed_mps=speed,
        cadence_spm=_cadence_spm(blocks, block_n, speed, person, rng, is_exact=is_exact),
        grade_fraction=grade,
        heart_rate_bpm=_heart_rate_bpm(
            blocks, block_n, oxygen_cost_met(speed, grade, is_backward), person, rng
        ),
        is_backward=is_backward,
        is_paused=np.array([block.is_paused for block in blocks])[block_n],
    )


def _speed_mps(block: Block, person: Person) -> float:
    gait = person.backward if block.direction == "backward" else person.forward
    comfortable = gait.speed_mps if block.speed_mps is None else block.speed_mps
    return comfortable * block.speed_factor


def _with_human_variation(speed: Floats, rng: Rng) -> Floats:
    """Changes over within a few seconds and never keeps quite the same pace."""
    paced = smoothed(speed, width_s=_CHANGE_OVER_S)
    return paced * np.exp(ar1_noise(rng, speed.size, sigma=_SPEED_CV_FRACTION, phi=0.9))


def _cadence_spm(
    blocks: Sequence[Block],
    block_n: Integers,
    speed: Floats,
    person: Person,
    rng: Rng,
    *,
    is_exact: bool,
) -> Floats:
    """Steps/min from the person's gait; what is not on foot has none."""
    is_backward = np.array([block.direction == "backward" for block in blocks])[block_n]
    natural = np.where(
        is_backward, person.backward.cadence_spm(speed), person.forward.cadence_spm(speed)
    )
    fixed = np.array([block.cadence_spm or np.nan for block in blocks])[block_n]
    cadence = np.where(np.isnan(fixed), natural, fixed)
    is_on_foot = np.array([block.activity in ("walk", "run") for block in blocks])[block_n]
    cadence = np.where(is_on_foot & (speed > 0), cadence, 0.0)
    if is_exact:
        return cadence
    spread = np.where(
        is_backward,
        person.backward.stride_time_cv_fraction,
        person.forward.stride_time_cv_fraction,
    )
    return cadence * (1.0 + spread * ar1_noise(rng, speed.size, sigma=1.0, phi=0.5))


def _heart_rate_bpm(
    blocks: Sequence[Block], block_n: Integers, met: Floats, person: Person, rng: Rng
) -> Floats:
    """Heart rate: reserve in use equals share of the capacity in use, with a lag and a flutter."""
    rest = float(person.resting_heart_rate_bpm)
    reserve = person.maximal_heart_rate_bpm - rest
    use = np.minimum((met - 1.0) / (person.maximal_met - 1.0), 0.95)
    start = rest + rng.uniform(8.0, 16.0)
    lagged = first_order_response(
        rest + reserve * use, start=start, time_constant_s=_HEART_RATE_LAG_S
    )
    natural = lagged + ar1_noise(rng, met.size, sigma=1.5, phi=0.9)
    fixed = np.array([block.heart_rate_bpm or np.nan for block in blocks])[block_n]
    return np.where(np.isnan(fixed), natural, fixed)
