"""Room ``adherence``: each rule of the protocol in force, and what the sessions say of it.

One module per kind of rule; what a protocol asks for is data and lies in ``rules/protocols``.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence

import dataframely as dy
import polars as pl

from retrowalk.adherence.alternation import alternate_days
from retrowalk.adherence.bout import bout_length
from retrowalk.adherence.cadence import cadence
from retrowalk.adherence.duration import duration
from retrowalk.adherence.facts import Facts, facts_from_sessions
from retrowalk.adherence.frequency import cap, days_per_week
from retrowalk.adherence.heart_rate import heart_rate_delta
from retrowalk.adherence.persistence import persistence
from retrowalk.adherence.progress import gradual_time, start_slow
from retrowalk.adherence.reasons import reason_expr
from retrowalk.adherence.route import flat_route, straight_route
from retrowalk.adherence.rows import rule_rows
from retrowalk.adherence.shown import any_backward, backward_share, environment, incline
from retrowalk.adherence.spans import in_phase_expr
from retrowalk.adherence.speed import speed
from retrowalk.adherence.verdicts import Exit, decided
from retrowalk.errors import RulesError
from retrowalk.prescribed import WEEK_KEYS
from retrowalk.rules.protocols import Protocol
from retrowalk.tables import Adherence, Exports, Participants, Prescriptions, Sessions


def adherence_from_sessions(
    sessions: dy.DataFrame[Sessions],
    prescriptions: dy.DataFrame[Prescriptions],
    participants: dy.DataFrame[Participants],
    exports: dy.DataFrame[Exports],
    protocols: Mapping[str, Protocol],
    *,
    weeks: Sequence[dt.date],
    now_utc: dt.datetime,
    default_time_zone: str = "UTC",
) -> dy.DataFrame[Adherence]:
    """Judges every rule of every protocol in force in the weeks asked for.

    Missing data is never a failure and never zero. Where minutes of unknown direction, or an
    export that could not be read, leave a verdict open, it is `not_evaluable` with the reason.
    A week's verdicts rest on its own sessions, on those of the seven weeks before it and of the
    Monday after it, and on nothing else; so weeks may be asked for one by one or together.

    Args:
        sessions: From seven weeks before the first week up to and including the Monday after
            the last, as far as they exist.
        prescriptions: Which protocol holds for whom, and when; of several in force on a day,
            the one that began last.
        participants: For their time zones: a week is over when it is over where they live.
        exports: What arrived; of it only what is quarantined, and no more than that it may
            belong to a week.
        protocols: Shipped ones and a user's own, by name.
        weeks: Mondays.
        now_utc: When the verdicts are given.
        default_time_zone: Zone of participants who have none.

    Returns:
        For each participant, protocol and week with a day under it: a row per rule and session,
        day, bout or week that it looks at; a rule that finds nothing to look at has one row whose
        `scope_key` is the week's Monday. Sorted by its key.

    Raises:
        RulesError: A prescription names a protocol that is not among `protocols`.
    """
    refuse_unknown_protocols(prescriptions, protocols)
    if not weeks:
        return Adherence.create_empty()
    table = rule_rows(protocols)
    facts = facts_from_sessions(
        sessions,
        prescriptions,
        participants,
        exports,
        protocols,
        weeks=weeks,
        now_utc=now_utc,
        default_time_zone=default_time_zone,
    )
    found = pl.concat(
        [
            judged(judge(table.filter(pl.col("kind") == kind), facts))
            for kind, judge in JUDGES.items()
        ]
    )
    about_rules = table.unique(_RULE_KEYS).select(*_RULE_KEYS, *_RULE_WORDS, *_LEEWAY)
    return (
        pl.concat([found, nothing_to_judge(table, facts, found)])
        .join(about_rules, on=_RULE_KEYS)
        .with_columns(
            observed_upper=pl.when(pl.col("observed_upper") != pl.col("observed")).then(
                "observed_upper"
            ),
            role=pl.when(pl.col("verdict") == "under").then("role_under").otherwise("role"),
        )
        .with_columns(reason=reason_expr())
        .sort(Adherence.primary_key())
        .select(Adherence.column_names())
        .pipe(Adherence.validate, cast=True)
    )


#: Kind of rule -> the function that judges it.
JUDGES: Mapping[str, Callable[[pl.DataFrame, Facts], pl.DataFrame]] = {
    "duration": duration,
    "days_per_week": days_per_week,
    "alternate_days": alternate_days,
    "cap": cap,
    "cadence": cadence,
    "speed": speed,
    "heart_rate_delta": heart_rate_delta,
    "bout_length": bout_length,
    "flat_route": flat_route,
    "straight_route": straight_route,
    "start_slow": start_slow,
    "gradual_time": gradual_time,
    "persistence": persistence,
    "environment": environment,
    "incline": incline,
    "backward_share": backward_share,
    "any_backward": any_backward,
}
_RULE_KEYS = ("protocol", "rule_id")
_RULE_WORDS = ("protocol_version", "scope", "role", "role_under", "unit", "source")
_LEEWAY = ("tolerance", "tolerance_fraction")
_JUDGED = pl.Schema(
    {
        "participant_id": pl.String,
        "protocol": pl.String,
        "week_start_date": pl.Date,
        "rule_id": pl.String,
        "scope_key": pl.String,
        "workout_id": pl.String,
        "local_date": pl.Date,
        "verdict": pl.String,
        "reason_code": pl.String,
        "observed": pl.Float64,
        "observed_upper": pl.Float64,
        "target_low": pl.Float64,
        "target_high": pl.Float64,
        "note": pl.String,
    }
)


def judged(frame: pl.DataFrame) -> pl.DataFrame:
    """Brings what a kind of rule says into one form; what it does not say is null."""
    return frame.select(
        (pl.col(name) if name in frame.columns else pl.lit(None)).cast(dtype).alias(name)
        for name, dtype in _JUDGED.items()
    )


def nothing_to_judge(table: pl.DataFrame, facts: Facts, found: pl.DataFrame) -> pl.DataFrame:
    """A row for every rule of a week that found nothing to look at, with the reason."""
    holds = pl.col("holds").any()
    silent = pl.col("workouts_n") == 0
    rest = (
        facts.weeks.join(table, on="protocol")
        .with_columns(holds=in_phase_expr())
        .group_by(*WEEK_KEYS, "rule_id")
        .agg(
            pl.col("is_over", "workouts_n", "quarantined_n").first(),
            pl.col("target_low", "target_high").filter("holds").first(),
            holds=holds,
        )
        .join(found, on=[*WEEK_KEYS, "rule_id"], how="anti")
    )
    return (
        rest.with_columns(
            decided(
                Exit(~pl.col("holds"), "not_applicable", "past_its_phase"),
                Exit(~pl.col("is_over"), "pending", "period_not_over"),
                Exit(silent & (pl.col("quarantined_n") > 0), "not_evaluable", "export_quarantined"),
                Exit(silent, "not_evaluable", "no_sessions"),
                verdict=pl.lit("not_applicable"),
            )
        )
        .with_columns(
            scope_key=pl.col("week_start_date").cast(pl.String),
            reason_code=pl.when(pl.col("reason_code") == "ok")
            .then(pl.lit("no_sessions"))
            .otherwise("reason_code"),
        )
        .pipe(judged)
    )


def refuse_unknown_protocols(
    prescriptions: pl.DataFrame, protocols: Mapping[str, Protocol]
) -> None:
    """Stops at a prescription of a protocol that is not there, rather than skip it silently."""
    known = sorted(protocols)
    unknown = sorted(set(prescriptions["protocol"].unique()) - protocols.keys())
    if unknown:
        raise RulesError(
            f"prescriptions name protocols that are not there: {', '.join(unknown)}. There are "
            f"{', '.join(known)}; correct prescriptions.csv, or write the protocol's file."
        )
