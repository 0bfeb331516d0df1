"""A run says which weeks it scores anew, for whom, and why."""

import datetime as dt
from pathlib import Path

import pytest

from retrowalk.settings import load_settings
from retrowalk.show import due_lines
from retrowalk.walk.due import reasons_due
from retrowalk.walk.stages import Walk, score
from retrowalk.walk.start import begin_walk
from tests.builders_dialects import SteadyWalk, canonical

WEEK = dt.date(2026, 11, 16)
WEEKS = [WEEK + dt.timedelta(weeks=n) for n in range(-1, 3)]
NOW = dt.datetime(2026, 12, 10, tzinfo=dt.UTC)
PEOPLE = "participant_id,valid_from,sex,birth_year,height_cm,body_mass_kg,resting_heart_rate_bpm,time_zone,distance_unit\n"
ANNA = "anna,2026-11-01,female,1960,165,{},60,Europe/Berlin,km\n"


def people(home: Path, *rows: str) -> None:
    (home / "registry").mkdir(exist_ok=True)
    (home / "registry/participants.csv").write_text(PEOPLE + "".join(rows), encoding="utf-8")


def bring(home: Path, name: str, minutes_n: int) -> None:
    path = home / "inbox" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(canonical(SteadyWalk(100, minutes_n, 100, "backward")))


def scanned(home: Path) -> Walk:
    walk = begin_walk(load_settings(home=home), now_utc=NOW, run_id="run")
    walk.scan()
    return walk


def reasons(walk: Walk) -> list[tuple[dt.date, str, list[str]]]:
    return reasons_due(walk, WEEKS).rows()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Anna walked five minutes backward; everything is scored."""
    people(tmp_path, ANNA.format(60))
    bring(tmp_path, "anna/a.csv", 5)
    walk = scanned(tmp_path)
    assert [(week, reason) for week, reason, _ in reasons(walk)] == [
        (week, "new") for week in WEEKS
    ]
    score(walk, WEEKS)
    return tmp_path


def test_weeks_that_are_as_they_would_be_have_no_reason(home: Path) -> None:
    assert reasons(scanned(home)) == []


def test_a_body_mass_that_changes_from_a_day_on_names_the_weeks_from_then_on(home: Path) -> None:
    later = ANNA.replace("2026-11-01", "2026-11-24")
    people(home, ANNA.format(60), later.format(58))
    found = reasons(scanned(home))
    own = [(week, names) for week, reason, names in found if reason == "registry"]
    assert own == [(WEEKS[2], ["anna"]), (WEEKS[3], ["anna"])]
    # The week before looks one ahead, for a Sunday and the Monday after it.
    assert [week for week, reason, _ in found if reason == "weeks around it"] == [WEEKS[1]]


def test_a_late_export_names_its_week_and_those_that_look_back_at_it(home: Path) -> None:
    bring(home, "anna/b.csv", 9)
    found = reasons(scanned(home))
    assert [(week, reason) for week, reason, _ in found] == [
        (WEEKS[0], "weeks around it"),
        (WEEKS[1], "exports"),
        (WEEKS[2], "weeks around it"),
        (WEEKS[3], "weeks around it"),
    ]


def test_a_participant_who_comes_or_goes_is_named(home: Path) -> None:
    people(home, ANNA.replace("anna", "bert").format(80), ANNA.format(60))
    assert {(reason, *names) for _, reason, names in reasons(scanned(home))} == {("new", "bert")}
    people(home)
    (home / "inbox/anna/a.csv").unlink()
    assert {(reason, *names) for _, reason, names in reasons(scanned(home))} == {("gone", "anna")}


def test_a_rule_that_changes_names_every_week(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RETROWALK_DECIDE_AT_PROBABILITY", "0.8")
    assert [reason for _, reason, _ in reasons(scanned(home))] == ["rules"] * len(WEEKS)


def test_the_lines_name_weeks_reasons_and_people(home: Path) -> None:
    people(home, ANNA.format(61), *(ANNA.replace("anna", f"p{n}").format(70) for n in range(7)))
    lines = due_lines(reasons_due(scanned(home), [WEEK]))
    assert lines == [f"{WEEK}: new (p0, p1, p2, p3, p4 and 2 more); registry (anna)"]
