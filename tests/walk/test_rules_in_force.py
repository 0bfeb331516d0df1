"""A rule that changes marks the weeks that rest on it and no others, and no week mixes two."""

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from retrowalk.settings import load_settings
from retrowalk.walk.due import reasons_due
from retrowalk.walk.rulebook import load_rulebook
from retrowalk.walk.stages import Walk, score
from retrowalk.walk.start import begin_walk
from tests.builders_dialects import SteadyWalk, canonical

WALKED = dt.date(2026, 11, 16)
"""Monday of the week in which everybody walks; see ``SteadyWalk``."""
NOW = dt.datetime(2027, 3, 1, 12, tzinfo=dt.UTC)
PEOPLE = (
    "participant_id,valid_from,sex,birth_year,height_cm,body_mass_kg,"
    "resting_heart_rate_bpm,time_zone,distance_unit\n"
)
PRESCRIPTIONS = "participant_id,protocol,starts_on,ends_on,unlabelled_walking\n"
PLAN = """
id = "{name}"
version = "1"
title = "A plan of the ward"
[articles]
plan = "Exercise plan"
[qualifying]
session_min = {session_min}
source = "Agreed in the ward."
[[dose]]
sessions_per_week = 2
session_min = 5
source = "Exercise plan."
[[borrow]]
rule = "GEN-FREQ"
from = "general"
because = "The plan names none."
"""
LENDER = """
id = "lender"
version = "1"
title = "A plan that lends"
[articles]
plan = "Exercise plan"
[qualifying]
session_min = 5
source = "Agreed in the ward."
[[dose]]
sessions_per_week = 2
session_min = 5
source = "Exercise plan."
[[rule]]
id = "GEN-FREQ"
kind = "days_per_week"
scope = "week"
role = "scored"
version = "1"
article = "plan"
quote = "some days"
definition = "Days of the week."
data_needed = "local dates"
source = "Exercise plan."
low = 2
high = {high}
"""


def weeks_from(first: dt.date, last: dt.date) -> list[dt.date]:
    return pl.date_range(first, last, interval="1w", eager=True).to_list()


def plan(home: Path, name: str, session_min: int) -> None:
    folder = home / "registry/protocols"
    folder.mkdir(parents=True, exist_ok=True)
    text = PLAN.format(name=name, session_min=session_min)
    (folder / f"{name}.toml").write_text(text, encoding="utf-8")


def scanned(home: Path, **changed: object) -> Walk:
    walk = begin_walk(load_settings(home=home, **changed), now_utc=NOW, run_id="run")
    walk.scan()
    return walk


def reasons(walk: Walk) -> set[tuple[dt.date, str, str]]:
    due = reasons_due(walk, sorted(set(walk.lake.read("weekly_summary")["week_start_date"])))
    return set(due.explode("participants", empty_as_null=False).rows())


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Anna has the ward's plan for a week and then a general one; Bert has the general one."""
    (tmp_path / "registry").mkdir()
    people = [f"{name},2026-11-01,female,1960,165,60,60,UTC,km\n" for name in ("anna", "bert")]
    (tmp_path / "registry/participants.csv").write_text(PEOPLE + "".join(people))
    (tmp_path / "registry/prescriptions.csv").write_text(
        PRESCRIPTIONS + "anna,ward,2026-11-16,2026-11-22,unknown\n"
        "anna,general,2026-11-23,2027-02-28,unknown\nbert,general,2026-11-09,2027-02-28,unknown\n"
    )
    plan(tmp_path, "ward", 4)
    plan(tmp_path, "unused", 4)
    for name in ("anna", "bert"):
        file = tmp_path / "inbox" / name / "a.csv"
        file.parent.mkdir(parents=True)
        file.write_bytes(canonical(SteadyWalk(100, 5, 100, "backward")))
    walk = scanned(tmp_path)
    score(walk, walk.stale_weeks())
    assert walk.stale_weeks() == []
    return tmp_path


def test_a_protocol_that_nobody_is_under_marks_no_week(home: Path) -> None:
    plan(home, "unused", 3)

    assert scanned(home).stale_weeks() == []


def test_a_protocol_that_changes_marks_the_weeks_under_it_and_those_that_look_back_on_them(
    home: Path,
) -> None:
    plan(home, "ward", 6)
    walk = scanned(home)

    # In force in the week from 16 November; the seven weeks after it count its missed sessions.
    touched = weeks_from(WALKED, WALKED + dt.timedelta(weeks=7))
    assert walk.stale_weeks() == touched
    assert reasons(walk) == {(week, "rules", "anna") for week in touched}


def test_only_rows_that_the_rule_alters_are_changes_and_it_is_their_cause(home: Path) -> None:
    plan(home, "ward", 6)
    walk = scanned(home)
    score(walk, walk.stale_weeks())

    changes = walk.lake.read("changes")
    # Five minutes were a session from 4 minutes on, and are none from 6 on.
    told = changes.filter(column="done_sessions_n").rows_by_key("week_start_date", named=True)
    assert {(row["old_value"], row["new_value"]) for row in told[WALKED]} == {("1", "0")}
    assert set(changes["participant_id"]) == {"anna"}
    assert set(changes["cause"].cast(pl.String)) == {"rules"}


def test_a_week_never_holds_two_versions_of_the_rules(home: Path) -> None:
    plan(home, "ward", 6)
    walk = scanned(home)
    before = walk.lake.read("weekly_summary")
    score(walk, walk.stale_weeks())
    after = walk.lake.read("weekly_summary")

    by_week = after.group_by("week_start_date").agg(pl.col("rules_version").n_unique())
    assert set(by_week["rules_version"]) == {1}
    versions = [
        dict(rows.select("week_start_date", "rules_version").iter_rows())
        for rows in (before, after)
    ]
    altered = {week for week in versions[0] if versions[0][week] != versions[1][week]}
    assert altered == set(weeks_from(WALKED, WALKED + dt.timedelta(weeks=7)))


def test_a_rule_that_is_borrowed_is_part_of_each_protocol_that_borrows_it(tmp_path: Path) -> None:
    own = tmp_path / "registry/protocols"
    plan(tmp_path, "borrower", 4)
    plan(tmp_path, "stranger", 4)
    borrower = own / "borrower.toml"
    borrower.write_text(borrower.read_text().replace('from = "general"', 'from = "lender"'))

    def versions(high: int) -> set[tuple[str, str]]:
        (own / "lender.toml").write_text(LENDER.format(high=high), encoding="utf-8")
        return set(load_rulebook(load_settings(home=tmp_path)).protocol_versions.items())

    assert {name for name, _ in versions(4) - versions(5)} == {"borrower", "lender"}


def test_a_week_scored_before_a_week_that_it_looks_at_stays_stale_until_scored_after_it(
    home: Path,
) -> None:
    late = home / "inbox/bert/late.csv"
    late.write_bytes((home / "inbox/bert/a.csv").read_bytes().replace(b"2026-11-16", b"2026-11-17"))
    walk = scanned(home)
    after = WALKED + dt.timedelta(weeks=1)
    score(walk, [after])

    # Its sessions of the week before are still those without the late export.
    assert after in walk.stale_weeks()
    score(walk, [WALKED])
    assert after in walk.stale_weeks()
    score(walk, [after])
    assert not {WALKED, after}.intersection(walk.stale_weeks())


def test_a_week_scored_under_rules_that_its_history_was_not_stays_stale(home: Path) -> None:
    other = scanned(home, compendium_edition="2011")
    after = WALKED + dt.timedelta(weeks=1)
    score(other, [after])

    assert after in other.stale_weeks()
    score(other, other.stale_weeks())
    assert other.stale_weeks() == []


def test_a_setting_that_every_score_rests_on_marks_every_week(home: Path) -> None:
    walk = scanned(home, compendium_edition="2011")

    assert walk.stale_weeks() == sorted(set(walk.lake.read("weekly_summary")["week_start_date"]))
