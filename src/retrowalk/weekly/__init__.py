"""Room ``weekly``: the score, one row per participant and week. Nothing is judged here anew."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import dataframely as dy
import polars as pl

from retrowalk.prescribed import quarantined_per_week, week_ends
from retrowalk.rules.protocols import Protocol
from retrowalk.tables import (
    Adherence,
    Energy,
    Exports,
    Participants,
    Prescriptions,
    Segments,
    Sessions,
    WeeklySummary,
    Workouts,
)
from retrowalk.weekly.attendance import attendance, intensity
from retrowalk.weekly.status import (
    empty_exports,
    energy_reason_expr,
    enrolment,
    status_expr,
    week_reason_expr,
)
from retrowalk.weekly.totals import (
    KEY,
    contents,
    energy_totals,
    export_totals,
    segment_totals,
    session_totals,
)
from retrowalk.weekly.verdicts import week_verdicts


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a row comes from.

    Args:
        inputs: Who has a row in which week: ``participant_id, week_start_date, registry_version,
            inputs_fingerprint``.
        run_id: Run that writes.
        computed_at_utc: When.
        code_version: Version of the package.
        rules_versions: Hash of the rules and settings that each week rests on.
        compendium_edition: Edition in force.
    """

    inputs: pl.DataFrame
    run_id: str
    computed_at_utc: dt.datetime
    code_version: str
    rules_versions: Mapping[dt.date, str]
    compendium_edition: str


def weekly_summary_from_adherence(
    adherence: dy.DataFrame[Adherence],
    sessions: dy.DataFrame[Sessions],
    segments: dy.DataFrame[Segments],
    energy: dy.DataFrame[Energy],
    workouts: dy.DataFrame[Workouts],
    exports: dy.DataFrame[Exports],
    participants: dy.DataFrame[Participants],
    prescriptions: dy.DataFrame[Prescriptions],
    protocols: Mapping[str, Protocol],
    *,
    weeks: Sequence[dt.date],
    now_utc: dt.datetime,
    provenance: Provenance,
    default_time_zone: str = "UTC",
) -> dy.DataFrame[WeeklySummary]:
    """Sums up each participant's week beside what the prescription asks for.

    Args:
        adherence: Verdicts of the weeks.
        sessions: Of the weeks and the seven before the first of them.
        segments: Of the weeks.
        energy: Of the same segments.
        workouts: Of the weeks.
        exports: All.
        participants: The registry.
        prescriptions: The registry.
        protocols: By name.
        weeks: Mondays.
        now_utc: The present.
        provenance: Who has a row, and what it rests on.
        default_time_zone: Zone of participants who have none.

    Returns:
        A row for each participant and week of ``provenance.inputs``, and for everyone with a
        workout in the week; sorted by week and participant. Minutes and counts of a week without
        workouts are 0; energy, cadence and the parts of adherence are null there.
    """
    if not weeks:
        return WeeklySummary.create_empty()
    wanted = pl.col("week_start_date").is_in(list(weeks))
    rows = roster(provenance.inputs, workouts, wanted)
    owed = attendance(
        sessions,
        prescriptions,
        participants,
        exports,
        protocols,
        weeks=weeks,
        now_utc=now_utc,
        default_time_zone=default_time_zone,
    )
    ends = week_ends(rows.select(KEY), participants, now_utc, default_time_zone)
    parts = (
        ends.select(*KEY, "is_over"),
        session_totals(sessions.filter(wanted)),
        segment_totals(segments),
        energy_totals(energy, segments),
        export_totals(exports),
        contents(workouts, exports),
        quarantined_per_week(exports).rename({"quarantined_n": "exports_quarantined_n"}),
        empty_exports(exports),
        owed.drop("is_over"),
        intensity(segments, owed, protocols),
        week_verdicts(adherence.filter(wanted), ends.select(*KEY, "is_over")),
    )
    frame = enrolment(rows, prescriptions, participants)
    for part in parts:
        frame = frame.join(part, on=KEY, how="left")
    return (
        frame.with_columns(zero_where_nothing())
        .with_columns(no_walking_costs_nothing())
        .with_columns(fitt_parts())
        .with_columns(week_status=status_expr(), energy_reason=energy_reason_expr())
        .with_columns(week_reason=week_reason_expr(), **written_by(provenance))
        .sort(WeeklySummary.primary_key())
        .select(WeeklySummary.column_names())
        .pipe(WeeklySummary.validate, cast=True)
    )


def roster(inputs: pl.DataFrame, workouts: pl.DataFrame, wanted: pl.Expr) -> pl.DataFrame:
    """Who has a row in which week, with the versions that it rests on."""
    walked = workouts.select(KEY).unique()
    return (
        pl.concat([inputs.select(KEY), walked])
        .filter(wanted)
        .unique()
        .join(inputs, on=KEY, how="left")
        .with_columns(
            pl.col("registry_version").fill_null("unregistered"),
            pl.col("inputs_fingerprint").fill_null("unknown"),
        )
    )


def zero_where_nothing() -> list[pl.Expr]:
    """Counts and minutes of a week without any workout are 0, lists are empty."""
    columns = WeeklySummary.columns()
    amounts = [
        name
        for name, column in columns.items()
        if not column.nullable and isinstance(column, dy.Float64 | dy.UInt32)
    ]
    helpers = ("no_mass_min", "empty_exports_n")
    lists = [name for name, column in columns.items() if isinstance(column, dy.List)]
    return [
        *(pl.col(name).fill_null(0) for name in (*amounts, *helpers)),
        *(
            pl.col(name).fill_null(pl.col(name).cast(columns[name].dtype).fill_null([]))
            for name in lists
        ),
    ]


def no_walking_costs_nothing() -> list[pl.Expr]:
    """Workouts without walking cost no energy of walking: a measured 0, not an absence."""
    is_zero = (pl.col("workouts_n") > 0) & (pl.col("walking_min") == 0)
    no_mass = pl.col("no_mass_min") > 0
    kcal = [name for name in WeeklySummary.column_names() if name.endswith("_kcal")]
    zeros = [*kcal, "energy_gross_met_min", "walking_distance_m", "backward_distance_m"]
    return [
        pl.when(is_zero)
        .then(0.0)
        .when(no_mass if name in kcal else pl.lit(value=False))
        .then(None)
        .otherwise(pl.col(name))
        .alias(name)
        for name in zeros
    ]


def fitt_parts() -> list[pl.Expr]:
    """Frequency, time and type against the prescription; null where nothing was received.

    Each is the lower end of an interval, on certain minutes and days alone; ``upper`` also takes
    what is open: minutes of unknown direction, and sessions that are neither done nor missed.
    """
    expected, received = pl.col("expected_sessions_n"), pl.col("workouts_n") > 0
    walking, owed_min = pl.col("walking_min"), expected * pl.col("session_min")
    least = pl.col("backward_min")
    most = least + pl.col("unknown_direction_min")
    ends = {"": (pl.col("owed_certain_n"), least), "_upper": (expected - _missed(), most)}
    parts = []
    for end, (days, minutes) in ends.items():
        dose = pl.when(received).then(minutes / owed_min)
        attended = pl.when(received).then((days / expected).clip(upper_bound=1.0))
        parts += [
            attended.alias(f"attendance{end}_fraction"),
            dose.clip(upper_bound=1.0).alias(f"time_adherence{end}_fraction"),
            dose.alias(f"relative_dose{end}_fraction"),
            pl.when(walking > 0).then(minutes / walking).alias(f"type_adherence{end}_fraction"),
        ]
    return parts


def _missed() -> pl.Expr:
    """Sessions missed, as a number that may be taken away from others."""
    return pl.col("missed_sessions_n").cast(pl.Int64)


def written_by(provenance: Provenance) -> dict[str, pl.Expr]:
    """The columns that say where a row comes from."""
    return {
        "compendium_edition": pl.lit(provenance.compendium_edition),
        "rules_version": pl.col("week_start_date").replace_strict(
            dict(provenance.rules_versions), return_dtype=pl.String
        ),
        "code_version": pl.lit(provenance.code_version),
        "run_id": pl.lit(provenance.run_id),
        "computed_at_utc": pl.lit(provenance.computed_at_utc),
    }
