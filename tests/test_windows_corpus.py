"""Real recordings, all of them forward: what the rooms make of them."""

from datetime import date

import polars as pl
import pytest

from retrowalk.errors import ExportError
from retrowalk.marks import marks_from_readings
from retrowalk.read.fit import reading_from_fit
from retrowalk.read.reading import Reading
from retrowalk.records import records_from_readings
from retrowalk.rules.plausibility import plausibility_rules
from retrowalk.rules.recording import recording_rules
from retrowalk.rules.words import word_list
from retrowalk.tables import Annotations, Participants
from retrowalk.workouts import workouts_from_readings
from tests.builders_records import segments_of
from tests.corpus import FIT_FILES, needs_corpus

pytestmark = needs_corpus


def readings() -> list[tuple[str, Reading]]:
    """Every file that can be read."""
    found = []
    for path in FIT_FILES:
        try:
            found.append((path.name, reading_from_fit(path.read_bytes())))
        except ExportError:
            continue
    return found


def joined(frames: list[tuple[str, pl.DataFrame]]) -> pl.DataFrame:
    """Frames of all files with identifiers, as the walk hands them to the rooms."""
    return pl.concat(
        [
            frame.with_columns(
                workout_id=pl.format("{}#{}", pl.lit(name), "workout_n"),
                export_id=pl.lit(name),
                participant_id=pl.lit("p1"),
                week_start_date=pl.lit(date(2026, 11, 16)),
                local_date=pl.lit(date(2026, 11, 16)),
                utc_offset_s=pl.lit(0),
                utc_offset_source=pl.lit("assumed_utc"),
                recovered_fraction=pl.lit(1.0),
                recording_fingerprint=pl.lit("0"),
            )
            for name, frame in frames
        ]
    )


@pytest.fixture(scope="module")
def segments() -> pl.DataFrame:
    """Segments of the whole corpus, with the sport of their workout."""
    read = readings()
    raw_marks = joined([(name, reading.marks) for name, reading in read])
    raw_records = joined([(name, reading.records) for name, reading in read])
    workouts = workouts_from_readings(
        joined([(name, reading.workouts) for name, reading in read]),
        raw_records,
        raw_marks,
        Participants.create_empty(),
        recording_rules(),
        max_gap_s=plausibility_rules().max_gap_s,
    )
    marks = marks_from_readings(raw_marks, workouts, Annotations.create_empty(), word_list())
    records = records_from_readings(raw_records, workouts, keep_positions=False)
    facts = workouts.select("workout_id", "sport", "moving_s")
    return segments_of(records, marks, of=workouts).join(facts, on="workout_id")


def test_nothing_real_is_called_backward(segments: pl.DataFrame) -> None:
    assert segments.height > 0
    assert segments.filter(pl.col("direction") == "backward").is_empty()


def test_runs_rides_and_swims_are_never_walking(segments: pl.DataFrame) -> None:
    walked = segments.filter(pl.col("activity") == "walk")

    assert set(walked["sport"]) == {"walking", "hiking"}


def test_walks_and_hikes_are_walking_most_of_the_time_they_move(segments: pl.DataFrame) -> None:
    walked = (
        segments.filter(pl.col("sport").is_in(["walking", "hiking"]))
        .group_by("workout_id", "activity")
        .agg(pl.col("duration_s").sum())
        .with_columns(share=pl.col("duration_s") / pl.col("duration_s").sum().over("workout_id"))
        .filter(pl.col("activity") == "walk")
    )

    assert walked.height == 4
    assert walked["share"].min() > 0.6  # type: ignore[operator]


def test_real_walking_has_a_sane_speed_and_cadence(segments: pl.DataFrame) -> None:
    long = segments.filter((pl.col("activity") == "walk") & (pl.col("duration_s") >= 120))

    assert long["speed_mean_mps"].is_between(0.2, 2.0).all()
    assert long["cadence_median_spm"].drop_nulls().is_between(40.0, 140.0).all()
