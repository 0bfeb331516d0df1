"""The cohort as a whole: reproducible, complete, and with a truth that adds up."""

import hashlib
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from retrowalk.errors import SettingsError
from retrowalk.simulate import simulate_cohort
from retrowalk.tables.vocabulary import ACTIVITIES, DIRECTIONS, UNLABELLED_WALKING

SAMPLE_DATA = Path(__file__).parents[2] / "sample_data"
LIMIT_BYTES = 5_000_000


def fingerprints(out: Path) -> dict[str, str]:
    return {
        str(path.relative_to(out)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(out.rglob("*"))
        if path.is_file()
    }


def truth_of(out: Path) -> pl.DataFrame:
    return pl.read_csv(out / "truth.csv", try_parse_dates=True)


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        simulate_cohort(tmp_path / folder, participants_n=8, weeks_n=1, seed=3, with_defects=True)
    assert fingerprints(tmp_path / "one") == fingerprints(tmp_path / "two")


def test_another_seed_gives_other_walks(tmp_path: Path) -> None:
    for seed in (1, 2):
        simulate_cohort(tmp_path / str(seed), participants_n=1, weeks_n=2, seed=seed)
    # the first week goes by the clock; the second is chance
    assert fingerprints(tmp_path / "1") != fingerprints(tmp_path / "2")


def test_a_participant_does_not_depend_on_how_many_others_there_are(tmp_path: Path) -> None:
    simulate_cohort(tmp_path / "few", participants_n=2, weeks_n=2, seed=5)
    simulate_cohort(tmp_path / "many", participants_n=4, weeks_n=2, seed=5)
    few = fingerprints(tmp_path / "few" / "inbox")
    many = fingerprints(tmp_path / "many" / "inbox")
    assert few
    assert few.items() <= many.items()


def test_truth_covers_every_workout_without_gap_or_overlap(cohort: Path) -> None:
    truth = truth_of(cohort).sort("path", "workout_started_at_utc", "segment_n")
    workout = ["participant_id", "path", "workout_started_at_utc"]
    borders = truth.with_columns(
        before=pl.col("ended_at_utc").shift(1).over(workout),
        last=pl.col("segment_n").max().over(workout),
    )
    first = pl.col("segment_n") == 0
    starts = pl.when(first).then("workout_started_at_utc").otherwise("before")
    assert borders.select((pl.col("started_at_utc") == starts).all()).item()
    ends = borders.filter(pl.col("segment_n") == pl.col("last"))
    assert ends.select((pl.col("ended_at_utc") == pl.col("workout_ended_at_utc")).all()).item()
    assert truth.select((pl.col("started_at_utc") < pl.col("ended_at_utc")).all()).item()


def test_truth_uses_the_words_of_the_tables(cohort: Path) -> None:
    truth = truth_of(cohort)
    assert set(truth["activity"]) <= set(ACTIVITIES)
    assert set(truth["direction"]) <= set(DIRECTIONS)
    assert truth.filter(pl.col("activity") == "walk")["direction"].is_in(DIRECTIONS[:2]).all()


def test_every_export_has_a_truth_and_every_truth_an_export(cohort: Path) -> None:
    inbox = cohort / "inbox"
    written = {str(path.relative_to(inbox)) for path in inbox.rglob("*") if path.is_file()}
    assert set(truth_of(cohort)["path"]) == written


def test_six_participants_meet_all_protocols_and_settings(cohort: Path) -> None:
    prescriptions = pl.read_csv(cohort / "registry" / "prescriptions.csv")
    assert set(prescriptions["protocol"]) == {
        "general",
        "cervical_spondylosis",
        "lumbar_disc_herniation",
        "fitness_incline",
    }
    assert set(prescriptions["unlabelled_walking"]) <= set(UNLABELLED_WALKING)


def test_six_participants_meet_all_kinds_of_labels(cohort: Path) -> None:
    assert set(truth_of(cohort)["label_kind"]) == {
        "workout_step",
        "session_name",
        "developer_field",
        "csv_column",
        "annotation",
        "none",
    }


def test_six_participants_walk_up_and_down_and_pause(cohort: Path) -> None:
    truth = truth_of(cohort)
    assert truth["grade_percent"].max() > 4  # type: ignore[operator]
    assert truth["grade_percent"].min() < -4  # type: ignore[operator]
    assert truth["is_paused"].any()


def test_six_participants_walk_across_week_borders_of_utc_both_ways(cohort: Path) -> None:
    people = pl.read_csv(cohort / "registry" / "participants.csv")
    zones = dict(zip(people["participant_id"], people["time_zone"], strict=True))
    starts = truth_of(cohort).filter(pl.col("segment_n") == 0)
    shifts = set()
    for person, start in starts.select("participant_id", "workout_started_at_utc").iter_rows():
        local = pl.Series([start]).dt.convert_time_zone(zones[person])
        utc_week = start.isocalendar().week
        shifts.add(local.dt.week().item() - utc_week)
    assert shifts == {-1, 0, 1}


def test_sessions_keep_their_local_hour_when_the_clocks_change(tmp_path: Path) -> None:
    simulate_cohort(tmp_path, participants_n=3, weeks_n=2, seed=2, first_week=date(2026, 10, 19))
    madrid = truth_of(tmp_path).filter(
        (pl.col("participant_id") == "P03") & (pl.col("segment_n") == 0)
    )
    hours = (
        madrid["workout_started_at_utc"].dt.convert_time_zone("Europe/Madrid").dt.hour().unique()
    )
    assert hours.to_list() == [18]
    # 18 h is 16 h UTC in summer and 17 h in winter
    assert set(madrid["workout_started_at_utc"].dt.hour()) == {16, 17}


def test_defects_come_only_when_asked_for(cohort: Path, defective_cohort: Path) -> None:
    assert not (cohort / "defects.csv").exists()
    defects = pl.read_csv(defective_cohort / "defects.csv")
    assert set(defects["defect"]) == {
        "corrupt",
        "truncated",
        "duplicate_content",
        "same_recording",
        "late",
        "not_an_export",
        "unregistered",
    }


def test_a_copy_holds_the_same_bytes_under_another_name(defective_cohort: Path) -> None:
    copied = pl.read_csv(defective_cohort / "defects.csv").row(
        by_predicate=pl.col("defect") == "duplicate_content", named=True
    )
    inbox = defective_cohort / "inbox"
    assert copied["path"] != copied["original_path"]
    assert (inbox / copied["path"]).read_bytes() == (inbox / copied["original_path"]).read_bytes()


def test_a_late_file_belongs_to_an_earlier_week_than_its_name_says(
    defective_cohort: Path,
) -> None:
    late = pl.read_csv(defective_cohort / "defects.csv").row(
        by_predicate=pl.col("defect") == "late", named=True
    )
    walked = truth_of(defective_cohort).filter(pl.col("path") == late["path"])
    assert walked["workout_started_at_utc"].dt.date().max() < date(2026, 9, 28)  # type: ignore[operator]
    assert "2026-09-28" in late["path"]


def test_the_stranger_has_a_folder_and_no_registration(defective_cohort: Path) -> None:
    people = pl.read_csv(defective_cohort / "registry" / "participants.csv")
    assert (defective_cohort / "inbox" / "P07").is_dir()
    assert "P07" not in set(people["participant_id"])


def test_a_week_that_begins_on_no_monday_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"Tuesday.*2026-09-14"):
        simulate_cohort(tmp_path, participants_n=1, weeks_n=1, seed=0, first_week=date(2026, 9, 15))


def test_a_cohort_is_not_mixed_into_another(tmp_path: Path) -> None:
    simulate_cohort(tmp_path, participants_n=1, weeks_n=1, seed=0)
    with pytest.raises(SettingsError, match="already holds files"):
        simulate_cohort(tmp_path, participants_n=1, weeks_n=1, seed=1)


def test_progress_counts_participants(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    simulate_cohort(
        tmp_path,
        participants_n=2,
        weeks_n=1,
        seed=0,
        progress=lambda done, total: seen.append((done, total)),
    )
    assert seen == [(1, 2), (2, 2)]


def test_sample_data_stay_small() -> None:
    size = sum(path.stat().st_size for path in SAMPLE_DATA.rglob("*") if path.is_file())
    assert 0 < size < LIMIT_BYTES


def test_sample_data_are_what_the_simulator_writes_today(tmp_path: Path) -> None:
    simulate_cohort(tmp_path, participants_n=8, weeks_n=8, seed=20260914, with_defects=True)
    fresh = {name for name in fingerprints(tmp_path) if not name.endswith((".gz", ".fit"))}
    for name in fresh:
        assert (SAMPLE_DATA / name).read_bytes() == (tmp_path / name).read_bytes(), name
    names = set(fingerprints(SAMPLE_DATA)) - {"README.md", "make.py"}
    assert {n for n in names if "__pycache__" not in n} == set(fingerprints(tmp_path))
