"""A small evaluation of the rooms, and the targets that must never be missed."""

from pathlib import Path

import polars as pl
import pytest
from typer import Typer
from typer.testing import CliRunner

from retrowalk.evaluate import SIZES, Measured, found_in_cohort, measured
from retrowalk.evaluate.__main__ import evaluate
from retrowalk.evaluate.figures import direction_figures
from retrowalk.evaluate.targets import Target, judged, load_targets
from retrowalk.simulate import REGIMES

#: Neither held out for reporting nor used to choose anything.
SEED = 77
SAFE = ("labels", "one_hertz", "one_hertz_history", "nothing", "compass_open", "stray_imu")


@pytest.fixture(scope="module")
def result() -> Measured:
    regimes = (*SAFE, "compass", "incline")
    found = [found_in_cohort(regime, seed=SEED, size=SIZES["tiny"]) for regime in regimes]
    return measured(found, load_targets())


def value(result: Measured, regime: str, figure: str) -> float:
    row = result.figures.filter((pl.col("regime") == regime) & (pl.col("figure") == figure))
    return float(row["value"].item())


def test_right_labels_are_never_overruled(result: Measured) -> None:
    assert value(result, "labels", "wrong_beyond_labels_min") == 0.0


def test_labelled_borders_lie_within_a_window(result: Measured) -> None:
    assert value(result, "labels", "border_error_median_s") <= 5.0


@pytest.mark.parametrize("regime", SAFE[1:])
def test_evidence_that_does_not_carry_hardly_ever_says_backward(
    result: Measured, regime: str
) -> None:
    assert value(result, regime, "wrongly_backward_fraction") < 0.01


def test_a_compass_decides_and_is_right(result: Measured) -> None:
    assert value(result, "compass", "right_fraction") >= 0.97
    assert value(result, "compass", "unknown_fraction") <= 0.10


def test_grades_lie_near_the_truth_and_the_flat_is_flat(result: Measured) -> None:
    assert value(result, "incline", "false_incline_fraction") <= 0.005
    assert value(result, "incline", "incline_recall_fraction") > 0.95


def test_minutes_of_the_confusion_add_up_to_what_was_recorded(result: Measured) -> None:
    summed = result.confusion.group_by("regime").agg(pl.col("duration_min").sum())
    for regime, minutes in summed.rows():
        assert minutes == pytest.approx(value(result, regime, "recorded_min"))


def test_history_is_not_measured(result: Measured) -> None:
    # nine kinds, one week of three outings each: what came before is labelled and would be right
    assert value(result, "one_hertz_history", "recorded_min") < 27 * 60


def test_every_target_names_a_regime_and_a_figure(result: Measured) -> None:
    figures = set(result.figures["figure"])
    for target in load_targets():
        assert target.regime in REGIMES
        assert target.figure in figures


def test_a_figure_is_held_against_its_target() -> None:
    figures = pl.DataFrame(
        {"regime": ["a", "a", "b"], "figure": ["x", "y", "x"], "value": [0.5, 0.5, None]}
    )
    targets = (
        Target("a", "x", 0.6, None),
        Target("a", "y", None, 0.5),
        Target("b", "x", None, 1.0),
    )
    assert judged(figures, targets)["is_met"].to_list() == [False, True, None]


def command() -> Typer:
    app = Typer()
    app.command()(evaluate)
    return app


def test_the_command_prints_and_keeps_what_it_measured(tmp_path: Path) -> None:
    run = CliRunner().invoke(
        command(),
        ["--regime", "nothing", "--seed", "5", "--size", "tiny", "--out", str(tmp_path)],
    )
    assert run.exit_code == 0, run.output
    assert "unknown_fraction" in run.output
    kept = pl.read_csv(tmp_path / "figures.csv")
    unknown = kept.filter(pl.col("figure") == "unknown_fraction")["value"].item()
    assert unknown == 1.0
    assert (tmp_path / "confusion.csv").exists()


def test_an_unknown_regime_is_refused_with_the_known_ones() -> None:
    run = CliRunner().invoke(command(), ["--regime", "sonar"])
    assert run.exit_code == 2
    assert "sonar" in run.output


def test_the_same_seed_gives_the_same_figures() -> None:
    first, second = (
        found_in_cohort("nothing", seed=3, size=SIZES["tiny"]).pieces for _ in range(2)
    )
    by = ["regime"]
    assert direction_figures(first, by).equals(direction_figures(second, by))
