"""Reads ``prescriptions.csv``: which protocol each participant follows, and when."""

from collections.abc import Collection

import dataframely as dy
import polars as pl

from retrowalk.errors import RegistryError
from retrowalk.read.registry.rows import (
    LINE,
    Problems,
    date_column,
    id_column,
    per_pair,
    rows_from_text,
    word_column,
)
from retrowalk.tables.prescriptions import Prescriptions
from retrowalk.tables.vocabulary import UNLABELLED_WALKING

COLUMNS = ("participant_id", "protocol", "starts_on", "ends_on", "unlabelled_walking")


def read_prescriptions(
    data: bytes | str, path_name: str = "prescriptions.csv", *, protocols: Collection[str]
) -> dy.DataFrame[Prescriptions]:
    """Reads the prescriptions.

    Args:
        data: Content of the file.
        path_name: What messages call it.
        protocols: Identifiers of the protocols that there are.

    Returns:
        One row per prescription, sorted by participant and first day; an empty last day is null,
        an empty setting for unlabelled walking is ``unknown``. The participant need not be
        registered.

    Raises:
        RegistryError: With every problem of the file; two prescriptions of one participant that
            overlap are one, and both lines are named.
    """
    problems = Problems(path_name)
    rows = rows_from_text(data, COLUMNS, problems)
    frame = pl.DataFrame(
        {
            LINE: rows[LINE],
            "participant_id": id_column(rows, problems),
            "starts_on_date": date_column(rows, "starts_on", problems, needed=True),
            "ends_on_date": date_column(rows, "ends_on", problems, needed=False),
            "protocol": _protocol(rows, protocols, problems),
            "unlabelled_walking": word_column(
                rows, "unlabelled_walking", UNLABELLED_WALKING, problems
            ).fill_null("unknown"),
        }
    )
    ends_early = (frame["ends_on_date"] < frame["starts_on_date"]).fill_null(value=False)
    problems.at_cells(
        rows, "ends_on", ends_early, "a day on or after starts_on", "swap or mend them"
    )
    _no_overlap(frame, problems)
    if problems.listed:
        raise RegistryError(problems.sentences())
    ordered = frame.drop(LINE).sort("participant_id", "starts_on_date")
    return Prescriptions.validate(ordered, cast=True)


def _protocol(rows: pl.DataFrame, protocols: Collection[str], problems: Problems) -> pl.Series:
    text = rows["protocol"]
    is_bad = ~text.is_in(sorted(protocols)).fill_null(value=False)
    known = ", ".join(sorted(protocols))
    problems.at_cells(
        rows, "protocol", is_bad, f"one of {known}", "use one, or add its protocol file"
    )
    return text


def _no_overlap(frame: pl.DataFrame, problems: Problems) -> None:
    """Compares each prescription with the one before it that lasts longest."""
    ordered = frame.drop_nulls(["participant_id", "starts_on_date"]).sort(
        "participant_id", "starts_on_date", LINE
    )
    last_day = pl.col("ends_on_date").fill_null(pl.date(9999, 12, 31))
    who = "participant_id"
    lasting = ordered.with_columns(last_day=last_day).with_columns(
        until=pl.col("last_day").cum_max().shift().over(who),
        is_longest=pl.col("last_day") == pl.col("last_day").cum_max().over(who),
    )
    other = pl.when("is_longest").then(LINE).forward_fill().shift().over(who)
    clashes = lasting.with_columns(other_line_n=other).filter(
        pl.col("starts_on_date") <= pl.col("until")
    )
    per_pair(
        clashes,
        problems,
        lambda pair: (
            f"participant {pair['participant_id']}: the prescription from {pair['starts_on_date']} overlaps "
            f"that of line {pair['other_line_n']}; expected one at a time; end one before the other starts"
        ),
    )
