"""Loads ``recording.toml``: how a recording's channels are to be understood."""

import tomllib
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class RecordingRules:
    """The values of ``recording.toml``; the file says what each one means and rests on."""

    moving_from_mps: float
    cadence_from_mps: float
    step_length_low_m: float
    step_length_high_m: float
    fits_from_fraction: float
    total_tolerance_fraction: float
    first_distance_high_m: float
    constant_altitude_m: float
    barometer_residual_m: float
    altitude_samples_n: int
    gps_residual_free_step_m: float
    strides_writers: tuple[str, ...]


@cache
def recording_rules() -> RecordingRules:
    """Reads the shipped values."""
    text = files("retrowalk.rules").joinpath("recording.toml").read_text(encoding="utf-8")
    entries = tomllib.loads(text)
    values = {field.name: entries[field.name]["value"] for field in fields(RecordingRules)}
    values["strides_writers"] = tuple(values["strides_writers"])
    return RecordingRules(**values)
