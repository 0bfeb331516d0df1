"""What motion spans say: the phase of anterior-posterior against vertical acceleration.

Braking opposes travel at every step, so turning round flips the anterior-posterior part and turns
the phase by about half. Where exactly the phases of a person lie depends on trunk and gait; they
are therefore learned per workout (:mod:`.modes`), from where they lie in general, from how gently
people walk, and from labels.
"""

import numpy as np
import polars as pl

from retrowalk.rules.evidence import EvidenceRules
from retrowalk.windows.evidence import overlaps
from retrowalk.windows.modes import Phases, phase_speech
from retrowalk.windows.timeline import Floats, Ints

_AXES = [f"found_axis_{axis}_fraction" for axis in "xyz"]


def placement_share_expr(rules: EvidenceRules) -> pl.Expr:
    """Share of the evidence that counts where the sensor is worn."""
    placement = pl.col("placement")
    return (
        pl.when(placement.is_in(["trunk", "waist"]))
        .then(rules.imu_trunk_share)
        .when(placement == "pocket")
        .then(rules.imu_pocket_share)
        .when(placement == "unknown")
        .then(rules.imu_unknown_share)
        .otherwise(rules.imu_other_share)
    )


def is_swinging_expr(rules: EvidenceRules) -> pl.Expr:
    """Whether the sensor swings once a stride in this workout: no trunk does, arms and legs do."""
    usual = pl.col("stride_fraction").median().over("workout_index")
    return (usual > rules.imu_stride_high_fraction).fill_null(value=False)


def weight_expr(rules: EvidenceRules) -> pl.Expr:
    """How much the phase of a span counts; 0 says nothing."""
    is_heard = (
        pl.col("vertical_anterior_posterior_phase_rad").is_not_null()
        & (pl.col("coherence_fraction") >= rules.imu_coherence_low_fraction)
        & ~is_swinging_expr(rules)
    )
    return pl.when(is_heard).then("coherence_fraction").otherwise(0.0)


def axis_alignment(motion: pl.DataFrame, lengths: Ints) -> Floats:
    """How far each span's found axis lies along that of its workout, -1..1; 1 of a stated one.

    Which end of the axis is forward is chosen anew in every span; the sign turns all spans of a
    workout to the same end.
    """
    if len(lengths) == 0:
        return np.zeros(0)
    axes = motion.select(pl.col(_AXES).fill_null(0.0)).to_numpy()
    outer = axes[:, :, np.newaxis] * axes[:, np.newaxis, :]
    pooled = np.add.reduceat(outer, np.cumsum(lengths) - lengths, axis=0)
    principal = np.linalg.eigh(pooled).eigenvectors[:, :, -1]
    aligned = (axes * np.repeat(principal, lengths, axis=0)).sum(axis=1)
    return np.where(motion["forward_axis"].is_not_null().to_numpy(), 1.0, aligned)


def span_speech(motion: pl.DataFrame, signs: Floats, rules: EvidenceRules) -> pl.DataFrame:
    """What each motion span says of direction.

    Where people's modes lie in general is known of trunk, waist and pocket with a stated axis. Of a
    sensor whose place or axis nobody states only labels say which mode is which.

    Args:
        motion: Motion spans by workout and time, with ``workout_index``.
        signs: What is known of each span's direction otherwise, -1..1, backward positive.
        rules: What the motion sensors are worth.

    Returns:
        Per span ``imu`` and ``imu_sure``, in nats; null where it says nothing: the sensor swings, or
        nothing tells which way it faces.
    """
    lengths = motion["workout_index"].rle().struct.field("len").cast(pl.Int64).to_numpy()
    is_placed = pl.col("placement").is_in(["trunk", "waist", "pocket"])
    spans = motion.select(
        phase=pl.col("vertical_anterior_posterior_phase_rad").fill_null(0.0),
        weight=weight_expr(rules),
        log_rms=pl.col("vertical_rms_mps2").log().fill_null(0.0),
        share=placement_share_expr(rules),
        is_placed=is_placed,
        is_mounting_known=is_placed & pl.col("forward_axis").is_not_null(),
    )
    aligned = axis_alignment(motion, lengths)
    weight = spans["weight"].to_numpy() * aligned**2
    phase = spans["phase"].to_numpy() + np.where(aligned < 0, np.pi, 0.0)
    first = np.cumsum(lengths) - lengths
    phases = Phases(
        points=np.where(weight > 0, np.exp(1j * phase), 0.0),
        weight=weight,
        log_rms=spans["log_rms"].to_numpy(),
        signs=signs,
        lengths=lengths,
        is_stated=spans["is_mounting_known"].to_numpy()[first],
    )
    said, sure = phase_speech(phases, rules)
    most = (
        pl.when("is_placed")
        .then(pl.col("imu_sure"))
        .otherwise(pl.col("imu_sure").clip(upper_bound=rules.stated_axis_nats))
    )
    speaks = (pl.col("share") > 0) & (pl.col("imu_sure") > 0)
    return spans.with_columns(
        imu=pl.Series(said, nan_to_null=True), imu_sure=pl.Series(sure)
    ).select(
        imu=pl.when(speaks).then(pl.col("imu") * pl.col("share")),
        imu_sure=pl.when(speaks & pl.col("imu").is_not_null()).then(most),
    )


def imu_of_cells(
    cells: pl.DataFrame, motion: pl.DataFrame, signs: Floats, rules: EvidenceRules
) -> pl.DataFrame:
    """Sums up what motion spans say of each cell.

    A span gives each cell the share of its evidence that falls into it, so none is counted twice.

    Args:
        cells: Cells by workout and time.
        motion: Motion spans by workout and time, on the same axis.
        signs: What is known of each cell's direction otherwise: -1 forward, +1 backward, 0 nothing.
        rules: What it is worth, and the most that is said of one cell.

    Returns:
        Per cell ``imu_nats`` and ``imu_sure_nats``, null where nothing is said.
    """
    span, cell, overlap_us = overlaps(
        motion["first_us"].to_numpy(),
        motion["last_us"].to_numpy(),
        cells["start_us"].to_numpy(),
        cells["end_us"].to_numpy(),
    )
    span_us = (motion["last_us"] - motion["first_us"]).to_numpy()
    part = overlap_us / span_us[span]
    known: Floats = np.bincount(span, part * signs[cell], motion.height).astype(np.float64)
    said, sure = pl.col("imu"), pl.col("imu_sure")
    of_cells = (
        span_speech(motion, known, rules)[span]
        .with_columns(cell_n=pl.Series(cell).cast(pl.UInt32), part=pl.Series(part))
        .filter(said.is_not_null())
        .group_by("cell_n", maintain_order=True)
        .agg(
            imu_nats=(said * pl.col("part")).sum().clip(-rules.imu_cap_nats, rules.imu_cap_nats),
            imu_sure_nats=(sure * pl.col("part")).sum() / pl.col("part").sum(),
        )
    )
    numbered = pl.DataFrame({"cell_n": pl.arange(cells.height, dtype=pl.UInt32, eager=True)})
    return numbered.join(of_cells, on="cell_n", how="left", maintain_order="left").drop("cell_n")
