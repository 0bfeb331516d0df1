"""The logs of the three weeks that ``docs/adherence.md`` works out by hand, as CSV exports."""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

#: The week of all three.
WEEK = dt.date(2026, 3, 2)
#: When they are scored: long after.
NOW = dt.datetime(2026, 4, 1, tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Walking that is alike from second to second."""

    minutes: int
    direction: str
    speed_mps: float
    cadence_spm: int
    heart_rate_bpm: int | None
    grade_percent: float | None = 0.0


def _rows(start: dt.datetime, stretches: tuple[Stretch, ...]) -> list[str]:
    rows, at = [], start
    for part in stretches:
        for _ in range(part.minutes * 60):
            heart_rate = "" if part.heart_rate_bpm is None else part.heart_rate_bpm
            grade = "" if part.grade_percent is None else part.grade_percent
            rows.append(
                f"{at.isoformat()},{part.speed_mps},{part.cadence_spm},{heart_rate},"
                f"{grade},{part.direction},walking"
            )
            at += dt.timedelta(seconds=1)
    return rows


def _write(home: Path, who: str, start: str, *stretches: Stretch) -> None:
    folder = home / "inbox" / who
    folder.mkdir(parents=True, exist_ok=True)
    begin = dt.datetime.fromisoformat(start)
    header = "timestamp,speed_mps,cadence_spm,heart_rate_bpm,grade_percent,direction,sport"
    text = "\n".join([header, *_rows(begin, stretches)]) + "\n"
    folder.joinpath(f"{begin:%Y-%m-%d}.csv").write_text(text, encoding="utf-8")


def write_worked_weeks(home: Path) -> None:
    """Writes inbox and registry of the three participants."""
    brisk = Stretch(5, "forward", 1.34, 116, 98)
    for date, minutes in (("02", 28), ("04", 24), ("06", 30)):
        back = Stretch(minutes, "backward", 1.0, 104, 112)
        _write(home, "W01", f"2026-03-{date}T07:30:00+01:00", brisk, back)
    for date, minutes, cadence in (("03", 22, 62), ("05", 31, 75), ("08", 12, 60)):
        back = Stretch(minutes, "backward", 0.5, cadence, None, None)
        _write(home, "W02", f"2026-03-{date}T18:00:00+09:00", back)
    back = Stretch(25, "backward", 0.6, 70, 95)
    _write(home, "W03", "2026-03-02T10:00:00+00:00", back)
    unsaid = Stretch(10, "", 0.6, 70, 95)
    _write(home, "W03", "2026-03-04T10:00:00+00:00", Stretch(15, "backward", 0.6, 70, 95), unsaid)
    _write(home, "W03", "2026-03-06T10:00:00+00:00", Stretch(25, "", 0.6, 70, 95))
    _write_registry(home / "registry")


def _write_registry(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    folder.joinpath("participants.csv").write_text(
        "participant_id,valid_from,sex,birth_year,height_cm,body_mass_kg,resting_heart_rate_bpm,"
        "time_zone,distance_unit\n"
        "W01,2026-01-01,male,1986,175,70,60,Europe/Berlin,km\n"
        "W02,2026-01-01,female,1990,160,55,,Asia/Tokyo,km\n"
        "W03,2026-01-01,male,1976,180,80,65,Europe/London,km\n",
        encoding="utf-8",
    )
    folder.joinpath("prescriptions.csv").write_text(
        "participant_id,protocol,starts_on,ends_on,unlabelled_walking\n"
        "W01,general,2026-03-02,,unknown\n"
        "W02,cervical_spondylosis,2026-03-02,,unknown\n"
        "W03,lumbar_disc_herniation,2026-03-02,,unknown\n",
        encoding="utf-8",
    )
