"""Table ``motion``: raw motion sensors, reduced to what direction evidence needs."""

import dataframely as dy

from retrowalk.tables import columns as c
from retrowalk.tables.vocabulary import FORWARD_AXES, PLACEMENTS


class Motion(dy.Schema):
    """One row per short span of a workout with raw motion samples."""

    week_start_date = c.week_start_date()
    workout_id = c.workout_id(primary_key=True)
    started_at_utc = c.started_at_utc(primary_key=True)
    ended_at_utc = c.ended_at_utc()
    samples_n = c.count("Samples in the span.")
    sample_rate_hz = c.amount("Samples per second, by the median interval.")
    gap_fraction = c.fraction("Share of the span without samples.", nullable=False)
    step_frequency_hz = c.number(
        "Peak of the vertical acceleration between 0.9 and 3.2 Hz.", min=0.0
    )
    vertical_rms_mps2 = c.number(
        "Root mean square of vertical acceleration, gravity removed.", min=0.0
    )
    anterior_posterior_rms_mps2 = c.number(
        "Root mean square of acceleration along the forward axis, stated or found.", min=0.0
    )
    vertical_anterior_posterior_phase_rad = c.number(
        "Cross-spectral phase of anterior-posterior against vertical acceleration at step frequency."
    )
    coherence_fraction = c.fraction("Magnitude-squared coherence of the two at step frequency.")
    stride_fraction = c.fraction(
        "Share of anterior-posterior movement at half the step frequency in that at half and whole: "
        "small at a trunk, large at what swings once a stride."
    )
    found_axis_x_fraction = c.number(
        "Where no forward axis is stated, the part of the device's x axis in the horizontal axis that "
        "moves with the steps; which of its two ends is forward is not known.",
        min=-1.0,
        max=1.0,
    )
    found_axis_y_fraction = c.number("The same of the y axis.", min=-1.0, max=1.0)
    found_axis_z_fraction = c.number("The same of the z axis.", min=-1.0, max=1.0)
    heading_deg = c.number("Tilt-compensated compass heading of the device.", min=0.0, max=360.0)
    placement = dy.Enum(
        PLACEMENTS, description="Where the device was worn, as stated by the export."
    )
    forward_axis = dy.Enum(
        FORWARD_AXES, nullable=True, description="Device axis that points forward, as stated."
    )
