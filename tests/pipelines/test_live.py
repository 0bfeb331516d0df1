"""The operator's two clicks: a backfill over three weeks, on a live webserver and daemon."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from retrowalk.simulate import simulate_cohort

ROOT = Path(__file__).parents[2]
WEEKS = ["2026-09-14", "2026-09-21", "2026-09-28"]
ASSETS = [
    "exports",
    "workouts",
    "records",
    "marks",
    "motion",
    "windows",
    "segments",
    "energy",
    "sessions",
    "adherence",
    "weekly_summary",
    "changes",
]
LAUNCH = """
mutation Launch($params: LaunchBackfillParams!) {
  launchPartitionBackfill(backfillParams: $params) {
    __typename
    ... on LaunchBackfillSuccess { backfillId }
    ... on PythonError { message }
  }
}
"""
STATUS = """
query Status($id: String!) {
  partitionBackfillOrError(backfillId: $id) {
    ... on PartitionBackfill { status }
  }
}
"""
STATES = """
query States {
  assetNodeOrError(assetKey: {path: ["weekly_summary"]}) {
    ... on AssetNode {
      assetPartitionStatuses {
        ... on TimePartitionStatuses { ranges { startKey endKey status } }
      }
    }
  }
}
"""


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def wait_until(holds: Callable[[], bool], *, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(1.0)
    return False


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    simulate_cohort(tmp_path, participants_n=2, weeks_n=3, seed=3)
    home = tmp_path / "dagster"
    home.mkdir()
    shutil.copy(ROOT / "dagster.yaml", home)
    environment = {**os.environ, "DAGSTER_HOME": str(home), "RETROWALK_HOME": str(tmp_path)}
    port = free_port()
    programs = Path(sys.executable).parent
    commands = (
        ["dagster-webserver", "-w", "workspace.yaml", "-h", "127.0.0.1", "-p", str(port)],
        ["dagster-daemon", "run", "-w", "workspace.yaml"],
    )
    running = [
        subprocess.Popen(
            [str(programs / name), *options],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for name, *options in commands
    ]
    yield f"http://127.0.0.1:{port}/graphql"
    for process in running:
        process.send_signal(signal.SIGINT)
    for process in running:
        process.wait(timeout=60)


def ask(url: str, query: str, **variables: Any) -> dict[str, Any]:
    answer = requests.post(url, json={"query": query, "variables": variables}, timeout=30)
    data: dict[str, Any] = answer.json()["data"]
    return data


def is_up(url: str) -> bool:
    try:
        return bool(
            ask(url, "{ repositoriesOrError { ... on RepositoryConnection { nodes { name } } } }")[
                "repositoriesOrError"
            ]["nodes"]
        )
    except (requests.ConnectionError, KeyError):
        return False


@pytest.mark.live
def test_a_backfill_of_three_weeks_succeeds_and_shows_each_week(server: str) -> None:
    assert wait_until(lambda: is_up(server), seconds=90)
    launched = ask(
        server,
        LAUNCH,
        params={
            "assetSelection": [{"path": [name]} for name in ASSETS],
            "partitionNames": WEEKS,
            "title": "three weeks",
        },
    )["launchPartitionBackfill"]
    assert launched["__typename"] == "LaunchBackfillSuccess", launched
    backfill = launched["backfillId"]

    def status() -> str:
        return str(ask(server, STATUS, id=backfill)["partitionBackfillOrError"]["status"])

    assert wait_until(lambda: status() not in {"REQUESTED", "IN_PROGRESS"}, seconds=420)
    assert status() == "COMPLETED_SUCCESS"
    ranges = ask(server, STATES)["assetNodeOrError"]["assetPartitionStatuses"]["ranges"]
    assert [(part["startKey"], part["endKey"], part["status"]) for part in ranges] == [
        (WEEKS[0], WEEKS[-1], "MATERIALIZED")
    ]
