"""How a user adds a dialect, and what is said of one that cannot be used."""

import csv
import io
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from retrowalk.cli import app
from retrowalk.errors import ExportError, RegistryError
from retrowalk.read.csv import (
    dialect_from_toml,
    nearest_to,
    reading_from_csv,
    shipped_dialects,
    starter_dialect,
)
from retrowalk.read.csv.dialect import CHANNELS
from retrowalk.read.reading import Reading
from retrowalk.read.registry import read_registry, registry_dialects
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


PRINTED = st.characters(exclude_categories=("Cs", "Cc"))


def drafted(data: bytes, home: Path, zone: str = "Europe/Berlin") -> Reading:
    """Reads a file by the draft made for it, saved as it stands where a user saves it."""
    (home / "dialects").mkdir()
    (home / "dialects" / "my_dialect.toml").write_text(starter_dialect(data), encoding="utf-8")
    dialects = registry_dialects(home)
    reading = reading_from_csv(data, time_zone=zone, distance_unit=None, dialects=dialects)
    assert reading.dialect == "my_dialect"
    return reading


def samples_of(reading: Reading) -> list[tuple[object, ...]]:
    return reading.records.select(
        "recorded_at_utc", pl.col("speed_mps").round(6), "heart_rate_bpm"
    ).rows()


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            "Tid;Hastighet (km/h);Puls\n2026-11-16 08:00:00;3,6;90\n2026-11-16 08:00:01;5,4;91\n",
            id="Swedish, decimal commas, a time that only its cells tell",
        ),
        pytest.param(
            '"Stamp","Pace min/km","Heart rate"\n"16.11.2026 08:00:00","16.6666667","90"\n'
            '"16.11.2026 08:00:01","11.1111111","91"\n',
            id="pace for speed",
        ),
        pytest.param(
            "time,speed,heart rate\n1794812400,3.6,90\n1794812401,5.4,91\n",
            id="a speed without a unit that nobody walks in m/s",
        ),
        pytest.param(
            "Datum\tUhrzeit\tGeschwindigkeit m/s\tHF\n16.11.2026\t08:00:00\t1.0\t90\n"
            "16.11.2026\t08:00:01\t1.5\t91\n",
            id="day and time in two columns",
        ),
        pytest.param(
            "when,speed mph,bpm\n11/16/2026 8:00:00 AM,2.2369363,90\n"
            "11/16/2026 8:00:01 AM,3.3554044,91\n",
            id="American",
        ),
        pytest.param(
            "# started_at: 2026-11-16T08:00:00+01:00\nt,v speed,pulse bpm\n0,1.0,90\n1,1.5,91\n",
            id="seconds from a start, under a header that does not say so",
        ),
        pytest.param(
            ",speed_kmh,hr\n2026-11-16T08:00:00+01:00,3.6,90\n2026-11-16T08:00:01+01:00,5.4,91\n",
            id="an index of times without a header",
        ),
    ],
)
def test_a_draft_saved_as_it_stands_reads_the_file_that_it_was_made_for(
    tmp_path: Path, text: str
) -> None:
    # 3.6 km/h, 16:40 min/km and 2.24 mph are 1 m/s; 5.4 km/h, 11:07 min/km and 3.36 mph are 1.5.
    assert samples_of(drafted(text.encode(), tmp_path)) == [(at(0), 1.0, 90.0), (at(1), 1.5, 91.0)]


def test_a_diary_of_walks_is_drafted_as_a_list_of_workouts(tmp_path: Path) -> None:
    diary = (
        b"Date,Start,Minutes,Distance (mi),Notes\n"
        b"11/16/2026,8:00 AM,30,1.0,backward walk\n11/17/2026,2:05 PM,25,0.5,retro\n"
    )
    reading = drafted(diary, tmp_path)
    assert reading.workouts.select("started_at_utc", "timer_s", "total_distance_m").rows() == [
        (at(0), 1_800.0, 1_609.344),
        (datetime(2026, 11, 17, 13, 5, tzinfo=UTC), 1_500.0, 804.672),
    ]
    assert reading.marks["text"].to_list() == ["backward walk", "retro"]


def test_a_draft_for_seconds_from_a_start_says_where_the_start_is_stated(tmp_path: Path) -> None:
    table = b"seconds,speed m/s\n0,1.0\n1,1.5\n"
    with pytest.raises(ExportError, match="started_at"):
        drafted(table, tmp_path)
    dialects = registry_dialects(tmp_path)
    stated = b"# started_at: 2026-11-16T08:00:00+01:00\n" + table
    reading = reading_from_csv(stated, time_zone=None, distance_unit=None, dialects=dialects)
    assert reading.records["recorded_at_utc"].to_list() == [at(0), at(1)]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(PRINTED, max_size=12), min_size=1, max_size=6), st.data())
def test_every_draft_is_a_dialect(headers: list[str], data: st.DataObject) -> None:
    cell = st.sampled_from(["", "1", "2,5", "7:30", "2026-11-16", "08:00", "11/16/2026", "x"])
    rows = data.draw(st.lists(st.lists(cell, min_size=1, max_size=6), max_size=4))
    text = io.StringIO()
    csv.writer(text).writerows([["Zeit", *headers], *rows])
    dialect = dialect_from_toml(starter_dialect(text.getvalue().encode()), "draft.toml")
    assert dialect.name == "my_dialect"


def test_inspecting_knows_the_dialects_of_the_home(tmp_path: Path) -> None:
    file = tmp_path / "diary.csv"
    file.write_bytes(DIARY)
    (tmp_path / "registry" / "dialects").mkdir(parents=True)
    (tmp_path / "registry" / "dialects" / "diary.toml").write_text(OWN, encoding="utf-8")
    runner, asked = CliRunner(), ["inspect", str(file), "--home"]
    assert "dialect walk_diary; ok" in runner.invoke(app, [*asked, str(tmp_path)]).output
    elsewhere = runner.invoke(app, [*asked, str(tmp_path / "other")]).output
    assert "unknown_dialect" in elsewhere
    assert 'names = ["Uhrzeit"]' in elsewhere
