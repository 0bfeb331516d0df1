"""The import contracts bite: each kind of forbidden import makes the check fail."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SABOTAGE = {
    "a room imports another room": ("retrowalk/records.py", "import retrowalk.workouts"),
    "the library imports Dagster": ("retrowalk/lake.py", "import dagster"),
    "the library imports the shell": ("retrowalk/walk/scan.py", "import pipelines.assets"),
    "a room knows a path": ("retrowalk/changes.py", "import pathlib"),
    "a room knows a clock": ("retrowalk/energy/amounts.py", "import time"),
    "a room knows the store": ("retrowalk/segments.py", "import deltalake"),
    "a second reader knows fitparse": ("retrowalk/read/csv/source.py", "import fitparse"),
    "tables import rules": ("retrowalk/tables/records.py", "import retrowalk.rules.energy"),
    "a rule loader computes": ("retrowalk/rules/energy.py", "import polars"),
    "the simulator reads the classifier's rules": (
        "retrowalk/simulate/gait.py",
        "import retrowalk.rules.evidence",
    ),
}


def broken_contracts(root: Path) -> int:
    """The exit code of the contract check on a tree."""
    search = os.pathsep.join([str(root), str(root / "src")])
    return subprocess.run(
        [
            sys.executable,
            "-c",
            "from importlinter.cli import lint_imports_command; lint_imports_command()",
            "--no-cache",
        ],
        cwd=root,
        env={**os.environ, "PYTHONPATH": search},
        capture_output=True,
        check=False,
    ).returncode


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    bytecode = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=bytecode)
    shutil.copytree(ROOT / "pipelines", tmp_path / "pipelines", ignore=bytecode)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_tree_keeps_its_contracts(tree: Path) -> None:
    assert broken_contracts(tree) == 0


@pytest.mark.parametrize("fault", SABOTAGE)
def test_a_broken_contract_is_found(tree: Path, fault: str) -> None:
    file, line = SABOTAGE[fault]
    path = tree / "src" / file
    path.write_text(path.read_text(encoding="utf-8") + f"\n{line}\n", encoding="utf-8")
    assert broken_contracts(tree) != 0
