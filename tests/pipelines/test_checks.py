"""The check that a week's row is the sum of what it sums up, participant by participant."""

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from pipelines.checks import largest_differences
from retrowalk.lake import Lake
from retrowalk.settings import load_settings
from retrowalk.walk.stages import score
from retrowalk.walk.start import begin_walk
from tests.builders_dialects import SteadyWalk, canonical

WEEK = dt.date(2026, 11, 16)


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """Ann walks 5 minutes backward, Bea 5 minutes forward; neither is registered."""
    home = tmp_path_factory.mktemp("home")
    for name, direction in (("ann", "backward"), ("bea", "forward")):
        file = home / "inbox" / name / "walk.csv"
        file.parent.mkdir(parents=True)
        file.write_bytes(canonical(SteadyWalk(100, 5, 100, direction)))
    now = dt.datetime(2026, 12, 10, tzinfo=dt.UTC)
    walk = begin_walk(load_settings(home=home), now_utc=now, run_id="run")
    walk.scan()
    score(walk, [WEEK])
    return walk.lake


def test_a_week_as_it_was_scored_is_the_sum_of_its_tables(lake: Lake) -> None:
    assert max(largest_differences(lake, [WEEK]).values()) < 1e-6


def test_minutes_told_of_the_wrong_participant_are_found_though_the_sum_is_right(
    lake: Lake, tmp_path: Path
) -> None:
    other = Lake(str(tmp_path))
    for table in ("workouts", "segments", "energy"):
        other.replace(table, lake.read(table, [WEEK]), [WEEK])
    rows = lake.read("weekly_summary", [WEEK])
    swapped = rows.with_columns(participant_id=pl.Series(["bea", "ann"]))
    other.replace("weekly_summary", swapped, [WEEK])

    apart = largest_differences(other, [WEEK])
    assert (apart["backward_min"], apart["forward_min"]) == pytest.approx((5.0, 5.0))
    assert (apart["workouts_n"], apart["unknown_direction_min"]) == (0.0, 0.0)


@pytest.mark.parametrize(
    ("table", "counter", "lost"),
    [("workouts", "workouts_n", 1.0), ("segments", "backward_min", 5.0)],
)
def test_rows_that_the_summary_does_not_count_are_found(
    lake: Lake, tmp_path: Path, table: str, counter: str, lost: float
) -> None:
    other = Lake(str(tmp_path))
    for name in ("workouts", "segments", "energy"):
        other.replace(name, lake.read(name, [WEEK]), [WEEK])
    told = lake.read("weekly_summary", [WEEK]).filter(participant_id="bea")
    other.replace("weekly_summary", told, [WEEK])

    assert other.read(table).height > 1
    assert largest_differences(other, [WEEK])[counter] == pytest.approx(lost)
