"""Loads ``plausibility.toml``: what is plausible of walking, and how it is counted."""

import tomllib
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files

from retrowalk.errors import RulesError


@dataclass(frozen=True, slots=True)
class PlausibilityRules:
    """The values of ``plausibility.toml``; the file says what each one means and rests on."""

    max_gap_s: float
    usual_interval_s: float
    cell_length_s: float
    rest_below_mps: float
    walk_run_forward_mps: float
    walk_run_backward_mps: float
    backward_impossible_mps: float
    walking_ceiling_mps: float
    running_cadence_spm: float
    step_length_low_m: float
    step_length_high_m: float
    ride_speed_mps: float
    standing_vertical_rms_mps2: float
    grade_stretch_m: float
    grade_least_m: float
    incline_on_fraction: float
    incline_off_fraction: float
    incline_least_m: float
    grade_slack_m: float
    course_from_mps: float
    heart_rate_low_bpm: float
    heart_rate_high_bpm: float
    heart_rate_age_bpm: float
    heart_rate_margin_bpm: float
    heart_rate_step_bpm: float
    heart_rate_median_s: float
    heart_rate_bridge_s: float
    heart_rate_lock_bpm: float
    heart_rate_lock_s: float
    heart_rate_flat_s: float
    flicker_s: float
    ride_reach_s: float
    travel_least_m: float
    walking_sports: tuple[str, ...]
    walking_sub_sports: tuple[str, ...]
    running_sports: tuple[str, ...]
    open_sports: tuple[str, ...]


@cache
def plausibility_rules() -> PlausibilityRules:
    """Reads the shipped values.

    Raises:
        RulesError: The file lacks a value or holds one that nothing reads.
    """
    text = files("retrowalk.rules").joinpath("plausibility.toml").read_text(encoding="utf-8")
    entries = tomllib.loads(text)
    odd = entries.keys() ^ {field.name for field in fields(PlausibilityRules)}
    if odd:
        raise RulesError(f"plausibility.toml: missing or unknown: {', '.join(sorted(odd))}")
    values = {name: entry["value"] for name, entry in entries.items()}
    lists = {name: tuple(value) for name, value in values.items() if isinstance(value, list)}
    return PlausibilityRules(**{**values, **lists})
