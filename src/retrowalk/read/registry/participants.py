"""Reads ``participants.csv``: what is known of each person, and from which day on."""

from functools import cache
from zoneinfo import available_timezones

import dataframely as dy
import polars as pl

from retrowalk.errors import RegistryError
from retrowalk.read.registry.rows import (
    LINE,
    Problems,
    date_column,
    id_column,
    number_column,
    per_pair,
    rows_from_text,
    word_column,
)
from retrowalk.tables.participants import Participants
from retrowalk.tables.vocabulary import DISTANCE_UNITS, SEXES

COLUMNS = (
    "participant_id", "valid_from", "sex", "birth_year", "height_cm", "body_mass_kg",
    "resting_heart_rate_bpm", "time_zone", "distance_unit",
)  # fmt: skip


def read_participants(
    data: bytes | str, path_name: str = "participants.csv"
) -> dy.DataFrame[Participants]:
    """Reads the participants.

    Args:
        data: Content of the file.
        path_name: What messages call it.

    Returns:
        One row per participant and day from which it holds, sorted by both; null where a cell is
        empty.

    Raises:
        RegistryError: With every problem of the file: line, column, what stood there, what was
            expected, the fix.
    """
    problems = Problems(path_name)
    rows = rows_from_text(data, COLUMNS, problems)
    frame = pl.DataFrame(
        {
            LINE: rows[LINE],
            "participant_id": id_column(rows, problems),
            "valid_from_date": date_column(rows, "valid_from", problems, needed=True),
            "sex": word_column(rows, "sex", SEXES, problems),
            "birth_year": _whole_year(rows, problems),
            "height_cm": number_column(rows, "height_cm", 50, 250, problems),
            "body_mass_kg": number_column(rows, "body_mass_kg", 20, 350, problems),
            "resting_heart_rate_bpm": number_column(
                rows, "resting_heart_rate_bpm", 25, 120, problems
            ),
            "time_zone": _time_zone(rows, problems),
            "distance_unit": word_column(rows, "distance_unit", DISTANCE_UNITS, problems),
        }
    )
    _no_day_twice(frame, problems)
    if problems.listed:
        raise RegistryError(problems.sentences())
    ordered = frame.drop(LINE).sort("participant_id", "valid_from_date")
    return Participants.validate(ordered, cast=True)


def in_force(participants: dy.DataFrame[Participants], keys: pl.DataFrame) -> pl.DataFrame:
    """Finds for each participant and day the registry row that holds then.

    Args:
        participants: Any number of rows.
        keys: n rows with ``participant_id`` and ``local_date``, and any other columns.

    Returns:
        n rows, same order: the columns of ``keys``, then those of the row with the last
        ``valid_from_date`` on or before that day; null before the first such day and for people
        who are not registered.
    """
    order = "key_row_n"
    known = participants.sort("valid_from_date").with_columns(in_force_date="valid_from_date")
    dated = keys.with_row_index(order).sort("local_date")
    joined = dated.join_asof(
        known,
        left_on="local_date",
        right_on="in_force_date",
        by="participant_id",
        strategy="backward",
        coalesce=True,
        check_sortedness=False,
    )
    return joined.sort(order).drop(order, "in_force_date", strict=False)


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _time_zone(rows: pl.DataFrame, problems: Problems) -> pl.Series:
    text = rows["time_zone"]
    is_bad = ~text.is_in(sorted(_zones())) & text.is_not_null()
    problems.at_cells(
        rows,
        "time_zone",
        is_bad,
        "an IANA time zone such as Europe/Berlin",
        "look it up in the tz list",
    )
    return text.set(is_bad, None)


def _whole_year(rows: pl.DataFrame, problems: Problems) -> pl.Series:
    value = number_column(rows, "birth_year", 1900, 2100, problems)
    is_broken = ((value % 1) != 0).fill_null(value=False)
    problems.at_cells(rows, "birth_year", is_broken, "a year such as 1961", "write four digits")
    return value.set(~value.is_finite() | is_broken, None).cast(pl.Int32, strict=False)


def _no_day_twice(frame: pl.DataFrame, problems: Problems) -> None:
    """Two rows of one participant from the same day contradict each other."""
    key = ["participant_id", "valid_from_date"]
    other = pl.col(LINE).shift().over(key)
    twice = (
        frame.drop_nulls(key).sort(LINE).with_columns(other_line_n=other).drop_nulls("other_line_n")
    )
    per_pair(
        twice,
        problems,
        lambda pair: (
            f"participant {pair['participant_id']} has another row from {pair['valid_from_date']} in line "
            f"{pair['other_line_n']}; expected one row per participant and day; remove one"
        ),
    )
