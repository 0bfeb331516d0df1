"""Which label decides, where several lie over each other."""

import polars as pl

from tests.builders_records import lap, marks, records, walk, windows_of


def labels_of(*rows: dict[str, object]) -> list[tuple[str | None, str | None]]:
    """Label and source of each of the cells of ten seconds."""
    windows = windows_of(walk(range(10)), marks(*rows))
    return windows.select("label_direction", "label_source").rows()


def test_the_stronger_source_wins_within_its_span() -> None:
    assert labels_of(
        lap(0, 10, "backward", source="session_name"),
        lap(0, 5, "forward", source="annotation"),
    ) == [("forward", "annotation"), ("backward", "session_name")]


def test_of_one_source_the_shorter_label_wins() -> None:
    assert labels_of(
        lap(0, 10, "forward", source="annotation"), lap(5, 10, "backward", source="annotation")
    ) == [("forward", "annotation"), ("backward", "annotation")]


def test_labels_of_one_source_and_span_that_differ_cancel_out() -> None:
    rows = lap(0, 10, "forward"), lap(0, 10, "backward")

    assert labels_of(*rows) == [(None, None), (None, None)]
    assert labels_of(*reversed(rows)) == [(None, None), (None, None)]


def test_labels_that_cancel_out_do_not_let_a_weaker_one_decide() -> None:
    assert labels_of(
        lap(0, 10, "forward"),
        lap(0, 10, "backward"),
        lap(0, 10, "backward", source="session_name"),
    ) == [(None, None), (None, None)]


def test_outside_every_label_there_is_none() -> None:
    assert labels_of(lap(0, 5, "backward")) == [("backward", "lap_name"), (None, None)]


def test_a_mark_without_a_direction_is_no_label() -> None:
    assert labels_of(lap(0, 10, None)) == [(None, None), (None, None)]


def test_a_label_ends_with_its_workout() -> None:
    windows = windows_of(walk(range(10)), marks(lap(0, 99_999, "backward", workout_id="w0")))

    assert windows["label_direction"].to_list() == [None, None]


def test_a_grade_that_a_mark_states_wins_over_the_reported_one() -> None:
    windows = windows_of(
        records(range(10), speed_mps=1.0, grade_fraction=0.0),
        marks(lap(0, 5, source="annotation", grade_fraction=0.05)),
    )

    assert windows.select("grade_fraction", "grade_source").rows() == [
        (0.05, "annotation"),
        (0.0, "reported"),
    ]


def test_a_grade_of_a_row_of_the_export_is_reported() -> None:
    windows = windows_of(walk(range(5)), marks(lap(0, 5, source="csv_column", grade_fraction=0.05)))

    assert windows["grade_source"].to_list() == ["reported"]


def test_an_empty_label_covers_nothing() -> None:
    windows = windows_of(walk(range(5)), marks(lap(2, 2, "backward")))

    assert windows.filter(pl.col("label_direction").is_not_null()).is_empty()
