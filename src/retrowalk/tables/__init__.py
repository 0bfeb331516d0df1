"""The tables between the rooms: one schema class per table, one table per file, in order of flow."""

import re

import dataframely as dy

from retrowalk.tables.adherence import Adherence
from retrowalk.tables.annotations import Annotations
from retrowalk.tables.changes import Changes
from retrowalk.tables.energy import Energy
from retrowalk.tables.exports import Exports
from retrowalk.tables.marks import Marks
from retrowalk.tables.motion import Motion
from retrowalk.tables.participants import Participants
from retrowalk.tables.prescriptions import Prescriptions
from retrowalk.tables.records import Records
from retrowalk.tables.segments import Segments
from retrowalk.tables.sessions import Sessions
from retrowalk.tables.weekly_summary import WeeklySummary
from retrowalk.tables.windows import Windows
from retrowalk.tables.workouts import Workouts

#: Every table of the lake, in the order in which the data passes through it.
FLOW: tuple[type[dy.Schema], ...] = (
    Exports,
    Workouts,
    Records,
    Marks,
    Motion,
    Windows,
    Segments,
    Energy,
    Sessions,
    Adherence,
    WeeklySummary,
    Changes,
)
#: What is known beside the exports; read from the registry, kept nowhere else.
GUESTS: tuple[type[dy.Schema], ...] = (Participants, Prescriptions, Annotations)


def table_name(table: type[dy.Schema]) -> str:
    """Names a table as it is called in the lake, in Dagster and on disk.

    Example:
        >>> table_name(WeeklySummary)
        'weekly_summary'
    """
    return re.sub(r"(?<!^)(?=[A-Z])", "_", table.__name__).lower()


#: Name -> schema of every table of the lake.
BY_NAME: dict[str, type[dy.Schema]] = {table_name(table): table for table in FLOW}

__all__ = [
    "BY_NAME",
    "FLOW",
    "GUESTS",
    "Adherence",
    "Annotations",
    "Changes",
    "Energy",
    "Exports",
    "Marks",
    "Motion",
    "Participants",
    "Prescriptions",
    "Records",
    "Segments",
    "Sessions",
    "WeeklySummary",
    "Windows",
    "Workouts",
    "table_name",
]
