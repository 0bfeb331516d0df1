"""What goes wrong with exports on their way: damage, copies, lateness and strays."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np

from retrowalk.simulate.fit_form import framed

DEFECT_HEADER = ("path", "participant_id", "defect", "original_path")
_DEFECT_STREAM = 3
#: Which participant meets which defect; a smaller cohort shares them out.
CORRUPT_N, LATE_N, TRUNCATED_N, COPIED_N, STRAY_N, TWO_FORMS_N = 0, 1, 2, 3, 4, 5
_KEPT_FRACTION = 0.7
_NOTE = "Left the strap at home on Tuesday, sorry. Will bring the log next time.\n"


@dataclass(frozen=True, slots=True)
class Written:
    """One export as it lies in the inbox."""

    participant_n: int
    participant_id: str
    path: str
    week_n: int
    outing_n: int
    ended_at: datetime


def is_meant(participant_n: int, defect_n: int, participants_n: int) -> bool:
    """Whether a participant is the one to meet a defect.

    Args:
        participant_n: Place in the cohort.
        defect_n: One of the numbers above.
        participants_n: Size of the cohort.

    Returns:
        The answer.
    """
    return participant_n == defect_n % participants_n


def damage(
    inbox: Path, exports: Sequence[Written], *, participants_n: int, seed: int
) -> Iterator[dict[str, str]]:
    """Damages, copies and adds files in an inbox.

    Args:
        inbox: The inbox.
        exports: What lies in it, by participant and time.
        participants_n: Size of the cohort.
        seed: Seed of the cohort.

    Yields:
        One row per defect: the file that has it and, for a copy, the file that it came from.
    """
    whole = {
        defect_n: next(e for e in exports if is_meant(e.participant_n, defect_n, participants_n))
        for defect_n in (CORRUPT_N, COPIED_N, STRAY_N)
    }
    yield _corrupt(inbox, whole[CORRUPT_N], seed)
    yield _copy(inbox, whole[COPIED_N])
    yield _stray(inbox, whole[STRAY_N])
    last_of = [e for e in exports if is_meant(e.participant_n, TRUNCATED_N, participants_n)]
    yield _truncate(inbox, last_of[len(last_of) // 2])


def _corrupt(inbox: Path, export: Written, seed: int) -> dict[str, str]:
    """Adds a file that begins and ends like FIT and holds noise between."""
    rng = np.random.default_rng([seed, _DEFECT_STREAM])
    path = f"{export.participant_id}/recovered-from-card.fit"
    (inbox / path).write_bytes(framed(rng.bytes(4096)))
    return _row(path, export, "corrupt")


def _copy(inbox: Path, export: Written) -> dict[str, str]:
    stem, _, suffix = export.path.partition(".")
    path = f"{stem} (1).{suffix}"
    (inbox / path).write_bytes((inbox / export.path).read_bytes())
    return _row(path, export, "duplicate_content", original=export.path)


def _stray(inbox: Path, export: Written) -> dict[str, str]:
    path = f"{export.participant_id}/note to the team.txt"
    (inbox / path).write_text(_NOTE, encoding="utf-8")
    return _row(path, export, "not_an_export")


def _truncate(inbox: Path, export: Written) -> dict[str, str]:
    content = (inbox / export.path).read_bytes()
    (inbox / export.path).write_bytes(content[: int(_KEPT_FRACTION * len(content))])
    return _row(export.path, export, "truncated")


def _row(path: str, export: Written, defect: str, *, original: str = "") -> dict[str, str]:
    return {
        "path": path,
        "participant_id": export.participant_id,
        "defect": defect,
        "original_path": original,
    }
