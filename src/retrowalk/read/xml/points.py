"""What TCX and GPX have in common: timed points become records, workouts and pauses."""

from collections.abc import Sequence
from dataclasses import dataclass

import dataframely as dy
import polars as pl

from retrowalk.errors import ExportError
from retrowalk.read.csv.dialect import TimeForm
from retrowalk.read.csv.shape import shaped
from retrowalk.read.csv.sports import with_sports
from retrowalk.read.csv.times import instants_from_text
from retrowalk.read.reading import Reading, ReadMarks, ReadRecords, ReadWorkouts
from retrowalk.read.xml.document import Document

ISO = TimeForm(formats=("iso8601",), zone="utc")
#: Sports that say nothing.
NO_SPORT = ("other", "unknown", "")
#: Interval of a recording too short to have one.
SOLE_INTERVAL_S = 1.0
#: Points of two tracks at most this far apart follow each other.
FOLLOWS_WITHIN_S = 2.0


@dataclass(frozen=True, slots=True)
class Points:
    """The points of one export.

    Args:
        frame: One row per point with a time: ``workout_n``, ``track_n`` (a pause lies between two
            of one number less), ``recorded_at_utc``, ``offset_s`` and channels.
        untimed: Per ``workout_n``, ``records_set_aside_n``: points without a time.
    """

    frame: pl.DataFrame
    untimed: pl.DataFrame


def instants(text: pl.Series) -> pl.DataFrame:
    """Instants and stated offsets; an instant without one is UTC, as both formats say."""
    found = instants_from_text(text, ISO, None)
    return pl.DataFrame({"recorded_at_utc": found.at_utc, "offset_s": found.offset_s})


def timed_points(frame: pl.DataFrame, time: pl.Series) -> Points:
    """Parts the points that say when from those that do not."""
    placed = pl.concat([frame, instants(time)], how="horizontal")
    untimed = (
        placed.filter(pl.col("recorded_at_utc").is_null())
        .group_by("workout_n")
        .agg(records_set_aside_n=pl.len())
    )
    return Points(placed.drop_nulls("recorded_at_utc"), untimed)


def pauses(points: pl.DataFrame) -> pl.DataFrame:
    """Spans between the tracks into which a pause parts a recording."""
    ahead = pl.col("recorded_at_utc").shift(-1).over("workout_n", "lap_n")
    next_track = pl.col("track_n").shift(-1).over("workout_n", "lap_n")
    gap = ahead - pl.col("recorded_at_utc")
    return (
        points.with_columns(ended_at_utc=ahead, next_track=next_track)
        .filter(
            pl.col("next_track") != pl.col("track_n"), gap > pl.duration(seconds=FOLLOWS_WITHIN_S)
        )
        .select(
            "workout_n",
            "ended_at_utc",
            source=pl.lit("pause"),
            started_at_utc="recorded_at_utc",
            text=pl.lit(None, pl.String),
        )
    )


def spans_of(points: pl.DataFrame) -> pl.DataFrame:
    """First and last instant of each workout; the last point stands its usual interval."""
    step_s = pl.col("recorded_at_utc").sort().diff().dt.total_microseconds() / 1e6
    usual_s = step_s.filter(step_s > 0).median().fill_null(SOLE_INTERVAL_S)
    last = pl.col("recorded_at_utc").max()
    is_one = (pl.col("offset_s").n_unique() == 1) & (pl.col("offset_s") != 0).any()
    return points.group_by("workout_n").agg(
        started_at_utc=pl.col("recorded_at_utc").min(),
        ended_at_utc=last + pl.duration(microseconds=(usual_s * 1e6).round()),
        # A trailing Z says that the writer's clock is UTC, not where the person was.
        file_utc_offset_s=pl.when(is_one).then(pl.col("offset_s").first()),
    )


def named_spans(workouts: pl.DataFrame, names: pl.DataFrame) -> pl.DataFrame:
    """Names of whole workouts as marks over them."""
    spans = workouts.select("workout_n", "started_at_utc", "ended_at_utc")
    return names.drop_nulls("text").join(spans, on="workout_n").unique(maintain_order=True)


def reading_of_points(
    document: Document,
    points: Points,
    workouts: pl.DataFrame,
    marks: Sequence[pl.DataFrame],
    names: pl.DataFrame,
) -> Reading:
    """Forms the reading.

    Args:
        document: The export.
        points: Its timed points.
        workouts: What the export says of each: ``workout_n``, ``sport``, ``device``, totals,
            ``grain``, ``cadence_unit``, and a span where it states one.
        marks: Spans with ``source`` and ``text``.
        names: ``workout_n``, ``source``, ``text`` of names of whole workouts.

    Raises:
        ExportError: ``no_timestamps`` where no point says when.
    """
    untimed_n = int(points.untimed["records_set_aside_n"].sum())
    if points.frame.is_empty():
        raise ExportError(
            "no_timestamps",
            f"None of its {untimed_n} points says when it was; a planned route has no times."
            if untimed_n
            else "It holds no point and no lap with a time.",
        )
    code, reason = document.outcome()
    if untimed_n and code == "ok":
        code = "rows_set_aside"
        reason = f"{untimed_n} points without a usable time are set aside."
    described = (
        workouts.join(spans_of(points.frame), on="workout_n")
        .join(points.untimed, on="workout_n", how="left")
        .with_columns(
            pl.col("records_set_aside_n").fill_null(0),
            ended_at_utc=pl.max_horizontal("ended_at_utc", "until_utc"),
            sport=pl.when(~pl.col("sport").str.to_lowercase().is_in(NO_SPORT)).then("sport"),
            sub_sport=pl.lit(None, pl.String),
            placement=pl.lit("unknown"),
        )
        .pipe(with_sports)
        .sort("workout_n")
    )
    return Reading(
        format=document.form,
        dialect=document.form,
        reason_code=code,
        reason=reason,
        recovered_fraction=document.recovered_fraction,
        workouts=shaped(described, ReadWorkouts),
        records=shaped(points.frame, ReadRecords),
        marks=_marks([*marks, pauses(points.frame), named_spans(described, names)]),
        traps=(document.problem,) if document.problem else (),
    )


def _marks(found: Sequence[pl.DataFrame]) -> dy.DataFrame[ReadMarks]:
    """All marks, by workout, time and source."""
    columns = ["workout_n", "source", "started_at_utc", "ended_at_utc", "text"]
    joined = pl.concat([frame.select(columns) for frame in found], how="vertical_relaxed")
    return shaped(joined.sort("workout_n", "started_at_utc", "source", "text"), ReadMarks)
