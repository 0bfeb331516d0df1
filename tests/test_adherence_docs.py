"""The three weeks that ``docs/adherence.md`` works out by hand are what the walk computes."""

import datetime as dt
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from retrowalk.rules.protocols import KINDS, protocols
from retrowalk.settings import load_settings
from retrowalk.tables import BY_NAME
from retrowalk.walk.stages import score
from retrowalk.walk.start import begin_walk
from tests.builders_worked_weeks import NOW, WEEK, write_worked_weeks

PAGE = Path(__file__).parents[1] / "docs" / "adherence.md"
PEOPLE = ("W01", "W02", "W03")
#: Columns that say who wrote the row and on what it rests.
WRITTEN_BY = {
    "week_start_date",
    "participant_id",
    "export_sha256_list",
    "inputs_fingerprint",
    "registry_version",
    "rules_version",
    "code_version",
    "run_id",
    "computed_at_utc",
}


def table_after(heading: str) -> list[dict[str, str]]:
    """The first table of the page after some words."""
    lines = PAGE.read_text(encoding="utf-8").split(heading)[1].splitlines()
    first = next(n for n, line in enumerate(lines) if line.startswith("|"))
    last = next((n for n in range(first, len(lines)) if not lines[n].startswith("|")), len(lines))
    header, _, *rows = [
        [cell.strip().strip("`") for cell in line.strip().strip("|").split("|")]
        for line in lines[first:last]
    ]
    return [dict(zip(header, row, strict=True)) for row in rows]


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> dict[str, pl.DataFrame]:
    """The three participants' exports, scored."""
    home = tmp_path_factory.mktemp("worked_weeks")
    write_worked_weeks(home)
    walk = begin_walk(load_settings(home=home), now_utc=NOW)
    walk.scan()
    score(walk, [WEEK])
    return {
        name: walk.lake.read(name) for name in ("segments", "energy", "adherence", "weekly_summary")
    }


def as_written(value: Any) -> str:
    """A value as the page writes it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return "; ".join(f"{item['rule_id']} {item['verdict']}" for item in value)
    return str(value)


@pytest.mark.parametrize(
    "line", table_after("**The row of the week**"), ids=lambda line: line["column"]
)
def test_the_row_of_the_week_is_as_worked_out(
    line: dict[str, str], tables: dict[str, pl.DataFrame]
) -> None:
    for name in PEOPLE:
        row = tables["weekly_summary"].filter(participant_id=name).row(0, named=True)
        value = row[line["column"]]
        if isinstance(value, float):
            assert value == pytest.approx(float(line[name]), abs=0.000051), name
        else:
            assert as_written(value) == line[name], name


def test_every_column_is_worked_out() -> None:
    columns = {line["column"] for line in table_after("**The row of the week**")}
    assert columns == set(BY_NAME["weekly_summary"].column_names()) - WRITTEN_BY


def test_every_verdict_is_as_worked_out(tables: dict[str, pl.DataFrame]) -> None:
    said = tables["adherence"].sort("participant_id", "rule_id", "local_date", "scope_key")
    for line in table_after("**Verdicts**, in order"):
        for name in PEOPLE:
            found = said.filter(participant_id=name, rule_id=line["rule"])["verdict"].to_list()
            assert ", ".join(found) == line[name], (line["rule"], name)


def test_every_rule_of_the_three_protocols_is_worked_out(tables: dict[str, pl.DataFrame]) -> None:
    rules = {line["rule"] for line in table_after("**Verdicts**, in order")}
    assert rules == set(tables["adherence"]["rule_id"])


@pytest.mark.parametrize("line", table_after("**Energy**, per minute"), ids=lambda line: line[""])
def test_every_cost_is_as_worked_out(line: dict[str, str], tables: dict[str, pl.DataFrame]) -> None:
    name, direction = line[""].split()
    key = ["workout_id", "segment_n"]
    found = (
        tables["segments"]
        .filter(participant_id=name, direction=direction)
        .select(*key)
        .join(tables["energy"], on=key)
    )
    assert found.height > 0
    for column, head in (
        ("met_gross", "MET"),
        ("met_gross_low", "low"),
        ("met_gross_high", "high"),
    ):
        assert found[column].to_list() == pytest.approx(
            [float(line[head])] * found.height, abs=6e-5
        )


def test_the_page_tells_of_every_rule_of_the_articles_and_every_kind() -> None:
    page = PAGE.read_text(encoding="utf-8")
    shipped = {rule.rule_id for found in protocols().values() for rule in found.rules}
    own_names = {rule_id for rule_id in shipped if rule_id.startswith(("KOA-", "LBP-"))}
    assert all(rule_id in page for rule_id in shipped - own_names)
    assert all(f"`{kind}`" in page for kind in KINDS)


def test_the_example_of_a_protocol_is_one(tmp_path: Path) -> None:
    text = PAGE.read_text(encoding="utf-8").split("```toml\n")[1].split("```")[0]
    tmp_path.joinpath("ward_7.toml").write_text(text, encoding="utf-8")
    ward = protocols(tmp_path)["ward_7"]
    assert [rule.rule_id for rule in ward.rules] == ["WARD-DUR", "GEN-FREQ", "HR-10"]
    assert [dose.session_min for dose in ward.doses] == [15.0, 20.0]
    assert dict(ward.rules[2].settings)["reading"] == "ceiling"


def test_the_week_of_the_page_is_that_of_the_logs() -> None:
    assert f"The week from Monday {WEEK}" in PAGE.read_text(encoding="utf-8")
    assert WEEK + dt.timedelta(days=6) < NOW.date()
