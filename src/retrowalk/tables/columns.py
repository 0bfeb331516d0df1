"""Columns that stand in several tables, said once: same quantity, same name, same words."""

from typing import Any

import dataframely as dy


def text(description: str, **options: Any) -> dy.String:
    """A text column."""
    return dy.String(description=description, **options)


def instant(description: str, **options: Any) -> dy.Datetime:
    """A UTC instant, to the microsecond."""
    return dy.Datetime(time_zone="UTC", time_unit="us", description=description, **options)


def number(description: str, *, nullable: bool = True, **options: Any) -> dy.Float64:
    """A measured or derived number; null where it is not known."""
    return dy.Float64(description=description, nullable=nullable, **options)


def amount(description: str, *, nullable: bool = False, **options: Any) -> dy.Float64:
    """A number that cannot be negative, and 0 means measured zero."""
    return dy.Float64(description=description, min=0.0, nullable=nullable, **options)


def fraction(description: str, *, nullable: bool = True, **options: Any) -> dy.Float64:
    """A share between 0 and 1."""
    return dy.Float64(
        description=description, min=0.0, max=1.0 + 1e-9, nullable=nullable, **options
    )


def count(description: str, **options: Any) -> dy.UInt32:
    """A count."""
    return dy.UInt32(description=description, **options)


def truth(description: str, **options: Any) -> dy.Bool:
    """A yes or no."""
    return dy.Bool(description=description, **options)


def week_start_date(**options: Any) -> dy.Date:
    """The partition key of weekly tables."""
    return dy.Date(
        description="Monday of the ISO week, in the participant's local time, that the row belongs "
        "to; a workout belongs to the local day it starts on.",
        **options,
    )


def participant_id(**options: Any) -> dy.String:
    """Who walked."""
    return text("Whose it is: the name of the participant's inbox folder.", **options)


def workout_id(**options: Any) -> dy.String:
    """Which workout."""
    return text(
        "Identifier of the workout, made from participant, file content and place in the file.",
        **options,
    )


def started_at_utc(**options: Any) -> dy.Datetime:
    """Inclusive start of a span."""
    return instant("Start of the span, inclusive.", **options)


def ended_at_utc(**options: Any) -> dy.Datetime:
    """Exclusive end of a span."""
    return instant("End of the span, exclusive.", **options)


def habits_version(**options: Any) -> dy.String:
    """Which habits were weighed."""
    return text(
        "Hash of what the participant's labelled walking of the seven weeks before taught, against "
        "which signs of gait were weighed; null where too little is labelled for them to speak.",
        nullable=True,
        **options,
    )
