"""The inbox: which files have arrived, whose they are, and their bytes."""

import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from retrowalk.errors import ExportError
from retrowalk.read.archive import is_archive, members_from_archive

#: Owner of files that lie in no participant's folder.
UNASSIGNED = "unassigned"
#: What file systems leave behind; never an export.
CLUTTER = frozenset({".DS_Store", "Thumbs.db", "desktop.ini", ".gitkeep", ".keep"})
_MEMBER = "!/"


@dataclass(frozen=True, slots=True)
class Arrival:
    """One file in the inbox."""

    participant_id: str
    path: str
    location: Path
    size_bytes: int
    modified_at_utc: dt.datetime


@dataclass(frozen=True, slots=True)
class Content:
    """One export as received: a file, or a member of an archive of several."""

    arrival: Arrival
    path: str
    data: bytes

    @property
    def sha256(self) -> str:
        """Fingerprint of the content."""
        return hashlib.sha256(self.data).hexdigest()


def short_hash(*parts: object) -> str:
    """A stable identifier of sixteen hexadecimal digits.

    Example:
        >>> short_hash("P01", 3) == short_hash("P01", 3) != short_hash("P013")
        True
    """
    return hashlib.sha256("\x1f".join(map(str, parts)).encode()).hexdigest()[:16]


def arrival(location: Path, path: str, participant_id: str) -> Arrival:
    """Describes one file."""
    status = location.stat()
    modified = dt.datetime.fromtimestamp(round(status.st_mtime, 6), tz=dt.UTC)
    return Arrival(participant_id, path, location, status.st_size, modified)


def files_below(folder: Path) -> Iterator[Path]:
    """Every file below a folder, in order of its path."""
    yield from sorted(path for path in folder.rglob("*") if path.is_file())


def arrivals_in(folder: Path, *, prefix: str = "") -> Iterator[Arrival]:
    """The files of an inbox folder; its sub-folders are participants."""
    for location in files_below(folder):
        inside = location.relative_to(folder)
        owner = inside.parts[0] if len(inside.parts) > 1 else UNASSIGNED
        yield arrival(location, prefix + inside.as_posix(), owner)


@dataclass(frozen=True, slots=True)
class Inbox:
    """All arrivals, by path."""

    arrivals: Mapping[str, Arrival]

    @classmethod
    def of_folder(cls, folder: Path) -> "Inbox":
        """The inbox of a home; a folder that is not there yet is empty."""
        return cls({found.path: found for found in arrivals_in(folder)} if folder.is_dir() else {})

    @classmethod
    def of_paths(cls, paths: Iterable[Path]) -> "Inbox":
        """An inbox of single files and folders; a folder may hold participants' folders.

        A single file belongs to nobody in particular. Two paths that end alike are told apart by
        a number in front.
        """
        found: dict[str, Arrival] = {}
        for number, path in enumerate(paths):
            parts = (
                list(arrivals_in(path)) if path.is_dir() else [arrival(path, path.name, UNASSIGNED)]
            )
            clashes = any(part.path in found for part in parts)
            for part in parts:
                name = f"{number}/{part.path}" if clashes else part.path
                found[name] = Arrival(
                    part.participant_id, name, part.location, part.size_bytes, part.modified_at_utc
                )
        return cls(found)

    def contents(self, path: str) -> list[Content]:
        """The exports in one file: itself, or the members of an archive.

        A compressed single file is that file; an archive of several has a content per member.

        Raises:
            ExportError: The archive is damaged or refused.
        """
        found = self.arrivals[path]
        data = found.location.read_bytes()
        if not is_archive(data):
            return [Content(found, path, data)]
        members = members_from_archive(data, found.location.name)
        if len(members) == 1:
            return [Content(found, path, members[0][1])]
        if not members:
            raise ExportError("unreadable_archive", f"{path} is an archive without any file in it.")
        return [Content(found, f"{path}{_MEMBER}{name}", inner) for name, inner in members]

    def whole(self, path: str) -> Content:
        """One file as it lies there, archive or not."""
        found = self.arrivals[path]
        return Content(found, path, found.location.read_bytes())

    def content(self, path: str) -> bytes:
        """The bytes of one export, by the path that ``exports`` keeps.

        Raises:
            ExportError: The archive is damaged or refused.
            KeyError: There is no such file any more.
        """
        file = path.split(_MEMBER, maxsplit=1)[0]
        return next(part.data for part in self.contents(file) if part.path == path)
