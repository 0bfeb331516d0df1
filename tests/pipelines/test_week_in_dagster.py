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
from retrowalk.local_time import running_week
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


def run(
    instance: dg.DagsterInstance, week: str = WEEK, tags: dict[str, str] | None = None
) -> dg.ExecuteInProcessResult:
    job = defs.resolve_job_def("score_weeks")
    quiet = {"loggers": {"console": {"config": {"log_level": "ERROR"}}}}
    return job.execute_in_process(
        instance=instance, partition_key=week, run_config=quiet, tags=tags
    )


@pytest.fixture(scope="module")
def scored(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[Lake, dg.ExecuteInProcessResult]:
    """A week scored once, for all tests that only look at it."""
    home = tmp_path_factory.mktemp("scored")
    simulate_cohort(home, participants_n=2, weeks_n=2, seed=3)
    with pytest.MonkeyPatch.context() as patch, dg.instance_for_test() as instance:
        patch.setenv("RETROWALK_HOME", str(home))
        result = run(instance)
    return Lake(str(home / "lake")), result


def rows_written(result: dg.ExecuteInProcessResult) -> dict[str, object]:
    return {
        event.asset_key.to_user_string(): event.materialization.metadata[
            "dagster/partition_row_count"
        ].value
        for event in result.get_asset_materialization_events()
        if event.asset_key and "dagster/partition_row_count" in event.materialization.metadata
    }


def test_a_run_fills_the_week_passes_its_checks_and_says_how_many_rows_it_wrote(
    scored: tuple[Lake, dg.ExecuteInProcessResult],
) -> None:
    lake, result = scored
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
    scored: tuple[Lake, dg.ExecuteInProcessResult],
) -> None:
    lake, result = scored
    told = pictures_in(result)
    workouts = lake.read("workouts", [dt.date(2026, 9, 14)])
    longest = workouts.sort("elapsed_s", "workout_id", descending=[True, False])["workout_id"]
    assert re.findall(r"!\[(\w+)\]", told) == longest.head(3).to_list()
    drawn = re.findall(r"\(data:image/png;base64,([A-Za-z0-9+/=]+)\)", told)
    assert [base64.b64decode(text)[:8] for text in drawn] == [b"\x89PNG\r\n\x1a\n"] * 3
    assert len(told) < 300_000


def test_a_picture_in_the_event_log_shows_what_a_label_states_and_not_its_words(
    scored: tuple[Lake, dg.ExecuteInProcessResult], tmp_path: Path
) -> None:
    shutil.copytree(scored[0].root, tmp_path / "lake")
    lake, week = Lake(str(tmp_path / "lake")), [dt.date(2026, 9, 14)]
    before = pictures(lake, week, 0.9).value
    marks = lake.read("marks", week)
    assert marks.filter(pl.col("direction").is_not_null())["text"].drop_nulls().len() > 0
    lake.replace("marks", marks.with_columns(text=pl.lit("Anna Maria")), week)
    assert pictures(lake, week, 0.9).value == before


def test_a_second_run_changes_nothing_but_its_name_and_time(
    home: Path, instance: dg.DagsterInstance
) -> None:
    run(instance)
    lake = Lake(str(home / "lake"))
    before = {name: lake.read(name).drop(OF_THE_RUN, strict=False) for name in BY_NAME}
    run(instance)
    for name, rows in before.items():
        assert_frame_equal(lake.read(name).drop(OF_THE_RUN, strict=False), rows)


def newest_week() -> str:
    return running_week(dt.datetime.now(tz=dt.UTC)).isoformat()


def marked_weeks(result: dg.ExecuteInProcessResult) -> list[str]:
    """Weeks that a run marked beside its own."""
    return sorted(
        event.materialization.partition
        for event in result.get_asset_materialization_events()
        if event.asset_key == dg.AssetKey("exports")
        and event.materialization.partition not in {None, newest_week()}
    )


@pytest.fixture
def late_file(home: Path) -> Path:
    """An export of the week of 14 September that is not there while everything is scored."""
    late = min((home / "inbox/P01").rglob("2026-09-16-*"))
    shelf = home / late.name
    shutil.move(late, shelf)
    walk = begin_walk(load_settings())
    walk.scan()
    score(walk, walk.due_weeks())
    return shelf


#: The file matters to its own week and to the seven after it, which look back on eight weeks. The
#: prescription ends with 27 September, so that only two of them have a row.
TOUCHED = ["2026-09-14", "2026-09-21"]


def weeks_from(first: dt.date, weeks_n: int) -> set[str]:
    """So many weeks, but none from the newest one on, which belongs to the nightly run."""
    weeks = {(first + dt.timedelta(weeks=n)).isoformat() for n in range(weeks_n)}
    return {week for week in weeks if week < newest_week()}


def test_a_scan_that_finds_nothing_new_marks_no_week(
    late_file: Path, instance: dg.DagsterInstance
) -> None:
    assert late_file.exists()
    assert marked_weeks(run(instance, newest_week())) == []


def test_a_late_file_marks_the_weeks_that_look_at_it_until_they_are_scored_again(
    home: Path, late_file: Path, instance: dg.DagsterInstance
) -> None:
    shutil.move(late_file, home / "inbox/P01" / late_file.name)
    assert marked_weeks(run(instance, newest_week())) == TOUCHED
    assert marked_weeks(run(instance, newest_week())) == TOUCHED
    walk = begin_walk(load_settings())
    score(walk, walk.stale_weeks())
    assert marked_weeks(run(instance, newest_week())) == []


def test_a_run_of_a_backfill_marks_no_week_that_the_backfill_may_be_about_to_score(
    home: Path, late_file: Path, instance: dg.DagsterInstance
) -> None:
    shutil.move(late_file, home / "inbox/P01" / late_file.name)
    assert marked_weeks(run(instance, newest_week(), {"dagster/backfill": "b"})) == []
    assert marked_weeks(run(instance, newest_week())) == TOUCHED


def test_a_prescription_that_ends_earlier_marks_the_weeks_it_no_longer_covers(
    home: Path, late_file: Path, instance: dg.DagsterInstance
) -> None:
    assert late_file.exists()
    file = home / "registry/prescriptions.csv"
    file.write_text(
        file.read_text().replace(
            "P02,cervical_spondylosis,2026-09-14,2026-09-27",
            "P02,cervical_spondylosis,2026-09-14,2026-09-23",
        )
    )
    assert marked_weeks(run(instance, newest_week())) == ["2026-09-14", "2026-09-21"]


def test_the_automation_asks_for_every_table_of_the_marked_weeks(
    home: Path, late_file: Path, instance: dg.DagsterInstance
) -> None:
    run(instance, newest_week())
    first = dg.evaluate_automation_conditions(defs, instance)
    shutil.move(late_file, home / "inbox/P01" / late_file.name)
    run(instance, newest_week())
    second = dg.evaluate_automation_conditions(defs, instance, cursor=first.cursor)
    for table in (
        *("workouts", "records", "marks", "motion"),
        *("windows", "segments", "energy", "sessions"),
    ):
        assert second.get_requested_partitions(dg.AssetKey(table)) == set(TOUCHED)
    # Adherence looks at the seven weeks before it and the one after it.
    looking = weeks_from(dt.date(2026, 9, 7), 1 + 2 + 7)
    for table in ("adherence", "weekly_summary", "changes"):
        assert second.get_requested_partitions(dg.AssetKey(table)) == looking
    third = dg.evaluate_automation_conditions(defs, instance, cursor=second.cursor)
    assert third.total_requested == 0


def test_the_weekly_tidying_removes_detail_that_is_no_longer_kept(
    home: Path, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(instance)
    monkeypatch.setenv("RETROWALK_KEEP_DETAIL_WEEKS", "1")
    assert defs.resolve_job_def("tidy_lake").execute_in_process(instance=instance).success
    lake = Lake(str(home / "lake"))
    assert lake.read("records").is_empty()
    assert lake.read("windows").is_empty()
    assert lake.read("segments").height > 0
