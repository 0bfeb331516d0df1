"""Table ``sessions``: workouts as the prescription sees them."""

import dataframely as dy

from retrowalk.tables import columns as c
from retrowalk.tables.vocabulary import ENVIRONMENTS, HEART_RATE_GRADES, UTC_OFFSET_SOURCES

#: Why a workout is no session.
EXCLUSION_CODES = ("is_session", "no_walking")


class Sessions(dy.Schema):
    """One row per workout; `is_session` says whether the prescription sees it, and if not, why."""

    week_start_date = c.week_start_date()
    workout_id = c.workout_id(primary_key=True)
    participant_id = c.participant_id()
    started_at_utc = c.started_at_utc()
    ended_at_utc = c.ended_at_utc()
    local_date = dy.Date(description="Local calendar day that it starts on.")
    utc_offset_source = dy.Enum(UTC_OFFSET_SOURCES, description="Where local time came from.")
    is_near_midnight = c.truth("Whether it starts within an hour of local midnight.")
    is_session = c.truth("Whether it counts as a session: it holds walking.")
    exclusion_code = dy.Enum(EXCLUSION_CODES, description="Why it is none; else `is_session`.")
    environment = dy.Enum(ENVIRONMENTS, description="Where it took place.")
    protocol = c.text("Protocol in force on that day; null without a prescription.", nullable=True)
    walking_min = c.amount("Minutes of walking, any direction.")
    backward_min = c.amount("Minutes of backward walking, any grade: the certain minutes.")
    forward_min = c.amount("Minutes of forward walking, any grade.")
    unknown_direction_min = c.amount("Minutes of walking of unknown direction.")
    backward_assumed_min = c.amount(
        "Of `backward_min`: those that the prescription's setting decided."
    )
    incline_min = c.amount("Minutes of walking uphill, any direction.")
    incline_backward_min = c.amount("Minutes of backward walking uphill.")
    decline_min = c.amount("Minutes of walking downhill, any direction.")
    unknown_grade_min = c.amount("Minutes of walking of unknown grade.")
    walking_distance_m = c.number("Distance walked.", min=0.0)
    backward_distance_m = c.number("Distance walked backward.", min=0.0)
    backward_level_distance_m = c.number(
        "Backward distance with a known grade within 2 %.", min=0.0
    )
    backward_known_grade_distance_m = c.number("Backward distance with a known grade.", min=0.0)
    bouts_n = c.count("Backward bouts: stretches with gaps of at most 10 s merged.")
    bout_distance_list_m = dy.List(
        dy.Float64(nullable=True), description="Length of each backward bout; null where not known."
    )
    alternations_n = c.count("Changes between forward and backward walking.")
    backward_cadence_median_spm = c.number("Time-weighted median over backward walking.", min=0.0)
    backward_cadence_usable_min = c.amount("Backward minutes with a usable cadence.")
    backward_speed_median_mps = c.number("Time-weighted median over backward walking.", min=0.0)
    backward_speed_peak_mps = c.number(
        "95th percentile of the 10-s mean speed in backward walking.", min=0.0
    )
    backward_speed_usable_min = c.amount("Backward minutes with a speed.")
    backward_heart_rate_median_bpm = c.number(
        "Median over backward walking after its first 120 s.", min=0.0
    )
    backward_heart_rate_usable_min = c.amount(
        "Backward minutes, after the first 120 s, with a usable heart rate."
    )
    resting_heart_rate_bpm = c.number("Resting heart rate in force.", min=0.0)
    resting_heart_rate_grade = dy.Enum(HEART_RATE_GRADES, description="How sure that is.")
    heart_rate_delta_bpm = c.number(
        "Backward median minus resting; null unless resting is grade A or B."
    )
    backward_chord_over_path_fraction = c.fraction(
        "Straightness of backward bouts of 100 m or more: least chord over path."
    )
