"""The page on the evaluation lists every target as it is asked, and every regime."""

import re
from pathlib import Path

from retrowalk.evaluate.__main__ import HELD_OUT_SEEDS
from retrowalk.evaluate.targets import load_targets
from retrowalk.simulate import REGIMES

PAGE = (Path(__file__).parents[2] / "docs/evaluation.md").read_text(encoding="utf-8")


def test_every_target_is_listed_with_its_bound() -> None:
    rows = re.findall(r"^\| `(\w+)` \| `(\w+)` \| at (least|most) ([\d.]+) \|", PAGE, re.MULTILINE)
    asked = {
        (t.regime, t.figure, "least", t.at_least)
        if t.at_least is not None
        else (t.regime, t.figure, "most", t.at_most)
        for t in load_targets()
    }

    assert {(regime, figure, side, float(bound)) for regime, figure, side, bound in rows} == asked


def test_every_regime_is_described() -> None:
    described = re.findall(r"^\| `(\w+)` \| [^`|]+ \|$", PAGE, re.MULTILINE)

    assert set(described) == set(REGIMES)


def test_the_held_out_seeds_are_named() -> None:
    assert all(str(seed) in PAGE for seed in HELD_OUT_SEEDS)
