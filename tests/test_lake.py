"""The lake: whole weeks are replaced at once, and what comes back is what was kept."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from retrowalk.errors import LakeError
from retrowalk.lake import Lake
from retrowalk.query import QueryError, answer
from retrowalk.tables import BY_NAME, Marks

FIRST, SECOND = dt.date(2026, 11, 9), dt.date(2026, 11, 16)


def marks(week: dt.date, *numbers: int) -> pl.DataFrame:
    start = dt.datetime.combine(week, dt.time(6), dt.UTC)
    return Marks.validate(
        pl.DataFrame(
            {
                "week_start_date": [week] * len(numbers),
                "workout_id": [f"w-{week}"] * len(numbers),
                "mark_n": numbers,
                "source": ["lap_name"] * len(numbers),
                "started_at_utc": [start] * len(numbers),
                "ended_at_utc": [start + dt.timedelta(minutes=5)] * len(numbers),
                "text": ["Backward"] * len(numbers),
                "direction": ["backward"] * len(numbers),
                "grade_fraction": [None] * len(numbers),
                "label_rule": ["en:backward"] * len(numbers),
            },
            schema_overrides={"grade_fraction": pl.Float64},
        ),
        cast=True,
    )


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(str(tmp_path / "lake"))


def test_a_table_that_was_never_written_is_empty_in_the_types_of_its_schema(lake: Lake) -> None:
    assert_frame_equal(lake.read("marks"), Marks.create_empty())


def test_rows_come_back_as_they_were_kept(lake: Lake) -> None:
    lake.replace("marks", marks(FIRST, 0, 1), [FIRST])
    assert_frame_equal(lake.read("marks"), marks(FIRST, 0, 1), check_column_order=True)


def test_replacing_a_week_leaves_the_others(lake: Lake) -> None:
    lake.replace("marks", pl.concat([marks(FIRST, 0, 1), marks(SECOND, 0)]), [FIRST, SECOND])
    lake.replace("marks", marks(FIRST, 7), [FIRST])
    assert lake.read("marks")["mark_n"].to_list() == [7, 0]


def test_no_rows_empty_the_week(lake: Lake) -> None:
    lake.replace("marks", pl.concat([marks(FIRST, 0), marks(SECOND, 0)]), [FIRST, SECOND])
    lake.replace("marks", marks(FIRST), [FIRST])
    assert lake.read("marks")["week_start_date"].to_list() == [SECOND]


def test_a_row_outside_the_weeks_is_refused_and_nothing_is_written(lake: Lake) -> None:
    lake.replace("marks", marks(FIRST, 0), [FIRST])
    with pytest.raises(LakeError, match="outside"):
        lake.replace("marks", marks(SECOND, 0), [FIRST])
    assert lake.read("marks").height == 1


def write_and_fail(lake: Lake) -> None:
    with lake.rewrite(["marks"], [FIRST]) as rewrite:
        rewrite.add("marks", marks(FIRST, 5))
        raise InterruptedError


def test_tables_of_an_older_version_are_all_named_with_what_to_do(
    lake: Lake,
) -> None:
    for table, lost in (("marks", "text"), ("motion", "workout_id"), ("windows", None)):
        rows = BY_NAME[table].create_empty()
        rows.select(pl.exclude(lost or [])).write_delta(lake.path(table))
    with pytest.raises(LakeError) as refused:
        lake.scan("marks")
    assert str(refused.value) == (
        "Table 'marks' lacks ['text']: it was written by an older version. Remove "
        f"{lake.path('marks')} {lake.path('motion')} and score again; the exports hold everything."
    )


def test_a_failure_while_rows_are_collected_leaves_the_week_as_it_was(lake: Lake) -> None:
    lake.replace("marks", marks(FIRST, 0), [FIRST])
    with pytest.raises(InterruptedError):
        write_and_fail(lake)
    assert lake.read("marks")["mark_n"].to_list() == [0]


def test_of_two_writers_of_one_week_one_wins_and_the_other_tries_again(lake: Lake) -> None:
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda n: lake.replace("marks", marks(FIRST, n), [FIRST]), range(8)))
    assert lake.read("marks").height == 1


def test_every_table_can_be_queried_before_anything_is_written(lake: Lake) -> None:
    Path(lake.root).mkdir()
    counts = {name: answer(lake, f"SELECT count(*) AS n FROM {name}")["n"][0] for name in BY_NAME}  # noqa: S608
    assert set(counts.values()) == {0}


def test_a_query_sees_the_last_whole_state_while_a_run_writes(lake: Lake) -> None:
    lake.replace("marks", marks(FIRST, 0), [FIRST])
    with lake.rewrite(["marks"], [FIRST]) as rewrite:
        rewrite.add("marks", marks(FIRST, 1, 2))
        assert answer(lake, "SELECT mark_n FROM marks")["mark_n"].to_list() == [0]
    assert answer(lake, "SELECT mark_n FROM marks ORDER BY 1")["mark_n"].to_list() == [1, 2]


@pytest.mark.parametrize(
    "query",
    [
        "DROP VIEW marks",
        "COPY marks TO 'out.csv'",
        "SELECT 1; SELECT 2",
        "SELECT * FROM read_csv('/etc/hostname')",
        "SELECT nothing FROM marks",
        "ATTACH 'other.db'",
    ],
)
def test_a_query_can_only_read_the_tables(lake: Lake, query: str) -> None:
    lake.replace("marks", marks(FIRST, 0), [FIRST])
    with pytest.raises(QueryError):
        answer(lake, query)
