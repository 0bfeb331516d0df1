"""Loads ``evidence.toml``: what each source of evidence is worth."""

import tomllib
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files

from retrowalk.errors import RulesError


@dataclass(frozen=True, slots=True)
class EvidenceRules:
    """The values of ``evidence.toml``; the file says what each one means and rests on."""

    decide_at_probability: float
    label_nats: float
    label_doubt_nats: float
    change_per_s: float
    change_at_mark_probability: float
    change_at_label_probability: float
    activity_nats_per_s: float
    turn_from_deg: float
    compass_nats: float
    compass_least_n: int
    compass_resultant_low_fraction: float
    compass_straight_deg: float
    heading_column_nats: float
    stated_axis_nats: float
    learned_axis_nats: float
    surely_forward_mps: float
    imu_nats: float
    imu_forward_deg: float
    imu_backward_deg: float
    imu_phase_deg: float
    imu_modes_apart_deg: float
    imu_modes_apart_sd: float
    imu_mode_least_n: int
    imu_people_concentration: float
    imu_odd_people_fraction: float
    imu_person_concentration: float
    imu_vigour_mean: float
    imu_vigour_sd: float
    imu_vigour_same_sd: float
    imu_vigour_share: float
    imu_coherence_low_fraction: float
    imu_stride_high_fraction: float
    imu_cap_nats: float
    imu_trunk_share: float
    imu_pocket_share: float
    imu_unknown_share: float
    imu_other_share: float
    gait_cap_nats: float
    gait_cap_high_nats: float
    gait_sessions_n: int
    gait_least_n: int
    gait_smooth_n: int
    gait_spread_low: float
    gait_heart_rate_spread_low_bpm: float
    gait_level_fraction: float


@cache
def evidence_rules() -> EvidenceRules:
    """Reads the shipped values.

    Raises:
        RulesError: The file lacks a value or holds one that nothing reads.
    """
    text = files("retrowalk.rules").joinpath("evidence.toml").read_text(encoding="utf-8")
    entries = tomllib.loads(text)
    odd = entries.keys() ^ {field.name for field in fields(EvidenceRules)}
    if odd:
        raise RulesError(f"evidence.toml: missing or unknown: {', '.join(sorted(odd))}")
    return EvidenceRules(**{name: entry["value"] for name, entry in entries.items()})
