"""One asset per table; each calls one stage of the walk."""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from pipelines.catalog import description_of, run_metadata, table_metadata
from pipelines.partitions import HISTORY, weekly_partitions, weeks_of
from pipelines.resources import Scoring
from retrowalk.settings import load_settings
from retrowalk.walk.stages import Walk

Result = dg.MaterializeResult[None]

SETTINGS = load_settings()
WEEKS = weekly_partitions(SETTINGS)
OWNERS = ["team:retrowalk"]
KINDS = {"polars", "deltalake"}
#: Dagster gives it to every run of a backfill.
BACKFILL_TAG = "dagster/backfill"
#: An older week is scored again as soon as the scan has marked it, or a week that it looks at was
#: scored anew. That a week before it was never scored does not hold it up: many never had a log.
#: The newest week belongs to the nightly run, which would otherwise be asked for twice.
REPAIR = (
    dg.AutomationCondition.any_deps_updated().since_last_handled()
    & ~dg.AutomationCondition.in_latest_time_window()
    & ~dg.AutomationCondition.any_deps_in_progress()
    & ~dg.AutomationCondition.in_progress()
).with_label("repairs older weeks whose inputs changed")
#: Everything an asset has but its table.
SHARED: dict[str, Any] = {"owners": OWNERS, "automation_condition": REPAIR}


def spec(table: str, group: str, deps: list[Any]) -> dg.AssetSpec:
    """The specification of one table's asset."""
    return dg.AssetSpec(
        table,
        deps=deps,
        description=description_of(table),
        metadata=table_metadata(table, SETTINGS.lake_root),
        group_name=group,
        kinds=KINDS,
        partitions_def=WEEKS,
        **SHARED,
    )


@dg.multi_asset(specs=[spec("exports", "exports", [])], name="scan_inbox", can_subset=False)
def scan_inbox(context: dg.AssetExecutionContext, scoring: Scoring) -> Iterator[Result]:
    """Looks through the inbox, and marks every older week whose summary rests on something else.

    A run of a backfill marks none: the weeks beside it, which are still to be scored, would be
    marked as well and scored twice. The next night marks what is left. The marks follow from the tables themselves, so a week that a broken run left behind, or that
    a change of registry or rules touches, is named again by the next scan.
    """
    walk = scoring.walk(context.run.run_id)
    exports = walk.scan()
    late = [] if BACKFILL_TAG in context.run.tags else walk.late_weeks()
    for week in sorted({week.isoformat() for week in late} - set(context.partition_keys)):
        if WEEKS.has_partition_key(week):
            context.log_event(
                dg.AssetMaterialization(
                    asset_key="exports",
                    partition=week,
                    metadata={"reason": "the week's summary rests on other inputs than these"},
                )
            )
    counts = exports.group_by("status").len().sort("status")
    yield dg.MaterializeResult(
        asset_key="exports",
        metadata={
            "dagster/row_count": exports.height,
            **{f"{row['status']}_n": row["len"] for row in counts.iter_rows(named=True)},
        },
    )


def results(
    context: dg.AssetExecutionContext, walk: Walk, tables: tuple[str, ...]
) -> Iterator[Result]:
    """What each table holds now; in a run over several weeks, also for each week by itself."""
    keys = context.partition_keys
    decide_at = walk.settings.decide_at_probability
    for table in tables:
        if len(keys) > 1:
            for key in keys:
                context.add_asset_metadata(
                    run_metadata(walk.lake, table, weeks_of([key]), decide_at=decide_at),
                    asset_key=table,
                    partition_key=key,
                )
            yield dg.MaterializeResult(asset_key=table)
        else:
            yield dg.MaterializeResult(
                asset_key=table,
                metadata=run_metadata(walk.lake, table, weeks_of(list(keys)), decide_at=decide_at),
            )


@dg.multi_asset(
    specs=[
        spec(table, "recordings", ["exports"])
        for table in ("workouts", "records", "marks", "motion")
    ],
    name="read_exports",
    can_subset=False,
)
def read_exports(context: dg.AssetExecutionContext, scoring: Scoring) -> Iterator[Result]:
    """Reads every export that touches the week, once."""
    walk = scoring.walk(context.run.run_id)
    walk.read_exports(weeks_of(list(context.partition_keys)))
    yield from results(context, walk, ("workouts", "records", "marks", "motion"))


@dg.multi_asset(
    specs=[
        # Habits come from the seven weeks before as well; the walk sees to it that those are as
        # they should be, so they are no dependency that a backfill would have to follow.
        spec("windows", "classes", ["workouts", "records", "marks", "motion"])
    ],
    name="cut_windows",
)
def cut_windows(context: dg.AssetExecutionContext, scoring: Scoring) -> Iterator[Result]:
    """Cuts workouts into cells and weighs the evidence in each."""
    walk = scoring.walk(context.run.run_id)
    walk.windows(weeks_of(list(context.partition_keys)))
    yield from results(context, walk, ("windows",))


@dg.multi_asset(specs=[spec("segments", "classes", ["workouts", "windows"])], name="find_segments")
def find_segments(context: dg.AssetExecutionContext, scoring: Scoring) -> Iterator[Result]:
    """Joins cells of one class."""
    walk = scoring.walk(context.run.run_id)
    walk.segments(weeks_of(list(context.partition_keys)))
    yield from results(context, walk, ("segments",))


@dg.multi_asset(specs=[spec("energy", "scores", ["workouts", "segments"])], name="estimate_energy")
def estimate_energy(context: dg.AssetExecutionContext, scoring: Scoring) -> Iterator[Result]:
    """Estimates what each segment cost."""
    walk = scoring.walk(context.run.run_id)
    walk.energy(weeks_of(list(context.partition_keys)))
    yield from results(context, walk, ("energy",))


@dg.multi_asset(
    specs=[spec("sessions", "scores", ["workouts", "windows", "segments"])], name="count_sessions"
)
def count_sessions(context: dg.AssetExecutionContext, scoring: Scoring) -> Iterator[Result]:
    """Sees workouts as the prescription does."""
    walk = scoring.walk(context.run.run_id)
    walk.sessions(weeks_of(list(context.partition_keys)))
    yield from results(context, walk, ("sessions",))


@dg.multi_asset(
    specs=[
        spec("adherence", "scores", ["exports", dg.AssetDep("sessions", partition_mapping=HISTORY)])
    ],
    name="judge_adherence",
)
def judge_adherence(context: dg.AssetExecutionContext, scoring: Scoring) -> Iterator[Result]:
    """Judges each rule of the protocol in force."""
    walk = scoring.walk(context.run.run_id)
    walk.adherence(weeks_of(list(context.partition_keys)))
    yield from results(context, walk, ("adherence",))


@dg.multi_asset(
    specs=[
        # Workouts and segments are summed up as well, and reach it through energy. A backfill gives
        # an asset its weeks at the shortest way that leads to it: were these edges of their own, it
        # would not depend on the operator's choice of tables alone which weeks are written.
        spec(
            "weekly_summary",
            "scores",
            ["exports", "energy", "adherence", dg.AssetDep("sessions", partition_mapping=HISTORY)],
        ),
        spec("changes", "scores", ["weekly_summary"]),
    ],
    name="sum_up_weeks",
    can_subset=False,
)
def sum_up_weeks(context: dg.AssetExecutionContext, scoring: Scoring) -> Iterator[Result]:
    """Sums the week up, and notes what that altered."""
    walk = scoring.walk(context.run.run_id)
    walk.weekly_summary(weeks_of(list(context.partition_keys)))
    yield from results(context, walk, ("weekly_summary", "changes"))


#: The rooms that stay within a week, in the order in which the data passes through them.
WITHIN_WEEKS = (
    scan_inbox,
    read_exports,
    cut_windows,
    find_segments,
    estimate_energy,
    count_sessions,
)
#: Those that look at the sessions of other weeks, which must have been there before.
ACROSS_WEEKS = (judge_adherence, sum_up_weeks)
ASSETS = (*WITHIN_WEEKS, *ACROSS_WEEKS)
