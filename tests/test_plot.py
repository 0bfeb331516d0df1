import re
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import polars as pl
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure

from retrowalk.plot import (
    FORMATS,
    figure_bytes,
    figure_of_workout,
    overview_of_weeks,
    save_figure,
)
from retrowalk.plot.ink import INKS
from tests.builders_plot import (
    STORY,
    WEEK,
    WORKOUT,
    picture_marks,
    picture_records,
    picture_segments,
    picture_windows,
    weekly_rows,
)


@cache
def whole() -> Figure:
    """The whole story, drawn once for all tests that only look at it."""
    return pictured()


def pictured(**replaced: Any) -> Figure:
    """The whole story, drawn anew, some of its tables replaced."""
    tables = {
        "records": picture_records(),
        "windows": picture_windows(),
        "segments": picture_segments(),
        "marks": picture_marks(),
    }
    return figure_of_workout(WORKOUT, **(tables | replaced))


def words(figure: Figure) -> list[str]:
    """All text of the figure as it is written into the SVG, in order."""
    tree = ET.fromstring(figure_bytes(figure, "svg"))  # noqa: S314 - our own bytes
    return [found.text or "" for found in tree.iter("{http://www.w3.org/2000/svg}text")]


def panel(figure: Figure, title: str) -> Axes:
    """The panel whose title begins so."""
    (found,) = [a for a in figure.axes if a.get_title(loc="left").startswith(title)]
    return found


def bars_n(axes: Axes) -> int:
    """Bars of all bar collections of a panel, but for shades that reach across its height."""
    return sum(
        len(found.get_paths())
        for found in axes.collections
        if isinstance(found, PolyCollection) and found.get_transform() == axes.transData
    )


# --- the workout ---


def test_the_title_says_whose_when_in_local_time_and_what() -> None:
    """Eight o'clock UTC with an offset of 3600 s is nine."""
    assert whole().get_suptitle() == "P07 · Monday 02 March 2026, 09:00 · walking, outdoor"


def test_minutes_are_told_by_direction_with_what_is_assumed() -> None:
    """Backward 3.5 + 4 + 3 min, of which 3 assumed; forward 8 + 3.5; unknown 3."""
    told = "Walked backward 10.5 min (3.0 assumed), forward 11.5 min, direction unknown 3.0 min"

    assert told in words(whole())


def test_every_segment_is_a_bar_in_the_colour_of_its_class() -> None:
    axes = panel(whole(), "Walked")

    assert bars_n(axes) == len(STORY)
    drawn = {
        tuple(np.round(colour, 3))
        for found in axes.collections
        if isinstance(found, PolyCollection) and found.get_transform() == axes.transData
        for colour in np.atleast_2d(found.get_facecolor())
    }
    used = ("rest", "forward", "backward", "unknown", "run")
    expected = [bytes.fromhex(INKS[name].lstrip("#")) for name in used]
    assert drawn == {(*(round(part / 255, 3) for part in ink), 1.0) for ink in expected}


def test_the_legend_names_what_occurs_and_nothing_else() -> None:
    legend = [text.get_text() for text in whole().legends[0].get_texts()]

    assert legend == [
        *("backward", "forward", "unknown", "run", "rest"),
        *("uphill", "assumed, not measured", "paused"),
    ]


def test_labels_stand_by_source_as_they_were_written() -> None:
    axes = panel(whole(), "Labels, as written")

    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["session name", "lap name"]
    assert "Rückwärts" in [text.get_text() for text in axes.texts]


def test_a_label_too_long_for_its_span_is_shortened() -> None:
    long = "Rückwärts auf der Laufbahn, und zwar ohne sich umzusehen"
    marks = picture_marks().with_columns(
        text=pl.when(pl.col("source") == "lap_name").then(pl.lit(long)).otherwise("text")
    )

    (shown,) = [text for text in words(pictured(marks=marks)) if text.startswith("Rückwärts")]
    assert shown.endswith("…")
    assert len(shown) < len(long)


@pytest.mark.parametrize("text", ["倒走", "पीछे", "$5 \\frac{ & <b>", "bell\x07 and\nline"])
def test_a_label_may_hold_any_letters(text: str) -> None:
    marks = picture_marks().with_columns(
        text=pl.when(pl.col("source") == "lap_name").then(pl.lit(text)).otherwise("text")
    )
    figure = pictured(marks=marks)

    written = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    assert written in [" ".join(word.split()) for word in words(figure)]
    assert figure_bytes(figure, "png").startswith(b"\x89PNG")


def test_a_workout_without_length_is_drawn() -> None:
    tables = (picture_records(), picture_windows(), picture_segments(), picture_marks())
    at_once = WORKOUT | {"ended_at_utc": WORKOUT["started_at_utc"]}

    assert figure_bytes(figure_of_workout(at_once, *tables), "png").startswith(b"\x89PNG")


def test_a_contradicted_label_is_said_so() -> None:
    segments = picture_segments().with_columns(is_label_contradicted=pl.col("segment_n") == 1)

    assert "forward, label contradicted · imu" in words(pictured(segments=segments))


def test_a_segment_says_what_decided_it_where_there_is_room() -> None:
    assert {"forward · imu", "backward, uphill"} <= set(words(whole()))
    short = picture_segments().with_columns(
        ended_at_utc=pl.col("started_at_utc") + pl.duration(seconds=100)
    )
    assert "forward" in words(pictured(segments=short))


def test_of_a_field_too_long_for_its_span_the_value_is_shown() -> None:
    marks = picture_marks().with_columns(
        text=pl.when(pl.col("source") == "lap_name").then(
            pl.lit("the_direction_that_this_person_walks_in=backward")
        )
    )
    assert "…=backward" in words(pictured(marks=marks))


def test_the_grade_says_where_it_comes_from() -> None:
    assert "Grade, %, by barometer" in words(whole())


@pytest.mark.parametrize("title", ["Speed", "Cadence", "Heart rate", "Probability"])
def test_no_line_is_drawn_across_a_pause(title: str) -> None:
    """The pause lasts from minute 16 to 18."""
    for line in panel(whole(), title).lines:
        minutes = np.asarray(line.get_xdata(), dtype=float)
        if minutes.size > 2:  # a level has two ends
            before = np.flatnonzero(minutes <= 16.0).max()
            assert np.isnan(minutes[before + 1])


def test_evidence_is_drawn_where_a_source_was_there_and_only_there() -> None:
    """Label 3.5 min; compass 3.5 + 10; motion 8 + 3.5 + 3.5 + 4; gait 25 min of walking."""
    minutes = 3.5 + 13.5 + 19.0 + 25.0
    compass_starts_after_its_first_window = 1

    drawn = bars_n(panel(whole(), "Evidence"))

    assert drawn == minutes * 12 - compass_starts_after_its_first_window


def test_the_probability_shows_where_a_direction_is_stated_if_that_is_given() -> None:
    tables = (picture_records(), picture_windows(), picture_segments(), picture_marks())
    plain = panel(figure_of_workout(WORKOUT, *tables), "Probability")
    told = panel(figure_of_workout(WORKOUT, *tables, decide_at=0.9), "Probability")

    assert len(plain.lines) == 1
    levels = [np.asarray(line.get_ydata(), dtype=float)[0] for line in told.lines[1:]]
    assert levels == pytest.approx([0.9, 0.1])


@pytest.mark.parametrize(
    ("column", "title"),
    [
        ("cadence_mean_spm", "Cadence, steps/min: not in this recording"),
        ("heart_rate_mean_bpm", "Heart rate, beats/min: not in this recording"),
        ("grade_fraction", "Grade, %: not in this recording"),
    ],
)
def test_what_a_recording_does_not_hold_is_said(column: str, title: str) -> None:
    windows = picture_windows().with_columns(pl.lit(None, pl.Float64).alias(column))

    assert title in words(pictured(windows=windows))


def test_records_that_are_not_kept_leave_the_windows() -> None:
    axes = panel(pictured(records=picture_records().clear()), "Speed")

    assert np.nanmax(np.asarray(axes.lines[-1].get_ydata(), dtype=float)) > 2.0


def test_a_workout_without_anything_is_drawn_all_the_same() -> None:
    empty = pictured(
        records=picture_records().clear(),
        windows=picture_windows().clear(),
        segments=picture_segments().clear(),
        marks=picture_marks().clear(),
    )

    told = words(empty)
    assert {"No walking", "No labels", "Speed, m/s: not in this recording"} <= set(told)


def test_rows_of_other_workouts_are_not_drawn() -> None:
    tables = {
        "records": picture_records(),
        "windows": picture_windows(),
        "segments": picture_segments(),
        "marks": picture_marks(),
    }
    crowded = {
        name: pl.concat([table, table.with_columns(workout_id=pl.lit("other"))])
        for name, table in tables.items()
    }

    assert figure_bytes(pictured(**crowded), "svg") == figure_bytes(whole(), "svg")


def test_the_order_of_rows_does_not_matter() -> None:
    shuffled = {
        "records": picture_records().sample(fraction=1.0, shuffle=True, seed=4),
        "windows": picture_windows().sample(fraction=1.0, shuffle=True, seed=4),
        "segments": picture_segments().reverse(),
    }

    assert figure_bytes(pictured(**shuffled), "svg") == figure_bytes(whole(), "svg")


# --- files ---


def test_a_png_is_a_png() -> None:
    assert figure_bytes(whole(), "png").startswith(b"\x89PNG\r\n\x1a\n")


def test_a_page_holds_the_drawing_and_needs_no_other_file() -> None:
    workout = WORKOUT | {"participant_id": 'A<b> & "c"'}
    figure = figure_of_workout(
        workout, picture_records(), picture_windows(), picture_segments(), picture_marks()
    )

    page = figure_bytes(figure, "html").decode("utf-8")

    assert page.startswith("<!doctype html>")
    assert "<title>A&lt;b&gt; &amp; &quot;c&quot; ·" in page
    assert page.count("<svg") == 1
    assert "<script" not in page
    assert re.findall(r'(?:src|href)="(?!#|data:)[^"]*"', page) == []


@pytest.mark.parametrize("form", FORMATS)
def test_the_same_tables_give_the_same_file(form: str) -> None:
    assert figure_bytes(pictured(), form) == figure_bytes(whole(), form)


@pytest.mark.parametrize("name", ["a.png", "b.svg", "c.html", "D.SVG"])
def test_the_ending_says_the_form(tmp_path: Path, name: str) -> None:
    figure = whole()

    save_figure(figure, tmp_path / name)

    assert (tmp_path / name).read_bytes() == figure_bytes(figure, name[-4:].lstrip(".").lower())


def test_an_ending_that_is_no_form_is_refused_with_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"'jpg'.*png, svg, html"):
        save_figure(whole(), tmp_path / "a.jpg")


# --- the weeks ---


def test_a_bar_is_as_long_as_the_minutes_and_in_parts() -> None:
    """Backward 60, of which 20 uphill, unknown 10, forward 30: ends at 40, 60, 70 and 100."""
    figure = overview_of_weeks(
        weekly_rows(
            {
                "participant_id": "P1",
                "backward_min": 60.0,
                "incline_backward_min": 20.0,
                "unknown_direction_min": 10.0,
                "forward_min": 30.0,
            }
        )
    )

    ends = [bar.get_x() + bar.get_width() for bar in figure.axes[0].patches]  # type: ignore[attr-defined]
    assert ends == pytest.approx([40.0, 60.0, 70.0, 100.0])


def test_there_is_a_column_for_each_week() -> None:
    rows = [
        {"participant_id": "P1", "week_start_date": WEEK + timedelta(weeks=n)} for n in (1, 0, 2)
    ]

    titles = [a.get_title(loc="left") for a in overview_of_weeks(weekly_rows(*rows)).axes]

    assert titles == ["week of 02 Mar 2026", "week of 09 Mar 2026", "week of 16 Mar 2026"]


def test_a_week_without_walking_says_why() -> None:
    figure = overview_of_weeks(
        weekly_rows(
            {"participant_id": "P1", "backward_min": 20.0},
            {"participant_id": "P2", "week_status": "nothing_received"},
            {
                "participant_id": "P1",
                "week_start_date": WEEK + timedelta(weeks=1),
                "forward_min": 1.0,
            },
        )
    )

    first, second = figure.axes
    assert [text.get_text() for text in first.texts] == ["nothing received"]
    assert [text.get_text() for text in second.texts] == ["not registered"]


def test_those_with_most_backward_minutes_come_first() -> None:
    figure = overview_of_weeks(
        weekly_rows(
            {"participant_id": "P1", "backward_min": 5.0},
            {"participant_id": "P3", "backward_min": 50.0},
            {"participant_id": "P2", "backward_min": 5.0},
        )
    )

    names = [tick.get_text() for tick in figure.axes[0].get_yticklabels()]
    assert names == ["P3", "P1", "P2"]
    assert figure.axes[0].yaxis_inverted()


def test_a_picture_of_some_says_of_how_many() -> None:
    rows = [{"participant_id": f"P{n}", "backward_min": float(n)} for n in range(5)]

    figure = overview_of_weeks(weekly_rows(*rows), participants_high=2)

    assert [tick.get_text() for tick in figure.axes[0].get_yticklabels()] == ["P4", "P3"]
    assert "the 2 of 5 with most" in figure.get_suptitle()


def test_an_overview_of_nobody_says_so() -> None:
    figure = overview_of_weeks(weekly_rows({"participant_id": "P1"}).clear())

    assert figure.get_suptitle() == "Nobody to show"
    assert figure_bytes(figure, "png").startswith(b"\x89PNG")
