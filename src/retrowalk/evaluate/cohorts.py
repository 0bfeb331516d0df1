"""Simulates a cohort, walks its inbox through the readers and rooms, and lays the truth beside it.

The one part of the measurement that touches files: it works in a folder of its own, as a home with
inbox, registry and lake. What is measured is what a clinic would get, from bytes to segments.
"""

import datetime as dt
import tempfile
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from retrowalk.evaluate.changes import border_errors
from retrowalk.evaluate.pieces import cells_of, pieces_of
from retrowalk.evaluate.slopes import graded_windows
from retrowalk.settings import load_settings
from retrowalk.simulate import FIRST_WEEK, HISTORY_WEEKS_N, REGIMES, simulate_regime
from retrowalk.walk.stages import STAGES
from retrowalk.walk.start import begin_walk

_INSTANTS = (
    "started_at_utc",
    "ended_at_utc",
    "label_started_at_utc",
    "label_ended_at_utc",
)


@dataclass(frozen=True, slots=True)
class Size:
    """How much is simulated of a regime for each seed.

    Args:
        rounds_n: How often each kind of participant is met.
        weeks_n: Weeks of three workouts that are measured; labelled history comes on top.
    """

    rounds_n: int
    weeks_n: int


SIZES = {"tiny": Size(1, 1), "small": Size(2, 1), "large": Size(4, 2)}


@dataclass(frozen=True, slots=True)
class Found:
    """What was stated of one cohort, beside the truth, ready to be counted.

    All tables carry ``regime`` and ``kind`` (of participant).

    Args:
        pieces: As from :func:`retrowalk.evaluate.pieces.pieces_of`.
        cells: As from :func:`retrowalk.evaluate.pieces.cells_of`.
        borders: As from :func:`retrowalk.evaluate.changes.border_errors`.
        graded: As from :func:`retrowalk.evaluate.slopes.graded_windows`.
    """

    pieces: pl.DataFrame
    cells: pl.DataFrame
    borders: pl.DataFrame
    graded: pl.DataFrame


def found_in_cohort(regime: str, *, seed: int, size: Size) -> Found:
    """Simulates a regime once, scores it up to segments, and compares.

    Args:
        regime: Key of :data:`retrowalk.simulate.REGIMES`.
        seed: Seed of the cohort.
        size: How large it is.

    Raises:
        SettingsError: The regime is not known.
    """
    with tempfile.TemporaryDirectory(prefix="retrowalk-evaluate-") as folder:
        home = Path(folder)
        history_n = HISTORY_WEEKS_N.get(regime, 0)
        simulate_regime(
            home,
            regime=regime,
            participants_n=size.rounds_n * len(REGIMES.get(regime, "?")),
            weeks_n=history_n + size.weeks_n,
            seed=seed,
        )
        tables = scored(home)
        measured_from = FIRST_WEEK + dt.timedelta(weeks=history_n)
        truth = truth_of(home, tables, regime, measured_from=measured_from)
    windows, segments = tables["windows"], tables["segments"]
    return Found(
        pieces=pieces_of(segments, truth),
        cells=cells_of(windows, truth),
        borders=border_errors(segments, truth),
        graded=graded_windows(windows, segments, truth),
    )


def scored(home: Path) -> dict[str, pl.DataFrame]:
    """Walks a home's inbox up to segments, and reads what is needed of the tables."""
    later = dt.datetime.combine(FIRST_WEEK, dt.time(), dt.UTC) + dt.timedelta(days=365)
    walk = begin_walk(
        load_settings(
            home=home, inbox=home / "inbox", registry=home / "registry", lake=str(home / "lake")
        ),
        now_utc=later,
    )
    walk.scan()
    weeks = walk.stale_weeks()
    last = next(n for n, (tables, _) in enumerate(STAGES) if "segments" in tables)
    for _, stage in STAGES[: last + 1]:
        stage(walk, weeks)
    return {name: walk.lake.read(name) for name in ("exports", "workouts", "windows", "segments")}


def truth_of(
    home: Path, tables: dict[str, pl.DataFrame], regime: str, *, measured_from: dt.date
) -> pl.DataFrame:
    """Reads the truth and finds the workouts that it is about.

    Args:
        home: Folder of the cohort.
        tables: Its tables.
        regime: What was simulated.
        measured_from: Workouts before this day are history, and not measured.

    Returns:
        One row per block of a scored workout: ``workout_id, started_at_utc, ended_at_utc,
        activity, direction, grade_fraction, is_paused``, its label, ``regime`` and ``kind``.
    """
    kinds = pl.DataFrame({"kind": [kind.name for kind in REGIMES[regime]]}).with_row_index("kind_n")
    number = pl.col("participant_id").str.strip_chars_start("P").cast(pl.UInt32) - 1
    ids = tables["workouts"].join(
        tables["exports"].select("export_id", "path"), on="export_id", how="inner"
    )
    return (
        pl.read_csv(home / "truth.csv", infer_schema=False)
        .with_columns(
            pl.col(_INSTANTS).str.to_datetime(time_unit="us", time_zone="UTC"),
            kind_n=number % kinds.height,
            grade_fraction=pl.col("grade_percent").cast(pl.Float64) / 100.0,
            is_paused=pl.col("is_paused") == "true",
            regime=pl.lit(regime),
        )
        .filter(pl.col("started_at_utc").dt.date() >= measured_from)
        .join(ids.select("workout_id", "path"), on="path")
        .join(kinds, on="kind_n")
        .select(
            "workout_id",
            "started_at_utc",
            "ended_at_utc",
            "activity",
            "direction",
            "grade_fraction",
            "is_paused",
            "label_direction",
            "label_started_at_utc",
            "label_ended_at_utc",
            "regime",
            "kind",
        )
    )
