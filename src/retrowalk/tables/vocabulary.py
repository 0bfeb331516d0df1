"""The words that stand in enumerated columns. ``docs/glossary.md`` says what each one means."""

ACTIVITIES = ("walk", "run", "rest", "other")
DIRECTIONS = ("forward", "backward", "unknown")
GRADE_CLASSES = ("level", "incline", "decline", "unknown")
#: Walking by direction and grade class; "level" and "unknown" grade go unsaid, an unknown
#: direction does not. What is not walking is `not_walking`.
WALKING_CLASSES = (
    "forward",
    "backward",
    "unknown",
    "incline_forward",
    "incline_backward",
    "incline_unknown",
    "decline_forward",
    "decline_backward",
    "decline_unknown",
    "not_walking",
)
#: What a direction can rest on, strongest first. `assumption` is the prescription's setting.
DIRECTION_EVIDENCE = (
    "annotation",
    "csv_column",
    "lap_name",
    "workout_step",
    "developer_field",
    "session_name",
    "compass",
    "imu",
    "gait",
    "assumption",
    "none",
)
#: Where a mark comes from: the labels among the evidence, and the borders that are none.
MARK_SOURCES = (
    "annotation",
    "csv_column",
    "lap_name",
    "workout_step",
    "developer_field",
    "session_name",
    "lap",
    "pause",
    "turn",
)
GRADE_SOURCES = ("annotation", "reported", "barometer", "none")
ALTITUDE_SOURCES = ("barometer", "gps", "constant", "unknown", "none")
ENVIRONMENTS = ("treadmill", "indoor", "track", "outdoor", "unknown")
UTC_OFFSET_SOURCES = ("file", "registry", "assumed_utc")
CADENCE_FACTOR_SOURCES = (
    "column_name",
    "step_length",
    "total_cycles",
    "writer_convention",
    "ambiguous",
    "no_cadence",
)
HEART_RATE_DOUBTS = ("cadence_lock", "flat_line")
HEART_RATE_GRADES = ("A", "B", "C", "D", "none")
GRAINS = ("record", "lap", "workout")
EXPORT_STATUSES = ("scored", "partial", "duplicate", "quarantined", "ignored")
VERDICTS = ("met", "under", "over", "pending", "not_applicable", "not_evaluable")
RULE_ROLES = ("scored", "warn", "info")
RULE_SCOPES = ("session", "day", "bout", "week")
WEEK_STATUSES = (
    "complete",
    "provisional",
    "no_workouts",
    "nothing_received",
    "all_quarantined",
    "not_enrolled_yet",
    "enrolment_ended",
    "not_enrolled",
)
UNLABELLED_WALKING = ("unknown", "backward", "forward")
SEXES = ("female", "male")
DISTANCE_UNITS = ("km", "mi")
PLACEMENTS = ("trunk", "waist", "pocket", "wrist", "foot", "unknown")
FORWARD_AXES = ("+x", "-x", "+y", "-y", "+z", "-z")
CHANGE_CAUSES = ("late_export", "registry", "rules", "code", "period_over")
