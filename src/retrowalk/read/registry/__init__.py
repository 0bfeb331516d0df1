"""Reads the registry: participants, prescriptions, annotations and a user's own CSV dialects.

Everything is read at the start of a run, since every score rests on it; only
:func:`read_registry` touches files.
"""

import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

import dataframely as dy
import polars as pl

from retrowalk.errors import RegistryError
from retrowalk.read.csv.dialect import Dialect
from retrowalk.read.csv.dialect_toml import dialect_from_toml, shipped_dialects
from retrowalk.read.registry.annotations import read_annotations
from retrowalk.read.registry.participants import in_force, read_participants
from retrowalk.read.registry.prescriptions import read_prescriptions
from retrowalk.tables.annotations import Annotations
from retrowalk.tables.participants import Participants
from retrowalk.tables.prescriptions import Prescriptions

__all__ = [
    "Registry",
    "in_force",
    "read_annotations",
    "read_participants",
    "read_prescriptions",
    "read_registry",
]

S = TypeVar("S", bound=dy.Schema)


@dataclass(frozen=True, slots=True)
class File:
    """A registry file: what messages call it, and its content."""

    called: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Registry:
    """What is known beside the exports.

    Args:
        participants: What is known of each person, and from when.
        prescriptions: Who follows which protocol, and when.
        annotations: What people wrote down about spans of time.
        version: SHA-256 over the content of all registry files; the same content, the same version.
        dialects: The CSV dialects of the registry, then those that come with the package.
    """

    participants: dy.DataFrame[Participants]
    prescriptions: dy.DataFrame[Prescriptions]
    annotations: dy.DataFrame[Annotations]
    version: str
    dialects: tuple[Dialect, ...]

    def zone_and_unit(self, participant_id: str) -> tuple[str | None, str | None]:
        """How a participant's exports are read: time zone and unit of distance, as last stated."""
        stated = self.participants.filter(pl.col("participant_id") == participant_id).sort(
            "valid_from_date"
        )
        zone, unit = (stated[c].drop_nulls() for c in ("time_zone", "distance_unit"))
        return (zone[-1] if len(zone) else None), (unit[-1] if len(unit) else None)


def read_registry(
    folder: Path,
    protocols: Collection[str],
    *,
    participants_file: Path | None = None,
    prescriptions_file: Path | None = None,
    annotations_file: Path | None = None,
) -> Registry:
    """Reads a registry folder.

    Args:
        folder: Holds ``participants.csv``, ``prescriptions.csv``, ``annotations.csv`` and
            ``dialects/*.toml``; each may be missing, and so may the folder.
        protocols: Identifiers of the protocols that there are.
        participants_file: Read in place of the folder's file; it must be there. So are the two
            that follow.
        prescriptions_file: As above.
        annotations_file: As above.

    Returns:
        The registry; a missing file is an empty table.

    Raises:
        RegistryError: One, with every problem of every file.
    """
    problems: list[str] = []
    instead = {
        "participants.csv": participants_file,
        "prescriptions.csv": prescriptions_file,
        "annotations.csv": annotations_file,
    }
    found = _contents(folder, instead, problems)
    participants = _read(found.get("participants.csv"), read_participants, Participants, problems)
    # Without readable participants no time zone is known, and nobody is to blame in annotations.
    zones = None if problems else participants
    prescriptions = _read(
        found.get("prescriptions.csv"),
        partial(read_prescriptions, protocols=protocols),
        Prescriptions,
        problems,
    )
    annotations = _read(
        found.get("annotations.csv"),
        partial(read_annotations, participants=zones),
        Annotations,
        problems,
    )
    own = _dialects(found, problems)
    if problems:
        raise RegistryError(problems)
    return Registry(
        participants=participants,
        prescriptions=prescriptions,
        annotations=annotations,
        version=_version(found),
        dialects=(*own, *shipped_dialects()),
    )


def registry_dialects(folder: Path) -> tuple[Dialect, ...]:
    """Reads only the dialects of a registry, whatever its other files hold.

    Args:
        folder: Holds ``dialects/*.toml``; it may be missing.

    Returns:
        The registry's own dialects, then those that come with the package.

    Raises:
        RegistryError: One, with every problem of every dialect.
    """
    problems: list[str] = []
    own = _dialects(_contents(folder, {}, problems), problems)
    if problems:
        raise RegistryError(problems)
    return (*own, *shipped_dialects())


def _contents(
    folder: Path, instead: Mapping[str, Path | None], problems: list[str]
) -> dict[str, File]:
    """Reads the files that there are: name below the folder -> what they are called, content."""
    files = {name: file or folder / name for name, file in instead.items()}
    files = {name: file for name, file in files.items() if instead[name] or file.exists()}
    own = sorted((folder / "dialects").glob("*.toml"))
    files |= {file.relative_to(folder).as_posix(): file for file in own}
    found: dict[str, File] = {}
    for name, file in files.items():
        try:
            found[name] = File(str(instead.get(name) or name), file.read_bytes())
        except OSError as error:
            problems.append(f"{file}: cannot be read: {error.strerror}; check its name and rights")
    return found


def _read(
    file: File | None,
    reader: Callable[[bytes, str], dy.DataFrame[S]],
    table: type[S],
    problems: list[str],
) -> dy.DataFrame[S]:
    """Reads one file; what is wrong with it joins the problems of the others."""
    if file is None:
        return table.create_empty()
    try:
        return reader(file.data, file.called)
    except RegistryError as error:
        problems.extend(error.problems)
        return table.create_empty()


def _dialects(found: Mapping[str, File], problems: list[str]) -> tuple[Dialect, ...]:
    """Reads the registry's own dialects; each must have a name of its own."""
    taken = {dialect.name: "the package" for dialect in shipped_dialects()}
    own: list[Dialect] = []
    for name, file in found.items():
        if not name.startswith("dialects/"):
            continue
        try:
            dialect = dialect_from_toml(file.data.decode(), name)
        except UnicodeDecodeError:
            problems.append(f"{name}: not readable as UTF-8; save it anew as UTF-8")
            continue
        except RegistryError as error:
            problems.extend(error.problems)
            continue
        if dialect.name in taken:
            problems.append(
                f"{name}: the name {dialect.name!r} is taken by {taken[dialect.name]}; choose another"
            )
        taken[dialect.name] = name
        own.append(dialect)
    return tuple(own)


def _version(found: Mapping[str, File]) -> str:
    digest = hashlib.sha256()
    for name in sorted(found):
        digest.update(f"{name}\0{len(found[name].data)}\0".encode())
        digest.update(found[name].data)
    return digest.hexdigest()
