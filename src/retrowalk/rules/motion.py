"""Loads ``motion.toml``: how raw motion samples are reduced to spans."""

import tomllib
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class MotionRules:
    """The values of ``motion.toml``; the file says what each one means and rests on."""

    span_s: float
    analysis_rate_hz: float
    rate_low_hz: float
    gap_from_s: float
    gap_high_fraction: float
    gravity_low_mps2: float
    gravity_high_mps2: float
    step_low_hz: float
    step_high_hz: float
    frequency_step_hz: float
    tapers_n: int
    vertical_rms_low_mps2: float
    peak_low_fraction: float
    axis_horizontal_low_fraction: float
    field_low_ut: float
    field_high_ut: float
    field_horizontal_low_ut: float


@cache
def motion_rules() -> MotionRules:
    """Reads the shipped values."""
    text = files("retrowalk.rules").joinpath("motion.toml").read_text(encoding="utf-8")
    entries = tomllib.loads(text)
    return MotionRules(
        **{field.name: entries[field.name]["value"] for field in fields(MotionRules)}
    )
