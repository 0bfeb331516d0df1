"""The code location: it names the parts and builds nothing."""

import dagster as dg

from pipelines.assets import ASSETS
from pipelines.checks import CHECKS
from pipelines.resources import Scoring
from pipelines.schedules import nightly, score_weeks, tidy_lake, weekly_tidying
from pipelines.sensors import SENSORS

defs = dg.Definitions(
    assets=ASSETS,
    asset_checks=CHECKS,
    jobs=[score_weeks, tidy_lake],
    schedules=[nightly, weekly_tidying],
    sensors=SENSORS,
    resources={"scoring": Scoring()},
    executor=dg.in_process_executor,
)
