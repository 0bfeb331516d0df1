"""One verdict per rule for a whole week, from those on its sessions, days and bouts."""

import polars as pl

from retrowalk.weekly.totals import KEY

#: Which verdict stands for the week, strongest first: a breach for certain, then what is not known,
#: then what is open.
PRECEDENCE = ("over", "under", "not_evaluable", "pending", "met", "not_applicable")


def week_verdicts(adherence: pl.DataFrame, open_weeks: pl.DataFrame) -> pl.DataFrame:
    """The strongest verdict of each rule in each participant's week.

    While the week runs, a rule on sessions, days or bouts that was met so far is pending.

    Args:
        adherence: Verdicts of the weeks.
        open_weeks: ``KEY`` and ``is_over``.

    Returns:
        ``KEY, rule_verdicts, not_evaluable_fraction``.
    """
    rank = (
        pl.col("verdict")
        .cast(pl.String)
        .replace_strict(
            {verdict: place for place, verdict in enumerate(PRECEDENCE)}, return_dtype=pl.Int64
        )
    )
    is_open = ~pl.col("is_over") & (pl.col("verdict") == "met") & (pl.col("scope") != "week")
    words = {name: pl.col(name).cast(pl.String) for name in ("verdict", "reason_code")}
    return (
        adherence.with_columns(rank=rank)
        .sort(*KEY, "rule_id", "rank", "protocol", "scope_key")
        .group_by(*KEY, "rule_id", maintain_order=True)
        .agg(pl.col("role", "scope", "verdict", "reason_code").first())
        .join(open_weeks, on=KEY)
        .with_columns(
            verdict=pl.when(is_open).then(pl.lit("pending")).otherwise(words["verdict"]),
            reason_code=pl.when(is_open)
            .then(pl.lit("period_not_over"))
            .otherwise(words["reason_code"]),
        )
        .group_by(KEY, maintain_order=True)
        .agg(
            rule_verdicts=pl.struct("rule_id", "role", "scope", "verdict", "reason_code"),
            not_evaluable_fraction=(pl.col("verdict") == "not_evaluable")
            .filter(pl.col("role") == "scored")
            .mean(),
        )
    )
