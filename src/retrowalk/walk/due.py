"""Why weeks are to be scored again: what their rows rest on, against what they would rest on now."""

import datetime as dt
from collections.abc import Sequence
from importlib.metadata import version

import polars as pl

from retrowalk.exports import scored_workouts
from retrowalk.tables import Exports
from retrowalk.walk.stages import Walk

_KEY = ["participant_id", "week_start_date"]
#: Why a row is not what it would be now, in the order in which it is told.
REASONS = ("new", "exports", "registry", "rules", "code", "gone", "weeks around it")


def contents_by_week(walk: Walk) -> pl.DataFrame:
    """Per participant and week, the contents that are scored now, sorted, as one text."""
    return (
        scored_workouts(Exports.cast(walk.lake.read("exports")))
        .group_by(_KEY)
        .agg(contents=pl.col("sha256").unique().sort().str.join(" "))
    )


def reason_exprs(code_version: str) -> dict[str, pl.Expr]:
    """When each reason holds for a row; ``weeks around it`` where no other does."""
    is_written, is_asked = (
        pl.col(name).is_not_null() for name in ("written_fingerprint", "inputs_fingerprint")
    )
    is_other = (
        is_written & is_asked & (pl.col("inputs_fingerprint") != pl.col("written_fingerprint"))
    )
    own = {
        "exports": pl.col("contents").fill_null("") != pl.col("written_contents").fill_null(""),
        "registry": pl.col("registry_version") != pl.col("written_registry"),
        "rules": pl.col("rules_version") != pl.col("rules_in_force"),
        "code": pl.col("code_version") != code_version,
    }
    return {
        "new": ~is_written,
        **{reason: is_other & differs for reason, differs in own.items()},
        "gone": ~is_asked,
        "weeks around it": is_other & ~pl.any_horizontal(*own.values()),
    }


def reasons_due(walk: Walk, weeks: Sequence[dt.date]) -> pl.DataFrame:
    """Says of each week why its rows are not what they would be now.

    A row also rests on the weeks around it, which adherence looks at.

    Args:
        walk: After its scan, before its score.
        weeks: The weeks asked for.

    Returns:
        ``week_start_date, reason, participants``, by week and in the order of :data:`REASONS`: the
        participants whose row has that reason, sorted; one may have several. A week whose rows are
        as they would be has none, such as a running week that is scored every night.
    """
    written = walk.lake.read("weekly_summary", weeks).select(
        *_KEY,
        "rules_version",
        "code_version",
        written_fingerprint="inputs_fingerprint",
        written_registry="registry_version",
        written_contents=pl.col("export_sha256_list").list.join(" "),
    )
    rows = (
        walk.inputs(weeks)
        .join(contents_by_week(walk), on=_KEY, how="left")
        .join(written, on=_KEY, how="full", coalesce=True)
        .with_columns(
            rules_in_force=pl.col("week_start_date").replace_strict(
                walk.rules_versions(weeks), return_dtype=pl.String
            )
        )
    )
    holds = reason_exprs(version("retrowalk"))
    return (
        rows.select(
            *_KEY, reason=pl.concat_list(pl.when(expr).then(pl.lit(r)) for r, expr in holds.items())
        )
        .explode("reason", empty_as_null=False)
        .drop_nulls("reason")
        .cast({"reason": pl.Enum(REASONS)})
        .group_by("week_start_date", "reason")
        .agg(participants=pl.col("participant_id").sort())
        .sort("week_start_date", "reason")
    )
