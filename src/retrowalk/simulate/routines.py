"""What people set out to do: plans of blocks, one function per kind of outing.

Every routine takes chance and the number of the week since the cohort's first, from 0, and
returns the blocks in order.
"""

from collections.abc import Callable
from typing import Any

from retrowalk.simulate.series import Rng
from retrowalk.simulate.walks import Block

Routine = Callable[[Rng, int], tuple[Block, ...]]

_MINUTE_S = 60


def steady(rng: Rng, week_n: int) -> tuple[Block, ...]:
    """Warms up forward, walks backward for about half an hour, cools down forward."""
    del week_n
    return (
        _minutes(rng, 3, 5),
        _minutes(rng, 25, 33, direction="backward"),
        _minutes(rng, 2, 4),
    )


def steady_by_the_clock(rng: Rng, week_n: int) -> tuple[Block, ...]:
    """The same to the second, on a belt: 5 min at 1.2, 30 min backward at 1.0, 5 min at 1.2 m/s."""
    del rng, week_n
    warm_up = Block(300, speed_mps=1.2, cadence_spm=110.0, heart_rate_bpm=92.0)
    backward = Block(
        1800, direction="backward", speed_mps=1.0, cadence_spm=108.0, heart_rate_bpm=112.0
    )
    return (warm_up, backward, warm_up)


def backward_only(rng: Rng, week_n: int) -> tuple[Block, ...]:
    """Walks backward slowly, to about 60 steps/min, a little longer every week; one pause."""
    longest_s = round((20 + min(week_n, 7)) * _MINUTE_S + rng.integers(-60, 61))
    half = Block(longest_s // 2, direction="backward", speed_mps=0.4, cadence_spm=60.0)
    pause = Block(int(rng.integers(40, 120)), is_paused=True, activity="rest")
    return (half, pause, half)


def gentle(rng: Rng, week_n: int) -> tuple[Block, ...]:
    """A cautious treadmill session that grows from 16 to 28 min backward, with standing rests."""
    half_s = round((8 + 0.85 * min(week_n, 7)) * _MINUTE_S)
    return (
        _minutes(rng, 2, 3, speed_factor=0.8),
        Block(half_s, direction="backward", speed_factor=0.9),
        Block(int(rng.integers(60, 120)), activity="rest"),
        Block(half_s, direction="backward", speed_factor=0.95),
        _minutes(rng, 2, 3, speed_factor=0.8),
    )


def uphill_treadmill(rng: Rng, week_n: int) -> tuple[Block, ...]:
    """Backward at 5 % and 3.5 mph on a treadmill, between level forward walking."""
    del week_n
    return (
        _minutes(rng, 3, 5, speed_mps=1.4),
        _minutes(rng, 12, 18, direction="backward", speed_mps=1.565, grade_fraction=0.05),
        _minutes(rng, 2, 4, speed_mps=1.3),
    )


def hill(rng: Rng, week_n: int) -> tuple[Block, ...]:
    """Backward up a 5 to 6 % hill and forward down again, twice."""
    del week_n
    grade = float(rng.choice([0.05, 0.06]))
    climb = _minutes(rng, 5, 7, direction="backward", grade_fraction=grade)
    down_s = round(0.7 * climb.duration_s)
    lap = (climb, Block(down_s, grade_fraction=-grade))
    return (_minutes(rng, 3, 5), *lap, *lap, _minutes(rng, 2, 3))


def alternating(rng: Rng, week_n: int) -> tuple[Block, ...]:
    """A forward walk with three to five backward bouts of 1 to 4 min inside."""
    del week_n
    bouts_n = int(rng.integers(3, 6))
    pairs = [
        (_minutes(rng, 1, 4, direction="backward"), _minutes(rng, 2, 4)) for _ in range(bouts_n)
    ]
    return (_minutes(rng, 3, 5), *(block for pair in pairs for block in pair))


def short_bouts(rng: Rng, week_n: int) -> tuple[Block, ...]:
    """A few minutes forward, backward and forward again, for a phone that records every motion."""
    del week_n
    return (
        _minutes(rng, 1.0, 1.5),
        _minutes(rng, 1.0, 1.5, direction="backward"),
        _minutes(rng, 0.5, 1.0),
    )


def brisk_then_alternating(rng: Rng, week_n: int) -> tuple[Block, ...]:
    """Hurries forward for a minute or two, faster than anybody goes backward, then alternates."""
    hurry = _minutes(rng, 1.0, 2.0, speed_mps=2.0)
    return (hurry, *alternating(rng, week_n))


def cautious_forward(rng: Rng, week_n: int) -> tuple[Block, ...]:
    """Walks forward so slowly that the speed alone looks like walking backward."""
    del week_n
    return (
        _minutes(rng, 5, 8, speed_factor=0.55),
        _minutes(rng, 5, 8, speed_factor=0.75),
        _minutes(rng, 3, 5, speed_factor=0.5),
    )


def uphill_forward(rng: Rng, week_n: int) -> tuple[Block, ...]:
    """Labours forward up a hill and comes down, without one step backward."""
    del week_n
    grade = round(float(rng.uniform(0.05, 0.09)), 3)
    climb = _minutes(rng, 6, 9, speed_factor=0.75, grade_fraction=grade)
    down_s = round(climb.duration_s * 0.8)
    return (_minutes(rng, 3, 5), climb, Block(down_s, grade_fraction=-grade), _minutes(rng, 2, 3))


def run_and_ride(rng: Rng, week_n: int) -> tuple[Block, ...]:
    """Walks, runs a little, takes a bus without stopping the watch, and walks on."""
    del week_n
    return (
        _minutes(rng, 5, 8),
        _minutes(rng, 3, 5, activity="run", speed_mps=2.7, cadence_spm=162.0),
        _minutes(rng, 4, 6, speed_factor=0.9),
        _minutes(rng, 0.5, 1.5, activity="rest"),
        _minutes(rng, 4, 7, activity="other", speed_mps=8.5),
        _minutes(rng, 4, 6),
    )


def forward_only(rng: Rng, week_n: int) -> tuple[Block, ...]:
    """An ordinary walk with a pause at a road."""
    del week_n
    return (
        _minutes(rng, 8, 14),
        Block(int(rng.integers(20, 60)), is_paused=True, activity="rest"),
        _minutes(rng, 8, 14),
    )


def _minutes(rng: Rng, shortest_min: float, longest_min: float, **kind: Any) -> Block:
    seconds = rng.uniform(shortest_min * _MINUTE_S, longest_min * _MINUTE_S)
    return Block(round(float(seconds)), **kind)
