"""The week's row agrees with a second calculation in plain Python (``tests/oracle.py``)."""

import datetime as dt
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrowalk.settings import load_settings
from retrowalk.walk.stages import score
from retrowalk.walk.start import begin_walk
from tests import oracle
from tests.builders_sessions import MONDAY, Span, Walk, at, day, logs, summary_of, walk

SAMPLE = Path(__file__).parent.parent / "sample_data"
#: A treadmill; a hill and two body masses; directions unknown on Sundays; old, and two protocols.
PEOPLE = ("P01", "P04", "P06", "P07")
DAY = dt.timedelta(days=1)

Tables = Mapping[str, pl.DataFrame]


def rows(table: pl.DataFrame, who: str) -> list[dict[str, Any]]:
    return table.filter(pl.col("participant_id") == who).to_dicts()


def expected_of(tables: Tables, who: str, monday: dt.date) -> dict[str, Any]:
    """Minutes and energy of one participant's week, by the oracle."""
    workouts = {w["workout_id"]: w for w in rows(tables["workouts"], who)}
    inside = {name: w for name, w in workouts.items() if w["week_start_date"] == monday}
    segments = [s for s in rows(tables["segments"], who) if s["workout_id"] in inside]
    minutes = oracle.minutes_of_week(segments)
    found = {name: minutes[name] for name in minutes if name.endswith("_min")}
    return found | oracle.energy_of_week(segments, inside)


def adherence_of(tables: Tables, who: str, monday: dt.date, protocol: str) -> dict[str, Any]:
    """Counts, shares and verdicts of one participant's week, by the oracle."""
    near = {
        w["workout_id"]: w
        for w in rows(tables["workouts"], who)
        if monday - DAY <= w["local_date"] <= monday + 7 * DAY
    }
    segments = [s for s in rows(tables["segments"], who) if s["workout_id"] in near]
    spans = oracle.spans_of(segments, near)
    return oracle.adherence_of_week(spans, near, oracle.PLANS[protocol], monday)


def assert_alike(row: Mapping[str, Any], expected: Mapping[str, Any]) -> None:
    """The verdicts are the same, and every number to a part in ten thousand."""
    said = {item["rule_id"]: item["verdict"] for item in row["rule_verdicts"]}
    verdicts = expected.get("verdicts", {})
    assert {rule: said[rule] for rule in verdicts} == verdicts
    numbers = {name: value for name, value in expected.items() if name != "verdicts"}
    assert {name: row[name] for name in numbers} == {
        name: value if value is None else pytest.approx(value, rel=1e-4, abs=1e-4)
        for name, value in numbers.items()
    }


# --- weeks drawn at random ------------------------------------------------------------------------

_SPANS = st.lists(
    st.builds(
        Span,
        minutes=st.sampled_from([1.0, 4.0, 9.9, 10.0, 22.0, 25.0, 36.0]),
        direction=st.sampled_from(["backward", "backward", "forward", "unknown"]),
        speed=st.one_of(st.none(), st.floats(0.2, 2.6).map(lambda v: round(v, 3))),
        activity=st.sampled_from(["walk", "walk", "walk", "rest"]),
        grade=st.sampled_from(["level", "incline", "decline", "unknown"]),
    ),
    min_size=1,
    max_size=3,
)
_PLACES = st.fixed_dictionaries(
    {
        "environment": st.sampled_from(["treadmill", "outdoor", "unknown"]),
        "age_at_start_year": st.sampled_from([None, 40.0, 59.0, 60.0, 81.0]),
    }
)
#: Days from the Sunday before the week to the Monday after it.
_WEEK = st.dictionaries(st.integers(-1, 7), st.tuples(_SPANS, _PLACES), max_size=6)


@settings(max_examples=30, deadline=None)
@given(drawn=_WEEK, protocol=st.sampled_from(sorted(oracle.PLANS)))
def test_a_week_at_random_is_what_the_second_calculation_says(
    drawn: dict[int, tuple[list[Span], dict[str, Any]]], protocol: str
) -> None:
    walks: list[Walk] = [walk(at(day(n)), *spans, **place) for n, (spans, place) in drawn.items()]
    made = logs(*walks)
    tables = {"workouts": made.workouts, "segments": made.segments}
    # Long in force, so that the Sunday before is under it too.
    row = summary_of(*walks, protocol=protocol, since=day(-7)).row(0, named=True)
    assert_alike(row, expected_of(tables, "P1", MONDAY))
    assert_alike(row, adherence_of(tables, "P1", MONDAY, protocol))


# --- the sample data ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory) -> Tables:
    """Four participants of the sample data, all their weeks."""
    home = tmp_path_factory.mktemp("sample")
    shutil.copytree(SAMPLE / "registry", home / "registry")
    for who in PEOPLE:
        shutil.copytree(SAMPLE / "inbox" / who, home / "inbox" / who)
    walked = begin_walk(load_settings(home=home), now_utc=dt.datetime(2026, 11, 21, tzinfo=dt.UTC))
    walked.scan()
    score(walked, walked.stale_weeks())
    return {name: walked.lake.read(name) for name in ("workouts", "segments", "weekly_summary")}


@pytest.mark.parametrize("who", PEOPLE)
def test_minutes_and_energy_of_the_sample_data_are_what_the_second_calculation_says(
    scored: Tables, who: str
) -> None:
    weeks = rows(scored["weekly_summary"], who)
    assert len(weeks) >= 8
    for row in weeks:
        assert_alike(row, expected_of(scored, who, row["week_start_date"]))


@pytest.mark.parametrize("who", PEOPLE)
def test_adherence_in_the_sample_data_is_what_the_second_calculation_says(
    scored: Tables, who: str
) -> None:
    weeks = [
        row
        for row in rows(scored["weekly_summary"], who)
        if row["expected_sessions_n"] is not None and row["exports_quarantined_n"] == 0
    ]
    assert len(weeks) >= 8
    for row in weeks:
        assert_alike(row, adherence_of(scored, who, row["week_start_date"], row["protocol"]))
