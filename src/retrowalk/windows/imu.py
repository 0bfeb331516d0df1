"""What motion spans say: the phase of anterior-posterior against vertical acceleration.

Braking opposes travel at every step, so turning round flips the anterior-posterior part and turns
the phase by about half. Where exactly the phases of a person lie depends on trunk and gait; both
modes are therefore learned per workout, from where they are known to lie in general.
"""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from retrowalk.rules.evidence import EvidenceRules
from retrowalk.windows.timeline import Floats, Ints, Truths

Complexes: TypeAlias = npt.NDArray[np.complex128]

#: Rounds of assignment and averaging; modes move by less than a degree after three.
_ROUNDS = 6


def placement_share_expr(rules: EvidenceRules) -> pl.Expr:
    """Share of the evidence that counts where the sensor is worn."""
    return (
        pl.when(pl.col("placement").is_in(["trunk", "waist"]))
        .then(rules.imu_trunk_share)
        .when(pl.col("placement") == "pocket")
        .then(rules.imu_pocket_share)
        .otherwise(rules.imu_other_share)
    )


def toward(phases: Complexes, mode: Complexes | complex) -> Floats:
    """Cosine of the angle between phases and a mode, both on the unit circle, times lengths."""
    cosine: Floats = (phases * np.conj(mode)).real
    return cosine


def general_modes(rules: EvidenceRules) -> Complexes:
    """Forward and backward mode of people in general, on the unit circle."""
    return np.exp(1j * np.radians([rules.imu_forward_deg, rules.imu_backward_deg]))


def sureness(own: Sequence[Complexes], general: Complexes, rules: EvidenceRules) -> Floats:
    """How sure it is, in nats, that a workout's two modes are not each other's.

    Modes of people scatter about the general ones: one that lies half-way between the two may be
    either, and a second one settles it. Two modes closely beside each other are one.

    Args:
        own: Sum of the phases of each workout in its forward mode, and in its backward mode.
        general: Where the two modes lie in general.
        rules: How people scatter, and what is closely beside.
    """
    forward, backward = (mine / np.maximum(np.abs(mine), rules.imu_mode_least_n) for mine in own)
    told = toward(forward - backward, np.full(len(forward), general[0] - general[1]))
    has_both = np.minimum(*map(np.abs, own)) >= rules.imu_mode_least_n
    is_one = has_both & (toward(forward, backward) > np.cos(np.radians(rules.imu_modes_apart_deg)))
    return np.where(is_one, 0.0, rules.imu_people_concentration * told)


def modes_from(
    is_backward: Truths, points: Complexes, weight: Floats, lengths: Ints, rules: EvidenceRules
) -> tuple[list[Complexes], list[Complexes]]:
    """Moves the modes of each workout to the means of their phases until they stay.

    Args:
        is_backward: The cut to begin with, per span.
        points: Phase of each span on the unit circle; spans lie by workout.
        weight: Weight of each span; 0 takes no part.
        lengths: Spans of each workout.
        rules: Where modes lie in general, and how strongly they are held there.

    Returns:
        Sum of the phases of each workout in its forward and in its backward mode; and the modes,
        drawn to where they lie in general as by so many spans, not at length 1.
    """
    first, general = np.cumsum(lengths) - lengths, general_modes(rules)
    for _ in range(_ROUNDS):
        own = [
            np.add.reduceat(weight * points * part, first) for part in (~is_backward, is_backward)
        ]
        drawn = [
            mine + rules.imu_modes_held_n * mode for mine, mode in zip(own, general, strict=True)
        ]
        forward, backward = (np.repeat(mode / np.abs(mode), lengths) for mode in drawn)
        is_backward = toward(points, backward) > toward(points, forward)
    return own, drawn


def phase_modes(
    points: Complexes, weight: Floats, lengths: Ints, rules: EvidenceRules
) -> tuple[Complexes, Complexes, Floats]:
    """Forward and backward mode of each workout, by two-means on the circle.

    Two cuts are tried, by the nearer general mode and by the sign that tells most people's
    directions apart; the one whose modes come out tighter is kept.

    Args:
        points: Phase of each span on the unit circle; spans lie by workout.
        weight: Weight of each span; 0 takes no part.
        lengths: Spans of each workout.
        rules: Where modes lie, and how people scatter.

    Returns:
        Per span, the modes of its workout, and how sure they are (see :func:`sureness`).
    """
    general = general_modes(rules)
    sign = np.exp(-1j * np.radians(rules.imu_phase_deg))
    cuts = (toward(points, general[1]) > toward(points, general[0]), toward(points, sign) > 0)
    (own, drawn), (other_own, other) = (
        modes_from(cut, points, weight, lengths, rules) for cut in cuts
    )
    is_tighter = sum(map(np.abs, other)) > sum(map(np.abs, drawn))
    own, drawn = (
        [np.where(is_tighter, new, old) for new, old in zip(tried, kept, strict=True)]
        for tried, kept in ((other_own, own), (other, drawn))
    )
    forward, backward = (np.repeat(mode / np.abs(mode), lengths) for mode in drawn)
    return forward, backward, np.repeat(sureness(own, general, rules), lengths)


def phase_speech(
    phase: Floats, coherence: Floats, lengths: Ints, rules: EvidenceRules
) -> tuple[Floats, Floats]:
    """Evidence of each span: how much nearer its phase lies to the backward mode.

    A workout with one mode leaves the other where it lies in general; two modes that come out close
    together say little.

    Args:
        phase: Phase of each span in radians, NaN where not known; spans lie by workout.
        coherence: Coherence of each span; below a limit the span says nothing.
        lengths: Spans of each workout.
        rules: What a span is worth.

    Returns:
        Nats per span, backward positive, NaN where it says nothing; and how sure the workout's
        modes are, in nats.
    """
    if len(lengths) == 0:
        return np.zeros(0), np.zeros(0)
    with np.errstate(invalid="ignore"):
        speaks = ~np.isnan(phase) & (coherence >= rules.imu_coherence_low_fraction)
    weight = np.where(speaks, coherence, 0.0)
    points = np.where(speaks, np.exp(1j * np.nan_to_num(phase)), 0.0)
    forward, backward, sure = phase_modes(points, weight, lengths, rules)
    nearer = (toward(points, backward) - toward(points, forward)) / 2.0
    said = np.where(speaks, rules.imu_nats * weight * nearer, np.nan)
    return said, np.clip(sure, 0.0, rules.stated_axis_nats)


def with_imu_nats(motion: pl.DataFrame, rules: EvidenceRules) -> pl.DataFrame:
    """Adds ``imu_nats``, the evidence of each motion span, and ``imu_sure_nats`` of its workout.

    Both are null where the span says nothing.

    Args:
        motion: Motion spans by workout and time, with ``workout_index``.
        rules: What the motion sensors are worth.
    """
    said, sure = phase_speech(
        motion["vertical_anterior_posterior_phase_rad"].to_numpy(),
        motion["coherence_fraction"].fill_null(0.0).to_numpy(),
        motion["workout_index"].rle().struct.field("len").cast(pl.Int64).to_numpy(),
        rules,
    )
    share = placement_share_expr(rules)
    return motion.with_columns(
        pl.Series("imu_nats", said, nan_to_null=True), imu_sure_nats=pl.Series(sure)
    ).with_columns(
        imu_nats=pl.when(share > 0).then(pl.col("imu_nats") * share),
        imu_sure_nats=pl.when(share > 0).then("imu_sure_nats"),
    )
