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

import dagster as dg
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
LOCATIONS = "{ repositoriesOrError { ... on RepositoryConnection { nodes { name } } } }"
STATUS = """
query Status($id: String!) {
  partitionBackfillOrError(backfillId: $id) {
    ... on PartitionBackfill { status }
  }
}
"""
STATES = """
query States($id: String!) {
  partitionBackfillOrError(backfillId: $id) {
    ... on PartitionBackfill {
      assetBackfillData {
        assetBackfillStatuses {
          ... on AssetPartitionsStatusCounts {
            assetKey { path }
            numPartitionsTargeted
            numPartitionsMaterialized
          }
        }
      }
    }
  }
  assetNodes {
    assetKey { path }
    assetPartitionStatuses {
      ... on TimePartitionStatuses { ranges { startKey endKey status } }
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


def create_databases(instance: Path) -> None:
    """The databases of a Dagster home, made by one program before several share them.

    Each is made when it is first needed; two programs that need it first at once both make it,
    and one of them answers with an error.
    """
    with dg.DagsterInstance.from_config(str(instance)) as made:
        made.get_runs_count()
        made.get_backfills(limit=1)
        made.fetch_run_status_changes(dg.DagsterEventType.RUN_SUCCESS, limit=1)
        made.all_instigator_state()


class Server:
    """A webserver and a daemon of their own, on loopback, over one fresh Dagster home."""

    def __init__(self, home: Path) -> None:
        instance = home / "dagster"
        instance.mkdir()
        shutil.copy(ROOT / "dagster.yaml", instance)
        create_databases(instance)
        self.home = home
        self.environment = {
            **os.environ,
            "DAGSTER_HOME": str(instance),
            "RETROWALK_HOME": str(home),
        }
        self.port = free_port()
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        # Loopback needs no proxy, whatever the machine's environment says.
        self.session = requests.Session()
        self.session.trust_env = False

    def start(self, program: str, *options: str) -> None:
        with self.log_of(program).open("wb") as log:
            self.running[program] = subprocess.Popen(
                [str(Path(sys.executable).parent / program), *options, "-w", "workspace.yaml"],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def log_of(self, program: str) -> Path:
        return self.home / f"{program}.log"

    def told(self) -> str:
        """What the programs said last, for the message of a failed assertion."""
        return "\n".join(
            f"--- {name}, exit code {process.poll()}\n{self.log_of(name).read_text()[-4000:]}"
            for name, process in self.running.items()
        )

    def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        answer = self.session.post(
            f"http://127.0.0.1:{self.port}/graphql",
            json={"query": query, "variables": variables},
            timeout=60,
        )
        assert answer.ok, f"{answer.text}\n{self.told()}"
        data: dict[str, Any] = answer.json()["data"]
        return data

    def is_up(self) -> bool:
        try:
            found = self.ask(LOCATIONS)["repositoriesOrError"]
        except requests.ConnectionError:
            return False
        return bool(found.get("nodes"))

    def stop(self) -> None:
        for process in self.running.values():
            process.send_signal(signal.SIGINT)
        for process in self.running.values():
            try:
                process.wait(timeout=60)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.session.close()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    simulate_cohort(tmp_path, participants_n=2, weeks_n=3, seed=3)
    server = Server(tmp_path)
    try:
        server.start("dagster-webserver", "-h", "127.0.0.1", "-p", str(server.port))
        assert wait_until(server.is_up, seconds=240), server.told()
        server.start("dagster-daemon", "run")
        yield server
    finally:
        server.stop()


@pytest.mark.live
def test_a_backfill_of_three_weeks_writes_those_weeks_of_every_table_and_no_other(
    server: Server,
) -> None:
    launched = server.ask(
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
        return str(server.ask(STATUS, id=backfill)["partitionBackfillOrError"]["status"])

    assert wait_until(lambda: status() not in {"REQUESTED", "IN_PROGRESS"}, seconds=480), (
        server.told()
    )
    assert status() == "COMPLETED_SUCCESS", server.told()
    states = server.ask(STATES, id=backfill)
    counted = states["partitionBackfillOrError"]["assetBackfillData"]["assetBackfillStatuses"]
    written = {
        part["assetKey"]["path"][0]: (
            part["numPartitionsTargeted"],
            part["numPartitionsMaterialized"],
        )
        for part in counted
    }
    assert written == dict.fromkeys(ASSETS, (len(WEEKS), len(WEEKS)))
    # The repair of weeks that look at these may already have begun, beside the backfill.
    for node in states["assetNodes"]:
        assert any(
            part["status"] == "MATERIALIZED"
            and part["startKey"] <= WEEKS[0]
            and part["endKey"] >= WEEKS[-1]
            for part in node["assetPartitionStatuses"]["ranges"]
        ), node
