"""Reads ``annotations.csv``: what a person wrote down about a span of time."""

import dataframely as dy
import polars as pl

from retrowalk.errors import RegistryError
from retrowalk.read.registry.participants import in_force
from retrowalk.read.registry.rows import (
    LINE,
    Problems,
    id_column,
    number_column,
    per_pair,
    rows_from_text,
    word_column,
)
from retrowalk.tables.annotations import Annotations
from retrowalk.tables.participants import Participants
from retrowalk.tables.vocabulary import DIRECTIONS

COLUMNS = ("participant_id", "started_at", "ended_at", "direction", "grade_percent")
WITH_OFFSET = (
    "%Y-%m-%dT%H:%M:%S%.f%#z",
    "%Y-%m-%d %H:%M:%S%.f%#z",
    "%Y-%m-%dT%H:%M%#z",
    "%Y-%m-%d %H:%M%#z",
)
LOCAL = ("%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M")
EXPECTED = "a time such as 2026-11-16T08:00:00+01:00"


def read_annotations(
    data: bytes | str,
    path_name: str = "annotations.csv",
    *,
    participants: dy.DataFrame[Participants] | None,
) -> dy.DataFrame[Annotations]:
    """Reads the annotations.

    Args:
        data: Content of the file.
        path_name: What messages call it.
        participants: Gives the zone in which a time without an offset is read; null where the
            participants could not be read, so that a missing zone is no problem of this file.

    Returns:
        One row per annotated span, sorted by participant and start.

    Raises:
        RegistryError: With every problem of the file; overlapping spans of one participant that
            state different directions are one, and both lines are named.
    """
    problems = Problems(path_name)
    rows = rows_from_text(data, COLUMNS, problems)
    frame = pl.DataFrame(
        {
            LINE: rows[LINE],
            "participant_id": id_column(rows, problems),
            "started_at_utc": _instants(rows, "started_at", participants, problems),
            "ended_at_utc": _instants(rows, "ended_at", participants, problems),
            "direction": word_column(rows, "direction", DIRECTIONS[:2], problems),
            "grade_fraction": number_column(rows, "grade_percent", -50, 50, problems, scale=0.01),
        }
    )
    ends_early = (frame["ended_at_utc"] <= frame["started_at_utc"]).fill_null(value=False)
    problems.at_cells(rows, "ended_at", ends_early, "a time after started_at", "swap or mend them")
    _no_contradiction(frame, problems)
    if problems.listed:
        raise RegistryError(problems.sentences())
    ordered = frame.drop(LINE).sort("participant_id", "started_at_utc")
    return Annotations.validate(ordered, cast=True)


def _instants(
    rows: pl.DataFrame,
    column: str,
    participants: dy.DataFrame[Participants] | None,
    problems: Problems,
) -> pl.Series:
    """Reads times with an offset, or else on the participant's wall clock."""
    stated = pl.coalesce(
        pl.col(column).str.to_datetime(form, time_unit="us", strict=False) for form in WITH_OFFSET
    )
    local = pl.coalesce(
        pl.col(column).str.to_datetime(form, time_unit="us", strict=False) for form in LOCAL
    )
    read = rows.select(LINE, "participant_id", column, stated=stated, local=local)
    unread = read["stated"].is_null() & read["local"].is_null()
    problems.at_cells(rows, column, unread, EXPECTED, "write date, time and offset")
    known = Participants.create_empty() if participants is None else participants
    zoned = in_force(known, read.with_columns(local_date=pl.col("local").dt.date()))
    placed = _placed(zoned)
    no_zone = placed["local"].is_not_null() & placed["time_zone"].is_null()
    blamed = no_zone if participants is not None else no_zone & False
    problems.at_cells(
        rows, column, blamed, EXPECTED, "add the offset, or a time zone to the participant"
    )
    twofold = placed["early_utc"].is_null() & placed["local"].is_not_null() & ~no_zone
    problems.at_cells(
        rows, column, twofold, EXPECTED, "add the offset: the clock changes in that hour"
    )
    return placed.select(pl.coalesce("stated", "early_utc")).to_series().rename(column)


def _placed(zoned: pl.DataFrame) -> pl.DataFrame:
    """Adds the instant of each wall-clock time; null in an hour that the clock skips or repeats."""
    zones = zoned["time_zone"].drop_nulls().unique().sort()
    # One expression per zone, as a zone is a property of a whole column.
    each = [
        pl.when(pl.col("time_zone") == zone).then(
            pl.col("local")
            .dt.replace_time_zone(zone, ambiguous="null", non_existent="null")
            .dt.convert_time_zone("UTC")
        )
        for zone in zones
    ]
    none = pl.lit(None, pl.Datetime("us", "UTC"))
    return zoned.with_columns(early_utc=pl.coalesce(*each, none))


def _no_contradiction(frame: pl.DataFrame, problems: Problems) -> None:
    """Finds spans of one participant that overlap and state different things."""
    spans = frame.drop_nulls(["participant_id", "started_at_utc", "ended_at_utc"])
    pairs = spans.join(spans, on="participant_id", suffix="_other").filter(
        (pl.col(LINE) > pl.col(f"{LINE}_other"))
        & (pl.col("started_at_utc") < pl.col("ended_at_utc_other"))
        & (pl.col("started_at_utc_other") < pl.col("ended_at_utc"))
    )
    same_start = pl.col("started_at_utc") == pl.col("started_at_utc_other")
    differs = (pl.col("direction") != pl.col("direction_other")).fill_null(value=False)
    steeper = (pl.col("grade_fraction") != pl.col("grade_fraction_other")).fill_null(value=False)
    per_pair(
        pairs.filter(differs | steeper),
        problems,
        lambda pair: (
            f"participant {pair['participant_id']}: the span overlaps that of line {pair[LINE + '_other']} "
            f"and states otherwise ({_said(pair, '')} against {_said(pair, '_other')}); "
            "expected one statement at a time; cut or remove one"
        ),
    )
    per_pair(
        pairs.filter(same_start & ~differs & ~steeper),
        problems,
        lambda pair: (
            f"participant {pair['participant_id']}: line {pair[LINE + '_other']} starts at the same time; "
            "expected one span from a time on; join the two in one row"
        ),
    )


def _said(pair: dict[str, object], suffix: str) -> str:
    grade = pair[f"grade_fraction{suffix}"]
    steep = f" at {float(str(grade)):.1%}" if grade is not None else ""
    return f"{pair[f'direction{suffix}'] or 'no direction'}{steep}"
