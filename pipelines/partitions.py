"""Weeks as Dagster knows them: Monday keys, the running week included."""

import datetime as dt

import dagster as dg

from retrowalk.local_time import EARLIEST_ZONE
from retrowalk.settings import Settings
from retrowalk.walk.fingerprints import AHEAD_WEEKS, HISTORY_WEEKS

_MONDAY = 1


def weekly_partitions(settings: Settings) -> dg.WeeklyPartitionsDefinition:
    """A key per week from the first that can be scored to the one that has just begun.

    The key is the participant's local Monday, a label and no instant. The definition keeps the
    time of the zone where a Monday begins first, so that a key exists as soon as anybody needs it.
    """
    return dg.WeeklyPartitionsDefinition(
        start_date=settings.first_week.isoformat(),
        day_offset=_MONDAY,
        timezone=EARLIEST_ZONE,
        end_offset=1,
    )


#: Adherence of a week looks back on seven weeks and ahead on the Monday after it.
HISTORY = dg.TimeWindowPartitionMapping(
    start_offset=-HISTORY_WEEKS,
    end_offset=AHEAD_WEEKS,
    allow_nonexistent_upstream_partitions=True,
)


def weeks_of(keys: list[str]) -> list[dt.date]:
    """The Mondays of partition keys.

    Example:
        >>> weeks_of(["2026-11-16"])
        [datetime.date(2026, 11, 16)]
    """
    return [dt.date.fromisoformat(key) for key in keys]
