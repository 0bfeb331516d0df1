"""Table ``adherence``: each rule of the protocol in force, and what the data say of it."""

import dataframely as dy

from retrowalk.tables import columns as c
from retrowalk.tables.vocabulary import RULE_ROLES, RULE_SCOPES, VERDICTS

#: Why a verdict could not be given, or what it rests on.
ADHERENCE_REASON_CODES = (
    "ok",
    "period_not_over",
    "no_sessions",
    "direction_unknown",
    "no_cadence",
    "no_speed",
    "no_heart_rate",
    "no_resting_heart_rate",
    "no_distance",
    "no_grade",
    "no_position",
    "local_time_uncertain",
    "export_quarantined",
    "too_little_history",
    "wrong_environment",
    "reading_not_chosen",
    "no_backward_walking",
    "shown_only",
    "past_its_phase",
    "partly_in_force",
    "no_environment",
    "no_long_bout",
)


class Adherence(dy.Schema):
    """One row per participant, rule and what the rule looks at: a session, a day, or the week."""

    week_start_date = c.week_start_date(primary_key=True)
    participant_id = c.participant_id(primary_key=True)
    protocol = c.text("Protocol that the rule belongs to.", primary_key=True)
    rule_id = c.text("Rule, as named in the protocol's file.", primary_key=True)
    scope = dy.Enum(RULE_SCOPES, description="What the rule looks at.", primary_key=True)
    scope_key = c.text(
        "Which one: the workout, the local date, or the week's Monday.", primary_key=True
    )
    workout_id = c.text("The workout, where the scope is a session.", nullable=True)
    local_date = dy.Date(
        description="The local day, where the scope is a session or day.", nullable=True
    )
    role = dy.Enum(
        RULE_ROLES, description="scored: decides adherence; warn: worth a look; info: shown."
    )
    verdict = dy.Enum(VERDICTS, description="What the data say.")
    observed = c.number("What was seen, in `unit`; for an interval its certain end.")
    observed_upper = c.number("Upper end where unknown direction leaves an interval.")
    target_low = c.number("Lowest value that meets the rule; null: no lower limit.")
    target_high = c.number("Highest value that meets the rule; null: no upper limit.")
    unit = c.text("Unit of observed and target.")
    reason_code = dy.Enum(ADHERENCE_REASON_CODES, description="Why there is no verdict; else `ok`.")
    reason = c.text("The same as a sentence, with the particulars.")
    source = c.text("Where the rule comes from: article and quote.")
    protocol_version = c.text("Version of the protocol.")
