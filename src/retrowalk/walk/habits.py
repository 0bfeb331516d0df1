"""Which earlier weeks teach how a person walks, and what they taught by each week.

Habits of a week come from labelled walking of the weeks before it, never from the week itself or a
later one, so the order in which files or weeks are scored changes nothing.
"""

import datetime as dt
from collections.abc import Iterable, Sequence

import polars as pl

from retrowalk.rules.evidence import EvidenceRules
from retrowalk.windows.habits import LESSONS, habits_from_lessons

#: So many weeks before a week teach: a way of walking changes in the course of a rehabilitation.
HABIT_WEEKS = 7
_BY = ("participant_id", "week_start_date")


def weeks_before(weeks: Iterable[dt.date]) -> list[dt.date]:
    """The weeks that teach habits for any of these.

    Example:
        >>> weeks = weeks_before([dt.date(2026, 11, 16)])
        >>> weeks[0], weeks[-1]
        (datetime.date(2026, 9, 28), datetime.date(2026, 11, 9))
    """
    seen = range(1, HABIT_WEEKS + 1)
    return sorted({week - dt.timedelta(weeks=back) for week in weeks for back in seen})


def both_ways(labels: pl.DataFrame) -> pl.Series:
    """Participants who labelled walking of both directions; from others nothing can be told apart.

    Args:
        labels: ``participant_id, direction`` of labels.
    """
    ways = labels.group_by("participant_id").agg(pl.col("direction").n_unique().alias("ways_n"))
    return ways.filter(pl.col("ways_n") > 1)["participant_id"].sort()


def habits_of_weeks(
    lessons: Sequence[pl.DataFrame], weeks: Sequence[dt.date], rules: EvidenceRules
) -> pl.DataFrame:
    """What the lessons of the weeks before had taught by the beginning of each week.

    Args:
        lessons: As from :func:`retrowalk.windows.habits.lessons_from_windows`.
        weeks: The weeks that habits are asked for.
        rules: Least spreads.

    Returns:
        One row per participant and week with any labelled walking before it.
    """
    later = pl.col("week_start_date") + pl.duration(weeks=pl.col("later_n"))
    taught = (
        pl.concat([pl.DataFrame(schema=LESSONS), *lessons])
        .with_columns(later_n=pl.lit(list(range(1, HABIT_WEEKS + 1)), pl.List(pl.Int64)))
        .explode("later_n")
        .with_columns(week_start_date=later)
        .filter(pl.col("week_start_date").is_in(list(weeks)))
    )
    return habits_from_lessons(taught, rules, by=_BY)
