"""Guest table ``annotations``: what a person wrote down about a span of time."""

import dataframely as dy

from retrowalk.tables import columns as c
from retrowalk.tables.vocabulary import DIRECTIONS


class Annotations(dy.Schema):
    """One row per annotated span; read from ``registry/annotations.csv``."""

    participant_id = c.participant_id(primary_key=True)
    started_at_utc = c.started_at_utc(primary_key=True)
    ended_at_utc = c.ended_at_utc()
    direction = dy.Enum(DIRECTIONS[:2], nullable=True, description="Direction walked, if stated.")
    grade_fraction = c.number("Grade walked, rise over run, if stated.", min=-0.5, max=0.5)
