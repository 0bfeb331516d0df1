"""What a reader hands on: one export's workouts, in physical units, nothing decided yet.

Readers convert units and mark absence as null. They do not decide what cadence counts, what a
text means or which week a workout belongs to; the rooms after them do.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import dataframely as dy

from retrowalk.tables import columns as c
from retrowalk.tables.vocabulary import FORWARD_AXES, GRAINS, MARK_SOURCES, PLACEMENTS

#: What the cadence channel of an export counts, as far as its format says.
CADENCE_UNITS = ("steps", "strides", "unknown")


class ReadWorkouts(dy.Schema):
    """One row per workout of one export."""

    workout_n = c.count("Place of the workout in its export, from 0.", primary_key=True)
    started_at_utc = c.started_at_utc()
    ended_at_utc = c.ended_at_utc()
    file_utc_offset_s = dy.Int32(
        nullable=True, description="Local time minus UTC as the file states it; null: it does not."
    )
    sport = c.text(
        "Sport, in lower case, as FIT names it (walking, hiking, running, ...).", nullable=True
    )
    sub_sport = c.text("Sub-sport, in lower case, as FIT names it.", nullable=True)
    device = c.text("Maker and product.", nullable=True)
    writer = c.text("Maker in lower case, as FIT names it, or the CSV dialect.", nullable=True)
    grain = dy.Enum(GRAINS, description="What one row stands for.")
    cadence_unit = dy.Enum(CADENCE_UNITS, description="What cadence counts, if the format says.")
    total_cycles_n = c.number("Cycles (strides) that the export counts in all.", min=0.0)
    total_steps_n = c.number("Steps that the export counts in all.", min=0.0)
    timer_s = c.number("Time with the timer running, as the export states it.", min=0.0)
    total_distance_m = c.number("Distance as the export states it.", min=0.0)
    resting_heart_rate_bpm = c.number("Resting heart rate in the file's user profile.")
    body_mass_kg = c.number("Body mass in the file's user profile.")
    has_barometer = dy.Bool(nullable=True, description="Whether the device is known to have one.")
    placement = dy.Enum(PLACEMENTS, description="Where a motion sensor was worn, as stated.")
    forward_axis = dy.Enum(
        FORWARD_AXES, nullable=True, description="Device axis that points forward."
    )
    records_set_aside_n = c.count("Rows that were there but unusable.")


class ReadRecords(dy.Schema):
    """One row per sample, in the order of the file, times possibly repeated or stepping back."""

    workout_n = c.count("Workout that the sample belongs to.")
    recorded_at_utc = c.instant("Time of the sample.")
    speed_mps = c.number("Speed.")
    distance_m = c.number("Distance since the start.")
    cadence_per_min = c.number("Cadence as the export counts it: strides or steps a minute.")
    heart_rate_bpm = c.number("Heart rate.")
    altitude_m = c.number("Altitude.")
    grade_fraction = c.number("Reported grade, rise over run.")
    course_deg = c.number("Direction of travel, clockwise from north.")
    heading_deg = c.number("Direction that the body points to, clockwise from north.")
    latitude_deg = c.number("Latitude.")
    longitude_deg = c.number("Longitude.")


class ReadMarks(dy.Schema):
    """One row per span that the export labels or that ends something (laps, pauses)."""

    workout_n = c.count("Workout that the span belongs to.")
    source = dy.Enum(MARK_SOURCES, description="Where the mark comes from.")
    started_at_utc = c.started_at_utc()
    ended_at_utc = c.ended_at_utc()
    text = c.text("Text as written; a developer field reads `name=value`.", nullable=True)
    direction = c.text("forward or backward, where the format itself states it.", nullable=True)
    grade_fraction = c.number("Grade that it states, rise over run.")


class ReadSamples(dy.Schema):
    """One row per raw motion sample, in device axes, SI units, gravity included.

    Acceleration is specific force, as an accelerometer feels it: at rest the axis that points up
    reads +9.8 m/s^2. Readers turn the signs of writers that do otherwise; with all of them turned,
    forward and backward are exchanged, and nothing in the signal shows it.
    """

    workout_n = c.count("Workout that the sample belongs to.")
    sampled_at_utc = c.instant("Time of the sample.")
    acceleration_x_mps2 = c.number("Acceleration along the device's x axis.")
    acceleration_y_mps2 = c.number("Acceleration along the device's y axis.")
    acceleration_z_mps2 = c.number("Acceleration along the device's z axis.")
    rotation_x_radps = c.number("Rotation rate about the device's x axis.")
    rotation_y_radps = c.number("Rotation rate about the device's y axis.")
    rotation_z_radps = c.number("Rotation rate about the device's z axis.")
    magnetic_x_ut = c.number("Magnetic flux density along the device's x axis.")
    magnetic_y_ut = c.number("Magnetic flux density along the device's y axis.")
    magnetic_z_ut = c.number("Magnetic flux density along the device's z axis.")


@dataclass(frozen=True, slots=True)
class Reading:
    """One export, read.

    Args:
        format: ``fit``, ``csv``, ``tcx`` or ``gpx``.
        dialect: Which writer's form, e.g. ``fit_activity`` or ``canonical_per_second``.
        reason_code: ``ok`` or what was wrong though something was read
            (see :data:`retrowalk.tables.exports.REASON_CODES`).
        reason: The same as a sentence with the particulars (offsets, counts).
        recovered_fraction: Share of the content that was readable, 0..1.
        workouts: One row per workout.
        records: One row per sample.
        marks: One row per labelled or bordering span.
        samples: One row per raw motion sample.
        traps: What was met while reading, one line each, with the place.
        files_named: For a list of workouts: place of a workout -> the file that its row names as
            the recording of it, as written, with forward slashes.
    """

    format: str
    dialect: str
    workouts: dy.DataFrame[ReadWorkouts]
    reason_code: str = "ok"
    reason: str = "Read whole."
    recovered_fraction: float = 1.0
    records: dy.DataFrame[ReadRecords] = field(default_factory=ReadRecords.create_empty)
    marks: dy.DataFrame[ReadMarks] = field(default_factory=ReadMarks.create_empty)
    samples: dy.DataFrame[ReadSamples] = field(default_factory=ReadSamples.create_empty)
    traps: tuple[str, ...] = ()
    files_named: Mapping[int, str] = field(default_factory=dict)
