"""How a user adds a dialect, and what is said of one that cannot be used."""

import tomllib
from pathlib import Path

import pytest

from retrowalk.errors import RegistryError
from retrowalk.read.csv import (
    dialect_from_toml,
    nearest_to,
    reading_from_csv,
    shipped_dialects,
    starter_dialect,
)
from retrowalk.read.csv.dialect import CHANNELS
from retrowalk.read.registry import read_registry
from tests.builders_csv import at

OWN = """
name = "walk_diary"
title = "Walk diary"
rows_are = "records"
requires = ["recorded_date", "recorded_time", "speed_mps"]
number_style = "comma"

[time]
formats = ["%d.%m.%Y %H:%M:%S"]
zone = "local"

[[columns]]
channel = "recorded_date"
names = ["Tag"]

[[columns]]
channel = "recorded_time"
names = ["Uhrzeit"]

[[columns]]
channel = "speed_mps"
names = ["Tempo"]
unit = "km/h"

[[columns]]
channel = "direction"
names = ["Richtung"]
"""
DIARY = (
    "Tag;Uhrzeit;Tempo;Richtung\n16.11.2026;08:00:00;3,6;backward\n16.11.2026;08:00:01;7,2;\n"
).encode("cp1252")


def problems(text: str) -> list[str]:
    with pytest.raises(RegistryError) as refused:
        dialect_from_toml(text, "mine.toml")
    return refused.value.problems


def test_a_dialect_of_the_registry_reads_what_no_shipped_one_knows(tmp_path: Path) -> None:
    (tmp_path / "dialects").mkdir()
    (tmp_path / "dialects" / "diary.toml").write_text(OWN, encoding="utf-8")
    registry = read_registry(tmp_path, ["general"])
    reading = reading_from_csv(
        DIARY, time_zone="Europe/Berlin", distance_unit=None, dialects=registry.dialects
    )
    assert reading.dialect == "walk_diary"
    assert reading.records.select("recorded_at_utc", "speed_mps").rows() == [
        (at(0), 1.0), (at(1), 2.0),
    ]  # fmt: skip
    assert reading.marks["direction"].to_list() == ["backward"]
    bare = read_registry(tmp_path / "nowhere", ["general"])
    assert bare.version != registry.version


def test_every_problem_of_a_dialect_is_told() -> None:
    bad = (
        OWN.replace('zone = "local"', 'zone = "here"')
        .replace('title = "Walk diary"\n', "colour = 1\n")
        .replace('names = ["Tag"]', "names = []")
    )
    told = "\n".join(problems(bad))
    assert "key title is missing; add it" in told
    assert "key columns.1.names" in told
    assert "key time.zone: Input should be 'stated', 'utc' or 'local'; found 'here'" in told
    assert "key colour is not known; rename or remove it" in told


def test_a_dialect_that_contradicts_itself_is_told() -> None:
    bad = (
        OWN.replace('unit = "km/h"', 'unit = "km"')
        .replace('channel = "direction"', 'channel = "way"')
        .replace('"recorded_date", "recorded_time",', '"recorded_date", "lap",')
    )
    assert problems(bad) == [
        (
            "mine.toml: columns.3: unit 'km' of speed_mps; allowed are m/s, km/h, mph, "
            "per_hour_km_or_mi, min/km"
        ),
        f"mine.toml: columns.4: channel 'way' is not known; known are {', '.join(CHANNELS)}",
        "mine.toml: 'lap' is required, but no entry of columns has that channel",
    ]


def test_what_is_no_toml_is_told() -> None:
    [problem] = problems("name = ")
    assert problem.startswith("mine.toml: not readable as TOML")


def test_a_name_that_is_taken_and_a_bad_file_are_problems_of_the_registry(tmp_path: Path) -> None:
    (tmp_path / "dialects").mkdir()
    taken = OWN.replace("walk_diary", "opentracks")
    (tmp_path / "dialects" / "a.toml").write_text(taken, encoding="utf-8")
    (tmp_path / "dialects" / "b.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(RegistryError) as refused:
        read_registry(tmp_path, ["general"])
    assert refused.value.problems == [
        "dialects/a.toml: the name 'opentracks' is taken by the package; choose another",
        "dialects/b.toml: not readable as UTF-8; save it anew as UTF-8",
    ]


def test_every_shipped_dialect_names_its_source() -> None:
    folder = Path(__file__).parents[2] / "src" / "retrowalk" / "read" / "csv" / "dialects"
    files = sorted(folder.glob("*.toml"))
    assert [dialect.name for dialect in shipped_dialects()] == [file.stem for file in files]
    for file in files:
        assert tomllib.loads(file.read_text(encoding="utf-8"))["source"], file.name


def test_the_docs_name_every_shipped_dialect() -> None:
    docs = (Path(__file__).parents[2] / "docs" / "csv-dialects.md").read_text(encoding="utf-8")
    assert not [d.name for d in shipped_dialects() if f"`{d.name}`" not in docs]


def test_the_dialect_of_the_docs_can_be_used() -> None:
    docs = (Path(__file__).parents[2] / "docs" / "csv-dialects.md").read_text(encoding="utf-8")
    example = docs.split("```toml\n")[1].split("```")[0]
    assert dialect_from_toml(example, "docs").name == "walk_diary"


UNKNOWN = (
    b"Zeitstempel;Tempo km/h;Puls;Stimmung\n"
    b"16.11.2026 08:00:00;3.6;90;gut\n"
    b"16.11.2026 08:00:01;7.2;91;gut\n"
)


def test_a_draft_for_an_unknown_header_can_be_used_as_it_stands() -> None:
    draft = starter_dialect(UNKNOWN)
    dialect = dialect_from_toml(draft, "draft.toml")
    assert dialect.time.formats == ("%d.%m.%Y %H:%M:%S",)
    reading = reading_from_csv(
        UNKNOWN, time_zone="Europe/Berlin", distance_unit=None, dialects=[dialect]
    )
    assert reading.records["recorded_at_utc"].to_list() == [at(0), at(1)]
    assert reading.records["heart_rate_bpm"].to_list() == [90.0, 91.0]
    assert reading.records["speed_mps"].to_list() == pytest.approx([1.0, 2.0])
    assert '# not guessed: "Stimmung"' in draft


def test_the_nearest_dialect_forgives_spelling() -> None:
    data = b"time_stamp,speed_mp,distance_m,heart_rate_bmp\n1,2,3,4\n"
    assert nearest_to(data) == ("canonical_per_second", 1)
