"""What was stated, laid over what was done."""

import polars as pl
import pytest

from retrowalk.evaluate.pieces import cells_of, overlapping, pieces_of
from tests.evaluate.builders_truth import at, blocks, spans, stated


def rows_of(pieces: pl.DataFrame) -> list[tuple[object, ...]]:
    return pieces.select("truth", "stated", "piece_s", "misled_s").rows()


def test_pieces_are_cut_wherever_truth_or_statement_changes() -> None:
    truth = blocks(
        {"start": 0, "end": 60},
        {"start": 60, "end": 120, "direction": "backward"},
    )
    said = stated(
        {"start": 0, "end": 50, "direction": "forward"},
        {"start": 50, "end": 70},
        {"start": 70, "end": 120, "direction": "backward"},
    )
    assert rows_of(pieces_of(said, truth)) == [
        ("forward", "forward", 50.0, 0.0),
        ("forward", "unknown", 10.0, 0.0),
        ("backward", "unknown", 10.0, 0.0),
        ("backward", "backward", 50.0, 0.0),
    ]


def test_what_is_not_walking_is_named_by_its_activity() -> None:
    truth = blocks({"start": 0, "end": 60, "activity": "rest", "direction": "unknown"})
    said = stated({"start": 0, "end": 60, "activity": "run"})
    assert rows_of(pieces_of(said, truth)) == [("rest", "run", 60.0, 0.0)]


def test_time_with_the_timer_stopped_and_time_without_data_are_left_out() -> None:
    truth = blocks({"start": 0, "end": 60}, {"start": 60, "end": 90, "is_paused": True})
    said = stated({"start": 20, "end": 80})
    assert rows_of(pieces_of(said, truth)) == [("forward", "unknown", 40.0, 0.0)]


def test_a_piece_is_misled_for_as_long_as_a_label_states_the_opposite() -> None:
    # the key was pressed 4 s late: for 4 s of walking backward the label still says forward
    truth = blocks(
        {
            "start": 0,
            "end": 60,
            "label_direction": "forward",
            "label_started_at_utc": at(0),
            "label_ended_at_utc": at(64),
        },
        {
            "start": 60,
            "end": 120,
            "direction": "backward",
            "label_direction": "backward",
            "label_started_at_utc": at(64),
            "label_ended_at_utc": at(120),
        },
    )
    said = stated(
        {"start": 0, "end": 66, "direction": "forward"},
        {"start": 66, "end": 120, "direction": "backward"},
    )
    assert rows_of(pieces_of(said, truth)) == [
        ("forward", "forward", 60.0, 0.0),
        ("backward", "forward", 6.0, 4.0),
        ("backward", "backward", 54.0, 0.0),
    ]


def test_spans_of_other_workouts_do_not_overlap() -> None:
    here, there = (spans([{"start": 0, "end": 10}], workout_id=name) for name in "ab")
    assert overlapping(here, there).is_empty()


def test_spans_that_touch_do_not_overlap() -> None:
    left, right = spans([{"start": 0, "end": 10}]), spans([{"start": 10, "end": 20}])
    assert overlapping(left, right).is_empty()


def test_cells_are_walking_windows_in_true_walking() -> None:
    truth = blocks(
        {"start": 0, "end": 12, "direction": "backward"},
        {"start": 12, "end": 30, "activity": "rest", "direction": "unknown"},
    )
    windows = spans(
        [
            {"start": 0, "end": 5, "backward_probability": 0.9},
            {"start": 5, "end": 10, "backward_probability": None},
            {"start": 10, "end": 15, "backward_probability": 0.7},
        ]
    )
    cells = cells_of(windows, truth)
    assert cells.select("probability", "is_backward", "piece_s").rows() == [
        (0.9, True, 5.0),
        (0.7, True, 2.0),
    ]
    assert cells["piece_s"].sum() == pytest.approx(7.0)
