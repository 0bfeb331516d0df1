"""A person who labels both directions in one week and nothing in the next ones, as CSV exports."""

import datetime as dt
from pathlib import Path

#: Monday of the first week, and the Tuesday morning of it on which the first walk starts.
FIRST_WEEK = dt.date(2026, 6, 1)
FIRST_START = dt.datetime(2026, 6, 2, 7, tzinfo=dt.UTC)
#: Step length over cadence: 0.552 m at 100 steps/min forward, 0.4416 m at 125 backward.
FORWARD = "0.92,100,90,0"
BACKWARD = "0.92,125,110,0"
_HEADER = "timestamp,speed_mps,cadence_spm,heart_rate_bpm,grade_percent,direction,sport"


def week(number: int) -> dt.date:
    """The Monday of a week, the first one being 0."""
    return FIRST_WEEK + dt.timedelta(weeks=number)


def write_walk(
    home: Path, number: int, *, labelled: bool, day: int = 0, participant_id: str = "A"
) -> Path:
    """Ten minutes forward and ten backward in one week; with the direction, or without."""
    started = FIRST_START + dt.timedelta(weeks=number, days=day)
    lines = [_HEADER]
    for second in range(1200):
        values, direction = (FORWARD, "forward") if second < 600 else (BACKWARD, "backward")
        label = direction if labelled else ""
        at = (started + dt.timedelta(seconds=second)).isoformat()
        lines.append(f"{at},{values},{label},walking")
    path = home / f"inbox/{participant_id}/{started:%Y%m%d}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def write_annotations(home: Path, number: int, participant_id: str = "A") -> None:
    """The registry's note of which half of a week's walk went which way."""
    started = FIRST_START + dt.timedelta(weeks=number)
    turned = started + dt.timedelta(minutes=10)
    ended = turned + dt.timedelta(minutes=10)
    path = home / "registry/annotations.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        "participant_id,started_at,ended_at,direction,grade_percent\n"
        f"{participant_id},{started.isoformat()},{turned.isoformat()},forward,\n"
        f"{participant_id},{turned.isoformat()},{ended.isoformat()},backward,\n",
        encoding="utf-8",
    )
