"""Guest table ``participants``: what is known of each person, from a date on."""

import dataframely as dy

from retrowalk.tables import columns as c
from retrowalk.tables.vocabulary import DISTANCE_UNITS, SEXES


class Participants(dy.Schema):
    """One row per participant and date from which it holds; read from ``registry/participants.csv``."""

    participant_id = c.participant_id(primary_key=True)
    valid_from_date = dy.Date(description="First day on which the row holds.", primary_key=True)
    sex = dy.Enum(SEXES, nullable=True, description="Sex, for resting metabolic rate.")
    birth_year = dy.Int32(nullable=True, min=1900, max=2100, description="Year of birth.")
    height_cm = c.number("Height.", min=50.0, max=250.0)
    body_mass_kg = c.number("Body mass.", min=20.0, max=350.0)
    resting_heart_rate_bpm = c.number("Resting heart rate, measured.", min=25.0, max=120.0)
    time_zone = c.text("IANA time zone the participant lives in.", nullable=True)
    distance_unit = dy.Enum(
        DISTANCE_UNITS, nullable=True, description="Unit of distances in exports that name none."
    )
