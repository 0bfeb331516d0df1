"""The laws of the walk: neither order nor number of runs, nor the size of a batch, changes a table."""

import datetime as dt
import shutil
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from retrowalk.errors import LakeError, RegistryError
from retrowalk.lake import Lake
from retrowalk.settings import load_settings
from retrowalk.simulate import simulate_cohort
from retrowalk.tables import BY_NAME
from retrowalk.walk.inbox import Inbox
from retrowalk.walk.stages import Walk, score
from retrowalk.walk.start import begin_walk

NOW = dt.datetime(2026, 10, 20, 12, tzinfo=dt.UTC)
#: What names a run or its time, and nothing else.
OF_THE_RUN = ["run_id", "computed_at_utc", "first_seen_at_utc", "modified_at_utc"]
SCORED = [table for table in BY_NAME if table != "changes"]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cohort")
    simulate_cohort(folder, participants_n=3, weeks_n=2, seed=5)
    return folder


def walk_of(home: Path, lake: Path, **changed: object) -> Walk:
    settings = load_settings(home=home, lake=str(lake), **changed)
    return begin_walk(settings, now_utc=NOW, run_id="run")


def scored(walk: Walk) -> dict[str, pl.DataFrame]:
    walk.scan()
    score(walk, walk.stale_weeks())
    return tables_of(walk.lake)


def tables_of(lake: Lake) -> dict[str, pl.DataFrame]:
    return {name: lake.read(name).drop(OF_THE_RUN, strict=False) for name in SCORED}


def assert_same(left: dict[str, pl.DataFrame], right: dict[str, pl.DataFrame]) -> None:
    for name in SCORED:
        assert_frame_equal(left[name], right[name], check_exact=True)


@pytest.fixture(scope="module")
def once(home: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, pl.DataFrame]:
    return scored(walk_of(home, tmp_path_factory.mktemp("once")))


def test_a_cohort_fills_every_table_but_motion(once: dict[str, pl.DataFrame]) -> None:
    assert [name for name, rows in once.items() if rows.is_empty()] == ["motion"]


def test_scoring_again_in_an_empty_lake_gives_the_same_tables(
    home: Path, tmp_path: Path, once: dict[str, pl.DataFrame]
) -> None:
    assert_same(scored(walk_of(home, tmp_path)), once)


def test_scoring_twice_changes_nothing_and_leaves_no_stale_week(home: Path, tmp_path: Path) -> None:
    walk = walk_of(home, tmp_path)
    first = scored(walk)
    assert walk.stale_weeks() == []
    score(walk, [dt.date(2026, 9, 14), dt.date(2026, 9, 21)])
    assert_same(tables_of(walk.lake), first)
    assert walk.lake.read("changes").is_empty()


def test_the_size_of_a_batch_changes_nothing(
    home: Path, tmp_path: Path, once: dict[str, pl.DataFrame]
) -> None:
    assert_same(scored(walk_of(home, tmp_path, batch_records_n=2_000)), once)


def test_an_inbox_that_arrives_in_two_parts_gives_the_same_tables(
    home: Path, tmp_path: Path, once: dict[str, pl.DataFrame]
) -> None:
    part = tmp_path / "home"
    shutil.copytree(home / "registry", part / "registry")
    files = sorted(path for path in (home / "inbox").rglob("*") if path.is_file())
    for half in (files[::2], files[1::2]):
        for file in half:
            target = part / "inbox" / file.relative_to(home / "inbox")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(file, target)
        together = scored(walk_of(part, tmp_path / "lake"))
    assert_same(together, once)


def test_the_order_of_files_changes_nothing(
    home: Path, tmp_path: Path, once: dict[str, pl.DataFrame]
) -> None:
    walk = walk_of(home, tmp_path)
    backwards = Inbox(dict(reversed(list(walk.inbox.arrivals.items()))))
    turned = Walk(
        walk.lake, backwards, walk.reader, walk.rules, walk.settings, NOW, "run", walk.progress
    )
    assert_same(scored(turned), once)


def test_one_bad_export_never_stops_a_run(home: Path, tmp_path: Path) -> None:
    own = tmp_path / "home"
    shutil.copytree(home, own)
    (own / "inbox/P01/broken.fit").write_bytes(b"\x0e\x10garbage" * 9)
    (own / "inbox/P01/nothing.csv").write_bytes(b"")
    exports = scored(walk_of(own, tmp_path / "lake"))["exports"]
    refused = exports.filter(pl.col("path").is_in(["P01/broken.fit", "P01/nothing.csv"]))
    assert refused["status"].to_list() == ["quarantined", "quarantined"]
    codes = dict(refused.select("path", pl.col("reason_code").cast(pl.String)).iter_rows())
    assert codes == {"P01/broken.fit": "unknown_format", "P01/nothing.csv": "empty_file"}


def test_a_wrong_registry_stops_the_run_and_names_file_and_line(home: Path, tmp_path: Path) -> None:
    own = tmp_path / "home"
    shutil.copytree(home, own)
    people = own / "registry/participants.csv"
    lines = people.read_text(encoding="utf-8").splitlines()
    people.write_text("\n".join([lines[0], lines[1].replace("female", "x").replace("male", "x")]))
    with pytest.raises(RegistryError, match=r"participants\.csv.*2"):
        walk_of(own, tmp_path / "lake")


def test_a_person_missing_from_the_registry_has_met_minutes_but_no_kcal(
    home: Path, tmp_path: Path
) -> None:
    own = tmp_path / "home"
    shutil.copytree(home / "inbox/P01", own / "inbox/stranger")
    summary = scored(walk_of(own, tmp_path / "lake"))["weekly_summary"]
    walked = summary.filter(pl.col("walking_min") > 0)
    assert walked.height > 0
    assert walked["energy_gross_met_min"].null_count() == 0
    assert walked["energy_gross_kcal"].null_count() == walked.height
    assert walked["energy_reason"].null_count() == 0


def test_an_annotation_makes_stale_the_weeks_that_look_at_it(home: Path, tmp_path: Path) -> None:
    own = tmp_path / "home"
    shutil.copytree(home, own)
    scored(walk_of(own, tmp_path / "lake"))
    (own / "registry/annotations.csv").write_text(
        "participant_id,started_at,ended_at,direction,grade_percent\n"
        "P01,2026-09-23T05:30:00+00:00,2026-09-23T05:31:00+00:00,backward,\n"
    )
    again = walk_of(own, tmp_path / "lake")
    # The week of the annotation (21 September), the one before, which looks at its Monday, and
    # those after, which look back on it, as far as there are rows.
    rows = again.lake.read("weekly_summary")
    assert again.stale_weeks() == sorted(set(rows["week_start_date"]))


def test_detail_older_than_the_setting_keeps_is_forgotten_and_the_scores_stay(
    home: Path, tmp_path: Path
) -> None:
    scored(walk_of(home, tmp_path))
    # On 20 October the running week is that of the 19th; five weeks back from it is 21 September.
    walk = walk_of(home, tmp_path, keep_detail_weeks=5)
    assert walk.forget_detail() == [dt.date(2026, 9, 14)]
    for table in ("records", "marks", "windows"):
        assert set(walk.lake.read(table)["week_start_date"]) == {dt.date(2026, 9, 21)}
    assert dt.date(2026, 9, 14) in set(walk.lake.read("segments")["week_start_date"])


def test_a_table_is_not_made_anew_from_detail_that_is_gone(home: Path, tmp_path: Path) -> None:
    before = scored(walk_of(home, tmp_path))["segments"]
    walk = walk_of(home, tmp_path, keep_detail_weeks=5)
    walk.forget_detail()
    old = [dt.date(2026, 9, 14)]
    with pytest.raises(LakeError, match=r"'windows' holds nothing of 2026-09-14"):
        walk.segments(old)
    score(walk, old)
    assert_frame_equal(walk.lake.read("segments"), before)


def test_tidying_removes_files_and_leaves_every_table_as_it_is(home: Path, tmp_path: Path) -> None:
    before = scored(walk_of(home, tmp_path))
    walk = walk_of(home, tmp_path)
    score(walk, [dt.date(2026, 9, 14)])
    files_n = len(list(tmp_path.rglob("*.parquet")))
    assert sum(walk.tidy().values()) == 0  # a week has not passed since anything was replaced
    assert sum(walk.lake.compact(keep_hours=0).values()) > 0
    assert len(list(tmp_path.rglob("*.parquet"))) < files_n
    assert_same(tables_of(walk.lake), before)


def test_positions_are_kept_only_if_asked_for(home: Path, tmp_path: Path) -> None:
    without = scored(walk_of(home, tmp_path / "a"))["records"]
    kept = scored(walk_of(home, tmp_path / "b", keep_positions=True))["records"]
    assert without["latitude_deg"].null_count() == without.height
    assert kept["latitude_deg"].count() == kept["east_m"].count() > 0
