"""What motion spans say: the phase of anterior-posterior against vertical acceleration.

Braking opposes travel at every step, so turning round flips the anterior-posterior part and turns
the phase by about half. Where exactly the phases of a person lie depends on trunk and gait; both
modes are therefore learned per workout, from where they are known to lie in general.
"""

import numpy as np
import numpy.typing as npt
import polars as pl

from retrowalk.rules.evidence import EvidenceRules
from retrowalk.windows.timeline import Floats, Ints

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


def toward(phases: npt.NDArray[np.complex128], mode: npt.NDArray[np.complex128]) -> Floats:
    """Cosine of the angle between phases and a mode, both on the unit circle."""
    cosine: Floats = (phases * np.conj(mode)).real
    return cosine


def phase_speech(phase: Floats, coherence: Floats, lengths: Ints, rules: EvidenceRules) -> Floats:
    """Evidence of each span: how much nearer its phase lies to the backward mode.

    The two modes of each workout are the means of the phases that are nearer to each (two-means on
    the circle), weighted by coherence and drawn to where they lie in general as by so many spans. A workout with one mode
    leaves the other where it lies in general; two modes that come out close together say little.

    Args:
        phase: Phase of each span in radians, NaN where not known; spans lie by workout.
        coherence: Coherence of each span; below a limit the span says nothing.
        lengths: Spans of each workout.
        rules: Where modes lie, how strongly they are held there, and what a span is worth.

    Returns:
        Nats per span, backward positive; NaN where it says nothing.
    """
    if len(lengths) == 0:
        return np.zeros(0)
    with np.errstate(invalid="ignore"):
        speaks = ~np.isnan(phase) & (coherence >= rules.imu_coherence_low_fraction)
    weight = np.where(speaks, coherence, 0.0)
    points = np.where(speaks, np.exp(1j * np.nan_to_num(phase)), 0.0)
    first = np.cumsum(lengths) - lengths
    general = np.exp(1j * np.radians([rules.imu_forward_deg, rules.imu_backward_deg]))
    forward, backward = (np.full(len(points), mode) for mode in general)
    for _ in range(_ROUNDS):
        is_backward = toward(points, backward) > toward(points, forward)
        forward, backward = (
            np.repeat(
                np.add.reduceat(weight * points * share, first) + rules.imu_modes_held_n * mode,
                lengths,
            )
            for share, mode in zip((~is_backward, is_backward), general, strict=True)
        )
        forward, backward = forward / np.abs(forward), backward / np.abs(backward)
    nearer = (toward(points, backward) - toward(points, forward)) / 2.0
    return np.where(speaks, rules.imu_nats * weight * nearer, np.nan)


def with_imu_nats(motion: pl.DataFrame, rules: EvidenceRules) -> pl.DataFrame:
    """Adds ``imu_nats``, the evidence of each motion span; null where it says nothing.

    Args:
        motion: Motion spans by workout and time, with ``workout_index``.
        rules: What the motion sensors are worth.
    """
    speech = phase_speech(
        motion["vertical_anterior_posterior_phase_rad"].to_numpy(),
        motion["coherence_fraction"].fill_null(0.0).to_numpy(),
        motion["workout_index"].rle().struct.field("len").cast(pl.Int64).to_numpy(),
        rules,
    )
    share = placement_share_expr(rules)
    said = pl.Series("imu_nats", speech, nan_to_null=True)
    return motion.with_columns(said).with_columns(
        imu_nats=pl.when(share > 0).then(pl.col("imu_nats") * share)
    )
