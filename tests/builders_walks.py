"""People and walks for the simulator's tests, made in memory."""

import numpy as np

from retrowalk.simulate.gait import Person, draw_person
from retrowalk.simulate.walks import Block, Trace, trace_from_blocks


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def person(age_group: str = "young", seed: int = 0) -> Person:
    return draw_person(rng(seed), age_group, this_year=2026)


def trace(*blocks: Block, seed: int = 0, is_exact: bool = False) -> Trace:
    return trace_from_blocks(blocks, person(seed=seed), rng(seed), is_exact=is_exact)


def there_and_back(seconds: int = 120) -> Trace:
    return trace(Block(seconds), Block(seconds, direction="backward"))
