import datetime as dt

import polars as pl
import pytest

from retrowalk.marks import marks_from_readings, meaning_of_fields, meaning_of_texts, phrase_table
from retrowalk.rules.words import word_list
from retrowalk.tables import Annotations, Marks
from retrowalk.tables.vocabulary import MARK_SOURCES
from tests.builders_records import annotations, at, table, workouts

_RAW: dict[str, pl.DataType | type[pl.DataType]] = {
    "workout_id": pl.String,
    "source": pl.Enum(MARK_SOURCES),
    "started_at_utc": pl.Datetime("us", "UTC"),
    "ended_at_utc": pl.Datetime("us", "UTC"),
    "text": pl.String,
    "direction": pl.String,
    "grade_fraction": pl.Float64,
}


def raw(*rows: tuple[str, float, float, str | None], direction: str | None = None) -> pl.DataFrame:
    """Marks as readers hand them on: source, first second, last second, text."""
    filled = [
        ("w1", source, at(start), at(end), text, direction, None)
        for source, start, end, text in rows
    ]
    return pl.DataFrame(filled, schema=_RAW, orient="row")


def marks_of(
    raw_marks: pl.DataFrame, noted: pl.DataFrame | None = None, **workout: object
) -> pl.DataFrame:
    noted = table(Annotations, []) if noted is None else noted
    return marks_from_readings(
        raw_marks, workouts(**workout), Annotations.validate(noted), word_list()
    )


def read(*texts: str) -> dict[str, str]:
    meaning = meaning_of_texts(pl.Series(texts), word_list())
    return dict(meaning.select("text", "direction").iter_rows())


@pytest.mark.parametrize(
    "text",
    [
        "Backward", "backwards", "BACKWARD 1", "Backward1", "Lap 3 - backward walk", "Retro-walking",
        "RetroWalking", "retro_walk", "retro", "bwd 2", "Walk in reverse", "reverse walk 10 min",
        "Rückwärts", "rueckwaerts gehen", "RUCKWARTS", "marche arrière", "Marche en arriere",
        "à reculons", "100 pas à reculons", "hacia atrás", "caminata hacia atras", "all'indietro",
        "all\N{RIGHT SINGLE QUOTATION MARK}indietro", "achteruit", "baklänges", "Baklängespromenad", "bagud",
        "Baglænstur", "tyłem",
        "do tyłu", "tylem", "hátra", "hátrafelé", "para trás", "de costas", "спиной вперёд",
        "Geri geri yürüyüş", "倒走", "晨练倒走30分钟", "后退走", "後ろ歩き", "뒤로 걷기", "뒤로걷기 10분",
        "เดินถอยหลัง", "đi lùi", "उल्टा चलना", "المشي إلى الوراء",
    ],
)  # fmt: skip
def test_a_text_that_says_backward_is_read_in_many_languages(text: str) -> None:
    assert read(text) == {text: "backward"}


@pytest.mark.parametrize(
    "text",
    ["Forward", "Forward 2", "fwd", "vorwärts", "marche avant", "hacia adelante", "vooruit", "framåt",
     "do przodu", "正走", "前歩き", "앞으로 걷기", "Not backward, forward only"],
)  # fmt: skip
def test_a_text_that_says_forward_is_read(text: str) -> None:
    assert read(text) == {text: "forward"}


@pytest.mark.parametrize(
    "text",
    [
        "not backward", "No backward today", "didn't walk backward", "without retro walking",
        "backward walk skipped", "kein Retro-Walking heute", "nicht rückwärts", "pas de marche arrière",
        "nie tyłem", "不倒走", "没有倒走", "뒤로 걷기 취소", "Backward (skipped)", "Backward 10 min: not done",
        "Backward 10 min skipped", "marche arrière (annulée)", "Rückwärts 10 min - ausgefallen",
        "倒走 (取消)", "倒走30分钟 取消",
    ],
)  # fmt: skip
def test_a_negated_text_states_nothing(text: str) -> None:
    assert read(text) == {}


@pytest.mark.parametrize(
    "text",
    [
        "walk back from the optometrist", "Backwell walk", "Reverse commute", "back home", "background",
        "comeback", "Retro park", "Retro run club", "Reverse", "Lake loop backwards", "Walk while counting backwards",
        "Fwd: Morning walk", "looking forward to this", "forward head posture exercises", "Rückwärtsgang",
        "dor de costas", "Dolor de espaldas", "natação de costas", "mal d'esquena",
        "walked in reverse direction", "Walk forward and back", "Forward Township loop", "SV Vorwärts",
        "hátra van még 2 km", "вперед", "Morning walk", "Marcher", "zurück", "retour", "Walking", "",
    ],
)  # fmt: skip
def test_false_friends_and_places_state_nothing(text: str) -> None:
    assert read(text) == {}


@pytest.mark.parametrize(
    "text",
    ["forward and backward intervals", "rückwärts/vorwärts", "Backward, then forward",
     "vor- und rückwärts", "Rück- und vorwärts gehen", "Spacer do tyłu i przodu", "hacia adelante y atrás",
     "Marche avant et arrière", "de costas e de frente", "in avanti e all'indietro",
     "hátrafelé és előre"],
)  # fmt: skip
def test_a_text_that_says_both_states_neither(text: str) -> None:
    assert read(text) == {}


@pytest.mark.parametrize(
    "text",
    ["Backward 10 min, skipped the hill", "Backward. Missed the bus", "倒走30分钟。取消了跑步",
     "Caminhada de costas, sem dor de costas"],
)  # fmt: skip
def test_what_was_cancelled_in_another_clause_takes_nothing_away(text: str) -> None:
    assert read(text) == {text: "backward"}


@pytest.mark.parametrize("text", ["Lap no 2 backward", "No pain. Backward 10 min"])
def test_a_number_or_a_break_ends_a_negation(text: str) -> None:
    assert read(text) == {text: "backward"}


def test_no_phrase_states_both_directions() -> None:
    phrases = phrase_table(word_list().phrases).filter(pl.col("direction").is_not_null())
    both = phrases.group_by("plain").agg(pl.col("direction").n_unique()).filter(direction=2)

    assert both.is_empty()


def test_every_phrase_of_the_list_is_read_as_what_it_states() -> None:
    phrases = word_list().phrases
    stated = {p.text: p.direction for p in phrases if p.direction is not None}

    assert read(*(p.text for p in phrases)) == stated


@pytest.mark.parametrize(
    ("text", "direction"),
    [
        ("direction=-1", "backward"),
        ("direction=1", "forward"),
        ("Walking_Direction=backward", "backward"),
        ("Richtung=rückwärts", "backward"),
        ("is_backward=1", "backward"),
        ("isBackward=1.0", "backward"),
        ("Is Backward=true", "backward"),
        ("backward=0", "forward"),
        ("retro_walking=no", "forward"),
        ("direction=178", None),
        ("retro=2", None),
        ("power=1", None),
        ("backward", None),
    ],
)
def test_a_developer_field_is_read_by_name_and_value(text: str, direction: str | None) -> None:
    meaning = meaning_of_fields(pl.Series([text]), word_list())

    assert meaning["direction"].to_list() == ([] if direction is None else [direction])


@pytest.mark.parametrize(
    ("values", "directions"),
    [
        (("1", "-1"), ["forward", "backward"]),
        (("1",), []),
        (("0", "1"), []),
        (("-1",), ["backward"]),
    ],
)
def test_a_plain_one_is_forward_only_where_minus_one_is_backward(
    values: tuple[str, ...], directions: list[str]
) -> None:
    rows = [
        ("developer_field", 60.0 * n, 60.0 * n + 60, f"walking_direction={value}")
        for n, value in enumerate(values)
    ]

    assert marks_of(raw(*rows))["direction"].to_list() == directions


def test_a_developer_field_without_a_direction_gets_no_row() -> None:
    marks = marks_of(
        raw(("developer_field", 0, 60, "power=210"), ("developer_field", 0, 60, "is_backward=1"))
    )

    assert marks.select("text", "direction").rows() == [("is_backward=1", "backward")]


def test_developer_fields_that_follow_without_a_hole_are_one_mark() -> None:
    marks = marks_of(
        raw(
            ("developer_field", 1, 2, "is_backward=1"),
            ("developer_field", 0, 1, "is_backward=1"),
            ("developer_field", 5, 6, "is_backward=1"),
        )
    )

    assert marks.select("started_at_utc", "ended_at_utc").rows() == [
        (at(0), at(2)),
        (at(5), at(6)),
    ]


def test_a_mark_without_a_direction_stays_for_its_borders() -> None:
    marks = marks_of(raw(("lap", 0, 60, None), ("pause", 60, 90, None)))

    assert marks["source"].to_list() == ["lap", "pause"]
    assert marks["direction"].to_list() == [None, None]


def test_a_direction_stated_by_the_format_wins_over_the_text() -> None:
    marks = marks_of(raw(("csv_column", 0, 60, "backward"), direction="forward"))

    assert marks.select("direction", "label_rule").row(0) == ("forward", "csv_column:stated")


def test_the_rule_names_language_and_phrase() -> None:
    assert marks_of(raw(("lap_name", 0, 60, "Rückwärts 2")))["label_rule"].to_list() == [
        "de:rückwärts"
    ]


def test_marks_are_numbered_by_time_and_source_whatever_their_order() -> None:
    rows = [("pause", 0, 60, None), ("lap_name", 0, 60, "Easy"), ("lap", 30, 60, None)]
    forth = marks_of(raw(*rows))
    back = marks_of(raw(*reversed(rows)))

    assert forth.equals(back)
    assert forth.select("mark_n", "source").rows() == [(0, "lap_name"), (1, "pause"), (2, "lap")]


def test_an_annotation_is_cut_to_the_workout_that_it_overlaps() -> None:
    noted = annotations(
        {"start_s": -600, "end_s": 120, "direction": "backward", "grade_fraction": 0.05},
        {"start_s": 7200, "end_s": 7300, "direction": "forward"},
    )
    marks = marks_of(raw(), noted)

    assert marks.select(
        "source", "started_at_utc", "ended_at_utc", "direction", "grade_fraction"
    ).rows() == [("annotation", at(0), at(120), "backward", 0.05)]


def test_an_annotation_of_somebody_else_is_not_taken() -> None:
    noted = annotations(
        {"start_s": 0, "end_s": 60, "direction": "backward", "participant_id": "p2"}
    )

    assert marks_of(raw(), noted).is_empty()


def test_marks_of_workouts_that_are_not_scored_are_not_taken() -> None:
    assert marks_of(raw(("lap", 0, 60, None)), workout_id="w2").is_empty()


def test_no_marks_are_an_empty_table() -> None:
    assert marks_of(raw()).equals(Marks.create_empty())


def test_a_mark_keeps_the_week_of_its_workout() -> None:
    marks = marks_of(raw(("lap", 0, 60, None)), week_start_date=dt.date(2026, 11, 9))

    assert marks["week_start_date"].to_list() == [dt.date(2026, 11, 9)]
