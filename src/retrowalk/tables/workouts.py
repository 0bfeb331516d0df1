"""Table ``workouts``: one recorded activity each, and how its channels were understood."""

import dataframely as dy

from retrowalk.tables import columns as c
from retrowalk.tables.vocabulary import (
    ALTITUDE_SOURCES,
    CADENCE_FACTOR_SOURCES,
    ENVIRONMENTS,
    GRAINS,
    HEART_RATE_GRADES,
    UTC_OFFSET_SOURCES,
)


class Workouts(dy.Schema):
    """One row per recorded activity that is scored; duplicates have none."""

    week_start_date = c.week_start_date()
    workout_id = c.workout_id(primary_key=True)
    export_id = c.text("The export that it was read from.")
    participant_id = c.participant_id()
    workout_n = c.count("Place of the workout in its export, from 0.")
    started_at_utc = c.started_at_utc()
    ended_at_utc = c.ended_at_utc()
    utc_offset_s = dy.Int32(description="Local time minus UTC at the start.")
    utc_offset_source = dy.Enum(UTC_OFFSET_SOURCES, description="Where the offset came from.")
    local_date = dy.Date(description="Local calendar day that the workout starts on.")
    sport = c.text("Sport as the device names it; null where it says none.", nullable=True)
    sub_sport = c.text("Sub-sport as the device names it.", nullable=True)
    device = c.text("Maker and product as the file names them.", nullable=True)
    environment = dy.Enum(
        ENVIRONMENTS, description="Where it took place, from the sub-sport and GPS."
    )
    grain = dy.Enum(
        GRAINS,
        description="What one row of the export stood for; anything but `record` has no time series.",
    )
    elapsed_s = c.amount("End minus start, pauses included.")
    moving_s = c.amount("Time with the timer running and movement seen; pauses and rest are out.")
    distance_m = c.amount(
        "Distance covered, from the distance channel, else speed, else GPS.", nullable=True
    )
    records_n = c.count("Records that are scored.")
    records_set_aside_n = c.count("Records without a usable time or with a repeated one.")
    median_interval_s = c.amount("Median time between neighbouring records.", nullable=True)
    speed_coverage_fraction = c.fraction("Share of records with a speed.")
    cadence_coverage_fraction = c.fraction("Share of records with a cadence.")
    heart_rate_coverage_fraction = c.fraction("Share of records with a heart rate.")
    altitude_coverage_fraction = c.fraction("Share of records with an altitude.")
    grade_coverage_fraction = c.fraction("Share of records with a reported grade.")
    position_coverage_fraction = c.fraction("Share of records with a position.")
    cadence_factor = c.number(
        "What the export's cadence was multiplied with to give steps/min: 1, 2, or null."
    )
    cadence_factor_source = dy.Enum(
        CADENCE_FACTOR_SOURCES,
        description="How the factor was decided; `ambiguous` leaves cadence null.",
    )
    altitude_source = dy.Enum(
        ALTITUDE_SOURCES,
        description="What the altitude seems to come from, by its behaviour and the device.",
    )
    resting_heart_rate_bpm = c.number("Resting heart rate in force.", min=20.0, max=150.0)
    resting_heart_rate_grade = dy.Enum(
        HEART_RATE_GRADES,
        description="How sure: A registry, B the file's user profile, none not known.",
    )
    body_mass_kg = c.number(
        "Body mass in force; null where the registry and the file say none.", min=0.0
    )
    body_mass_source = dy.Enum(
        ("registry", "file", "none"), description="Where the body mass came from."
    )
    age_at_start_year = c.number("Age in whole years by birth year; null where not registered.")
    recovered_fraction = c.fraction("Share of its export that was readable.")
    recording_fingerprint = c.text(
        "Hash of all that this row, its records, marks and motion rest on: the participant's exports "
        "and registry rows of the week, rules and code."
    )
