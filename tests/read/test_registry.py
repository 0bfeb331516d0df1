"""What the registry means, and how it says what is wrong with it."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from retrowalk.errors import RegistryError
from retrowalk.read.registry import (
    in_force,
    read_annotations,
    read_participants,
    read_prescriptions,
    read_registry,
)

PROTOCOLS = ("fitness_incline", "general")
PARTICIPANTS = (
    "participant_id,valid_from,sex,birth_year,height_cm,body_mass_kg,resting_heart_rate_bpm,"
    "time_zone,distance_unit\n"
)
PRESCRIPTIONS = "participant_id,protocol,starts_on,ends_on,unlabelled_walking\n"
ANNOTATIONS = "participant_id,started_at,ended_at,direction,grade_percent\n"
ANNA = "anna,2026-01-01,female,1961,165,62.5,61,Europe/Berlin,km\n"


def problems(reader: Callable[..., Any], *arguments: Any, **options: Any) -> list[str]:
    with pytest.raises(RegistryError) as refused:
        reader(*arguments, **options)
    return refused.value.problems


def test_a_participant_is_read_column_by_column() -> None:
    assert read_participants(PARTICIPANTS + ANNA).to_dicts() == [
        {
            "participant_id": "anna", "valid_from_date": date(2026, 1, 1), "sex": "female",
            "birth_year": 1961, "height_cm": 165.0, "body_mass_kg": 62.5,
            "resting_heart_rate_bpm": 61.0, "time_zone": "Europe/Berlin", "distance_unit": "km",
        }
    ]  # fmt: skip


def test_empty_cells_are_null() -> None:
    row = read_participants(PARTICIPANTS + "anna,2026-01-01,,,,,,,\n").row(0)
    assert row == ("anna", date(2026, 1, 1), *[None] * 7)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_spreadsheets_encodings_and_delimiters_are_read(encoding: str, delimiter: str) -> None:
    text = (PARTICIPANTS + ANNA.replace("anna", "Jürgen")).replace(",", delimiter)
    people = read_participants(text.replace("\n", "\r\n").encode(encoding))
    assert people["participant_id"].to_list() == ["Jürgen"]
    assert people["body_mass_kg"].to_list() == [62.5]


def test_columns_may_stand_in_any_order_and_lines_may_be_blank_or_comments() -> None:
    text = "# kept by the clinic\n\nunlabelled_walking,participant_id,ends_on,starts_on,protocol\n\nbackward,anna,,2026-03-01,general\n"
    assert read_prescriptions(text, protocols=PROTOCOLS).rows() == [
        ("anna", date(2026, 3, 1), None, "general", "backward")
    ]


def test_every_problem_of_a_file_is_told_at_once() -> None:
    bad = (
        "anna,2026-13-01,f,61,1.65,400,10,Europe/Nowhere,leagues\n"
        "bert,2026-01-01,male,1950.5,180,heavy,60,UTC,km\n"
        ",2026-01-01,,,,,,,\n"
        'cleo,,female,1950,180,"62,5",60,UTC,km\n'
    )
    assert problems(read_participants, PARTICIPANTS + bad, "p.csv") == [
        (
            "p.csv, line 2: column valid_from: '2026-13-01'; expected a date such as 2026-11-16; "
            "write year-month-day"
        ),
        (
            "p.csv, line 2: column sex: 'f'; expected female or male; "
            "use one of them or leave the cell empty"
        ),
        (
            "p.csv, line 2: column birth_year: '61'; expected a number from 1900 to 2100; "
            "check the value and its unit"
        ),
        (
            "p.csv, line 2: column height_cm: '1.65'; expected a number from 50 to 250; "
            "check the value and its unit"
        ),
        (
            "p.csv, line 2: column body_mass_kg: '400'; expected a number from 20 to 350; "
            "check the value and its unit"
        ),
        (
            "p.csv, line 2: column resting_heart_rate_bpm: '10'; expected a number from 25 to 120; "
            "check the value and its unit"
        ),
        (
            "p.csv, line 2: column time_zone: 'Europe/Nowhere'; "
            "expected an IANA time zone such as Europe/Berlin; look it up in the tz list"
        ),
        (
            "p.csv, line 2: column distance_unit: 'leagues'; expected km or mi; "
            "use one of them or leave the cell empty"
        ),
        (
            "p.csv, line 3: column birth_year: '1950.5'; expected a year such as 1961; "
            "write four digits"
        ),
        (
            "p.csv, line 3: column body_mass_kg: 'heavy'; expected a number from 20 to 350; "
            "mend it or leave the cell empty"
        ),
        (
            "p.csv, line 4: column participant_id: nothing; expected the name of the inbox folder; "
            "write it without a slash"
        ),
        (
            "p.csv, line 5: column valid_from: nothing; expected a date such as 2026-11-16; "
            "write year-month-day"
        ),
        (
            "p.csv, line 5: column body_mass_kg: '62,5'; expected a number from 20 to 350; "
            "write it with a decimal dot"
        ),
    ]


def test_two_rows_from_the_same_day_are_named_both() -> None:
    [problem] = problems(read_participants, PARTICIPANTS + ANNA + "\n" + ANNA)
    assert problem == (
        "participants.csv, line 4: participant anna has another row from 2026-01-01 in line 2; "
        "expected one row per participant and day; remove one"
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "the file is empty"),
        ("participant_id,protocol,starts_on,ends_on\n", "column unlabelled_walking is missing"),
        (PRESCRIPTIONS.replace("protocol", "plan"), "column 'plan' is not known"),
        (PRESCRIPTIONS.replace("ends_on", "starts_on"), "column starts_on stands there twice"),
        (PRESCRIPTIONS + "anna,general,2026-01-01,,,oops\n", "line 2: 6 cells under 5 columns"),
    ],
)
def test_a_table_of_another_shape_is_refused(text: str, words: str) -> None:
    found = problems(read_prescriptions, text, protocols=PROTOCOLS)
    assert any(words in problem for problem in found)


def test_what_is_no_text_is_refused() -> None:
    found = problems(read_participants, bytes(range(256)))
    assert found == [
        "participants.csv: not readable as text; expected CSV in UTF-8; save it anew as CSV UTF-8"
    ]


def test_a_prescription_without_a_setting_leaves_unlabelled_walking_unknown() -> None:
    rows = read_prescriptions(
        PRESCRIPTIONS + "anna,general,2026-01-01,2026-02-01,\n", protocols=PROTOCOLS
    )
    assert rows["unlabelled_walking"].to_list() == ["unknown"]


def test_prescriptions_that_overlap_name_both_lines() -> None:
    text = PRESCRIPTIONS + (
        "bert,general,2026-01-01,2026-12-31,\n"
        "anna,general,2026-01-01,2026-03-31,\n"
        "anna,general,2026-02-01,2026-02-10,\n"
        "anna,general,2026-03-31,,\n"
        "anna,general,2026-06-01,2026-06-30,\n"
    )
    found = problems(read_prescriptions, text, protocols=PROTOCOLS)
    assert [problem.split(";")[0] for problem in found] == [
        (
            "prescriptions.csv, line 4: participant anna: the prescription from 2026-02-01 overlaps "
            "that of line 3"
        ),
        (
            "prescriptions.csv, line 5: participant anna: the prescription from 2026-03-31 overlaps "
            "that of line 3"
        ),
        (
            "prescriptions.csv, line 6: participant anna: the prescription from 2026-06-01 overlaps "
            "that of line 5"
        ),
    ]


def test_prescriptions_that_follow_each_other_are_fine() -> None:
    text = PRESCRIPTIONS + (
        "anna,general,2026-04-01,,backward\nanna,fitness_incline,2026-01-01,2026-03-31,\n"
    )
    rows = read_prescriptions(text, protocols=PROTOCOLS)
    assert rows["protocol"].to_list() == ["fitness_incline", "general"]


def test_a_prescription_says_what_it_cannot_mean() -> None:
    text = PRESCRIPTIONS + "anna,stroll,2026-03-01,2026-02-01,sideways\n"
    assert problems(read_prescriptions, text, protocols=PROTOCOLS) == [
        (
            "prescriptions.csv, line 2: column protocol: 'stroll'; "
            "expected one of fitness_incline, general; use one, or add its protocol file"
        ),
        (
            "prescriptions.csv, line 2: column unlabelled_walking: 'sideways'; "
            "expected unknown or backward or forward; use one of them or leave the cell empty"
        ),
        (
            "prescriptions.csv, line 2: column ends_on: '2026-02-01'; "
            "expected a day on or after starts_on; swap or mend them"
        ),
    ]


def test_annotations_are_placed_by_their_offset_or_the_participants_zone() -> None:
    people = read_participants(PARTICIPANTS + ANNA)
    text = ANNOTATIONS + (
        "anna,2026-07-01T08:00:00,2026-07-01 08:10,Backward,\n"
        "anna,2026-11-16T08:00:00+13:00,2026-11-15T19:10:00Z,,2.5\n"
    )
    assert read_annotations(text, participants=people).rows() == [
        ("anna", datetime(2026, 7, 1, 6, tzinfo=UTC), datetime(2026, 7, 1, 6, 10, tzinfo=UTC), "backward", None),
        ("anna", datetime(2026, 11, 15, 19, tzinfo=UTC), datetime(2026, 11, 15, 19, 10, tzinfo=UTC), None, 0.025),
    ]  # fmt: skip


def test_annotations_say_what_they_cannot_mean() -> None:
    people = read_participants(PARTICIPANTS + ANNA)
    text = ANNOTATIONS + (
        "anna,2026-10-25T02:30:00,2026-10-25T04:00:00,backward,\n"
        "bert,2026-11-16T08:00:00,2026-11-16T08:00:00Z,backward,\n"
        "anna,2026-11-16T08:10:00Z,2026-11-16T08:00:00Z,left,70\n"
        "anna,soon,2026-11-16T08:00:00Z,backward,\n"
    )
    expected = "expected a time such as 2026-11-16T08:00:00+01:00"
    assert problems(read_annotations, text, participants=people) == [
        (
            f"annotations.csv, line 2: column started_at: '2026-10-25T02:30:00'; {expected}; "
            "add the offset: the clock changes in that hour"
        ),
        (
            f"annotations.csv, line 3: column started_at: '2026-11-16T08:00:00'; {expected}; "
            "add the offset, or a time zone to the participant"
        ),
        (
            "annotations.csv, line 4: column direction: 'left'; expected forward or backward; "
            "use one of them or leave the cell empty"
        ),
        (
            "annotations.csv, line 4: column grade_percent: '70'; expected a number from -50 to 50; "
            "check the value and its unit"
        ),
        (
            "annotations.csv, line 4: column ended_at: '2026-11-16T08:00:00Z'; "
            "expected a time after started_at; swap or mend them"
        ),
        (
            f"annotations.csv, line 5: column started_at: 'soon'; {expected}; "
            "write date, time and offset"
        ),
    ]


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [
        ("backward,", "forward,", "states otherwise (forward against backward)"),
        (
            "backward,2",
            "backward,5",
            "states otherwise (backward at 5.0% against backward at 2.0%)",
        ),
    ],
)
def test_annotations_that_contradict_each_other_name_both_lines(
    first: str, second: str, words: str
) -> None:
    text = ANNOTATIONS + (
        f"anna,2026-11-16T08:00:00Z,2026-11-16T08:10:00Z,{first}\n"
        f"anna,2026-11-16T08:09:59Z,2026-11-16T08:20:00Z,{second}\n"
    )
    [problem] = problems(read_annotations, text, participants=None)
    assert problem.startswith("annotations.csv, line 3:")
    assert "overlaps that of line 2" in problem
    assert words in problem


def test_annotations_may_touch_agree_and_belong_to_others() -> None:
    text = ANNOTATIONS + (
        "anna,2026-11-16T08:00:00Z,2026-11-16T08:10:00Z,backward,\n"
        "anna,2026-11-16T08:10:00Z,2026-11-16T08:20:00Z,forward,\n"
        "anna,2026-11-16T08:05:00Z,2026-11-16T08:09:00Z,,3\n"
        "bert,2026-11-16T08:00:00Z,2026-11-16T08:10:00Z,forward,\n"
    )
    assert read_annotations(text, participants=None).height == 4


def test_two_annotations_from_the_same_instant_are_to_be_joined() -> None:
    text = ANNOTATIONS + (
        "anna,2026-11-16T08:00:00Z,2026-11-16T08:10:00Z,backward,\n"
        "anna,2026-11-16T09:00:00+01:00,2026-11-16T08:20:00Z,,3\n"
    )
    [problem] = problems(read_annotations, text, participants=None)
    assert "line 2 starts at the same time" in problem


def test_the_row_in_force_is_the_last_one_on_or_before_the_day() -> None:
    people = read_participants(
        PARTICIPANTS + ANNA + ANNA.replace("2026-01-01", "2026-06-01").replace("62.5", "60")
    )
    keys = pl.DataFrame(
        {
            "participant_id": ["anna", "bert", "anna", "anna", "anna"],
            "local_date": [date(2026, 6, 1), date(2026, 6, 1), date(2025, 12, 31), date(2026, 5, 31), date(2027, 1, 1)],
            "workout_id": list("abcde"),
        }
    )  # fmt: skip
    found = in_force(people, keys)
    assert found["workout_id"].to_list() == list("abcde")
    assert found["body_mass_kg"].to_list() == [60.0, None, None, 62.5, 60.0]
    assert found["valid_from_date"].to_list() == [
        date(2026, 6, 1), None, None, date(2026, 1, 1), date(2026, 6, 1),
    ]  # fmt: skip
    assert found.columns == [*keys.columns, *people.columns[1:]]


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


def test_a_registry_may_lack_any_file(tmp_path: Path) -> None:
    nothing = read_registry(tmp_path / "nowhere", PROTOCOLS)
    assert nothing.participants.is_empty()
    assert nothing.prescriptions.is_empty()
    assert nothing.annotations.is_empty()
    some = read_registry(write(tmp_path, participants=PARTICIPANTS + ANNA), PROTOCOLS)
    assert some.participants.height == 1


def test_a_registrys_version_follows_its_content(tmp_path: Path) -> None:
    def version(name: str, **files: str) -> str:
        folder = tmp_path / name
        folder.mkdir()
        return read_registry(write(folder, **files), PROTOCOLS).version

    first = version("a", participants=PARTICIPANTS + ANNA)
    assert version("b", participants=PARTICIPANTS + ANNA) == first
    assert version("c", participants=PARTICIPANTS + ANNA.replace("62.5", "62.6")) != first
    assert version("d", participants=PARTICIPANTS + ANNA, prescriptions=PRESCRIPTIONS) != first


def test_problems_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    folder = write(
        tmp_path,
        participants=PARTICIPANTS + ANNA.replace("female", "woman"),
        prescriptions=PRESCRIPTIONS + "anna,stroll,2026-01-01,,\n",
        annotations=ANNOTATIONS + "anna,2026-11-16T08:00:00,2026-11-16T09:00:00,left,\n",
    )
    found = problems(read_registry, folder, PROTOCOLS)
    assert [problem.split(":")[0] for problem in found] == [
        "participants.csv, line 2", "prescriptions.csv, line 2", "annotations.csv, line 2",
    ]  # fmt: skip
    assert "'left'" in found[2]
