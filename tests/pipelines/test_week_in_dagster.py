"""A week scored by a real Dagster run: what lands in the lake, and what the operator sees of it."""

import base64
import datetime as dt
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from pipelines.catalog import pictures
from pipelines.definitions import defs
from retrowalk.lake import Lake
from retrowalk.settings import load_settings
from retrowalk.simulate import simulate_cohort
from retrowalk.tables import BY_NAME
from retrowalk.walk.stages import score
from retrowalk.walk.start import begin_walk

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


def pictures_in(result: dg.ExecuteInProcessResult) -> str:
    (told,) = [
        event.materialization.metadata["pictures"].value
        for event in result.get_asset_materialization_events()
        if "pictures" in event.materialization.metadata
    ]
    return str(told)


def test_segments_show_the_longest_workouts_as_pictures_small_enough_for_an_event(
    home: Path, instance: dg.DagsterInstance
) -> None:
    told = pictures_in(run(instance))
    workouts = Lake(str(home / "lake")).read("workouts", [dt.date(2026, 9, 14)])
    longest = workouts.sort("elapsed_s", "workout_id", descending=[True, False])["workout_id"]
    assert re.findall(r"!\[(\w+)\]", told) == longest.head(3).to_list()
    drawn = re.findall(r"\(data:image/png;base64,([A-Za-z0-9+/=]+)\)", told)
    assert [base64.b64decode(text)[:8] for text in drawn] == [b"\x89PNG\r\n\x1a\n"] * 3
    assert len(told) < 300_000


def test_a_picture_in_the_event_log_shows_what_a_label_states_and_not_its_words(
    home: Path,
) -> None:
    walk, week = begin_walk(load_settings(home=home)), [dt.date(2026, 9, 14)]
    walk.scan()
    score(walk, week)
    before = pictures(walk.lake, week, 0.9).value
    marks = walk.lake.read("marks", week)
    assert marks.filter(pl.col("direction").is_not_null())["text"].drop_nulls().len() > 0
    walk.lake.replace("marks", marks.with_columns(text=pl.lit("Anna Maria")), week)
    assert pictures(walk.lake, week, 0.9).value == before


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
