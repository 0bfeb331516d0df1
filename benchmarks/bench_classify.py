"""Classifies 1,000 hours of walking, records to segments, and says how fast and in how much memory.

A thousand made-up workouts of an hour at 1 Hz, a quarter each: laps labelled, compass beside course,
motion sensor at the trunk, and nothing but speed, cadence and heart rate beside a history. Rooms
take batches of them, as the walk does; beside that, the same rooms one workout at a time.

    python benchmarks/bench_classify.py [hours]

Each line is a process of its own on two threads: the best of three runs, and the most memory that
was taken on top of the tables that went in.
"""

import datetime as dt
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

os.environ.setdefault("POLARS_MAX_THREADS", "2")

import dataframely as dy
import numpy as np
import polars as pl

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "src")]

from retrowalk.rules.evidence import evidence_rules  # noqa: E402
from retrowalk.rules.plausibility import plausibility_rules  # noqa: E402
from retrowalk.segments import segments_from_windows  # noqa: E402
from retrowalk.settings import Settings  # noqa: E402
from retrowalk.tables import Marks, Motion, Prescriptions, Records, Windows, Workouts  # noqa: E402
from retrowalk.walk.stages import ROOM_FACTOR  # noqa: E402
from retrowalk.windows import windows_from_records  # noqa: E402
from retrowalk.windows.gait import habits_from_windows  # noqa: E402

HOURS, SECONDS, BOUT_S, SPAN_S = 1000, 3600, 180, 3
TARGET_S = 5.0
BATCHES = (25, 50, 100, 150, 250, 500, 1000)
#: The plain loop is timed on so many workouts, and scaled.
LOOP_N = 40
RUNS = 3
START = dt.datetime(2026, 11, 16, 9, tzinfo=dt.UTC)
WEEK = START.date()


S = TypeVar("S", bound=dy.Schema)


@dataclass(frozen=True)
class Batch:
    """The tables of some workouts."""

    records: dy.DataFrame[Records]
    marks: dy.DataFrame[Marks]
    motion: dy.DataFrame[Motion]
    workouts: dy.DataFrame[Workouts]


def table(schema: type[S], frame: pl.DataFrame) -> dy.DataFrame[S]:
    """A table; columns that are not given are null."""
    return schema.cast(pl.concat([schema.create_empty(), frame], how="diagonal_relaxed"))


def at(second: pl.Expr) -> pl.Expr:
    return pl.lit(START) + pl.duration(milliseconds=(second * 1000).cast(pl.Int64))


def named(first: int, count: int) -> pl.DataFrame:
    """Workouts by number: their kind and whose they are; ten workouts a person."""
    number = pl.int_range(first, first + count, eager=True)
    return pl.DataFrame({"number": number}).with_columns(
        week_start_date=pl.lit(WEEK),
        workout_id=pl.format("w{}", pl.col("number").cast(pl.String).str.zfill(5)),
        participant_id=pl.format("p{}", pl.col("number") // 10),
        kind=pl.col("number") % 4,
    )


def made(first: int, count: int) -> Batch:
    """Workouts that alternate forward and backward every three minutes."""
    rng = np.random.default_rng(first)
    of = named(first, count)
    seconds = pl.DataFrame({"second": np.arange(SECONDS)})
    own = of.join(seconds, how="cross").with_columns(
        is_back=pl.col("second") // BOUT_S % 2 == 1,
        noise=pl.Series(rng.normal(0.0, 1.0, count * SECONDS)),
        other=pl.Series(rng.normal(0.0, 1.0, count * SECONDS)),
    )
    course = (pl.col("second") // 600 * 90.0 + 4.0 * pl.col("noise")) % 360.0
    turned = (course + pl.when("is_back").then(180.0).otherwise(0.0) + 15.0 * pl.col("other")) % 360
    speed = pl.when("is_back").then(0.8).otherwise(1.3) + 0.05 * pl.col("noise")
    records = own.select(
        "week_start_date",
        "workout_id",
        recorded_at_utc=at(pl.col("second")),
        elapsed_s=pl.col("second").cast(pl.Float64),
        speed_mps=speed,
        distance_m=speed.cum_sum().over("workout_id"),
        cadence_spm=pl.when("is_back").then(104.0).otherwise(112.0) + 2.0 * pl.col("other"),
        heart_rate_bpm=pl.when("is_back").then(112.0).otherwise(98.0) + pl.col("noise"),
        altitude_m=100.0 + 8.0 * (pl.col("second") / 240.0).sin() + 0.1 * pl.col("other"),
        course_deg=course,
        heading_deg=pl.when(pl.col("kind") == 1).then(turned),
        east_m=pl.col("second") * 0.7 + pl.col("noise"),
        north_m=pl.col("second") * 0.8 + pl.col("other"),
    )
    return Batch(table(Records, records), laps(of), spans(of, rng), listed(of))


def laps(of: pl.DataFrame) -> dy.DataFrame[Marks]:
    """Labelled laps of every kind 0, and the first lap of every kind 1."""
    bouts = pl.DataFrame({"mark_n": np.arange(SECONDS // BOUT_S)})
    told = of.join(bouts, how="cross").filter(
        (pl.col("kind") == 0) | ((pl.col("kind") == 1) & (pl.col("mark_n") == 0))
    )
    is_back = pl.col("mark_n") % 2 == 1
    rows = told.select(
        *("week_start_date", "workout_id", "mark_n"),
        source=pl.lit("lap_name"),
        started_at_utc=at(pl.col("mark_n") * BOUT_S),
        ended_at_utc=at((pl.col("mark_n") + 1) * BOUT_S),
        direction=pl.when(is_back).then(pl.lit("backward")).otherwise(pl.lit("forward")),
    )
    return table(Marks, rows)


def spans(of: pl.DataFrame, rng: np.random.Generator) -> dy.DataFrame[Motion]:
    """Motion spans of every kind 2, phases about the general modes."""
    begins = pl.DataFrame({"second": np.arange(0, SECONDS, SPAN_S)})
    worn = of.filter(pl.col("kind") == 2).join(begins, how="cross")
    is_back = pl.col("second") // BOUT_S % 2 == 1
    scatter = pl.Series(rng.normal(0.0, 0.4, worn.height))
    rows = worn.select(
        *("week_start_date", "workout_id"),
        started_at_utc=at(pl.col("second")),
        ended_at_utc=at(pl.col("second") + SPAN_S),
        samples_n=pl.lit(300),
        sample_rate_hz=pl.lit(100.0),
        gap_fraction=pl.lit(0.0),
        step_frequency_hz=pl.lit(1.8),
        vertical_rms_mps2=pl.lit(2.0),
        anterior_posterior_rms_mps2=pl.lit(1.2),
        vertical_anterior_posterior_phase_rad=pl.when(is_back).then(-1.3).otherwise(2.1) + scatter,
        coherence_fraction=pl.lit(0.9),
        placement=pl.lit("trunk"),
        forward_axis=pl.lit("+z"),
    )
    return table(Motion, rows)


def listed(of: pl.DataFrame) -> dy.DataFrame[Workouts]:
    rows = of.select(
        *("week_start_date", "workout_id", "participant_id"),
        export_id=pl.lit("e"),
        workout_n=pl.lit(0),
        started_at_utc=at(pl.lit(0)),
        ended_at_utc=at(pl.lit(SECONDS)),
        utc_offset_s=pl.lit(0),
        utc_offset_source=pl.lit("file"),
        local_date=pl.lit(WEEK),
        sport=pl.lit("walking"),
        environment=pl.lit("outdoor"),
        grain=pl.lit("record"),
        elapsed_s=pl.lit(float(SECONDS)),
        moving_s=pl.lit(float(SECONDS)),
        records_n=pl.lit(SECONDS),
        records_set_aside_n=pl.lit(0),
        median_interval_s=pl.lit(1.0),
        cadence_factor_source=pl.lit("column_name"),
        altitude_source=pl.lit("barometer"),
        resting_heart_rate_grade=pl.lit("none"),
        body_mass_source=pl.lit("none"),
    )
    return table(Workouts, rows)


def cut(batch: Batch, habits: pl.DataFrame | None = None) -> dy.DataFrame[Windows]:
    """Records to windows."""
    return windows_from_records(
        batch.records,
        batch.marks,
        batch.motion,
        batch.workouts,
        evidence=evidence_rules(),
        plausibility=plausibility_rules(),
        habits=habits,
    )


def classified(batch: Batch, habits: pl.DataFrame | None) -> pl.DataFrame:
    """Records to segments."""
    return segments_from_windows(
        cut(batch, habits),
        batch.workouts,
        Prescriptions.create_empty(),
        evidence=evidence_rules(),
        plausibility=plausibility_rules(),
    )


def histories(hours: int) -> pl.DataFrame:
    """Habits of everybody: those that ten labelled workouts of one person teach."""
    batch = made(0, 10)
    one = habits_from_windows(cut(batch), batch.workouts, evidence_rules())
    people = pl.DataFrame({"participant_id": [f"p{n}" for n in range(hours // 10 + 1)]})
    return people.join(one.drop("participant_id"), how="cross")


def sized(hours: int, workouts_n: int) -> Iterator[Batch]:
    for first in range(0, hours, workouts_n):
        yield made(first, min(workouts_n, hours - first))


def status(name: str) -> int:
    text = Path("/proc/self/status").read_text(encoding="ascii")
    return 1024 * int(text.split(f"{name}:")[1].split()[0])


def measure(hours: int, workouts_n: int) -> None:
    """Prints seconds for all, and peak memory above the tables."""
    habits = histories(hours)
    classified(made(0, min(workouts_n, 4)), habits)
    batches = list(sized(hours, workouts_n))
    before = status("VmRSS")
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    best = float("inf")
    for _ in range(RUNS):
        begun = time.perf_counter()
        for batch in batches:
            classified(batch, habits)
        best = min(best, time.perf_counter() - begun)
    print(best, status("VmHWM") - before)


def measured(hours: int, workouts_n: int) -> tuple[float, float]:
    command = [sys.executable, __file__, "--measure", str(hours), str(workouts_n)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    seconds, peak = done.stdout.split()
    return float(seconds), float(peak)


def main() -> None:
    """Measures each size of batch and the plain loop, each in its own process."""
    if sys.argv[1:2] == ["--measure"]:
        measure(int(sys.argv[2]), int(sys.argv[3]))
        return
    hours = int(sys.argv[1]) if len(sys.argv) > 1 else HOURS
    shipped = Settings.model_fields["batch_records_n"].default // ROOM_FACTOR // SECONDS
    print(f"{hours:,} hours of walking at 1 Hz, records to segments, two threads")
    print(f"{'workouts at once':>18} {'seconds':>8} {'hours/s':>8} {'peak MB':>8}")
    times = {}
    for size in sorted({*(n for n in BATCHES if n <= hours), min(shipped, hours)}):
        seconds, peak = measured(hours, size)
        times[size] = seconds
        said = "  <- as shipped (setting batch_records_n)" if size == min(shipped, hours) else ""
        print(
            f"{size:18,} {seconds:8.2f} {hours / seconds:8.0f} {peak / 1e6:8.0f}{said}",
            flush=True,
        )
    seconds, _ = measured(min(LOOP_N, hours), 1)
    scaled = seconds * hours / min(LOOP_N, hours)
    ours = times[min(shipped, hours)]
    print(
        f"A plain loop over workouts, the same rooms: {scaled:.1f} s (from {LOOP_N} of them), "
        f"{scaled / ours:.1f} x as long"
    )
    if hours == HOURS:
        print(
            f"Target {TARGET_S:.0f} s: {'met' if ours <= TARGET_S else 'missed'} with {ours:.2f} s"
        )


if __name__ == "__main__":
    main()
