"""How limits become verdicts: of one value, of an interval, and in which order reasons hold."""

from dataclasses import dataclass

import polars as pl

#: Numbers closer than this are the same: sums of seconds carry rounding of this order.
_EPSILON = 1e-6


@dataclass(frozen=True, slots=True)
class Exit:
    """A reason to leave with a verdict before the limits are asked."""

    when: pl.Expr
    verdict: str
    reason_code: str


def decided(*exits: Exit, verdict: pl.Expr, unclear: str = "direction_unknown") -> list[pl.Expr]:
    """Columns ``verdict`` and ``reason_code``: the first exit that holds, else the verdict.

    Args:
        exits: In order of precedence.
        verdict: What the limits say; where that is ``not_evaluable``, ``unclear`` is the reason.
        unclear: Reason code of an interval whose ends disagree.
    """
    open_ended = pl.when(verdict == "not_evaluable").then(pl.lit(unclear)).otherwise(pl.lit("ok"))
    verdicts, reasons = verdict, open_ended
    for leave in reversed(exits):
        holds = leave.when.fill_null(value=False)
        verdicts = pl.when(holds).then(pl.lit(leave.verdict)).otherwise(verdicts)
        reasons = pl.when(holds).then(pl.lit(leave.reason_code)).otherwise(reasons)
    return [verdicts.alias("verdict"), reasons.alias("reason_code")]


def verdict_expr(
    value: pl.Expr, low: pl.Expr, high: pl.Expr, tolerance: pl.Expr | float = 0.0
) -> pl.Expr:
    """``under``, ``met`` or ``over``; limits are inclusive and widened by the tolerance.

    A null limit is none; a null value is met, so ask for absence first.
    """
    return (
        pl.when(value < low - tolerance - _EPSILON)
        .then(pl.lit("under"))
        .when(value > high + tolerance + _EPSILON)
        .then(pl.lit("over"))
        .otherwise(pl.lit("met"))
    )


def agreed_expr(least: pl.Expr, most: pl.Expr) -> pl.Expr:
    """The verdict that both ends of an interval give; ``not_evaluable`` where they differ."""
    return pl.when(least == most).then(least).otherwise(pl.lit("not_evaluable"))


def interval_verdict_expr(tolerance: pl.Expr | float = 0.0) -> pl.Expr:
    """The verdict on ``observed`` to ``observed_upper`` against the targets."""
    low, high = pl.col("target_low"), pl.col("target_high")
    least = verdict_expr(pl.col("observed"), low, high, tolerance)
    return agreed_expr(least, verdict_expr(pl.col("observed_upper"), low, high, tolerance))
