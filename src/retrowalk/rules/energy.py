"""Loads ``energy.toml`` and ``compendium.csv``: what energy rests on, row by row with its source."""

import csv
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True, slots=True)
class CompendiumRow:
    """One row of the Compendium, keyed by edition and code; its value stands as published.

    ``use`` is level, uphill, downhill or backward; ``surface`` treadmill, or any. Speeds and grades
    are the printed bounds, both ends the same where the row prints one number. A grade of None is
    one that the row does not state.
    """

    edition: str
    code: str
    met: float
    description: str
    use: str
    surface: str
    speed_low_mps: float
    speed_high_mps: float
    grade_low_fraction: float | None
    grade_high_fraction: float | None
    is_estimated: bool
    source: str
    note: str


@dataclass(frozen=True, slots=True)
class Method:
    """One way to find energy: its coefficients and the range of speed and grade it was fitted on.

    A bound of None is one that its source does not state.
    """

    name: str
    description: str
    source: str
    coefficients: Mapping[str, float]
    speed_low_mps: float | None = None
    speed_high_mps: float | None = None
    grade_low_fraction: float | None = None
    grade_high_fraction: float | None = None


@dataclass(frozen=True, slots=True)
class EnergyRules:
    """Everything the energy room takes from papers; ``energy.toml`` says what each value means."""

    version: str
    met_oxygen_ml_per_kg_min: float
    older_met_oxygen_ml_per_kg_min: float
    older_from_year: int
    oxygen_energy_kcal_per_l: float
    joules_per_kcal: float
    speed_rounding_mps: float
    grade_rounding_fraction: float
    speed_tolerance_mps: float
    grade_tolerance_fraction: float
    forward_interval_fraction: float
    backward_interval_fraction: float
    is_backward_one_sided: bool
    rest_interval_fraction: float
    unknown_grade_high_fraction: float
    methods: Mapping[str, Method] = field(repr=False)
    compendium: tuple[CompendiumRow, ...] = field(repr=False)


@cache
def energy_rules() -> EnergyRules:
    """Reads the shipped values, methods and rows.

    Example:
        >>> rules = energy_rules()
        >>> rules.methods["backward_equation"].coefficients["horizontal"]
        0.1864
    """
    text = files("retrowalk.rules").joinpath("energy.toml").read_text(encoding="utf-8")
    entries = tomllib.loads(text)
    methods = {name: _method(name, entry) for name, entry in entries["methods"].items()}
    return EnergyRules(
        version=entries["version"],
        methods=MappingProxyType(methods),
        compendium=_compendium(),
        **{name: entry["value"] for name, entry in entries["values"].items()},
    )


def _method(name: str, entry: Mapping[str, Any]) -> Method:
    coefficients = MappingProxyType(dict(entry.get("coefficients", {})))
    return Method(name=name, **{**entry, "coefficients": coefficients})


def _compendium() -> tuple[CompendiumRow, ...]:
    text = files("retrowalk.rules").joinpath("compendium.csv").read_text(encoding="utf-8")
    return tuple(_row(row) for row in csv.DictReader(text.splitlines()))


def _row(row: dict[str, str]) -> CompendiumRow:
    numbers = (
        "met",
        "speed_low_mps",
        "speed_high_mps",
        "grade_low_fraction",
        "grade_high_fraction",
    )
    values: dict[str, Any] = {name: float(row[name]) if row[name] else None for name in numbers}
    return CompendiumRow(**{**row, **values, "is_estimated": row["is_estimated"] == "true"})
