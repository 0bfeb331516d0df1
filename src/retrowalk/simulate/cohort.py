"""Writes a cohort: an inbox of exports, a registry, and the truth about every workout."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np

from retrowalk.errors import SettingsError
from retrowalk.simulate.csv_writer import GARMIN_LIST_HEADER, table_csv
from retrowalk.simulate.defects import (
    DEFECT_HEADER,
    LATE_N,
    TWO_FORMS_N,
    Written,
    damage,
    is_meant,
)
from retrowalk.simulate.exports import export_bytes, export_name, list_row, per_second_bytes
from retrowalk.simulate.people import (
    Participant,
    Session,
    participant_of,
    sessions_of,
    week_monday,
)
from retrowalk.simulate.plans import Scenario
from retrowalk.simulate.scenarios import SCENARIOS
from retrowalk.simulate.truth import (
    ANNOTATIONS_HEADER,
    PARTICIPANTS_HEADER,
    PRESCRIPTIONS_HEADER,
    TRUTH_HEADER,
    annotation_rows,
    participant_rows,
    prescription_rows,
    truth_rows,
)

FIRST_WEEK = date(2026, 9, 14)
LIST_NAME = "Activities.csv"
_SENSOR_STREAM = 4
#: Devices hand their file over this long after the end of a workout.
_UPLOAD_DELAY = timedelta(minutes=10)
#: The week whose first file arrives late, and the week of which a second form is exported.
_LATE_WEEK_N = 1
#: The stranger walks in this week only.
_STRANGER_WEEK_N = 1


@dataclass(frozen=True, slots=True)
class _Books:
    """What is written down while the cohort is simulated."""

    exports: list[Written] = field(default_factory=list)
    truth: list[Mapping[str, object]] = field(default_factory=list)
    annotations: list[Mapping[str, object]] = field(default_factory=list)
    defects: list[Mapping[str, object]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Plan:
    """What was asked for."""

    out: Path
    participants_n: int
    weeks_n: int
    seed: int
    first_week: date
    with_defects: bool
    scenarios: Sequence[Scenario]

    @property
    def inbox(self) -> Path:
        return self.out / "inbox"


def simulate_cohort(
    out: Path,
    *,
    participants_n: int,
    weeks_n: int,
    seed: int,
    first_week: date = FIRST_WEEK,
    with_defects: bool = False,
    scenarios: Sequence[Scenario] = SCENARIOS,
    progress: Callable[[int, int], None] | None = None,
) -> None:
    """Writes ``inbox/``, ``registry/`` and ``truth.csv`` of a synthetic cohort.

    The same arguments give the same files, byte for byte. A participant's data do not depend on
    how many others there are. Six participants already meet every protocol, label and device.

    Args:
        out: Folder to write to; it must not hold an inbox or a registry yet.
        participants_n: Number of participants, at least 1.
        weeks_n: Number of weeks, at least 1.
        seed: Seed, at least 0.
        first_week: Monday of the first week.
        with_defects: Whether to add damaged, copied, late and stray files and an unregistered
            participant; ``defects.csv`` then tells which.
        scenarios: Kinds of participants, taken in turn.
        progress: Called with the number of participants done and their total.

    Raises:
        SettingsError: The first week does not begin on a Monday, a number is too small, or the
            folder already holds a cohort.
    """
    plan = _Plan(out, participants_n, weeks_n, seed, first_week, with_defects, scenarios)
    _refuse_nonsense(plan)
    participants = [_participant(n, plan) for n in range(participants_n)]
    books = _Books()
    for done_n, participant in enumerate(participants, start=1):
        _export_participant(participant, plan, books)
        if progress is not None:
            progress(done_n, participants_n)
    if with_defects:
        _export_stranger(plan, books)
        rows = damage(plan.inbox, books.exports, participants_n=participants_n, seed=seed)
        books.defects.extend(rows)
    _write_books(participants, plan, books)


def _participant(participant_n: int, plan: _Plan) -> Participant:
    return participant_of(
        participant_n,
        plan.scenarios[participant_n % len(plan.scenarios)],
        participants_n=plan.participants_n,
        seed=plan.seed,
        year=plan.first_week.year,
    )


def _refuse_nonsense(plan: _Plan) -> None:
    if plan.first_week.weekday() != 0:
        raise SettingsError(
            f"first_week {plan.first_week} is a {plan.first_week:%A}; weeks begin on Monday: "
            f"try {plan.first_week - timedelta(days=plan.first_week.weekday())}."
        )
    for name, number, least in (
        ("participants_n", plan.participants_n, 1),
        ("weeks_n", plan.weeks_n, 1),
        ("seed", plan.seed, 0),
    ):
        if number < least:
            raise SettingsError(f"{name} is {number}; it must be at least {least}.")
    for folder in (plan.inbox, plan.out / "registry"):
        if folder.exists() and any(folder.iterdir()):
            raise SettingsError(
                f"{folder} already holds files; a cohort is written to a folder of its own. "
                "Choose another folder or empty this one."
            )


def _export_participant(participant: Participant, plan: _Plan, books: _Books) -> None:
    folder = plan.inbox / participant.participant_id
    folder.mkdir(parents=True, exist_ok=True)
    sessions = sessions_of(
        participant, weeks_n=plan.weeks_n, seed=plan.seed, first_week=plan.first_week
    )
    listed = [row for session in sessions for row in _export_session(session, plan, books)]
    if participant.scenario.exports_list:
        path = folder / LIST_NAME
        path.write_bytes(table_csv(reversed(listed), GARMIN_LIST_HEADER))
        _date(path, _end_of(plan))


def _export_session(session: Session, plan: _Plan, books: _Books) -> Iterator[dict[str, str]]:
    """Writes one session and notes its truth; yields its row of an activity list."""
    folder = session.participant.participant_id
    is_late = plan.with_defects and _is_late(session, plan)
    name = f"upload-{_late_date(plan)}.fit" if is_late else export_name(session)
    path = f"{folder}/{LIST_NAME if session.is_only_listed else name}"
    if not session.is_only_listed:
        arrived_at = _end_of(plan) if is_late else session.ended_at_utc + _UPLOAD_DELAY
        _write_export(session, path, arrived_at, plan, books)
    if is_late:
        books.defects.append(_defect(path, session, "late"))
    if plan.with_defects and _has_two_forms(session, plan):
        _write_second_form(session, path, plan, books)
    books.truth.extend(truth_rows(session, path))
    books.annotations.extend(annotation_rows(session))
    yield list_row(session)


def _write_export(
    session: Session, path: str, arrived_at: datetime, plan: _Plan, books: _Books
) -> None:
    participant = session.participant
    rng = np.random.default_rng(
        [plan.seed, _SENSOR_STREAM, participant.participant_n, session.week_n, session.outing_n]
    )
    target = plan.inbox / path
    target.write_bytes(export_bytes(session, rng))
    _date(target, arrived_at)
    books.exports.append(
        Written(
            participant_n=participant.participant_n,
            participant_id=participant.participant_id,
            path=path,
            week_n=session.week_n,
            outing_n=session.outing_n,
            ended_at=session.ended_at_utc,
        )
    )


def _write_second_form(session: Session, path: str, plan: _Plan, books: _Books) -> None:
    second = f"{session.participant.participant_id}/{export_name(session).split('.')[0]}.csv"
    target = plan.inbox / second
    target.write_bytes(per_second_bytes(session, with_direction=False))
    _date(target, session.ended_at_utc + _UPLOAD_DELAY)
    books.defects.append(_defect(second, session, "same_recording", original=path))


def _export_stranger(plan: _Plan, books: _Books) -> None:
    """Adds the folder of somebody whom the registry does not know."""
    stranger = _participant(plan.participants_n, plan)
    folder = plan.inbox / stranger.participant_id
    folder.mkdir(parents=True, exist_ok=True)
    week_n = min(_STRANGER_WEEK_N, plan.weeks_n - 1)
    sessions = sessions_of(
        stranger, weeks_n=plan.weeks_n, seed=plan.seed, first_week=plan.first_week
    )
    for session in sessions:
        if session.week_n == week_n:
            list(_export_session(session, plan, books))
    books.defects.append(
        {"path": stranger.participant_id, "participant_id": stranger.participant_id}
        | {"defect": "unregistered", "original_path": ""}
    )


def _is_late(session: Session, plan: _Plan) -> bool:
    return (
        is_meant(session.participant.participant_n, LATE_N, plan.participants_n)
        and session.week_n == min(_LATE_WEEK_N, plan.weeks_n - 1)
        and session.outing_n == 0
    )


def _has_two_forms(session: Session, plan: _Plan) -> bool:
    return (
        is_meant(session.participant.participant_n, TWO_FORMS_N, plan.participants_n)
        and session.week_n == 0
        and session.outing_n == 0
    )


def _late_date(plan: _Plan) -> date:
    return week_monday(plan.first_week, plan.weeks_n - 1)


def _end_of(plan: _Plan) -> datetime:
    last = week_monday(plan.first_week, plan.weeks_n)
    return datetime(last.year, last.month, last.day, tzinfo=UTC)


def _date(path: Path, at: datetime) -> None:
    os.utime(path, (at.timestamp(), at.timestamp()))


def _defect(path: str, session: Session, defect: str, *, original: str = "") -> dict[str, object]:
    return {
        "path": path,
        "participant_id": session.participant.participant_id,
        "defect": defect,
        "original_path": original,
    }


def _write_books(participants: Sequence[Participant], plan: _Plan, books: _Books) -> None:
    registry = plan.out / "registry"
    registry.mkdir(parents=True, exist_ok=True)
    first_week, weeks_n = plan.first_week, plan.weeks_n
    people = participant_rows(participants, first_week=first_week, weeks_n=weeks_n)
    protocols = prescription_rows(participants, first_week=first_week, weeks_n=weeks_n)
    files: dict[Path, tuple[Iterable[Mapping[str, object]], Sequence[str]]] = {
        registry / "participants.csv": (
            people,
            PARTICIPANTS_HEADER,
        ),
        registry / "prescriptions.csv": (
            protocols,
            PRESCRIPTIONS_HEADER,
        ),
        registry / "annotations.csv": (books.annotations, ANNOTATIONS_HEADER),
        plan.out / "truth.csv": (books.truth, TRUTH_HEADER),
    }
    if plan.with_defects:
        files[plan.out / "defects.csv"] = (books.defects, DEFECT_HEADER)
    for path, (rows, header) in files.items():
        path.write_bytes(table_csv(rows, header))
