"""Reads a per-second CSV of 200 MB with this package and with two peers, each in its own process.

The peers do less: Polars gives typed columns, Python's csv module lists of texts; neither knows
units, labels, workouts, or which cells are wrong. They are the floor and the ceiling of the time.

    python benchmarks/bench_csv.py [megabytes]
"""

import csv
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import polars as pl

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "src")]

from retrowalk.read.content import reading_of  # noqa: E402
from retrowalk.read.csv import shipped_dialects  # noqa: E402

MEGABYTES = 200
#: What one row of the file below takes.
ROW_BYTES = 95
#: Each reader runs so often; the best time and the largest peak count.
RUNS = 3
LEAST_MB_PER_S, MOST_MEMORY = 50.0, 6.0


def write(path: Path, megabytes: float) -> None:
    """Writes a canonical per-second CSV with all twelve columns."""
    n = pl.col("n")
    pl.int_range(round(megabytes * 1e6 / ROW_BYTES), eager=True).to_frame("n").select(
        timestamp=(pl.datetime(2026, 1, 1, time_unit="us") + pl.duration(seconds=n)).dt.to_string(
            "%Y-%m-%dT%H:%M:%S+01:00"
        ),
        speed_mps=(1.2 + (n % 100) / 1000).round(3),
        distance_m=(n * 1.25).round(2),
        cadence_spm=100 + n % 20,
        heart_rate_bpm=90 + n % 30,
        altitude_m=(50 + n % 100 / 10).round(1),
        grade_percent=pl.lit(0.0),
        latitude_deg=(52.5 + n % 1000 / 1e5).round(6),
        longitude_deg=(13.4 + n % 1000 / 1e5).round(6),
        heading_deg=(n % 360).cast(pl.Float64),
        direction=pl.when(n // 600 % 2 == 0).then(pl.lit("forward")).otherwise(pl.lit("backward")),
        lap=n // 600,
    ).write_csv(path)


def ours(path: Path) -> int:
    data = path.read_bytes()
    reading = reading_of(data, time_zone=None, distance_unit=None, dialects=shipped_dialects())
    return reading.records.height


def polars(path: Path) -> int:
    return pl.read_csv(path, try_parse_dates=True).height


def csv_module(path: Path) -> int:
    with path.open(newline="", encoding="utf-8") as file:
        return len(list(csv.DictReader(file)))


READERS = {"retrowalk": ours, "polars": polars, "csv module": csv_module}


def peak_bytes() -> int:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return 1024 * int(status.split("VmHWM:")[1].split()[0])


def one(name: str, path: Path) -> None:
    """Prints rows, seconds and peak memory in bytes beyond the idle process."""
    shipped_dialects()
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # forget the peak so far
    idle = peak_bytes()
    begun = time.perf_counter()
    rows_n = READERS[name](path)
    print(rows_n, time.perf_counter() - begun, peak_bytes() - idle)


def main() -> None:
    """Runs every reader on one file; leaves with 1 if ours misses its targets."""
    if sys.argv[1:2] == ["--one"]:
        one(sys.argv[2], Path(sys.argv[3]))
        return
    path = Path(tempfile.mkstemp(suffix=".csv")[1])
    write(path, float(sys.argv[1]) if len(sys.argv) > 1 else MEGABYTES)
    size = path.stat().st_size
    print(f"{size / 1e6:.0f} MB, twelve columns, load {os.getloadavg()[0]:.1f}")
    missed = False
    for name in READERS:
        command = [sys.executable, __file__, "--one", name, str(path)]
        told = [
            subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
            for _ in range(RUNS if name != "csv module" else 1)
        ]
        took, peak = min(float(run[1]) for run in told), max(float(run[2]) for run in told)
        rate, times = size / took / 1e6, peak / size
        print(
            f"  {name:10}  {int(told[0][0]):>9,} rows  {took:6.2f} s  {rate:6.1f} MB/s   "
            f"peak memory {times:4.1f} x the file"
        )
        missed |= name == "retrowalk" and (rate < LEAST_MB_PER_S or times > MOST_MEMORY)
    path.unlink()
    print(f"  target: at least {LEAST_MB_PER_S:.0f} MB/s, at most {MOST_MEMORY:.0f} x the file")
    sys.exit(missed)


if __name__ == "__main__":
    main()
