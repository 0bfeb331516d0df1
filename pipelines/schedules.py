"""The nightly run: the running week and the last one; older weeks follow as the scan names them."""

import datetime as dt

import dagster as dg

from pipelines.assets import ASSETS, SETTINGS
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
