"""Habits in the walk: what earlier labels teach later weeks, whatever is scored when."""

import datetime as dt
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from retrowalk.rules.evidence import evidence_rules
from retrowalk.settings import load_settings
from retrowalk.tables import BY_NAME
from retrowalk.walk.fingerprints import HISTORY_WEEKS
from retrowalk.walk.habits import HABIT_WEEKS
from retrowalk.walk.stages import Walk, score
from retrowalk.walk.start import begin_walk
from tests.builders_habits import week, write_annotations, write_walk

NOW = dt.datetime(2026, 11, 18, 12, tzinfo=dt.UTC)
OF_THE_RUN = ["run_id", "computed_at_utc", "first_seen_at_utc", "modified_at_utc"]
CAP_NATS = evidence_rules().gait_cap_nats
Tables = dict[str, pl.DataFrame]


def walk_of(home: Path, lake: Path, **changed: object) -> Walk:
    return begin_walk(load_settings(home=home, lake=str(lake), **changed), now_utc=NOW, run_id="r")


def tables_of(walk: Walk) -> Tables:
    return {
        name: walk.lake.read(name).drop(OF_THE_RUN, strict=False)
        for name in BY_NAME
        if name != "changes"
    }


def scored(home: Path, lake: Path, **changed: object) -> Tables:
    walk = walk_of(home, lake, **changed)
    walk.scan()
    score(walk, walk.stale_weeks())
    return tables_of(walk)


def assert_same(left: Tables, right: Tables) -> None:
    for name, rows in left.items():
        assert_frame_equal(rows, right[name], check_exact=True)


def versions(tables: Tables, number: int) -> list[str | None]:
    of_week = pl.col("week_start_date") == week(number)
    return tables["segments"].filter(of_week)["habits_version"].unique().to_list()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Labels in weeks 0 and 2; weeks 1 and 3 without."""
    folder = tmp_path_factory.mktemp("home")
    for number in range(4):
        write_walk(folder, number, labelled=number in {0, 2})
    return folder


@pytest.fixture(scope="module")
def once(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Tables:
    return scored(home, tmp_path_factory.mktemp("once"))


def test_labels_teach_later_weeks_and_neither_their_own_nor_earlier_ones(once: Tables) -> None:
    own, second, third, fourth = (versions(once, number) for number in range(4))
    assert own == [None]
    assert second == third != [None]
    assert fourth not in ([None], second)


def test_signs_of_gait_speak_only_where_habits_are_known(once: Tables) -> None:
    walked = once["windows"].filter(pl.col("activity") == "walk")
    said = {
        number: walked.filter(pl.col("week_start_date") == week(number))[
            "gait_log_likelihood_ratio_nats"
        ]
        for number in (0, 1)
    }
    assert said[0].null_count() == said[0].len()
    assert said[1].min() == -CAP_NATS
    assert said[1].max() == CAP_NATS
    assert set(once["windows"].filter(pl.col("habits_version").is_null())["week_start_date"]) == {
        week(0)
    }


def test_segments_name_the_habits_of_their_windows(once: Tables) -> None:
    named = ["workout_id", "habits_version"]
    assert_frame_equal(
        once["segments"].select(named).unique().sort(named),
        once["windows"].select(named).unique().sort(named),
    )


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0)])
def test_weeks_scored_one_by_one_in_any_order_are_those_scored_at_once(
    home: Path, tmp_path: Path, once: Tables, order: tuple[int, ...]
) -> None:
    walk = walk_of(home, tmp_path)
    walk.scan()
    for number in order:
        score(walk, [week(number)])
    found = tables_of(walk)
    for name in ("windows", "segments"):
        rows = once[name].filter(pl.col("week_start_date").is_in([week(n) for n in range(4)]))
        assert_frame_equal(found[name], rows, check_exact=True)


def test_the_size_of_a_batch_does_not_change_habits(
    home: Path, tmp_path: Path, once: Tables
) -> None:
    assert_same(scored(home, tmp_path, batch_records_n=1000), once)


def test_late_labels_make_later_weeks_stale_and_give_the_same_tables(
    tmp_path: Path, once: Tables
) -> None:
    home = tmp_path / "home"
    for number in (1, 2, 3):
        write_walk(home, number, labelled=number == 2)
    early = scored(home, tmp_path / "lake")
    assert versions(early, 1) == [None]
    write_walk(home, 0, labelled=True)
    walk = walk_of(home, tmp_path / "lake")
    walk.scan()
    assert {week(number) for number in range(4)} <= set(walk.stale_weeks())
    assert_same(scored(home, tmp_path / "lake"), once)


def test_habits_are_the_same_after_detail_was_forgotten(home: Path, tmp_path: Path) -> None:
    before = scored(home, tmp_path)
    walk = walk_of(home, tmp_path, keep_detail_weeks=1)
    assert week(0) in walk.forget_detail()
    score(walk, [week(1), week(3)])
    again = tables_of(walk)
    assert_frame_equal(again["segments"], before["segments"], check_exact=True)


def test_a_week_scored_before_the_changed_week_that_taught_it_learns_from_the_change(
    tmp_path: Path,
) -> None:
    """Weeks of a backfill run beside each other: none may teach what held before the change."""
    home = tmp_path / "home"
    for number in range(2):
        write_walk(home, number, labelled=False)
    unlabelled = scored(home, tmp_path / "lake")
    assert versions(unlabelled, 1) == [None]
    write_annotations(home, 0)
    walk = walk_of(home, tmp_path / "lake")
    walk.scan()
    score(walk, [week(1)])
    first = tables_of(walk)
    assert versions(first, 1) != [None]
    score(walk, [week(0)])
    score(walk, [week(1)])
    assert_frame_equal(tables_of(walk)["segments"], scored(home, tmp_path / "new")["segments"])
    assert versions(tables_of(walk), 1) == versions(first, 1)


def test_labels_older_than_the_look_back_teach_nothing(tmp_path: Path) -> None:
    home = tmp_path / "home"
    write_walk(home, 0, labelled=True)
    for number in (HABIT_WEEKS, HABIT_WEEKS + 1):
        write_walk(home, number, labelled=False)
    tables = scored(home, tmp_path / "lake")
    assert versions(tables, HABIT_WEEKS) != [None]
    assert versions(tables, HABIT_WEEKS + 1) == [None]


def test_labels_of_one_person_teach_nothing_of_another(tmp_path: Path) -> None:
    home = tmp_path / "home"
    write_walk(home, 0, labelled=True)
    write_walk(home, 1, labelled=False, participant_id="B")
    assert versions(scored(home, tmp_path / "lake"), 1) == [None]


def test_a_summary_rests_on_every_week_that_its_sessions_learned_from(tmp_path: Path) -> None:
    """Adherence looks back on seven weeks, and the first of those on seven more."""
    home = tmp_path / "home"
    reach = HISTORY_WEEKS + HABIT_WEEKS
    for number in (reach, reach + 1):
        write_walk(home, number, labelled=False)
    scored(home, tmp_path / "lake")
    write_walk(home, 0, labelled=True)
    walk = walk_of(home, tmp_path / "lake")
    walk.scan()
    assert week(reach) in walk.stale_weeks()
    assert week(reach + 1) not in walk.stale_weeks()
