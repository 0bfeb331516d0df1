"""What a CSV dialect is: how one writer's export is told apart and what its columns hold.

Dialects are data, one TOML file each, read by :mod:`retrowalk.read.csv.dialect_toml`. Nothing here
reads an export.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from retrowalk.units import (
    DEGREES_PER_SEMICIRCLE,
    METRES_PER_KILOMETRE,
    METRES_PER_MILE,
    SECONDS_PER_HOUR,
    SECONDS_PER_MINUTE,
)

RowsAre = Literal["records", "workouts", "laps", "motion", "messages", "totals", "parts"]
Zone = Literal["stated", "utc", "local"]
NumberStyle = Literal["dot", "comma", "infer"]
Preamble = Literal["none", "comments", "cells"]

#: Unit -> (what it measures, factor to the unit of the channel). A factor of 0 marks a unit that
#: only the file as a whole, or the participant's setting, can settle.
UNITS: Mapping[str, tuple[str, float]] = {
    "m/s": ("speed", 1.0),
    "km/h": ("speed", METRES_PER_KILOMETRE / SECONDS_PER_HOUR),
    "mph": ("speed", METRES_PER_MILE / SECONDS_PER_HOUR),
    "per_hour_km_or_mi": ("speed", 0.0),
    "pace_or_speed": ("pace", 0.0),
    "min/km": ("speed", METRES_PER_KILOMETRE / SECONDS_PER_MINUTE),
    "m": ("length", 1.0),
    "cm": ("length", 0.01),
    "km": ("length", METRES_PER_KILOMETRE),
    "mi": ("length", METRES_PER_MILE),
    "ft": ("length", 0.3048),
    "km_or_mi": ("length", 0.0),
    "fraction": ("ratio", 1.0),
    "%": ("ratio", 0.01),
    "deg": ("angle", 1.0),
    "semicircles": ("angle", DEGREES_PER_SEMICIRCLE),
    "bpm": ("heart_rate", 1.0),
    "steps/min": ("cadence", 1.0),
    "strides/min": ("cadence", 1.0),
    "unknown/min": ("cadence", 1.0),
    "s": ("time", 1.0),
    "ms": ("time", 1e-3),
    "us": ("time", 1e-6),
    "ns": ("time", 1e-9),
    "min": ("time", SECONDS_PER_MINUTE),
    "h": ("time", SECONDS_PER_HOUR),
    "clock": ("time", 1.0),
    "kg": ("mass", 1.0),
    "m/s2": ("acceleration", 1.0),
    "g": ("acceleration", 9.80665),
    "rad/s": ("rotation", 1.0),
    "uT": ("magnetic", 1.0),
    "count": ("count", 1.0),
    "text": ("text", 1.0),
    "instant": ("instant", 1.0),
}

#: Channel -> what its unit must measure. The names are those of the tables that readers return.
CHANNELS: Mapping[str, str] = {
    "recorded_at": "instant",
    "recorded_date": "text",
    "recorded_time": "text",
    "ended_at": "instant",
    "elapsed_s": "time",
    "speed_mps": "speed",
    "distance_m": "length",
    "cadence_per_min": "cadence",
    "heart_rate_bpm": "heart_rate",
    "altitude_m": "length",
    "grade_fraction": "ratio",
    "course_deg": "angle",
    "heading_deg": "angle",
    "latitude_deg": "angle",
    "longitude_deg": "angle",
    "direction": "text",
    "lap": "text",
    "lap_name": "text",
    "sport": "text",
    "sub_sport": "text",
    "session_name": "text",
    "file_name": "text",
    "utc_offset": "text",
    "row_kind": "text",
    "device": "text",
    "distance_unit": "text",
    "timer_s": "time",
    "moving_s": "time",
    "total_elapsed_s": "time",
    "total_distance_m": "length",
    "total_steps_n": "count",
    "pace": "pace",
    "step_length_m": "length",
    "body_mass_kg": "mass",
    "acceleration_x_mps2": "acceleration",
    "acceleration_y_mps2": "acceleration",
    "acceleration_z_mps2": "acceleration",
    "rotation_x_radps": "rotation",
    "rotation_y_radps": "rotation",
    "rotation_z_radps": "rotation",
    "magnetic_x_ut": "magnetic",
    "magnetic_y_ut": "magnetic",
    "magnetic_z_ut": "magnetic",
}

TEXT_KINDS = ("text", "instant")
#: Unit of a cadence column -> what it counts, as ``ReadWorkouts.cadence_unit`` says it.
CADENCE_COUNTS = {"steps/min": "steps", "strides/min": "strides", "unknown/min": "unknown"}
#: What the lines before the header may state of the whole recording.
STATED = ("started_at", "sport", "sub_sport", "session_name", "placement", "forward_axis", "lap_at")
#: Channels whose unit goes without saying.
UNITLESS = ("text", "instant", "count")
GRAIN_OF_ROWS: Mapping[str, str] = {
    "records": "record",
    "motion": "record",
    "messages": "record",
    "totals": "workout",
    "parts": "record",
    "laps": "lap",
    "workouts": "workout",
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column that a dialect knows.

    Args:
        channel: What it holds, a key of :data:`CHANNELS`.
        names: Headers it may carry, in the form that :func:`header_key` gives.
        unit: A key of :data:`UNITS`.
        occurrence: Which of several columns of the same header, from 1.
        ignored_zero: Whether 0 stands for a missing value.
        is_increment: Whether it holds what was added since the row before.
    """

    channel: str
    names: tuple[str, ...]
    unit: str
    occurrence: int = 1
    ignored_zero: bool = False
    is_increment: bool = False

    @property
    def factor(self) -> float:
        """Factor from the column's unit to the channel's; 0 where the file must settle it."""
        return UNITS[self.unit][1]

    @property
    def is_text(self) -> bool:
        """Whether the column is kept as text (words and times) instead of read as a number."""
        return CHANNELS[self.channel] in TEXT_KINDS


@dataclass(frozen=True, slots=True)
class TimeForm:
    """How a dialect writes instants.

    Args:
        formats: ``iso8601``, ``epoch_s``, ``epoch_ms``, ``epoch_ns``, ``fit`` or strftime
            patterns, tried in order; ``a|b`` are rivals of which the file's rows must rule out one.
        zone: What an instant without an offset is: never met (``stated``), UTC or local time.
        months: Month names as written, January first, each a list of spellings; empty: none.
    """

    formats: tuple[str, ...]
    zone: Zone
    months: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Dialect:
    """One writer's CSV, as data.

    Args:
        name: Stands in ``exports.dialect``.
        title: What a person calls it.
        rows_are: What one row stands for; ``totals`` are no workouts, and ``parts`` say nothing
            without the files beside them.
        requires: Channels without which a header is not of this dialect.
        any_of: Channels of which at least one must be there too; empty: none need be.
        columns: What is known of its columns; for one channel, the first present counts.
        time: How instants are written.
        number_style: Decimal sign, or that the file's rows must tell.
        missing: Cell contents, in lower case, that mean no value.
        preamble: What the lines before the header are: ``comments`` (``# key: value``), ``cells``
            (a line of names over a line of values) or ``none`` that count.
        stated: What those lines state (a word of :data:`STATED`) -> the names it stands under,
            their values joined by a blank.
        pause_begins: Texts of the channel ``row_kind`` that begin a pause.
        pause_ends: Texts of ``row_kind`` that end one.
        sport: Sport of every workout, where nothing in the file states it.
    """

    name: str
    title: str
    rows_are: RowsAre
    requires: tuple[str, ...]
    columns: tuple[Column, ...]
    time: TimeForm
    any_of: tuple[str, ...] = ()
    number_style: NumberStyle = "dot"
    missing: tuple[str, ...] = ("",)
    preamble: Preamble = "none"
    stated: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    pause_begins: tuple[str, ...] = ()
    pause_ends: tuple[str, ...] = ()
    sport: str | None = None

    @property
    def is_date_only(self) -> bool:
        """Whether its instants are days without a time."""
        return all("%" in f and "%H" not in f and "%I" not in f for f in self.time.formats)

    @property
    def grain(self) -> str:
        """The word for ``workouts.grain``."""
        return GRAIN_OF_ROWS[self.rows_are]


def header_key(header: str) -> str:
    """Brings a header into the form in which headers are compared.

    Example:
        >>> header_key(" Avg  HR ")
        'avg hr'
    """
    plain = unicodedata.normalize("NFKC", header).replace("\ufeff", "").strip().strip("\"'")
    return " ".join(plain.casefold().split())
