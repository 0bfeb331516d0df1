"""The nightly run, with older weeks as the scan names them, and the weekly tidying of the lake."""

import datetime as dt

import dagster as dg

from pipelines.assets import ASSETS, SETTINGS
from pipelines.resources import Scoring
from retrowalk.local_time import running_week

score_weeks = dg.define_asset_job(
    "score_weeks",
    selection=dg.AssetSelection.assets(*ASSETS),
    description="Scan the inbox and score a week through every room.",
    executor_def=dg.in_process_executor,
)


@dg.schedule(
    job=score_weeks,
    cron_schedule="30 2 * * *",
    execution_timezone=SETTINGS.nightly_time_zone,
    default_status=dg.DefaultScheduleStatus.RUNNING,
)
def nightly(context: dg.ScheduleEvaluationContext) -> list[dg.RunRequest]:
    """Scores the running week and the last one; the scan marks older weeks that new files touch.

    Those older weeks are then repaired by the assets' automation condition.
    """
    week = running_week(context.scheduled_execution_time.astimezone(dt.UTC))
    weeks = (week - dt.timedelta(days=7), week)
    return [
        dg.RunRequest(
            run_key=f"{context.scheduled_execution_time:%Y-%m-%d}:{key}",
            partition_key=key.isoformat(),
            tags={"reason": "nightly"},
        )
        for key in weeks
    ]


@dg.op(description="Detail past keep_detail_weeks and files that no table needs are removed.")
def tidy_tables(context: dg.OpExecutionContext, scoring: Scoring) -> None:
    """Keeps the lake from growing with every night that rewrites the same weeks."""
    context.add_output_metadata({"files_removed_n": scoring.walk(context.run_id).tidy()})


@dg.job(description="Remove what the lake no longer needs.", executor_def=dg.in_process_executor)
def tidy_lake() -> None:
    """One step."""
    tidy_tables()


weekly_tidying = dg.ScheduleDefinition(
    name="weekly_tidying",
    job=tidy_lake,
    cron_schedule="30 4 * * 0",
    execution_timezone=SETTINGS.nightly_time_zone,
    default_status=dg.DefaultScheduleStatus.RUNNING,
)
