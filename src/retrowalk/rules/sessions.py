"""Loads ``sessions.toml``: how a session is measured, for every protocol alike."""

import tomllib
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class SessionRules:
    """The values of ``sessions.toml``; the file says what each one means and rests on."""

    bout_gap_s: float
    settle_s: float
    peak_span_s: float
    peak_least_s: float
    peak_quantile_fraction: float
    level_grade_fraction: float
    straight_from_m: float
    turn_from_deg: float
    near_midnight_s: float


@cache
def session_rules() -> SessionRules:
    """Reads the shipped values."""
    text = files("retrowalk.rules").joinpath("sessions.toml").read_text(encoding="utf-8")
    entries = tomllib.loads(text)
    return SessionRules(**{f.name: entries[f.name]["value"] for f in fields(SessionRules)})
