"""The week that sample_data/README.md works out by hand."""

import datetime as dt
import shutil
from pathlib import Path

import polars as pl
import pytest

from retrowalk.settings import load_settings
from retrowalk.walk.stages import score
from retrowalk.walk.start import begin_walk

SAMPLE = Path(__file__).parent.parent / "sample_data"
WEEK = dt.date(2026, 9, 14)


@pytest.fixture(scope="module")
def row(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    home = tmp_path_factory.mktemp("home")
    shutil.copytree(SAMPLE / "inbox/P01", home / "inbox/P01")
    shutil.copytree(SAMPLE / "registry", home / "registry")
    now = dt.datetime(2026, 11, 21, tzinfo=dt.UTC)
    walk = begin_walk(load_settings(home=home), now_utc=now)
    walk.scan()
    score(walk, [WEEK])
    summary = walk.lake.read("weekly_summary", [WEEK])
    return summary.filter(pl.col("participant_id") == "P01").row(0, named=True)


KCAL_PER_MET_MIN = 3.5 * 70 / 200
BACKWARD_MET = (3.5 + 0.1864 * 60) / 3.5
MET_MIN = 3 * (30 * BACKWARD_MET + 10 * 3.5)
WORKED_OUT = {
    "backward_min": 3 * 30.0,
    "forward_min": 3 * 10.0,
    "walking_min": 120.0,
    "unknown_direction_min": 0.0,
    "incline_min": 0.0,
    "walking_distance_m": 3 * 2520.0,
    "backward_distance_m": 3 * 30 * 60 * 1.0,
    "alternations_n": 6,
    "sessions_n": 3,
    "energy_gross_met_min": MET_MIN,
    "energy_gross_kcal": MET_MIN * KCAL_PER_MET_MIN,
    "energy_gross_low_kcal": 0.75 * MET_MIN * KCAL_PER_MET_MIN,
    "energy_gross_high_kcal": 1.25 * MET_MIN * KCAL_PER_MET_MIN,
    "energy_net_kcal": (MET_MIN - 120) * KCAL_PER_MET_MIN,
    "extra_over_forward_kcal": 90 * (BACKWARD_MET - 3.0) * KCAL_PER_MET_MIN,
    "heart_rate_mean_bpm": (10 * 92 + 30 * 112) / 40,
    "cadence_median_spm": 108.0,
    "type_adherence_fraction": 0.75,
    "attendance_fraction": 1.0,
    "time_adherence_fraction": 1.0,
}


@pytest.mark.parametrize("column", WORKED_OUT)
def test_the_week_of_p01_is_what_was_worked_out_by_hand(
    row: dict[str, object], column: str
) -> None:
    assert row[column] == pytest.approx(WORKED_OUT[column], rel=1e-5)


def test_the_verdicts_of_p01_are_what_was_worked_out_by_hand(row: dict[str, object]) -> None:
    listed = row["rule_verdicts"]
    assert isinstance(listed, list)
    verdicts = {item["rule_id"]: item["verdict"] for item in listed}
    assert {
        rule: verdicts[rule] for rule in ("GEN-DUR-30", "GEN-FREQ", "GEN-ALT", "PROG-START")
    } == {
        "GEN-DUR-30": "met",
        "GEN-FREQ": "met",
        "GEN-ALT": "met",
        "PROG-START": "over",
    }


def test_the_sample_data_stay_small() -> None:
    assert sum(path.stat().st_size for path in SAMPLE.rglob("*") if path.is_file()) < 5_000_000
