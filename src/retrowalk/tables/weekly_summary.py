"""Table ``weekly_summary``: the score."""

import dataframely as dy
import polars as pl

from retrowalk.tables import columns as c
from retrowalk.tables.vocabulary import RULE_ROLES, RULE_SCOPES, VERDICTS, WEEK_STATUSES

SUM = {"aggregation": "sum over the week's workouts"}
MEAN = {"aggregation": "time-weighted mean"}
STATE = {"aggregation": "state of the week"}


class WeeklySummary(dy.Schema):
    """One row per registered participant and week, also where there is nothing, with the reason."""

    week_start_date = c.week_start_date(primary_key=True)
    participant_id = c.participant_id(primary_key=True)
    week_status = dy.Enum(WEEK_STATUSES, description="What the row rests on.", metadata=STATE)
    week_reason = c.text("The status as a sentence.", metadata=STATE)
    protocol = c.text(
        "Protocol in force at the week's end (or its last in the week).",
        nullable=True,
        metadata=STATE,
    )
    protocol_version = c.text("Version of that protocol.", nullable=True, metadata=STATE)
    # counts that reconcile
    exports_n = c.count("Exports that touch the week.", metadata=SUM)
    exports_quarantined_n = c.count(
        "Quarantined exports of the participant that may belong here.", metadata=SUM
    )
    workouts_n = c.count("Workouts: sessions and excluded ones.", metadata=SUM)
    sessions_n = c.count("Workouts that count as a session.", metadata=SUM)
    excluded_n = c.count("Workouts that do not.", metadata=SUM)
    qualifying_days_n = c.count(
        "Local days with a session that counts toward the prescription, certain minutes only.",
        nullable=True,
        metadata=SUM,
    )
    expected_sessions_n = c.count(
        "Sessions that the protocol asks for in the week, at least.", nullable=True, metadata=STATE
    )
    done_sessions_n = c.count("Of those expected: done.", nullable=True, metadata=SUM)
    missed_sessions_n = c.count(
        "Of those expected: missed for certain.", nullable=True, metadata=SUM
    )
    pending_sessions_n = c.count(
        "Of those expected: open, because the week is not over or direction is unknown.",
        nullable=True,
        metadata=SUM,
    )
    # minutes by class
    walking_min = c.amount("Minutes of walking.", metadata=SUM)
    backward_min = c.amount("Minutes of backward walking, any grade.", metadata=SUM)
    forward_min = c.amount("Minutes of forward walking, any grade.", metadata=SUM)
    unknown_direction_min = c.amount("Minutes of walking of unknown direction.", metadata=SUM)
    backward_assumed_min = c.amount(
        "Of `backward_min`: minutes that the prescription's setting decided.", metadata=SUM
    )
    forward_assumed_min = c.amount(
        "Of `forward_min`: minutes that the prescription's setting decided.", metadata=SUM
    )
    incline_min = c.amount("Minutes of walking uphill, any direction.", metadata=SUM)
    incline_backward_min = c.amount("Minutes of backward walking uphill.", metadata=SUM)
    incline_forward_min = c.amount("Minutes of forward walking uphill.", metadata=SUM)
    incline_unknown_min = c.amount("Minutes uphill of unknown direction.", metadata=SUM)
    decline_min = c.amount("Minutes of walking downhill, any direction.", metadata=SUM)
    decline_backward_min = c.amount("Minutes of backward walking downhill.", metadata=SUM)
    decline_forward_min = c.amount("Minutes of forward walking downhill.", metadata=SUM)
    decline_unknown_min = c.amount("Minutes downhill of unknown direction.", metadata=SUM)
    unknown_grade_min = c.amount("Minutes of walking of unknown grade.", metadata=SUM)
    rest_min = c.amount("Minutes of rest inside workouts.", metadata=SUM)
    run_min = c.amount("Minutes of running.", metadata=SUM)
    other_min = c.amount("Minutes of other activity.", metadata=SUM)
    walking_distance_m = c.number(
        "Distance walked; null where no walking has a distance.", min=0.0, metadata=SUM
    )
    backward_distance_m = c.number("Distance walked backward.", min=0.0, metadata=SUM)
    alternations_n = c.count("Changes between forward and backward walking.", metadata=SUM)
    bouts_n = c.count("Backward bouts.", metadata=SUM)
    # energy of walking
    energy_gross_met_min = c.number("Gross MET-minutes of walking.", min=0.0, metadata=SUM)
    energy_gross_kcal = c.number(
        "Gross energy of walking; null where body mass is unknown.", min=0.0, metadata=SUM
    )
    energy_gross_low_kcal = c.number("Lower end of its interval.", min=0.0, metadata=SUM)
    energy_gross_high_kcal = c.number("Upper end of its interval.", min=0.0, metadata=SUM)
    energy_net_kcal = c.number("Net energy of walking.", metadata=SUM)
    extra_over_forward_kcal = c.number(
        "What backward walking cost above walking forward at the same speed and grade.",
        metadata=SUM,
    )
    energy_reason = c.text(
        "Why energy is null or what it leaves out; null where nothing is left out.",
        nullable=True,
        metadata=STATE,
    )
    energy_missing_min = c.amount("Minutes of walking without an energy estimate.", metadata=SUM)
    # quality of the walking minutes
    cadence_median_spm = c.number(
        "Time-weighted median of session medians, backward walking.", min=0.0, metadata=MEAN
    )
    cadence_usable_min = c.amount("Backward minutes that it rests on.", metadata=SUM)
    speed_mean_mps = c.number("Mean speed of backward walking.", min=0.0, metadata=MEAN)
    heart_rate_mean_bpm = c.number("Mean heart rate of walking.", min=0.0, metadata=MEAN)
    heart_rate_usable_min = c.amount("Walking minutes with a usable heart rate.", metadata=SUM)
    grade_known_min = c.amount("Walking minutes of known grade.", metadata=SUM)
    direction_known_min = c.amount(
        "Walking minutes of known direction, assumptions left out.", metadata=SUM
    )
    recovered_fraction = c.fraction(
        "Least recovered fraction of the exports scored.", metadata={"aggregation": "minimum"}
    )
    # adherence, each part for itself
    attendance_fraction = c.fraction(
        "Qualifying days over expected sessions, capped at 1: at least, see its upper end.",
        metadata=STATE,
    )
    attendance_upper_fraction = c.fraction(
        "The same if all that is open (`pending_sessions_n`) was done; equal where nothing is.",
        metadata=STATE,
    )
    time_adherence_fraction = c.fraction(
        "Backward minutes over prescribed minutes, capped at 1; certain minutes only: at least, "
        "see its upper end.",
        metadata=STATE,
    )
    time_adherence_upper_fraction = c.fraction(
        "The same if all minutes of unknown direction were backward; equal where there are none.",
        metadata=STATE,
    )
    relative_dose_fraction = c.number(
        "`time_adherence_fraction` uncapped: relative dose intensity in minutes, at least.",
        min=0.0,
        metadata=STATE,
    )
    relative_dose_upper_fraction = c.number(
        "The same if all minutes of unknown direction were backward.", min=0.0, metadata=STATE
    )
    intensity_adherence_fraction = c.fraction(
        "Share of certain backward minutes of known speed that lie within the speed rule of the "
        "protocol's week; null without such a rule.",
        metadata=STATE,
    )
    type_adherence_fraction = c.fraction(
        "Share of walking minutes that are backward, at least.", metadata=STATE
    )
    type_adherence_upper_fraction = c.fraction(
        "The same if all minutes of unknown direction were backward.", metadata=STATE
    )
    not_evaluable_fraction = c.fraction(
        "Share of scored rules without a verdict for want of data.", metadata=STATE
    )
    missed_in_a_row_n = c.count(
        "Expected sessions missed in a row up to the end of the week.",
        nullable=True,
        metadata=STATE,
    )
    is_interrupted = c.truth(
        "Whether 3 or more expected sessions in a row were missed.", nullable=True, metadata=STATE
    )
    weeks_met_n = c.count(
        "Weeks of the last 8, this one included, that met the frequency rule.",
        nullable=True,
        metadata=STATE,
    )
    weeks_elapsed_n = c.count(
        "Weeks of the last 8 that the prescription covers.", nullable=True, metadata=STATE
    )
    weeks_met_in_a_row_n = c.count(
        "Of those: in a row up to this week, or up to the last where this one is not over.",
        nullable=True,
        metadata=STATE,
    )
    rule_verdicts = dy.List(
        dy.Struct(
            {
                "rule_id": dy.String(),
                "role": dy.Enum(RULE_ROLES),
                "scope": dy.Enum(RULE_SCOPES),
                "verdict": dy.Enum(VERDICTS),
                "reason_code": dy.String(),
            }
        ),
        description="One verdict per rule for the whole week, by rule; see `adherence` for each session.",
        metadata=STATE,
    )
    # provenance
    export_sha256_list = dy.List(
        dy.String(), description="Contents that the row rests on, sorted.", metadata=STATE
    )
    compendium_edition = c.text("Edition of the Compendium in force.", metadata=STATE)
    inputs_fingerprint = c.text(
        "Hash of all that the row rests on; a different one makes the week stale. `waiting` behind "
        "it: a week that the row looks at was not yet scored as it should be.",
        metadata=STATE,
    )
    registry_version = c.text("Hash of the participant's registry rows.", metadata=STATE)
    rules_version = c.text(
        "Hash of the rules, settings and protocols that the week rests on; one for all its rows.",
        metadata=STATE,
    )
    code_version = c.text("Version of the package.", metadata=STATE)
    run_id = c.text("Run that wrote the row.", metadata=STATE)
    computed_at_utc = c.instant("When it was written.", metadata=STATE)

    @dy.rule()
    def workouts_are_sessions_and_excluded(cls) -> pl.Expr:
        """`workouts_n = sessions_n + excluded_n`."""
        return cls.workouts_n.col == cls.sessions_n.col + cls.excluded_n.col

    @dy.rule()
    def expected_is_done_missed_and_pending(cls) -> pl.Expr:
        """`expected = done + missed + pending`, or all four are null."""
        parts = cls.done_sessions_n.col + cls.missed_sessions_n.col + cls.pending_sessions_n.col
        return cls.expected_sessions_n.col.eq_missing(parts)

    @dy.rule()
    def walking_is_split_by_direction(cls) -> pl.Expr:
        """`walking = backward + forward + unknown direction`."""
        parts = cls.backward_min.col + cls.forward_min.col + cls.unknown_direction_min.col
        return (cls.walking_min.col - parts).abs() < 1e-6

    @dy.rule()
    def slopes_are_split_by_direction(cls) -> pl.Expr:
        """Uphill and downhill minutes are those of their three directions."""
        uphill = (
            cls.incline_backward_min.col + cls.incline_forward_min.col + cls.incline_unknown_min.col
        )
        downhill = (
            cls.decline_backward_min.col + cls.decline_forward_min.col + cls.decline_unknown_min.col
        )
        apart = (cls.incline_min.col - uphill).abs() + (cls.decline_min.col - downhill).abs()
        return apart < 1e-6

    @dy.rule()
    def upper_ends_lie_above_lower_ones(cls) -> pl.Expr:
        """No upper end of a part of adherence lies below its lower end, and both are null or neither."""
        pairs = (
            (cls.attendance_fraction.col, cls.attendance_upper_fraction.col),
            (cls.time_adherence_fraction.col, cls.time_adherence_upper_fraction.col),
            (cls.relative_dose_fraction.col, cls.relative_dose_upper_fraction.col),
            (cls.type_adherence_fraction.col, cls.type_adherence_upper_fraction.col),
        )
        return pl.all_horizontal(
            pl.when(low.is_null()).then(high.is_null()).otherwise(low <= high + 1e-9)
            for low, high in pairs
        )

    @dy.rule()
    def the_energy_interval_holds_its_point(cls) -> pl.Expr:
        """`low <= point <= high`, or energy is null."""
        point = cls.energy_gross_kcal.col
        low, high = cls.energy_gross_low_kcal.col, cls.energy_gross_high_kcal.col
        return point.is_null() | ((low <= point + 1e-6) & (point <= high + 1e-6))
