"""Sums, means and medians that come out the same, to the last bit, in any order of rows."""

from collections.abc import Sequence

import polars as pl

from retrowalk.units import SECONDS_PER_MINUTE

#: Values are summed as whole numbers of this part of their unit.
_PARTS_PER_UNIT = 1_000_000


def _parts(values: pl.Expr) -> pl.Expr:
    """Values as whole millionths of their unit."""
    return (values * _PARTS_PER_UNIT).round().cast(pl.Int64)


def _from_parts(parts: pl.Expr) -> pl.Expr:
    """Millionths as their unit.

    Rounding repairs the last bit: Polars divides many rows by a constant by multiplying with its
    reciprocal, but a single row truly, so the same quotient may come out in two ways.
    """
    return (parts / _PARTS_PER_UNIT).round(6)


def minutes_expr(seconds: pl.Expr) -> pl.Expr:
    """Seconds as minutes, to the billionth; see :func:`_from_parts` for why they are rounded."""
    return (seconds / SECONDS_PER_MINUTE).round(9)


def exact_sum_expr(values: pl.Expr) -> pl.Expr:
    """The sum to a millionth of the unit; what is null does not count.

    Floating-point sums depend on the order of their terms, and that on how rows were batched;
    whole numbers do not.

    Example:
        >>> pl.DataFrame({"a": [0.1, 0.2, None]}).select(exact_sum_expr(pl.col("a"))).item()
        0.3
    """
    return _from_parts(_parts(values).sum())


def known_sum_expr(values: pl.Expr) -> pl.Expr:
    """The sum of what is known; null where nothing is."""
    return pl.when(values.count() > 0).then(exact_sum_expr(values))


def weighted_mean_expr(values: pl.Expr, weights: pl.Expr) -> pl.Expr:
    """The mean by weight of what is known; null where nothing is."""
    weight = exact_sum_expr(weights.filter(values.is_not_null()))
    return pl.when(weight > 0).then(exact_sum_expr(values * weights) / weight)


def weighted_medians(
    rows: pl.DataFrame, by: Sequence[str], *, value: str, weight: str
) -> pl.DataFrame:
    """Weighted median and total weight of a value in each group.

    Half of the weight lies at or below the median; where the half falls between two values, the
    median is their mean.

    Args:
        rows: Any rows; those without a value or weight do not count.
        by: Columns that name the group.
        value: Column of the value.
        weight: Column of the weight.

    Returns:
        ``by``, ``median`` and ``weight_sum`` for groups with any weight, sorted.
    """
    half_reached = 2 * pl.col("reached") >= pl.col("total")
    half_passed = 2 * pl.col("reached") > pl.col("total")
    first = pl.col(value).filter(half_reached).first()
    second = pl.col(value).filter(half_passed).first()
    return (
        rows.select(*by, value, parts=_parts(pl.col(weight)))
        .filter(pl.col(value).is_not_null() & (pl.col("parts") > 0))
        .sort(*by, value)
        .with_columns(
            reached=pl.col("parts").cum_sum().over(by), total=pl.col("parts").sum().over(by)
        )
        .group_by(by, maintain_order=True)
        .agg(
            median=(first + second) / 2,
            weight_sum=_from_parts(pl.col("total").first()),
        )
    )
