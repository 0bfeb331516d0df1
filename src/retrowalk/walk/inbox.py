"""The inbox: which files have arrived, whose they are, and their bytes."""

import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from retrowalk.errors import ExportError
from retrowalk.read.archive import MAX_FILE_BYTES, MEMBER, Archive, is_archive, too_large
from retrowalk.read.content import Payload, exports_among, sha256_of, size_bytes_of

#: Owner of files that lie in no participant's folder.
UNASSIGNED = "unassigned"
#: What file systems leave behind; never an export.
CLUTTER = frozenset({".DS_Store", "Thumbs.db", "desktop.ini", ".gitkeep", ".keep"})
#: What Strava calls the list in an account's export, and the folder of the recordings beside it.
STRAVA_LIST, STRAVA_FOLDER = "activities.csv", "activities/"


@dataclass(frozen=True, slots=True)
class Arrival:
    """One file in the inbox, or the folder of a recording that consists of several.

    Args:
        participant_id: Whose it is.
        path: Below the inbox; that of a recording's folder ends in a slash.
        location: The file or folder.
        size_bytes: Of all its files.
        modified_at_utc: When the last of its files was written.
        parts: For a folder: the files of the recording, by name below it.
    """

    participant_id: str
    path: str
    location: Path
    size_bytes: int
    modified_at_utc: dt.datetime
    parts: Mapping[str, Path] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Content:
    """One export as received: a file, a member of an archive, or the files of one recording."""

    arrival: Arrival
    path: str
    sha256: str
    size_bytes: int

    @classmethod
    def of(cls, found: Arrival, path: str, payload: Payload) -> "Content":
        """Describes an export whose content is at hand."""
        return cls(found, path, sha256_of(payload), size_bytes_of(payload))


def short_hash(*parts: object) -> str:
    """A stable identifier of sixteen hexadecimal digits.

    Example:
        >>> short_hash("P01", 3) == short_hash("P01", 3) != short_hash("P013")
        True
    """
    return hashlib.sha256("\x1f".join(map(str, parts)).encode()).hexdigest()[:16]


def arrival(participant_id: str, path: str, location: Path, parts: Mapping[str, Path]) -> Arrival:
    """Describes one file, or the files of one recording and the folders that they lie in."""
    files = list(parts.values()) or [location]
    states = [file.stat() for file in files]
    # A file that leaves a folder changes no file, but the folder.
    folders = {file.parent for file in parts.values()}
    latest = max(state.st_mtime for state in (*states, *(path.stat() for path in folders)))
    return Arrival(
        participant_id=participant_id,
        path=path,
        location=location,
        size_bytes=sum(state.st_size for state in states),
        modified_at_utc=dt.datetime.fromtimestamp(round(latest, 6), tz=dt.UTC),
        parts=parts,
    )


def files_below(folder: Path) -> Iterator[Path]:
    """Every file below a folder, in order of its path."""
    yield from sorted(path for path in folder.rglob("*") if path.is_file())


def inbox_path(name: str) -> str:
    """A name below the inbox as ``exports`` keeps it: what marks a member stands in no other."""
    return name.replace(MEMBER, "%21/")


def arrivals_in(folder: Path) -> Iterator[Arrival]:
    """What lies in an inbox folder; its sub-folders are participants.

    The files of a phone recording arrive as one, called like their folder; those that lie in
    ``folder`` itself are called like that. The unpacked export of one Strava account has no
    participants' folders.
    """
    files = {path.relative_to(folder).as_posix(): path for path in files_below(folder)}
    is_account = "" in strava_roots(files)
    for export, names in exports_among(list(files)).items():
        is_recording = export.endswith("/")
        inside = export.strip("/")
        is_owned = "/" in inside or (is_recording and inside)
        owner = inside.split("/")[0] if is_owned and not is_account else UNASSIGNED
        called = f"{inside or folder.name}/" if is_recording else inside
        parts = {name[len(inside) :].lstrip("/"): files[name] for name in names}
        yield arrival(owner, inbox_path(called), folder / inside, parts if is_recording else {})


def strava_roots(names: Iterable[str]) -> frozenset[str]:
    """Folders, with a slash behind, that hold Strava's list of activities and its recordings.

    Example:
        >>> sorted(strava_roots(["P1/export/activities.csv", "P1/export/activities/1.fit.gz"]))
        ['P1/export/']
    """
    listed = list(names)
    lists = {n.removesuffix(STRAVA_LIST) for n in listed if f"/{n}".endswith(f"/{STRAVA_LIST}")}
    beside = {n[: n.rfind(STRAVA_FOLDER)] for n in listed if STRAVA_FOLDER in n}
    return frozenset(lists & beside)


@dataclass(frozen=True, slots=True)
class Opened:
    """An archive, open.

    Args:
        archive: The archive.
        exports: Path of each export in it -> its members.
        recordings: Those paths that are recordings of several files.
        accounts: Folders of Strava's exports in it.
    """

    archive: Archive
    exports: Mapping[str, tuple[str, ...]]
    recordings: frozenset[str]
    accounts: frozenset[str]


@dataclass(frozen=True)
class Inbox:
    """All arrivals, by path."""

    arrivals: Mapping[str, Arrival]
    _opened: dict[str, Opened] = field(default_factory=dict, repr=False, compare=False)

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
                list(arrivals_in(path))
                if path.is_dir()
                else [arrival(UNASSIGNED, inbox_path(path.name), path, {})]
            )
            clashes = any(part.path in found for part in parts)
            for part in parts:
                name = f"{number}/{part.path}" if clashes else part.path
                found[name] = replace(part, path=name)
        return cls(found)

    def exports_in(self, path: str) -> list[str]:
        """The paths of the exports in one file: itself, or those in an archive of several.

        Raises:
            ExportError: The archive is damaged or refused as a whole.
        """
        if not self._is_archive(path):
            return [path]
        exports = list(self._open(path).exports)
        if not exports:
            raise ExportError("unreadable_archive", f"{path} is an archive without any file in it.")
        return exports

    def whole(self, path: str) -> Content:
        """One file as it lies there, archive or not."""
        found = self.arrivals[path]
        if found.parts:
            return Content.of(found, path, self.content(path))
        with found.location.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        return Content(found, path, digest, found.size_bytes)

    def content(self, path: str) -> Payload:
        """What one export holds, by the path that ``exports`` keeps.

        Members of one archive are best asked for one after the other: it stays open until another
        one is asked for, and no other member is unpacked.

        Raises:
            ExportError: The archive or the member is damaged, refused or too large.
            KeyError: There is no such file any more.
        """
        file = path.split(MEMBER, maxsplit=1)[0]
        found = self.arrivals[file]
        if found.parts:
            return {name: part.read_bytes() for name, part in found.parts.items()}
        if not self._is_archive(file):
            if found.location.stat().st_size > MAX_FILE_BYTES:
                raise too_large(path)
            return found.location.read_bytes()
        opened = self._open(file)
        members = {name: opened.archive.read(name) for name in opened.exports[path]}
        return members if path in opened.recordings else next(iter(members.values()))

    @cached_property
    def accounts(self) -> frozenset[str]:
        """Unpacked exports of Strava accounts, below the participants' own folders."""
        return frozenset(root for root in strava_roots(self.arrivals) if root.count("/") > 1)

    def is_account_data(self, path: str) -> bool:
        """Whether a file lies beside Strava's list of activities, but not among the recordings."""
        file, _, member = path.partition(MEMBER)
        accounts = self._open(file).accounts if member else self.accounts
        inside = member or file
        return any(
            inside.startswith(root) and not inside.startswith(f"{root}{STRAVA_FOLDER}")
            for root in accounts
        )

    def _is_archive(self, path: str) -> bool:
        found = self.arrivals[path]
        if found.parts:
            return False
        with found.location.open("rb") as file:
            return is_archive(file.read(4))

    def _open(self, path: str) -> Opened:
        """The archive at a path, and no other one any more."""
        if path not in self._opened:
            for other in self._opened.values():
                other.archive.close()
            self._opened.clear()
            location = self.arrivals[path].location
            archive = Archive(location.open("rb"), location.name)
            grouped = exports_among(archive.names())
            paths = {name: f"{path}{MEMBER}{name.lstrip('/') or './'}" for name in grouped}
            if len(grouped) == 1:
                paths = dict.fromkeys(grouped, path)
            self._opened[path] = Opened(
                archive,
                exports={paths[name]: members for name, members in grouped.items()},
                recordings=frozenset(paths[name] for name in grouped if name.endswith("/")),
                accounts=strava_roots(archive.names()),
            )
        return self._opened[path]
