"""Table ``changes``: what a re-run altered in the weekly summary, and why."""

import dataframely as dy

from retrowalk.tables import columns as c
from retrowalk.tables.vocabulary import CHANGE_CAUSES


class Changes(dy.Schema):
    """One row per participant, week and column that a re-run altered; appended, never replaced."""

    week_start_date = c.week_start_date(primary_key=True)
    participant_id = c.participant_id(primary_key=True)
    column = c.text("Column of weekly_summary that altered.", primary_key=True)
    new_run_id = c.text("Run that wrote the new value.", primary_key=True)
    old_value = c.text(
        "Value before, as text; null: it was null, or there was no row.", nullable=True
    )
    new_value = c.text(
        "Value after, as text; null: it is null, or there is no row now.", nullable=True
    )
    old_run_id = c.text("Run that wrote the old value.", nullable=True)
    cause = dy.Enum(CHANGE_CAUSES, description="What differs in the inputs of the two runs.")
    changed_at_utc = c.instant("When the new value was written.")
