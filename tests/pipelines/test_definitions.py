"""The shape of the Dagster shell: what an operator sees and may rely on."""

import datetime as dt
import os
import subprocess
import sys
from pathlib import Path
from zoneinfo import ZoneInfo

import dagster as dg
import pytest

from pipelines.assets import SETTINGS, WEEKS
from pipelines.checks import MINUTES_CHECK, SCHEMA_CHECK
from pipelines.definitions import defs
from pipelines.partitions import weekly_partitions
from pipelines.schedules import nightly
from retrowalk.tables import BY_NAME

ROOT = Path(__file__).parents[2]
GRAPH = defs.resolve_asset_graph()
TABLES = sorted(BY_NAME)
EDGES = [
    "",
    "adherence <- exports",
    "adherence <- sessions",
    "changes <- weekly_summary",
    "energy <- segments",
    "energy <- workouts",
    "marks <- exports",
    "motion <- exports",
    "records <- exports",
    "segments <- windows",
    "segments <- workouts",
    "sessions <- segments",
    "sessions <- windows",
    "sessions <- workouts",
    "weekly_summary <- adherence",
    "weekly_summary <- energy",
    "weekly_summary <- exports",
    "weekly_summary <- sessions",
    "windows <- marks",
    "windows <- motion",
    "windows <- records",
    "windows <- workouts",
    "workouts <- exports",
    "",
][1:-1]


def node(table: str) -> dg.AssetSpec:
    specs = {spec.key.to_user_string(): spec for spec in defs.resolve_all_asset_specs()}
    return specs[table]


def test_each_table_of_the_lake_is_one_asset() -> None:
    assert sorted(key.to_user_string() for key in GRAPH.get_all_asset_keys()) == TABLES


def test_the_assets_hang_together_as_the_rooms_do() -> None:
    edges = [
        f"{key.to_user_string()} <- {parent.to_user_string()}"
        for key in GRAPH.get_all_asset_keys()
        for parent in GRAPH.get(key).parent_keys
    ]
    assert sorted(edges) == EDGES


@pytest.mark.parametrize("table", TABLES)
def test_every_asset_says_what_it_is(table: str) -> None:
    spec = node(table)
    assert spec.description
    assert spec.owners
    assert spec.group_name in {"exports", "recordings", "classes", "scores"}
    assert spec.kinds == {"polars", "deltalake"}
    schema = spec.metadata["dagster/column_schema"]
    assert [column.name for column in schema.columns] == BY_NAME[table].column_names()
    assert all(column.description for column in schema.columns)


@pytest.mark.parametrize("table", TABLES)
def test_every_asset_has_monday_weeks_and_repairs_itself(table: str) -> None:
    spec = node(table)
    assert spec.partitions_def == WEEKS
    assert spec.automation_condition is not None


def test_no_asset_has_a_backfill_policy_so_that_each_week_keeps_its_own_checks() -> None:
    assert [asset for asset in defs.assets or [] if asset.backfill_policy is not None] == []  # type: ignore[union-attr]


def test_the_running_week_is_a_key() -> None:
    wednesday = dt.datetime(2026, 11, 18, 12, tzinfo=dt.UTC)
    keys = WEEKS.get_partition_keys(current_time=wednesday)
    assert keys[-1] == "2026-11-16"
    assert keys[0] == SETTINGS.first_week.isoformat()
    assert {dt.date.fromisoformat(key).weekday() for key in keys} == {0}


def test_a_week_is_a_key_as_soon_as_it_has_begun_in_the_east() -> None:
    sunday_noon = dt.datetime(2026, 11, 22, 12, tzinfo=ZoneInfo("UTC"))
    assert WEEKS.get_partition_keys(current_time=sunday_noon)[-1] == "2026-11-23"


def test_a_later_first_week_leaves_fewer_keys() -> None:
    late = weekly_partitions(SETTINGS.model_copy(update={"first_week": dt.date(2026, 11, 2)}))
    now = dt.datetime(2026, 11, 18, tzinfo=dt.UTC)
    assert late.get_partition_keys(current_time=now) == ["2026-11-02", "2026-11-09", "2026-11-16"]


def test_the_nightly_schedule_asks_for_the_running_and_the_last_week() -> None:
    assert nightly.cron_schedule == "30 2 * * *"
    assert nightly.execution_timezone == SETTINGS.nightly_time_zone
    with dg.DagsterInstance.ephemeral() as instance:
        context = dg.build_schedule_context(
            instance=instance,
            repository_def=defs.get_repository_def(),
            scheduled_execution_time=dt.datetime(2026, 11, 18, 2, 30, tzinfo=dt.UTC),
        )
        data = nightly.evaluate_tick(context)
    assert [request.partition_key for request in data.run_requests or []] == [
        "2026-11-09",
        "2026-11-16",
    ]


def test_every_table_has_its_schema_checked_week_by_week() -> None:
    checks = {(key.asset_key.to_user_string(), key.name) for key in GRAPH.asset_check_keys}
    assert checks == {
        *((table, SCHEMA_CHECK) for table in TABLES),
        ("weekly_summary", MINUTES_CHECK),
    }


def test_the_workspace_loads(tmp_path: Path) -> None:
    done = subprocess.run(
        [
            str(Path(sys.executable).with_name("dagster")),
            "definitions",
            "validate",
            "-w",
            "workspace.yaml",
        ],
        cwd=ROOT,
        env={**os.environ, "DAGSTER_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
