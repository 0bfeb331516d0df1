"""Pictures and calibration, as a person asks for them on the command line."""

import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from retrowalk.cli import app
from retrowalk.errors import LakeError
from retrowalk.lake import Lake
from retrowalk.rules.evidence import evidence_rules
from retrowalk.settings import load_settings
from retrowalk.walk.stages import score
from retrowalk.walk.start import begin_walk
from tests.builders_habits import FIRST_WEEK, week, write_walk


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two labelled weeks and an unlabelled one."""
    folder = tmp_path_factory.mktemp("home")
    for number in range(3):
        write_walk(folder, number, labelled=number < 2)
    walk = begin_walk(load_settings(home=folder))
    walk.scan()
    score(walk, [week(number) for number in range(3)])
    return folder


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def retrowalk(*words: object) -> str:
    done = CliRunner().invoke(app, list(map(str, words)))
    assert done.exit_code == 0, (done.output, done.exception)
    return " ".join(done.output.split())


def refused(*words: object) -> str:
    """What is said of a wrong use that ends in 2."""
    done = CliRunner().invoke(app, list(map(str, words)))
    if isinstance(done.exception, LakeError):  # main() ends these in 2
        return str(done.exception)
    assert done.exit_code == 2, done.output
    return " ".join(done.output.replace("│", " ").split())


def workouts(home: Path) -> list[str]:
    return Lake(str(home / "lake")).read("workouts").sort("started_at_utc")["workout_id"].to_list()


@pytest.mark.parametrize(
    ("name", "begins"), [("a.png", b"\x89PNG"), ("b.svg", b"<?xml"), ("c.HTML", b"<!doctype html>")]
)
def test_a_workout_is_drawn_in_three_forms(
    home: Path, elsewhere: Path, name: str, begins: bytes
) -> None:
    assert retrowalk("plot", workouts(home)[0], "-o", name, "--home", home) == f"Wrote {name}"
    assert (elsewhere / name).read_bytes().startswith(begins)


def test_the_beginning_of_an_identifier_is_enough(home: Path, elsewhere: Path) -> None:
    name = workouts(home)[0]
    retrowalk("plot", name, "-o", "whole.svg", "--home", home)
    retrowalk("plot", name[:6], "-o", "part.svg", "--home", home)
    assert (elsewhere / "part.svg").read_bytes() == (elsewhere / "whole.svg").read_bytes()


def test_the_newest_weeks_are_drawn_up_to_the_last_with_a_workout(
    home: Path, elsewhere: Path
) -> None:
    retrowalk("plot", "--weeks", 2, "-o", "weeks.svg", "--home", home)
    drawn = (elsewhere / "weeks.svg").read_text(encoding="utf-8")
    assert [f"week of {week(n):%d %b %Y}" in drawn for n in range(3)] == [False, True, True]


@pytest.mark.usefixtures("elsewhere")
def test_what_cannot_be_drawn_is_said(home: Path) -> None:
    name = workouts(home)[0]
    at = ("--home", home)
    assert "There is no workout 'nobody'" in refused("plot", "nobody", "-o", "a.png", *at)
    assert "'a.jpg' must end in one of .png, .svg, .html" in refused(
        "plot", name, "-o", "a.jpg", *at
    )
    assert "there is no folder 'no'" in refused("plot", name, "-o", "no/a.png", *at)
    assert "either a workout or --weeks" in refused("plot", "-o", "a.png", *at)
    assert "There is no weekly summary" in refused(
        "plot", "--weeks", 1, "-o", "a.png", "--home", home / "empty"
    )


@pytest.mark.usefixtures("elsewhere")
def test_a_beginning_that_several_share_names_them(home: Path, tmp_path: Path) -> None:
    lake = Lake(str(tmp_path / "lake"))
    rows = Lake(str(home / "lake")).read("workouts")
    alike = rows.with_columns(workout_id=pl.lit("same") + pl.int_range(pl.len()).cast(pl.String))
    lake.replace("workouts", alike, [week(n) for n in range(3)])
    said = refused("plot", "same", "-o", "a.png", "--home", tmp_path)
    assert "3 workouts begin with 'same'" in said
    assert all(f"same{number} (A, " in said for number in range(3))


@pytest.mark.usefixtures("elsewhere")
def test_a_workout_whose_detail_was_forgotten_is_refused_with_the_remedy(
    home: Path, tmp_path: Path
) -> None:
    lake = Lake(str(tmp_path / "lake"))
    of_week = [FIRST_WEEK]
    lake.replace("workouts", Lake(str(home / "lake")).read("workouts", of_week), of_week)
    said = refused("plot", workouts(home)[0], "-o", "a.png", "--home", tmp_path)
    assert "keep_detail_weeks" in said
    assert f"retrowalk run --weeks {FIRST_WEEK}" in said


def test_calibration_shows_what_was_taught_the_cap_and_what_it_would_need(home: Path) -> None:
    """Two sessions of ten minutes each way; 8 of each raise the cap, so 6 of each are missing."""
    said = retrowalk("calibrate", "A", "--home", home)
    rules = evidence_rules()
    assert (
        "for the week of 2026-06-22, from labels in the weeks of 2026-05-04 to 2026-06-15" in said
    )
    assert "sessions 2 2" in said
    assert "minutes with cadence and speed 20.0 20.0" in said
    # 0.92 m/s at 100 and 125 steps/min: 0.552 m, and 0.4416 m, which is 0.353 m at 100.
    spread = f"spread {rules.gait_spread_low:.0%}"
    assert f"0.55, {spread} 0.35, {spread}" in said
    assert "90 +0 x speed in m/s, spread 6 +20 above that line, spread 6" in said
    assert f"up to {rules.gait_cap_nats} nats" in said
    assert "cannot state one" in said
    assert "Missing: 6 forward and 6 backward sessions." in said


def test_calibration_names_the_version_that_the_tables_name(home: Path) -> None:
    segments = Lake(str(home / "lake")).read("segments", [week(2)])
    (version,) = segments["habits_version"].unique()
    said = retrowalk("calibrate", "A", "--week", week(2), "--home", home)
    assert f"2026-06-08: version {version}" in said
    assert f"{week(2)} {version}" in said


def test_calibration_before_any_label_says_what_is_missing(home: Path) -> None:
    said = retrowalk("calibrate", "A", "--week", FIRST_WEEK, "--home", home)
    assert "version none" in said
    assert "Signs of gait say nothing" in said
    assert "needs 5 labelled minutes of each" in said
    assert "Missing: 60 forward and 60 backward windows." in said


def test_calibrating_somebody_unknown_is_refused(home: Path) -> None:
    assert "No workout of 'Z'" in refused("calibrate", "Z", "--home", home)


def test_a_refused_picture_ends_in_2_with_one_message(home: Path) -> None:
    command = [sys.executable, "-c", "from retrowalk.cli import main; main()"]
    words = ["plot", "nobody", "-o", "a.png", "--home", str(home)]
    done = subprocess.run([*command, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("There is no workout 'nobody'")
