"""Table ``marks``: spans that carry a label or end something."""

import dataframely as dy

from retrowalk.tables import columns as c
from retrowalk.tables.vocabulary import DIRECTIONS, MARK_SOURCES


class Marks(dy.Schema):
    """One row per labelled or bordering span of a workout."""

    week_start_date = c.week_start_date()
    workout_id = c.workout_id(primary_key=True)
    mark_n = c.count("Number of the mark within its workout, by time and source.", primary_key=True)
    source = dy.Enum(MARK_SOURCES, description="Where the mark comes from.")
    started_at_utc = c.started_at_utc()
    ended_at_utc = c.ended_at_utc()
    text = c.text("Text as written in the export or annotation.", nullable=True)
    direction = dy.Enum(
        DIRECTIONS[:2], nullable=True, description="Direction that it states; null: it states none."
    )
    grade_fraction = c.number("Grade that it states, rise over run.")
    label_rule = c.text(
        "Which entry of the word list or which channel decided the direction.", nullable=True
    )
