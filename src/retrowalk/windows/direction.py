"""Probability of walking backward: evidence of each cell, joined over the walking cells around it.

Evidence moves the odds, and the chance of a change between two cells says how much one cell tells
of the next.
"""

import numpy as np
import polars as pl

from retrowalk.rules.evidence import EvidenceRules
from retrowalk.windows.chain import chain_lengths, chain_steps, change_probability_expr
from retrowalk.windows.timeline import Floats, Ints

#: Sources that speak anew in every cell.
_CHAINED = ("compass", "imu")


def carried_log_odds(log_odds: Floats, change: Floats) -> Floats:
    """Log odds after a possible change: what one cell tells of its neighbour.

    ``log((1 - c) e^x + c) - log(c e^x + (1 - c))``, written so that it does not overflow.
    """
    keep = np.log1p(-change)
    switch = np.log(np.maximum(change, 1e-300))
    return np.logaddexp(keep + log_odds, switch) - np.logaddexp(switch + log_odds, keep)


def posterior_log_odds(evidence: Floats, change: Floats, lengths: Ints) -> Floats:
    """Log odds of backward in each cell given the evidence of its whole chain.

    Args:
        evidence: Log-likelihood ratio of each cell, in nats.
        change: Probability of a change from the cell before; unused at a chain's first cell.
        lengths: Cells of each chain, in order.

    Returns:
        One value per cell, in nats; both directions are equally likely beforehand.

    References:
        Rabiner 1989, Proc IEEE 77(2):257-286, forward-backward, in log odds of two states.
    """
    steps = chain_steps(lengths)
    ahead, behind = np.zeros(len(evidence)), np.zeros(len(evidence))
    for rows in steps[1:]:
        ahead[rows] = carried_log_odds(ahead[rows - 1] + evidence[rows - 1], change[rows])
    for rows in reversed(steps[1:]):
        behind[rows - 1] = carried_log_odds(behind[rows] + evidence[rows], change[rows])
    return ahead + evidence + behind


def combined_expr(rules: EvidenceRules) -> pl.Expr:
    """Log odds of backward from the chain, the gait signs and the label.

    The chain is not surer of a direction than its sensors are of the way they face. Gait signs and
    labels are not evidence anew in every cell: a walker's habits and a wrong label last. They are
    added to what the chain has found, once. From a label the rest can take only
    ``rules.label_doubt_nats``.
    """
    label = pl.col("label_log_likelihood_ratio_nats")
    chain = pl.col("chain_nats").clip(-pl.col("ceiling_nats"), pl.col("ceiling_nats"))
    measured = chain + pl.col("gait_log_likelihood_ratio_nats").fill_null(0.0)
    doubt = measured.clip(-rules.label_doubt_nats, rules.label_doubt_nats)
    return pl.when(label.is_not_null()).then(label + doubt).otherwise(measured)


def with_backward_probability(cells: pl.DataFrame, rules: EvidenceRules) -> pl.DataFrame:
    """Adds ``backward_probability`` of each walking cell; null elsewhere.

    Needs ``workout_index, start_us, end_us, activity, label_direction, is_at_border`` and the
    log-likelihood ratios.
    """
    measured = pl.sum_horizontal(f"{name}_log_likelihood_ratio_nats" for name in _CHAINED)
    walking = (
        cells.with_row_index("cell_n")
        .filter(pl.col("activity") == "walk")
        .with_columns(change=change_probability_expr(rules), evidence=measured.fill_null(0.0))
    )
    log_odds = posterior_log_odds(
        walking["evidence"].to_numpy(), walking["change"].to_numpy(), chain_lengths(walking)
    )
    probability = walking.with_columns(chain_nats=pl.Series(log_odds)).select(
        "cell_n", backward_probability=1.0 / (1.0 + (-combined_expr(rules)).exp())
    )
    return (
        cells.with_row_index("cell_n")
        .join(probability, on="cell_n", how="left", maintain_order="left")
        .drop("cell_n")
    )
