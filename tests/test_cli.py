"""The command line, as a person types it."""

import datetime as dt
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from retrowalk.tables import BY_NAME
from tests.corpus import CORPUS, needs_corpus

START = dt.datetime(2026, 9, 16, 7, tzinfo=dt.UTC)


def retrowalk(*words: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from retrowalk.cli import main; main()", *map(str, words)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One participant's walk: 1,500 seconds backward at 1 m/s."""
    rows = [
        f"{(START + dt.timedelta(seconds=second)).isoformat()},1.0,backward,walking"
        for second in range(1500)
    ]
    walk = tmp_path / "exports/A/walk.csv"
    walk.parent.mkdir(parents=True)
    walk.write_text("\n".join(["timestamp,speed_mps,direction,sport", *rows]) + "\n")
    return tmp_path


def test_scoring_writes_every_table_and_prints_the_week(folder: Path) -> None:
    done = retrowalk("score", "exports", "--out", "tables", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert sorted(path.stem for path in (folder / "tables").iterdir()) == sorted(BY_NAME)
    assert "2026-09-14" in done.stdout
    assert "hours of recording per second" in done.stdout
    summary = pl.read_parquet(folder / "tables/weekly_summary.parquet")
    assert summary["backward_min"].to_list() == [25.0]


def test_a_quarantined_file_ends_in_1_only_if_asked_for(folder: Path) -> None:
    (folder / "exports/A/bad.fit").write_bytes(b"no walk at all \x00\x01\x02" * 4)
    assert retrowalk("score", "exports", cwd=folder).returncode == 0
    assert retrowalk("score", "exports", "--strict", cwd=folder).returncode == 1


def test_wrong_use_ends_in_2(folder: Path) -> None:
    assert retrowalk("score", "nowhere", cwd=folder).returncode == 2
    assert retrowalk("run", "--weeks", "yesterday", cwd=folder).returncode == 2
    assert retrowalk("tables", "nothing", cwd=folder).returncode == 2


def test_an_unreadable_registry_ends_in_2_and_names_file_and_line(folder: Path) -> None:
    people = folder / "people.csv"
    people.write_text(
        "participant_id,valid_from,sex,birth_year,height_cm,body_mass_kg,"
        "resting_heart_rate_bpm,time_zone,distance_unit\nA,someday,,,,70,,,\n"
    )
    done = retrowalk("score", "exports", "--participants", people, cwd=folder)
    assert done.returncode == 2
    assert "people.csv" in done.stderr
    assert "line 2" in " ".join(done.stderr.split())
    assert "someday" in done.stderr


def test_a_setting_in_the_environment_or_file_that_is_not_allowed_is_named(folder: Path) -> None:
    (folder / "retrowalk.toml").write_text('compendium_edition = "1993"\n')
    done = retrowalk("score", "exports", cwd=folder)
    assert done.returncode == 2
    assert "compendium_edition" in done.stderr


def test_the_edition_changes_what_a_walk_costs(folder: Path) -> None:
    def forward_met() -> float:
        assert retrowalk("score", "exports", "--out", "tables", cwd=folder).returncode == 0
        return float(pl.read_parquet(folder / "tables/energy.parquet")["forward_met_gross"][0])

    by_2024 = forward_met()
    (folder / "retrowalk.toml").write_text('compendium_edition = "2011"\nforward_method = "acsm"\n')
    assert forward_met() != by_2024


def test_a_run_fills_the_lake_and_its_tables_can_be_queried_in_four_forms(folder: Path) -> None:
    (folder / "data").mkdir()
    (folder / "exports").rename(folder / "data/inbox")
    assert retrowalk("run", "--weeks", "2026-09-14", cwd=folder).returncode == 0
    query = "SELECT participant_id, '=1+1' AS formula, backward_min FROM weekly_summary"
    as_csv = retrowalk("sql", query, "--format", "csv", cwd=folder).stdout
    assert as_csv.splitlines() == ["participant_id,formula,backward_min", "A,'=1+1,25.0"]
    as_json = retrowalk("sql", query, "--format", "json", cwd=folder).stdout
    assert '"backward_min":25.0' in as_json
    assert "25.0" in retrowalk("sql", query, cwd=folder).stdout
    refused = retrowalk("sql", "DROP VIEW weekly_summary", cwd=folder)
    assert refused.returncode == 2
    assert "read-only" in refused.stderr


def test_inspecting_shows_channels_labels_and_what_an_unknown_form_would_need(folder: Path) -> None:
    known = retrowalk("inspect", "exports/A/walk.csv", cwd=folder).stdout
    assert "canonical_per_second" in known
    assert "speed_mps" in known
    assert "backward" in known
    (folder / "odd.csv").write_text("moment;pace;beats\n1;2;3\n4;5;6\n")
    unknown = retrowalk("inspect", "odd.csv", cwd=folder).stdout
    assert "unknown_dialect" in unknown
    assert "registry/dialects" in unknown


def test_the_dictionary_and_every_help_text_give_an_example(folder: Path) -> None:
    assert "backward_min" in retrowalk("tables", "weekly_summary", cwd=folder).stdout
    for command in ("score", "run", "sql", "tables", "inspect", "simulate"):
        assert "Example" in retrowalk(command, "--help", cwd=folder).stdout, command


@needs_corpus
def test_real_files_end_with_a_reason_and_nothing_forward_is_called_backward(
    tmp_path: Path,
) -> None:
    done = retrowalk("score", CORPUS / "fit", "--out", "tables", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    tables = {name: pl.read_parquet(tmp_path / f"tables/{name}.parquet") for name in BY_NAME}
    exports, workouts, segments = (tables[name] for name in ("exports", "workouts", "segments"))
    assert exports.height == 36
    assert exports.filter(pl.col("reason").str.len_chars() == 0).is_empty()
    assert segments.filter(pl.col("direction") == "backward").is_empty()
    walked = segments.filter(pl.col("activity") == "walk").join(workouts, on="workout_id")
    assert set(walked["sport"]) == {"walking", "hiking"}
    assert walked["workout_id"].n_unique() == 4
    windows = tables["windows"].filter(pl.col("activity") == "walk")
    cadence = windows.group_by("workout_id").agg(pl.col("cadence_mean_spm").median())
    assert cadence["cadence_mean_spm"].is_between(85, 130).all()
