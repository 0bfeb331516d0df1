"""The worked examples of ``docs/energy.md`` are what the room computes."""

from pathlib import Path
from typing import Any

import pytest

from retrowalk.energy import energy_from_segments
from retrowalk.rules.energy import energy_rules
from tests.builders_segments import segments_of, workouts_of

PAGE = Path(__file__).parents[1] / "docs" / "energy.md"


def worked_examples() -> list[dict[str, str]]:
    section = PAGE.read_text(encoding="utf-8").split("## Worked examples")[1].split("\n## ")[0]
    table = [line for line in section.splitlines() if line.startswith("|")]
    header, _, *lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in table]
    return [dict(zip(header, line, strict=True)) for line in lines]


def segment_of(example: dict[str, str]) -> dict[str, Any]:
    if example["grade %"] == "unknown":
        grade: dict[str, Any] = {"grade_class": "unknown"}
    else:
        fraction = float(example["grade %"]) / 100
        slope = "incline" if fraction > 0 else "decline" if fraction < 0 else "level"
        grade = {"grade_class": slope, "grade_mean_fraction": fraction}
    return {"direction": example["direction"], "speed_mean_mps": float(example["m/s"]), **grade}


#: Column of the page -> column of the table and half its last printed digit.
NUMBERS = {
    "MET": ("met_gross", 0.00501),
    "low": ("met_gross_low", 0.00501),
    "high": ("met_gross_high", 0.00501),
    "kcal": ("energy_gross_kcal", 0.0501),
    "forward MET": ("forward_met_gross", 0.00501),
    "extra kcal": ("extra_over_forward_kcal", 0.0501),
}


def test_there_are_worked_examples() -> None:
    assert len(worked_examples()) >= 9


@pytest.mark.parametrize("example", worked_examples())
def test_a_worked_example_holds(example: dict[str, str]) -> None:
    row = energy_from_segments(
        segments_of(segment_of(example)),
        workouts_of({"environment": example["ground"]}),
        energy_rules(),
        edition=example["edition"],
    ).row(0, named=True)

    assert row["method"] == example["method"]
    assert (row["compendium_code"] or "") == example["code"]
    for name, (column, tolerance) in NUMBERS.items():
        expected = float(example[name]) if example[name] else None
        assert row[column] == pytest.approx(expected, abs=tolerance), name
