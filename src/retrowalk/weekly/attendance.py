"""What a week owes to its prescription: sessions done, missed and open, and how that goes on."""

import datetime as dt
from collections.abc import Mapping, Sequence

import polars as pl

from retrowalk.aggregates import exact_sum_expr
from retrowalk.prescribed import (
    DAYS_OF_WEEK_N,
    LOOKBACK_WEEKS_N,
    counted_weeks,
    frequency_rows,
    known_weeks,
    met_weeks,
    prescribed_days,
    prescribed_weeks,
    qualifying_rows,
    session_days,
    sessions_under_prescription,
)
from retrowalk.rules.protocols import Protocol
from retrowalk.weekly.totals import KEY

#: Expected sessions missed in a row from which a prescription counts as interrupted.
INTERRUPTED_FROM_N = 3
_OPEN_END = 1_000_000


def attendance(
    sessions: pl.DataFrame,
    prescriptions: pl.DataFrame,
    participants: pl.DataFrame,
    exports: pl.DataFrame,
    protocols: Mapping[str, Protocol],
    *,
    weeks: Sequence[dt.date],
    now_utc: dt.datetime,
    default_time_zone: str,
) -> pl.DataFrame:
    """Measures each participant's week against its prescription.

    The protocol of a week is that of its last day under one. Counts of sessions are null unless
    one protocol held on all seven days: part of a week owes no whole number of sessions.

    Returns:
        A row per participant and week with any day under a prescription.
    """
    first = min(weeks) - dt.timedelta(weeks=LOOKBACK_WEEKS_N)
    days = prescribed_days(prescriptions, first=first, last=max(weeks) + dt.timedelta(days=6))
    known = known_weeks(
        days, sessions, participants, exports, now_utc=now_utc, default_time_zone=default_time_zone
    )
    under = sessions_under_prescription(sessions, days, qualifying_rows(protocols))
    counted = counted_weeks(known, session_days(under))
    owed = owed_weeks(counted, protocols)
    return (
        last_protocols(days, protocols)
        .filter(pl.col("week_start_date").is_in(list(weeks)))
        .join(qualifying_days(counted), on=KEY, how="left")
        .join(owed.join(missed_in_a_row(owed), on=KEY), on=KEY, how="left")
        .join(weeks_met(met_weeks(counted, frequency_rows(protocols)), weeks), on=KEY, how="left")
    )


def last_protocols(days: pl.DataFrame, protocols: Mapping[str, Protocol]) -> pl.DataFrame:
    """The protocol of each week's last day under one, its version, and the week of it."""
    versions = {name: protocol.version for name, protocol in protocols.items()}
    return (
        days.sort("local_date")
        .group_by(KEY, maintain_order=True)
        .agg(pl.col("protocol").last())
        .join(prescribed_weeks(days).select(*KEY, "protocol", "week_n"), on=[*KEY, "protocol"])
        .with_columns(
            protocol_version=pl.col("protocol").replace_strict(versions, return_dtype=pl.String)
        )
    )


def qualifying_days(counted: pl.DataFrame) -> pl.DataFrame:
    """Days with a qualifying session, certain minutes only, under any protocol of the week."""
    return counted.group_by(KEY).agg(qualifying_days_n=pl.col("certain_n").sum())


def dose_rows(protocols: Mapping[str, Protocol]) -> pl.DataFrame:
    """What each protocol asks for, by weeks of the prescription."""
    return pl.DataFrame(
        [
            (
                name,
                dose.from_week,
                dose.to_week or _OPEN_END,
                dose.sessions_per_week_n,
                dose.session_min,
            )
            for name, protocol in protocols.items()
            for dose in protocol.doses
        ],
        schema={
            "protocol": pl.String,
            "from_week": pl.Int64,
            "to_week": pl.Int64,
            "expected_sessions_n": pl.Int64,
            "session_min": pl.Float64,
        },
        orient="row",
    )


def owed_weeks(counted: pl.DataFrame, protocols: Mapping[str, Protocol]) -> pl.DataFrame:
    """Sessions owed, done, missed for certain, and open, in weeks wholly under one protocol.

    Open is what the rest of the week, unknown direction or a quarantined export may still hold,
    and everything in a week of which nothing was received.
    """
    expected = pl.col("expected_sessions_n")
    is_open = ~pl.col("is_over") | (pl.col("workouts_n") == 0)
    possible = pl.min_horizontal(pl.col("further_n"), expected)
    return (
        counted.filter(pl.col("in_force_n") == DAYS_OF_WEEK_N)
        .join(dose_rows(protocols), on="protocol")
        .filter(pl.col("week_n").is_between("from_week", "to_week"))
        .with_columns(done_sessions_n=pl.min_horizontal(pl.col("certain_n"), expected))
        .with_columns(
            missed_sessions_n=pl.when(is_open).then(0).otherwise(expected - possible),
        )
        .with_columns(
            pending_sessions_n=expected - pl.col("done_sessions_n") - pl.col("missed_sessions_n")
        )
        .select(
            *KEY,
            "is_over",
            "expected_sessions_n",
            "done_sessions_n",
            "missed_sessions_n",
            "pending_sessions_n",
            "session_min",
            owed_certain_n="certain_n",
        )
    )


def missed_in_a_row(owed: pl.DataFrame) -> pl.DataFrame:
    """Sessions missed in a row up to each week's end, and whether that is an interruption.

    Within a week those done are taken to come first. A run is certain only as far back as no
    session was done or is open in between; the running week is passed over until something is
    done in it. Where only open sessions decide whether three were missed, it is null.
    """
    reaches = pl.col("goes_on").cast(pl.Int64).cum_prod().shift(1, fill_value=1).over(KEY)
    may_reach = pl.col("may_go_on").cast(pl.Int64).cum_prod().shift(1, fill_value=1).over(KEY)
    return (
        weeks_looked_back(owed)
        .sort(*KEY, "back_n")
        .with_columns(reaches=reaches, may_reach=may_reach)
        .group_by(KEY, maintain_order=True)
        .agg(
            missed_in_a_row_n=(pl.col("missed") * pl.col("reaches")).sum(),
            may_have_missed_n=(pl.col("maybe") * pl.col("may_reach")).sum(),
        )
        .with_columns(is_interrupted=interrupted_expr())
        .drop("may_have_missed_n")
    )


def weeks_looked_back(owed: pl.DataFrame) -> pl.DataFrame:
    """Each week with itself and those before it, and whether a run of missed sessions passes them.

    Returns:
        ``KEY, back_n, missed, maybe, goes_on, may_go_on``; a week without a prescription ends
        every run.
    """
    done, missed = pl.col("done_sessions_n"), pl.col("missed_sessions_n")
    pending, is_over = pl.col("pending_sessions_n"), pl.col("is_over")
    seen = owed.select(
        "participant_id",
        seen="week_start_date",
        missed=missed,
        maybe=pl.when(is_over).then(missed + pending).otherwise(0),
        goes_on=(done == 0) & ((pending == 0) | ~is_over),
        may_go_on=done == 0,
    )
    return (
        owed.select(*KEY, back_n=pl.int_ranges(0, LOOKBACK_WEEKS_N + 1))
        .explode("back_n", empty_as_null=True, keep_nulls=True)
        .with_columns(seen=pl.col("week_start_date") - pl.duration(days=7 * pl.col("back_n")))
        .join(seen, on=["participant_id", "seen"], how="left")
        .with_columns(
            pl.col("missed", "maybe").fill_null(0),
            pl.col("goes_on", "may_go_on").fill_null(value=False),
        )
    )


def interrupted_expr() -> pl.Expr:
    """Whether a run is long enough; null where only open sessions make it so."""
    return (
        pl.when(pl.col("missed_in_a_row_n") >= INTERRUPTED_FROM_N)
        .then(pl.lit(value=True))
        .when(pl.col("may_have_missed_n") < INTERRUPTED_FROM_N)
        .then(pl.lit(value=False))
    )


def weeks_met(met: pl.DataFrame, weeks: Sequence[dt.date]) -> pl.DataFrame:
    """Of the last eight weeks, each itself included: how many met the rule, how many are over.

    The run of such weeks is counted back from the week itself; one that is not over is passed over,
    and a week that met it only perhaps, or had no such rule, ends the run.
    """
    is_met = pl.col("met") & pl.col("is_over")
    is_next = pl.col("ahead_n") == pl.int_range(pl.len())
    reaches = ((is_met | ~pl.col("is_over")) & is_next).cast(pl.Int64).cum_prod()
    return (
        met.with_columns(ahead_n=pl.int_ranges(0, LOOKBACK_WEEKS_N + 1))
        .explode("ahead_n", empty_as_null=True, keep_nulls=True)
        .with_columns(
            week_start_date=pl.col("week_start_date") + pl.duration(days=7 * pl.col("ahead_n"))
        )
        .filter(pl.col("week_start_date").is_in(list(weeks)))
        .sort(*KEY, "ahead_n")
        .group_by(KEY, maintain_order=True)
        .agg(
            weeks_met_n=is_met.sum(),
            weeks_elapsed_n=pl.col("is_over").sum(),
            weeks_met_in_a_row_n=(reaches * is_met).sum(),
        )
    )


def speed_limits(protocols: Mapping[str, Protocol]) -> pl.DataFrame:
    """The highest backward speed that meets each protocol's speed rule, by its weeks.

    Of several such rules the strictest holds.
    """
    return pl.DataFrame(
        [
            (
                name,
                phase.from_week,
                phase.to_week or _OPEN_END,
                (phase.high or 0.0) + float(dict(rule.settings)["tolerance"]),
            )
            for name, protocol in protocols.items()
            for rule in protocol.rules
            if rule.kind == "speed"
            for phase in rule.phases
        ],
        schema={
            "protocol": pl.String,
            "from_week": pl.Int64,
            "to_week": pl.Int64,
            "limit_mps": pl.Float64,
        },
        orient="row",
    )


def intensity(
    segments: pl.DataFrame, whose: pl.DataFrame, protocols: Mapping[str, Protocol]
) -> pl.DataFrame:
    """Share of backward time of known speed that keeps within the protocol's speed rule.

    Args:
        segments: Segments of the weeks.
        whose: ``KEY``, ``protocol`` and ``week_n``, the week of the prescription.
        protocols: All protocols; one without a speed rule in that week has no such share.
    """
    is_backward = (pl.col("activity") == "walk") & (pl.col("direction") == "backward")
    duration = pl.col("duration_s")
    is_within = pl.col("speed_mean_mps") <= pl.col("speed_high_mps") + 1e-9
    limits = (
        whose.select(*KEY, "protocol", "week_n")
        .join(speed_limits(protocols), on="protocol")
        .filter(pl.col("week_n").is_between("from_week", "to_week"))
        .group_by(KEY)
        .agg(speed_high_mps=pl.col("limit_mps").min())
    )
    return (
        segments.filter(is_backward & pl.col("speed_mean_mps").is_not_null())
        .join(limits, on=KEY)
        .group_by(KEY)
        .agg(
            intensity_adherence_fraction=exact_sum_expr(duration.filter(is_within))
            / exact_sum_expr(duration)
        )
    )
