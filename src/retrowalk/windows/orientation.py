"""Which way a sensor faces, learned per workout: what it says of direction hangs on that.

A compass on the body and a motion sensor tell two opposite ways of walking apart, but not which of
the two is forward, unless it is known how they are mounted. That can be stated; or a label or a
stretch that is too fast for walking backward shows it. How sure that is, is the most that the
sensor can say; where nothing tells, both ways stay open and it says nothing.
"""

import numpy as np
import polars as pl

from retrowalk.rules.evidence import EvidenceRules
from retrowalk.windows.imu import imu_of_cells
from retrowalk.windows.timeline import Floats, Ints


def workout_sums(values: Floats, first: Ints) -> Floats:
    """Sums a value of each cell over each workout.

    Args:
        values: One value per cell, NaN where there is none; cells lie by workout.
        first: Place of each workout's first cell.
    """
    if len(first) == 0:
        return np.zeros(0)
    return np.asarray(np.add.reduceat(np.nan_to_num(values), first), dtype=np.float64)


def compass_offsets(cells: pl.DataFrame) -> Floats:
    """Angle from course to heading of each moving cell, in radians; NaN where one is not known."""
    is_moving = pl.col("activity").is_in(["walk", "run"])
    course = pl.coalesce("course_mean_deg", "travel_deg")
    offset = (pl.col("heading_mean_deg") - course).radians()
    return cells.select(pl.when(is_moving).then(offset)).to_series().to_numpy()


def compass_axes(offsets: Floats, first: Ints, rules: EvidenceRules) -> Floats:
    """Mounting of each workout's compass, up to half a turn, in radians within a right angle of 0.

    Forward and backward lie half a turn apart, so twice the offset is the same for both, and its
    mean is twice the mounting. NaN where offsets scatter (a wrist that swings) or are few.

    References:
        Mardia and Jupp 2000, Directional Statistics, section 1.2 (doubling of axial data).
    """
    east, north = workout_sums(np.sin(2 * offsets), first), workout_sums(np.cos(2 * offsets), first)
    known = workout_sums((~np.isnan(offsets)).astype(np.float64), first)
    resultant = np.hypot(east, north) / np.maximum(known, 1.0)
    is_one = (known >= rules.compass_least_n) & (resultant >= rules.compass_resultant_low_fraction)
    return np.where(is_one, np.arctan2(east, north) / 2.0, np.nan)


def compass_speech(cells: pl.DataFrame, first: Ints, rules: EvidenceRules) -> pl.DataFrame:
    """What the compass would say of each cell if its nearer mode were forward.

    Args:
        cells: Cells with heading, course, speed, activity and ``is_axis_stated`` (the heading is
            that of a forward axis that the export states).
        first: Place of each workout's first cell.
        rules: What it is worth.

    Returns:
        Per cell: ``speech_nats``, and ``stated_nats``: how far what is stated speaks for it.
    """
    offsets = compass_offsets(cells)
    per_workout = np.diff(np.append(first, cells.height))
    axis = np.repeat(compass_axes(offsets, first, rules), per_workout)
    speech = -rules.compass_nats * np.cos(offsets - axis)
    is_straight = np.abs(axis) <= np.radians(rules.compass_straight_deg)
    is_stated = cells["is_axis_stated"].to_numpy()
    stated = np.where(is_stated, rules.stated_axis_nats, rules.heading_column_nats)
    return pl.DataFrame(
        {"speech_nats": speech, "stated_nats": np.where(is_straight, stated, 0.0)},
    )


def sure_signs(cells: pl.DataFrame, rules: EvidenceRules) -> Floats:
    """+1 where a cell is labelled backward, -1 where labelled or surely forward, else 0.

    Too fast for walking backward, with its neighbours, is surely forward, unless a label says
    otherwise; a single fast cell may be an error of speed.
    """
    label = pl.col("label_direction")
    is_fast = (pl.col("speed_mean_mps") >= rules.surely_forward_mps) & pl.col("activity").is_in(
        ["walk", "run"]
    )
    same = pl.col("workout_index")
    is_sustained = is_fast & pl.all_horizontal(
        is_fast.shift(step).over(same) for step in (1, -1)
    ).fill_null(value=False)
    sign = (
        pl.when(label == "backward")
        .then(1.0)
        .when(label == "forward")
        .then(-1.0)
        .when(is_sustained)
        .then(-1.0)
        .otherwise(0.0)
    )
    return cells.select(sign).to_series().to_numpy()


def orientations(
    speech: Floats, stated: Floats, signs: Floats, first: Ints, rules: EvidenceRules
) -> Floats:
    """Log odds of each workout that the sensor faces as assumed, in nats.

    Args:
        speech: What the sensor says of each cell if it does; NaN where nothing.
        stated: How far what is stated of its mounting speaks for it, per cell.
        signs: What is known of the cell's direction otherwise.
        first: Place of each workout's first cell.
        rules: Most that learning is worth.
    """
    learned = workout_sums(speech * signs, first)
    learned = np.clip(learned, -rules.learned_axis_nats, rules.learned_axis_nats)
    return (stated[first] if len(first) else stated) + learned


def oriented(speech: Floats, odds: Floats, per_workout: Ints) -> tuple[Floats, Floats]:
    """Turns a sensor's speech the way it faces; silence where both ways are equally likely.

    Returns:
        Per cell: evidence in nats (NaN: none), and its ceiling: the sensor cannot be surer of a
        direction than of the way it faces.
    """
    sign = np.repeat(np.where(odds == 0, np.nan, np.sign(odds)), per_workout)
    return speech * sign, np.repeat(np.abs(odds), per_workout)


def with_oriented_sensors(
    cells: pl.DataFrame, motion: pl.DataFrame, rules: EvidenceRules
) -> pl.DataFrame:
    """Adds the evidence of compass and motion sensors, and the ceiling of both together.

    Needs cells by workout with headings, courses, speeds, labels and activities; adds
    ``compass_log_likelihood_ratio_nats, imu_log_likelihood_ratio_nats, ceiling_nats``.

    Args:
        cells: Cells by workout and time.
        motion: Motion spans by workout and time.
        rules: What they are worth.
    """
    lengths = cells["workout_index"].rle().struct.field("len").cast(pl.Int64).to_numpy()
    first = np.cumsum(lengths) - lengths
    signs = sure_signs(cells, rules)
    compass = compass_speech(cells, first, rules)
    speech = compass["speech_nats"].to_numpy()
    odds = orientations(speech, compass["stated_nats"].to_numpy(), signs, first, rules)
    said, most = oriented(speech, odds, lengths)
    has_said = np.repeat(workout_sums((~np.isnan(said)).astype(np.float64), first) > 0, lengths)
    sure = pl.col("imu_sure_nats")
    # a cell in a gap of the sensor hears its neighbours, and is as sure as they are
    nearest = pl.coalesce(sure, sure.forward_fill(), sure.backward_fill()).over("workout_index")
    return (
        cells.with_columns(
            imu_of_cells(cells, motion, signs, rules),
            compass_log_likelihood_ratio_nats=pl.Series(said, nan_to_null=True),
            compass_most_nats=pl.Series(np.where(has_said, most, 0.0)),
        )
        .with_columns(
            imu_log_likelihood_ratio_nats="imu_nats",
            ceiling_nats=pl.col("compass_most_nats") + nearest.fill_null(0.0),
        )
        .drop("imu_nats", "imu_sure_nats", "compass_most_nats")
    )
