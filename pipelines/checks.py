"""Asset checks: each table keeps its schema, week by week, and the counters of a week reconcile."""

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
_TOLERANCE_MIN = 1e-6


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
    description="Backward, forward and unknown minutes of the week are those of its segments.",
)
def minutes_reconcile(
    context: dg.AssetCheckExecutionContext, scoring: Scoring
) -> dg.AssetCheckResult:
    """Adds the segments up anew and compares."""
    lake = Lake(scoring.settings().lake_root)
    weeks = weeks_of([context.partition_key])
    walked = lake.scan("segments", weeks).filter(pl.col("activity") == "walk")
    by_direction = dict(
        walked.group_by(pl.col("direction").cast(pl.String))
        .agg(pl.col("duration_s").sum() / 60)
        .collect()
        .iter_rows()
    )
    summary = lake.scan("weekly_summary", weeks).select(
        pl.sum("backward_min", "forward_min", "unknown_direction_min")
    )
    told = dict(zip(("backward", "forward", "unknown"), summary.collect().row(0), strict=True))
    apart = max(abs(told[name] - by_direction.get(name, 0.0)) for name in told)
    return dg.AssetCheckResult(
        passed=apart < _TOLERANCE_MIN, metadata={"largest_difference_min": apart}
    )


CHECKS = (*(schema_check(table_name(table)) for table in FLOW), minutes_reconcile)
