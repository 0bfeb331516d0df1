"""Table ``records``: what the device said, one row per sample, in SI units, nothing filled in."""

import dataframely as dy

from retrowalk.tables import columns as c


class Records(dy.Schema):
    """One row per sample of a scored workout, in order of time."""

    week_start_date = c.week_start_date()
    workout_id = c.workout_id(primary_key=True)
    recorded_at_utc = c.instant("Time of the sample.", primary_key=True)
    elapsed_s = c.amount("Time since the workout's start, pauses included.")
    speed_mps = c.number("Speed over ground or belt.", min=0.0)
    distance_m = c.number("Distance since the workout's start.", min=0.0)
    cadence_spm = c.number("Steps per minute, both feet; see `workouts.cadence_factor`.", min=0.0)
    heart_rate_bpm = c.number("Heart rate.", min=0.0)
    altitude_m = c.number("Altitude above the device's zero.")
    grade_fraction = c.number("Rise over run as the device reports it; uphill positive.")
    course_deg = c.number(
        "Direction of travel over ground, clockwise from north.", min=0.0, max=360.0
    )
    heading_deg = c.number(
        "Direction the body or device points to, clockwise from north.", min=0.0, max=360.0
    )
    east_m = c.number("Metres east of the workout's first position.")
    north_m = c.number("Metres north of the workout's first position.")
    latitude_deg = c.number("Latitude; kept only if the setting `keep_positions` says so.")
    longitude_deg = c.number("Longitude; kept only if the setting `keep_positions` says so.")
