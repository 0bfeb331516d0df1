"""Guest table ``prescriptions``: which protocol a participant follows, and when."""

import dataframely as dy

from retrowalk.tables import columns as c
from retrowalk.tables.vocabulary import UNLABELLED_WALKING


class Prescriptions(dy.Schema):
    """One row per prescription; read from ``registry/prescriptions.csv``."""

    participant_id = c.participant_id(primary_key=True)
    starts_on_date = dy.Date(description="First day of the prescription.", primary_key=True)
    ends_on_date = dy.Date(description="Last day, inclusive; null: open end.", nullable=True)
    protocol = c.text("Identifier of the protocol.")
    unlabelled_walking = dy.Enum(
        UNLABELLED_WALKING,
        description="What walking without evidence of direction is taken for; an assumption.",
    )
