"""Smallest valid CSV exports, made in memory."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

START = datetime(2026, 11, 16, 7, 0, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    """The instant so many seconds after the start that all builders share."""
    return START + timedelta(seconds=seconds)


def stamp(seconds: float, *, hours: int = 1) -> str:
    """The same as ISO 8601 on a clock that many hours ahead of UTC."""
    local = at(seconds) + timedelta(hours=hours)
    return f"{local:%Y-%m-%dT%H:%M:%S}{hours:+03d}:00"


def per_second_csv(
    columns: Mapping[str, Sequence[object]], *, times: Iterable[str] | None = None
) -> bytes:
    """A canonical per-second CSV; by default a row a second from the shared start."""
    count = len(next(iter(columns.values())))
    stamps = list(times) if times is not None else [stamp(n) for n in range(count)]
    lines = [",".join(["timestamp", *columns])]
    lines += [
        ",".join([moment, *map(str, cells)])
        for moment, cells in zip(stamps, zip(*columns.values(), strict=True), strict=True)
    ]
    return ("\n".join(lines) + "\n").encode()


GARMIN_HEADER = (
    "Activity Type,Date,Favorite,Title,Distance,Calories,Time,Avg HR,Max HR,Aerobic TE,"
    "Avg Run Cadence,Max Run Cadence,Avg Pace,Best Pace,Total Ascent,Total Descent,"
    "Avg Stride Length,Steps,Moving Time,Elapsed Time,Min Elevation,Max Elevation"
)


def garmin_row(**cells: object) -> str:
    """A row of an English list: 3.00 km walked in 50 min with 0.75 m steps, unless told otherwise."""
    row: dict[str, object] = {
        "Activity Type": "Walking", "Date": "2025-07-10 15:40:46", "Favorite": "false",
        "Title": "Evening walk", "Distance": "3.00", "Calories": "160", "Time": "00:50:00",
        "Avg HR": "104", "Max HR": "123", "Aerobic TE": "2.1", "Avg Run Cadence": "80",
        "Max Run Cadence": "124", "Avg Pace": "16:40", "Best Pace": "8:01", "Total Ascent": "3",
        "Total Descent": "5", "Avg Stride Length": "0.75", "Steps": "4,000",
        "Moving Time": "00:50:00", "Elapsed Time": "00:52:00", "Min Elevation": "12",
        "Max Elevation": "20",
    }  # fmt: skip
    unknown = cells.keys() - {name.replace(" ", "_") for name in row}
    assert not unknown, f"no such column: {unknown}"
    row |= {name.replace("_", " "): cell for name, cell in cells.items()}
    return ",".join(f'"{cell}"' for cell in row.values())


def garmin_csv(*rows: str, header: str = GARMIN_HEADER) -> bytes:
    return ("\n".join([header, *rows]) + "\n").encode()


def imu_csv(*lines: str, rows: Sequence[Sequence[float]] = ()) -> bytes:
    header = "seconds_elapsed,acc_x_mps2,acc_y_mps2,acc_z_mps2"
    body = [",".join(map(str, row)) for row in rows]
    return ("\n".join([*lines, header, *body]) + "\n").encode()
