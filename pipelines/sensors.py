"""Sensors: weeks that late exports touch are repaired; a failed run is said aloud in the log."""

import dagster as dg

repair_late_weeks = dg.AutomationConditionSensorDefinition(
    "repair_late_weeks",
    target=dg.AssetSelection.all(),
    default_status=dg.DefaultSensorStatus.RUNNING,
    minimum_interval_seconds=30,
)


@dg.run_failure_sensor(default_status=dg.DefaultSensorStatus.RUNNING)
def tell_failures(context: dg.RunFailureSensorContext) -> None:
    """Names the failed run, its week and the error in the daemon's log; hook a pager in here."""
    week = context.dagster_run.tags.get("dagster/partition", "several weeks")
    context.log.error(
        "Run %s of %s failed: %s", context.dagster_run.run_id, week, context.failure_event.message
    )


SENSORS = (repair_late_weeks, tell_failures)
