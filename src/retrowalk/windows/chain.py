"""Chains of cells: how likely a change is between two of them, and the likeliest way through.

A workout is a hidden Markov chain over its cells. Its states are rest, walking forward, walking
backward, run and other: what is done is the likeliest path through the activities (here, Viterbi),
and within walking the direction has a probability (:mod:`retrowalk.windows.direction`, forward and
backward). All workouts of a batch step along together, one cell at a time.
"""

import numpy as np
import numpy.typing as npt
import polars as pl

from retrowalk.rules.evidence import EvidenceRules
from retrowalk.windows.timeline import MICROSECONDS_PER_SECOND, Floats, Ints


def is_turn_expr(rules: EvidenceRules) -> pl.Expr:
    """Whether course or heading turns round from the cell before."""

    def turned(column: str) -> pl.Expr:
        angle = (pl.col(column) - pl.col(column).shift()).radians()
        return (angle.cos() < pl.lit(rules.turn_from_deg).radians().cos()).fill_null(value=False)

    return turned("course_mean_deg") | turned("heading_mean_deg")


def change_probability_expr(rules: EvidenceRules) -> pl.Expr:
    """Probability of a change from the cell before, evidence aside.

    It grows with the time between the two to one half at most. A border of a mark, a hole or a turn
    between them makes it likelier; where the label changes, nothing carries over.
    """
    elapsed_s = (pl.col("start_us") - pl.col("start_us").shift()) / MICROSECONDS_PER_SECOND
    by_time = 0.5 * (1.0 - (-2.0 * rules.change_per_s * elapsed_s).exp())
    is_hole = pl.col("start_us") != pl.col("end_us").shift()
    at_mark = (
        pl.when(pl.col("is_at_border") | is_hole | is_turn_expr(rules))
        .then(rules.change_at_mark_probability)
        .otherwise(0.0)
    )
    has_other_label = pl.col("label_direction").ne_missing(pl.col("label_direction").shift())
    is_first = pl.col("workout_index").ne_missing(pl.col("workout_index").shift())
    return (
        pl.when(is_first | has_other_label)
        .then(rules.change_at_label_probability)
        .otherwise(pl.max_horizontal(by_time, at_mark).clip(upper_bound=0.5))
    )


def chain_lengths(cells: pl.DataFrame) -> Ints:
    """Cells of each workout, in order; cells of a workout lie together."""
    lengths: Ints = cells["workout_index"].rle().struct.field("len").cast(pl.Int64).to_numpy()
    return lengths


def chain_steps(lengths: Ints) -> list[Ints]:
    """Rows of the first cell of every chain, of the second, and so on; chains lie end to end."""
    starts = np.cumsum(lengths) - lengths
    longest_first = np.argsort(-lengths, kind="stable")
    starts, lengths = starts[longest_first], lengths[longest_first]
    alive = np.searchsorted(-lengths, -np.arange(lengths.max(initial=0)), side="left")
    return [starts[:count] + step for step, count in enumerate(alive)]


def likeliest_path(emissions: Floats, change: Floats, lengths: Ints) -> npt.NDArray[np.int64]:
    """The likeliest state of each cell, taking its whole chain together.

    Args:
        emissions: Log-likelihood of each cell (row) in each state (column), in nats.
        change: Probability of a change from the cell before, to any other state alike; unused at
            a chain's first cell.
        lengths: Cells of each chain, in order.

    Returns:
        A column of ``emissions`` per cell; of equally likely states the first.

    References:
        Viterbi 1967, IEEE Trans Inf Theory 13(2):260-269.
    """
    states_n = emissions.shape[1]
    stay, move = np.log1p(-change), np.log(change / (states_n - 1))
    score, came_from = emissions.copy(), np.zeros(emissions.shape, dtype=np.int64)
    steps = chain_steps(lengths)
    for rows in steps[1:]:
        before = score[rows - 1]
        best = before.argmax(axis=1)
        moved = before[np.arange(len(rows)), best] + move[rows]
        stayed = before + stay[rows, np.newaxis]
        is_moved = moved[:, np.newaxis] > stayed
        came_from[rows] = np.where(is_moved, best[:, np.newaxis], np.arange(states_n))
        score[rows] += np.where(is_moved, moved[:, np.newaxis], stayed)
    path: npt.NDArray[np.int64] = score.argmax(axis=1)
    for rows in reversed(steps[1:]):
        path[rows - 1] = came_from[rows, path[rows]]
    return path
