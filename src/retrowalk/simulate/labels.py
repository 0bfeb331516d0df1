"""Labels as people give them: some missing, some wrong, most a little beside the true border."""

from dataclasses import dataclass

import numpy as np

from retrowalk.simulate.plans import Labelling
from retrowalk.simulate.series import Integers, Rng
from retrowalk.simulate.walks import Trace

_OPPOSITE = {"forward": "backward", "backward": "forward", None: None}


@dataclass(frozen=True, slots=True)
class Labels:
    """What somebody said of a walk, one label per block.

    Args:
        kind: How it was said; ``none``: not at all.
        directions: What was said of each block; None: nothing.
        border_s: Where each block begins according to the label and, last, the workout's end.
    """

    kind: str
    directions: tuple[str | None, ...]
    border_s: Integers

    def block_n_at(self, elapsed_s: Integers) -> Integers:
        """The block that the label says each second lies in."""
        return np.searchsorted(self.border_s[1:-1], elapsed_s, side="right")

    @property
    def labelled_n(self) -> int:
        """Blocks up to and including the last that is labelled."""
        return max((n for n, said in enumerate(self.directions, start=1) if said), default=0)


def labels_of(trace: Trace, labelling: Labelling, week_n: int, rng: Rng) -> Labels:
    """Labels a walk.

    Args:
        trace: What was done.
        labelling: How its owner labels.
        week_n: Number of the week.
        rng: Where chance comes from.

    Returns:
        One label per block.
    """
    if not labelling.holds_in(week_n):
        return Labels("none", (None,) * len(trace.blocks), trace.border_s)
    is_mistaken = rng.random(len(trace.blocks)) < labelling.mistaken_fraction
    said = [
        _OPPOSITE[block.true_label] if mistaken else block.true_label
        for block, mistaken in zip(trace.blocks, is_mistaken.tolist(), strict=True)
    ]
    walked_n = np.cumsum([direction is not None for direction in said])
    last = len(said) if labelling.first_n is None else labelling.first_n
    kept = [
        direction if number <= last else None
        for direction, number in zip(said, walked_n.tolist(), strict=True)
    ]
    return Labels(labelling.kind, tuple(kept), _pressed(trace, labelling, rng))


def _pressed(trace: Trace, labelling: Labelling, rng: Rng) -> Integers:
    """Moves the inner borders, which stay in their order, and keeps the timer's own."""
    borders = trace.border_s
    late = np.rint(labelling.late_sd_s * np.clip(rng.standard_normal(borders.size), -2.0, 2.0))
    is_timer = np.array([block.is_paused for block in trace.blocks])
    is_fixed = np.concatenate([[True], is_timer[1:] | is_timer[:-1], [True]])
    moved = np.where(is_fixed, borders, borders + late.astype(np.int64))
    next_fixed = np.minimum.accumulate(np.where(is_fixed, borders, borders[-1])[::-1])[::-1]
    pressed: Integers = np.maximum.accumulate(np.clip(moved, 0, next_fixed))
    return pressed
