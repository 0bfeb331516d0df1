"""The code location: it names the parts and builds nothing."""

import dagster as dg

from pipelines.assets import ASSETS
from pipelines.checks import CHECKS
from pipelines.resources import Scoring
from pipelines.schedules import nightly, score_weeks
from pipelines.sensors import SENSORS

defs = dg.Definitions(
    assets=ASSETS,
    asset_checks=CHECKS,
    jobs=[score_weeks],
    schedules=[nightly],
    sensors=SENSORS,
    resources={"scoring": Scoring()},
    executor=dg.in_process_executor,
)
