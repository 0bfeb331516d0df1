"""Writes the CSV exports, the registry and the truth as text, whole columns at a time."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

import numpy as np
import polars as pl

from retrowalk.simulate.series import Floats, Integers
from retrowalk.units import METRES_PER_KILOMETRE, SECONDS_PER_MINUTE

#: Decimals of each column of the per-second form.
_DECIMALS = {
    "speed_mps": 3,
    "distance_m": 2,
    "cadence_spm": 0,
    "heart_rate_bpm": 0,
    "altitude_m": 1,
    "grade_percent": 1,
    "latitude_deg": 6,
    "longitude_deg": 6,
    "heading_deg": 1,
}
#: Columns of Garmin Connect's activity list in English, as exported.
GARMIN_LIST_HEADER = (
    "Activity Type",
    "Date",
    "Favorite",
    "Title",
    "Distance",
    "Calories",
    "Time",
    "Avg HR",
    "Max HR",
    "Aerobic TE",
    "Avg Run Cadence",
    "Max Run Cadence",
    "Avg Pace",
    "Best Pace",
    "Total Ascent",
    "Total Descent",
    "Avg Stride Length",
    "Steps",
    "Best Lap Time",
    "Number of Laps",
    "Moving Time",
    "Elapsed Time",
    "Min Elevation",
    "Max Elevation",
)
_MISSING = "--"


def per_second_csv(
    started_at: datetime,
    elapsed_s: Integers,
    columns: Mapping[str, Floats],
    *,
    texts: Mapping[str, Sequence[str | None]],
) -> bytes:
    """Writes the canonical per-second form.

    Args:
        started_at: Start with the local UTC offset, which every row repeats.
        elapsed_s: Seconds since the start, one per row.
        columns: Numbers by column name; ``grade_fraction`` is written as ``grade_percent``. NaN
            becomes an empty cell.
        texts: Words by column name, e.g. ``direction``; None becomes an empty cell.

    Returns:
        The file in UTF-8.
    """
    named = dict(columns)
    if "grade_fraction" in named:
        named["grade_percent"] = 100.0 * named.pop("grade_fraction")
    frame = pl.DataFrame({"timestamp": _iso_times(started_at, elapsed_s)})
    numbers = [_rounded(name, values) for name, values in named.items()]
    words = [pl.Series(name, values, dtype=pl.String) for name, values in texts.items()]
    return frame.with_columns(*numbers, *words).write_csv().encode()


def imu_csv(
    started_at: datetime,
    samples: Mapping[str, Floats],
    *,
    placement: str,
    forward_axis: str | None,
    lap_at_s: Sequence[float] = (),
) -> bytes:
    """Writes the canonical motion-sensor form.

    Args:
        started_at: Start with its UTC offset.
        samples: ``seconds_elapsed`` and the axes, by column name.
        placement: Where the sensor was worn.
        forward_axis: Device axis that points forward; None: unknown, and not written.
        lap_at_s: When the lap key was pressed, seconds since the start.

    Returns:
        The file in UTF-8, comment lines first.
    """
    facts = [("started_at", started_at.isoformat()), ("placement", placement)]
    facts += [] if forward_axis is None else [("forward_axis", forward_axis)]
    facts += [("lap_at", f"{second:g}") for second in lap_at_s]
    preamble = "".join(f"# {key}: {value}\n" for key, value in facts)
    frame = pl.DataFrame({name: np.round(values, 3) for name, values in samples.items()})
    return (preamble + frame.write_csv()).encode()


def garmin_list_row(
    started_at: datetime,
    *,
    title: str,
    distance_m: float,
    timer_s: int,
    elapsed_s: int,
    heart_rate_bpm: Floats,
    cadence_spm: Floats,
) -> dict[str, str]:
    """Sums one workout up as Garmin Connect's activity list does, in kilometres.

    Args:
        started_at: Start; its local clock is written, without zone.
        title: Title of the activity.
        distance_m: Distance.
        timer_s: Length without pauses.
        elapsed_s: Length with pauses.
        heart_rate_bpm: Heart rate per second.
        cadence_spm: Steps/min per second, 0 while standing.

    Returns:
        Cells by column; what is not there reads ``--``.
    """
    moving = cadence_spm[cadence_spm > 0]
    kilometres = distance_m / METRES_PER_KILOMETRE
    steps_n = round(float(cadence_spm.sum()) / SECONDS_PER_MINUTE)
    known = {
        "Activity Type": "Walking",
        "Date": f"{started_at:%Y-%m-%d %H:%M:%S}",
        "Favorite": "false",
        "Title": title,
        "Distance": f"{kilometres:.2f}",
        "Time": _clock(timer_s),
        "Avg HR": f"{heart_rate_bpm.mean():.0f}",
        "Max HR": f"{heart_rate_bpm.max():.0f}",
        "Avg Run Cadence": f"{moving.mean():.0f}",
        "Max Run Cadence": f"{moving.max():.0f}",
        "Avg Pace": _pace(timer_s / kilometres),
        "Avg Stride Length": f"{distance_m / steps_n:.2f}",
        "Steps": f"{steps_n:,}",
        "Number of Laps": "1",
        "Moving Time": _clock(timer_s),
        "Elapsed Time": _clock(elapsed_s),
    }
    return dict.fromkeys(GARMIN_LIST_HEADER, _MISSING) | known


def table_csv(rows: Iterable[Mapping[str, object]], header: Sequence[str]) -> bytes:
    """Writes rows of text and numbers; None becomes an empty cell.

    Args:
        rows: Cells by column.
        header: The columns, in order.

    Returns:
        The file in UTF-8 with LF line ends.
    """
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(header), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def _iso_times(started_at: datetime, elapsed_s: Integers) -> pl.Series:
    """Wall-clock times with the offset that held at the start."""
    offset = f"{started_at:%z}"
    seconds = pl.Series(elapsed_s).cast(pl.Int64) * 1_000_000
    wall = pl.lit(started_at.replace(tzinfo=None)) + seconds.cast(pl.Duration("us"))
    written = wall.dt.strftime(f"%Y-%m-%dT%H:%M:%S{offset[:3]}:{offset[3:]}")
    return pl.select(written).to_series()


def _rounded(name: str, values: Floats) -> pl.Series:
    decimals = _DECIMALS[name]
    series = pl.Series(name, np.round(values, decimals), nan_to_null=True)
    return series.cast(pl.Int64) if decimals == 0 else series


def _clock(seconds: float) -> str:
    return f"{timedelta(seconds=round(seconds))}".zfill(8)


def _pace(seconds: float) -> str:
    return f"{round(seconds) // 60}:{round(seconds) % 60:02d}"
