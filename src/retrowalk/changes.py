"""Room ``changes``: what a re-run altered in the weekly summary, and why."""

import datetime as dt

import dataframely as dy
import polars as pl

from retrowalk.tables import Changes, WeeklySummary

#: Columns that say where a row comes from; they give the cause and are no change themselves.
PROVENANCE = (
    "run_id",
    "computed_at_utc",
    "inputs_fingerprint",
    "registry_version",
    "rules_version",
    "code_version",
    "export_sha256_list",
)
_KEY = ["participant_id", "week_start_date"]
_SCORES = [name for name in WeeklySummary.column_names() if name not in (*_KEY, *PROVENANCE)]


def changes_from_summaries(
    before: pl.DataFrame,
    after: dy.DataFrame[WeeklySummary],
    *,
    run_id: str,
    changed_at_utc: dt.datetime,
) -> dy.DataFrame[Changes]:
    """Compares two scorings of the same weeks, column by column.

    A row scored for the first time is no change. A row that is there no more is one change, of
    its ``week_status`` to null.

    Args:
        before: The rows that stood, any number.
        after: The rows of the same weeks that stand now.
        run_id: Run that wrote them.
        changed_at_utc: When.

    Returns:
        One row per participant, week and column that altered, sorted; none where nothing did.
    """
    old, new = as_text(before), as_text(after)
    both = old.join(new, on=_KEY, how="left", suffix="_new").with_columns(
        cause=cause_expr(), is_gone=pl.col("run_id_new").is_null()
    )
    altered = pl.concat(
        [
            both.filter(is_altered_expr(name)).select(
                *_KEY,
                "cause",
                column=pl.lit(name),
                old_value=name,
                new_value=f"{name}_new",
                old_run_id="run_id",
            )
            for name in _SCORES
        ]
    )
    return (
        altered.with_columns(new_run_id=pl.lit(run_id), changed_at_utc=pl.lit(changed_at_utc))
        .sort(Changes.primary_key())
        .select(Changes.column_names())
        .pipe(Changes.validate, cast=True)
    )


def is_altered_expr(name: str) -> pl.Expr:
    """Whether a column differs; of a row that is gone only its status is told."""
    differs = pl.col(name).ne_missing(pl.col(f"{name}_new"))
    return differs & (~pl.col("is_gone") | pl.lit(name == "week_status"))


def cause_expr() -> pl.Expr:
    """What differs in the inputs, the likeliest first.

    Where the week's own files, registry rows, rules and code are the same, a file of another week
    that it looks back on, or one that could not be read, made the inputs differ; and where not
    even those do, time has passed. Rules that only others in the week are under are no cause.
    """

    def differs(name: str) -> pl.Expr:
        return pl.col(name).ne_missing(pl.col(f"{name}_new"))

    return (
        pl.when(pl.col("run_id_new").is_null())
        .then(pl.lit("registry"))
        .when(differs("export_sha256_list"))
        .then(pl.lit("late_export"))
        .when(differs("registry_version"))
        .then(pl.lit("registry"))
        .when(differs("rules_version") & differs("inputs_fingerprint"))
        .then(pl.lit("rules"))
        .when(differs("code_version"))
        .then(pl.lit("code"))
        .when(differs("inputs_fingerprint"))
        .then(pl.lit("late_export"))
        .otherwise(pl.lit("period_over"))
    )


def as_text(summary: pl.DataFrame) -> pl.DataFrame:
    """Every column as the text that ``changes`` keeps; keys stay what they are."""
    verdicts = pl.col("rule_verdicts").list.eval(
        pl.format(
            "{} {} {}",
            pl.element().struct.field("rule_id"),
            pl.element().struct.field("verdict").cast(pl.String),
            pl.element().struct.field("reason_code"),
        )
    )
    lists = {
        "rule_verdicts": verdicts.list.join("; "),
        "export_sha256_list": pl.col("export_sha256_list").list.join(" "),
    }
    return summary.select(
        *_KEY,
        *(
            lists.get(name, pl.col(name).cast(pl.String)).alias(name)
            for name in WeeklySummary.column_names()
            if name not in _KEY
        ),
    )
