"""Asset checks: each table keeps its schema, week by week, and the counters of a week reconcile."""

import datetime as dt
from collections.abc import Sequence

import dagster as dg
import polars as pl

from pipelines.assets import WEEKS
from pipelines.partitions import weeks_of
from pipelines.resources import Scoring
from retrowalk.lake import Lake
from retrowalk.tables import BY_NAME, FLOW, table_name

SCHEMA_CHECK = "keeps_its_schema"
MINUTES_CHECK = "minutes_reconcile_with_segments"
LATEST_CHECK = "running_week_is_there"
#: Sums of the summary are rounded to a millionth for each segment or workout.
_TOLERANCE = 1e-3
_COUNTERS = (
    "workouts_n",
    "backward_min",
    "forward_min",
    "unknown_direction_min",
    "energy_gross_met_min",
)


def schema_check(table: str) -> dg.AssetChecksDefinition:
    """Keys unique, values in range, rules kept: everything that the table's class says."""

    @dg.asset_check(
        asset=table,
        name=SCHEMA_CHECK,
        blocking=True,
        partitions_def=WEEKS,
        description=f"Keys, ranges and rules of {table}, as its schema states them.",
    )
    def check(context: dg.AssetCheckExecutionContext, scoring: Scoring) -> dg.AssetCheckResult:
        lake = Lake(scoring.settings().lake_root)
        has_weeks = "week_start_date" in BY_NAME[table].column_names()
        rows = lake.read(table, weeks_of([context.partition_key]) if has_weeks else None)
        good, bad = BY_NAME[table].filter(rows)
        return dg.AssetCheckResult(
            passed=bad.counts() == {},
            metadata={"rows_n": good.height, **bad.counts()},
        )

    return check


@dg.asset_check(
    asset="weekly_summary",
    name=MINUTES_CHECK,
    partitions_def=WEEKS,
    blocking=False,
    additional_deps=["segments"],
    description="Minutes, MET-minutes and workouts of every participant's week are those of the "
    "tables that it sums up.",
)
def minutes_reconcile(
    context: dg.AssetCheckExecutionContext, scoring: Scoring
) -> dg.AssetCheckResult:
    """Adds the tables up anew, for each participant, and compares."""
    lake = Lake(scoring.settings().lake_root)
    apart = largest_differences(lake, weeks_of([context.partition_key]))
    return dg.AssetCheckResult(
        passed=max(apart.values()) < _TOLERANCE, metadata={"largest_difference": apart}
    )


def largest_differences(lake: Lake, weeks: Sequence[dt.date]) -> dict[str, float]:
    """How far each counter of a summary's row is off from the rows that it sums up, at most.

    Args:
        lake: Where the tables lie.
        weeks: The weeks compared.

    Returns:
        Name of the counter and the largest difference over all participants of these weeks; a
        counter without a row counts as 0.
    """
    by = ["participant_id", "week_start_date"]
    workouts = lake.scan("workouts", weeks).select("workout_id", "participant_id")
    walked = lake.scan("segments", weeks).filter(pl.col("activity") == "walk")
    cost = lake.scan("energy", weeks).select("workout_id", "segment_n", "energy_gross_met_min")
    direction, minutes = pl.col("direction").cast(pl.String), pl.col("duration_s") * (1 / 60)
    parts = (
        lake.scan("workouts", weeks).group_by(by).agg(workouts_n=pl.len().cast(pl.Float64)),
        walked.drop("participant_id", strict=False)
        .join(workouts, on="workout_id")
        .join(cost, on=["workout_id", "segment_n"], how="left")
        .group_by(by)
        .agg(
            backward_min=minutes.filter(direction == "backward").sum(),
            forward_min=minutes.filter(direction == "forward").sum(),
            unknown_direction_min=minutes.filter(direction == "unknown").sum(),
            energy_gross_met_min=pl.col("energy_gross_met_min").sum(),
        ),
    )
    told = lake.scan("weekly_summary", weeks).select(*by, *_COUNTERS)
    for part in parts:
        told = told.join(part, on=by, how="full", coalesce=True, suffix="_anew")
    off = [
        (pl.col(name).fill_null(0) - pl.col(f"{name}_anew").fill_null(0)).abs().max().alias(name)
        for name in _COUNTERS
    ]
    return {
        name: value or 0.0 for name, value in told.select(off).collect().row(0, named=True).items()
    }


CHECKS = (*(schema_check(table_name(table)) for table in FLOW), minutes_reconcile)
