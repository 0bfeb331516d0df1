"""A week scored by a real Dagster run: what lands in the lake, and what the operator sees of it."""

import datetime as dt
import shutil
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from pipelines.definitions import defs
from retrowalk.lake import Lake
from retrowalk.simulate import simulate_cohort
from retrowalk.tables import BY_NAME

WEEK = "2026-09-14"
OF_THE_RUN = ["run_id", "computed_at_utc", "first_seen_at_utc"]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    simulate_cohort(tmp_path, participants_n=2, weeks_n=2, seed=3)
    monkeypatch.setenv("RETROWALK_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.instance_for_test() as instance:
        yield instance


def run(instance: dg.DagsterInstance, week: str = WEEK) -> dg.ExecuteInProcessResult:
    job = defs.resolve_job_def("score_weeks")
    quiet = {"loggers": {"console": {"config": {"log_level": "ERROR"}}}}
    return job.execute_in_process(instance=instance, partition_key=week, run_config=quiet)


def rows_written(result: dg.ExecuteInProcessResult) -> dict[str, object]:
    return {
        event.asset_key.to_user_string(): event.materialization.metadata[
            "dagster/partition_row_count"
        ].value
        for event in result.get_asset_materialization_events()
        if event.asset_key and "dagster/partition_row_count" in event.materialization.metadata
    }


def test_a_run_fills_the_week_passes_its_checks_and_says_how_many_rows_it_wrote(
    home: Path, instance: dg.DagsterInstance
) -> None:
    result = run(instance)
    lake = Lake(str(home / "lake"))
    checks = result.get_asset_check_evaluations()
    assert result.success
    assert len(checks) == len(BY_NAME) + 1
    assert [check for check in checks if not check.passed] == []
    written = rows_written(result)
    for table in ("workouts", "records", "windows", "segments", "weekly_summary"):
        held = lake.read(table, [dt.date(2026, 9, 14)]).height
        assert written[table] == held > 0


def test_a_second_run_changes_nothing_but_its_name_and_time(
    home: Path, instance: dg.DagsterInstance
) -> None:
    run(instance)
    lake = Lake(str(home / "lake"))
    before = {name: lake.read(name).drop(OF_THE_RUN, strict=False) for name in BY_NAME}
    run(instance)
    for name, rows in before.items():
        assert_frame_equal(lake.read(name).drop(OF_THE_RUN, strict=False), rows)


def test_a_late_file_marks_its_own_week_when_another_week_is_scanned(
    home: Path, instance: dg.DagsterInstance
) -> None:
    late = next(path for path in sorted((home / "inbox/P01").rglob("*.fit")))
    shelf = home / late.name
    shutil.move(late, shelf)
    run(instance, "2026-09-21")
    shutil.move(shelf, late)
    result = run(instance, "2026-09-21")
    weeks = Lake(str(home / "lake")).read("exports").filter(pl.col("path").str.ends_with(late.name))
    touched = weeks["workouts_found"].explode().struct.field("week_start_date")[0]
    marked = {
        event.materialization.partition
        for event in result.get_asset_materialization_events()
        if event.asset_key == dg.AssetKey("exports")
    }
    assert marked == {"2026-09-21", touched.isoformat()}
