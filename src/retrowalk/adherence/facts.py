"""What the rules look at: prescribed weeks, sessions under a prescription, and days. No verdicts."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from retrowalk.prescribed import (
    LOOKBACK_WEEKS_N,
    WEEK_KEYS,
    frequency_rows,
    known_weeks,
    prescribed_days,
    qualifying_rows,
    quarantined_per_week,
    session_days,
    sessions_under_prescription,
)
from retrowalk.rules.protocols import Protocol


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of every prescribed week, before any rule looks at it.

    Args:
        weeks: One row per participant, protocol and week asked for with a day under it.
        past_weeks: The same for those weeks and the seven before them.
        sessions: Sessions under a prescription, with the interval of their backward minutes;
            from seven weeks before the first week to the Monday after the last.
        days: The same summed per local day.
        frequency: Limits of each protocol's rule on days per week.
        quarantined: Exports that could not be read, per participant and week, of any week.
    """

    weeks: pl.DataFrame
    past_weeks: pl.DataFrame
    sessions: pl.DataFrame
    days: pl.DataFrame
    frequency: pl.DataFrame
    quarantined: pl.DataFrame

    @property
    def week_sessions(self) -> pl.DataFrame:
        """Sessions of the weeks asked for, each with the facts of its week."""
        return self.sessions.drop("starts_on_date").join(self.weeks, on=WEEK_KEYS)

    @property
    def week_days(self) -> pl.DataFrame:
        """Days with a session of the weeks asked for, each with the facts of its week."""
        return self.days.join(self.weeks, on=WEEK_KEYS)


def facts_from_sessions(
    sessions: pl.DataFrame,
    prescriptions: pl.DataFrame,
    participants: pl.DataFrame,
    exports: pl.DataFrame,
    protocols: Mapping[str, Protocol],
    *,
    weeks: Sequence[dt.date],
    now_utc: dt.datetime,
    default_time_zone: str,
) -> Facts:
    """Gathers what the rules look at; the arguments are those of the room."""
    first = min(weeks) - dt.timedelta(weeks=LOOKBACK_WEEKS_N)
    days = prescribed_days(prescriptions, first=first, last=max(weeks) + dt.timedelta(days=7))
    past_weeks = known_weeks(
        days,
        sessions,
        participants,
        exports,
        now_utc=now_utc,
        default_time_zone=default_time_zone,
    ).filter(pl.col("week_start_date") <= max(weeks))
    under = sessions_under_prescription(sessions, days, qualifying_rows(protocols))
    return Facts(
        weeks=past_weeks.filter(pl.col("week_start_date").is_in(list(weeks))),
        past_weeks=past_weeks,
        sessions=under,
        days=session_days(under),
        frequency=frequency_rows(protocols),
        quarantined=quarantined_per_week(exports),
    )
