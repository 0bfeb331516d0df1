"""The form of the house: what a reader may rely on without reading the rooms."""

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dataframely as dy
import pytest

from retrowalk.tables import FLOW, GUESTS, WeeklySummary, table_name
from retrowalk.tables.dictionary import dictionary
from retrowalk.units import unit_of

ROOT = Path(__file__).parent.parent
RULES = ROOT / "src/retrowalk/rules"
NUMERIC = (dy.Float64, dy.UInt32, dy.UInt64, dy.Int32, dy.Datetime, dy.Date)
COLUMNS = [
    pytest.param(name, column, id=f"{table.__name__}.{name}")
    for table in (*FLOW, *GUESTS)
    for name, column in table.columns().items()
]


@pytest.mark.parametrize(("name", "column"), COLUMNS)
def test_every_column_is_described(name: str, column: dy.Column) -> None:
    assert column.description, name


@pytest.mark.parametrize(
    ("name", "column"), [case for case in COLUMNS if isinstance(case.values[1], NUMERIC)]
)
def test_every_number_and_instant_says_its_unit(name: str, column: dy.Column) -> None:
    assert unit_of(name), f"{name} ({column.dtype}) ends in no suffix of retrowalk.units"


@pytest.mark.parametrize("table", [*FLOW, *GUESTS])
def test_one_table_is_one_class_in_one_file(table: type[dy.Schema]) -> None:
    path = ROOT / "src/retrowalk/tables" / f"{table_name(table)}.py"
    body = ast.parse(path.read_text(encoding="utf-8")).body
    assert [node.name for node in body if isinstance(node, ast.ClassDef)] == [table.__name__]


def test_the_same_name_has_the_same_type_in_every_table() -> None:
    # `source` is a word of the vocabulary in marks and a citation in adherence: the field's own word for both.
    types: dict[str, set[str]] = {}
    for table in (*FLOW, *GUESTS):
        for name, column in table.columns().items():
            types.setdefault(name, set()).add(type(column).__name__)
    assert {name: found for name, found in types.items() if len(found) > 1} == {
        "source": {"Enum", "String"}
    }


def test_the_data_dictionary_is_what_the_classes_say() -> None:
    written = (ROOT / "docs/data-dictionary.md").read_text(encoding="utf-8")
    assert written == dictionary(), "run `make docs`"


def test_every_number_of_the_weekly_summary_says_how_it_is_aggregated() -> None:
    silent = [
        name
        for name, column in WeeklySummary.columns().items()
        if name not in WeeklySummary.primary_key() and "aggregation" not in (column.metadata or {})
    ]
    assert silent == []


def unsourced(entry: Any, place: str, *, is_sourced: bool) -> Iterator[str]:
    """Numbers of a rule file that neither they nor anything around them gives a source for."""
    if isinstance(entry, dict):
        sourced = is_sourced or bool(
            str(
                entry.get("source", "") or entry.get("quote", "") or entry.get("sources", "")
            ).strip()
        )
        for name, value in entry.items():
            yield from unsourced(value, f"{place}.{name}", is_sourced=sourced)
    elif isinstance(entry, list):
        for number, value in enumerate(entry):
            yield from unsourced(value, f"{place}[{number}]", is_sourced=is_sourced)
    elif isinstance(entry, int | float) and not isinstance(entry, bool) and not is_sourced:
        yield place


def test_a_number_without_a_source_is_found() -> None:
    rules = {"a": {"value": 1.0, "source": "a paper"}, "b": {"value": 2.0}}
    assert list(unsourced(rules, "rules", is_sourced=False)) == ["rules.b.value"]


@pytest.mark.parametrize("path", sorted(RULES.rglob("*.toml")), ids=lambda path: path.name)
def test_every_number_in_the_rules_names_its_source(path: Path) -> None:
    entries = tomllib.loads(path.read_text(encoding="utf-8"))
    assert list(unsourced(entries, path.name, is_sourced=False)) == []


def test_no_module_is_a_drawer() -> None:
    drawers = {"utils", "helpers", "misc", "common", "tools"}
    names = {path.stem for folder in ("src", "pipelines") for path in (ROOT / folder).rglob("*.py")}
    assert names & drawers == set()


@pytest.mark.parametrize("folder", ["src", "pipelines"])
def test_no_function_is_longer_than_a_page(folder: str) -> None:
    long = [
        f"{path.relative_to(ROOT)}:{node.name}"
        for path in (ROOT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno + 1 - len((ast.get_docstring(node) or "").splitlines())
        > 70
    ]
    assert long == []


def test_the_requirements_are_hashed_and_name_no_index() -> None:
    for path in (ROOT / "requirements").glob("*.txt"):
        text = path.read_text(encoding="utf-8")
        assert "://" not in text
        pinned = [line for line in text.splitlines() if "==" in line and not line.startswith("#")]
        assert len(pinned) == sum(line.rstrip().endswith("\\") for line in pinned) > 0
