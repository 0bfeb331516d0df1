"""Takes files out of gzip and zip archives, one at a time, without trusting a word of them.

Nothing is written to disk, only one member (and the archive around it, where that lies in another
one) is in memory at a time, and no more is unpacked than :func:`unpacked_limit_bytes` allows,
whatever sizes the archive states. What the files are is not this module's business.
"""

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath, PureWindowsPath
from typing import BinaryIO

from retrowalk.errors import ExportError

GZIP_MAGIC = b"\x1f\x8b"
ZIP_MAGICS = (b"PK\x03\x04", b"PK\x05\x06")
MAGIC_BYTES = 4
#: Stands between the name of an archive and that of a member.
MEMBER = "!/"
#: Recordings shrink to a half or a tenth. What shrinks to less than this share is a bomb, ...
MAX_RATIO = 200
#: ... unless it is small when unpacked.
FREE_BYTES = 16 * 2**20
#: All members together; an account's photos alone may be some gigabytes.
MAX_UNPACKED_BYTES = 2**36
#: One file, which has to be in memory as a whole: two months at one record a second, in any format.
MAX_FILE_BYTES = 2**29
MAX_MEMBERS = 100_000
#: Methods that can be unpacked in bounded steps.
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
ENCRYPTED = 0x1
_GZIP_WINDOW = 16 + zlib.MAX_WBITS
_STEP_BYTES = 2**20
#: What zipfile and zlib raise over corrupt bytes; zipfile trips over some of them unprepared.
_CORRUPT = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    ArithmeticError,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    ValueError,
)


def is_archive(data: bytes) -> bool:
    """Tells by its first bytes whether a file is a gzip or zip archive."""
    return data.startswith((GZIP_MAGIC, *ZIP_MAGICS))


def unpacked_limit_bytes(packed_bytes: int) -> int:
    """Gives how many bytes an archive of a size may unpack to, all members together."""
    return min(MAX_UNPACKED_BYTES, max(FREE_BYTES, MAX_RATIO * packed_bytes))


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a member lies: in the archive itself, or in one that is a member of it."""

    outer: zipfile.ZipInfo | None
    inner: zipfile.ZipInfo | None


class Archive:
    """A gzip or zip archive, and the archives directly inside it, read member by member.

    Folders and the side files that macOS and Windows leave in archives are left out.

    Args:
        stream: The archive; stays open as long as members are read.
        name: Its name; a gzip's member is called the same without ``.gz``, a member of a zip
            inside the archive ``inner.zip!/member``; a gzip inside keeps its own name.

    Raises:
        ExportError: ``archive_refused``: more members than any export has, archives in archives
            in archives, names that lead out of it, links, encrypted members or an unusual
            compression; ``unreadable_archive``: it is corrupt as a whole, or no archive.
    """

    def __init__(self, stream: BinaryIO, name: str) -> None:
        self._stream = stream
        self._name = name
        self._limit_bytes = unpacked_limit_bytes(stream.seek(0, io.SEEK_END))
        #: Bytes unpacked of each member; reading one again is not counted twice.
        self._unpacked: dict[str, int] = {}
        self._total_bytes = 0
        self._inner: tuple[str, zipfile.ZipFile] | None = None
        with _told(name):
            stream.seek(0)
            magic = stream.read(MAGIC_BYTES)
            if not is_archive(magic):
                raise ExportError(
                    "unreadable_archive",
                    f"{name} starts with {magic!r}; expected a gzip (1F 8B) or zip ('PK').",
                )
            self._zip = None if magic.startswith(GZIP_MAGIC) else zipfile.ZipFile(stream)
            self._places = dict(self._listed())

    def names(self) -> tuple[str, ...]:
        """The members' names, in the archive's order."""
        return tuple(self._places)

    def read(self, name: str) -> bytes:
        """Unpacks one member.

        Raises:
            ExportError: ``archive_refused``: all that was unpacked passes the limit for the
                archive's size, or the member holds an archive too deep; ``too_large``: this member
                alone is larger than any export; ``unreadable_archive``: it is corrupt.
            KeyError: There is no such member.
        """
        place = self._places[name]
        with _told(name):
            if place.inner is None:
                return self._content(place.outer, name)
            content = self._member_of(self._inner_zip(place.outer), place.inner, name)
        if is_archive(content):
            raise self._too_deep(name)
        return content

    def close(self) -> None:
        """Lets go of the file; so does losing the archive."""
        self._stream.close()

    def __del__(self) -> None:
        self.close()

    # --- parts ---------------------------------------------------------------------------------

    def _listed(self) -> Iterator[tuple[str, _Place]]:
        """Names every member, also of archives inside, and says where it lies."""
        taken: dict[str, int] = {}
        for name, place in self._found():
            taken[name] = taken.get(name, 0) + 1
            if sum(taken.values()) > MAX_MEMBERS:
                raise self._refused(f"more than {MAX_MEMBERS:,} members")
            yield (name if taken[name] == 1 else f"{name} ({taken[name]})"), place

    def _found(self) -> Iterator[tuple[str, _Place]]:
        if self._zip is None:
            yield from self._inside(self._name.removesuffix(".gz"), None)
            return
        for info in self._wanted(self._zip):
            yield from self._inside(info.filename, info)

    def _inside(self, name: str, outer: zipfile.ZipInfo | None) -> Iterator[tuple[str, _Place]]:
        """A member that is no zip stands for itself, a zip for its members."""
        if not self._magic_of(outer).startswith(ZIP_MAGICS):
            yield name, _Place(outer, None)
            return
        with _told(name):
            for info in self._wanted(self._inner_zip(outer)):
                yield f"{name}{MEMBER}{info.filename}", _Place(outer, info)

    def _magic_of(self, outer: zipfile.ZipInfo | None) -> bytes:
        """The first bytes of a member; none where it is corrupt, which reading it will tell."""
        try:
            if self._zip is not None and outer is not None:
                with self._zip.open(outer) as member:
                    return member.read(MAGIC_BYTES)
            self._stream.seek(0)
            head = self._stream.read(_STEP_BYTES)
            return zlib.decompressobj(_GZIP_WINDOW).decompress(head, MAGIC_BYTES)
        except _CORRUPT:
            return b""

    def _wanted(self, archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
        found = archive.infolist()
        if len(found) > MAX_MEMBERS:
            raise self._refused(f"{len(found):,} members")
        for info in found:
            self._check(info)
        return [info for info in found if not info.is_dir() and not _is_side_file(info.filename)]

    def _check(self, info: zipfile.ZipInfo) -> None:
        """Refuses members that no recorder writes and that only do harm."""
        what = f"member {info.filename!r}"
        if info.flag_bits & ENCRYPTED:
            raise self._refused(f"{what} is encrypted")
        if info.compress_type not in METHODS:
            raise self._refused(f"{what} is packed in an unusual way")
        if stat.S_ISLNK(info.external_attr >> 16):
            raise self._refused(f"{what} is a link")
        if _leads_out(info.filename):
            raise self._refused(f"{what} leads out of the archive")

    def _content(self, outer: zipfile.ZipInfo | None, name: str) -> bytes:
        """A member without the gzip that may be around it."""
        if self._zip is None or outer is None:
            self._stream.seek(0)
            content = self._gunzipped(self._stream, name)
        else:
            content = self._member_of(self._zip, outer, name)
        if not content.startswith(GZIP_MAGIC):
            return content
        content = self._gunzipped(io.BytesIO(content), name)
        if is_archive(content):
            raise self._too_deep(name)
        return content

    def _inner_zip(self, outer: zipfile.ZipInfo | None) -> zipfile.ZipFile:
        """The zip that is a member, kept open until the members of another one are asked for."""
        key = outer.filename if outer else self._name
        if self._inner is None or self._inner[0] != key:
            self._inner = None
            self._inner = (key, zipfile.ZipFile(io.BytesIO(self._content(outer, key))))
        return self._inner[1]

    def _member_of(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str) -> bytes:
        with archive.open(info) as member:
            return self._spent(member.read(self._left_bytes(name) + 1), name)

    def _gunzipped(self, stream: BinaryIO, name: str) -> bytes:
        """Unpacks all streams of a gzip; bytes after the last one that are no stream are padding."""
        left_bytes = self._left_bytes(name)
        pieces: list[bytes] = []
        packed = stream.read(_STEP_BYTES)
        while packed.startswith(GZIP_MAGIC):
            unzip = zlib.decompressobj(_GZIP_WINDOW)
            while not unzip.eof:
                if not packed:
                    raise EOFError("the compressed stream ends too early")
                pieces.append(unzip.decompress(packed, left_bytes + 1))
                left_bytes -= len(pieces[-1])
                if left_bytes < 0:
                    return self._spent(b"".join(pieces), name)
                packed = unzip.unconsumed_tail or stream.read(0 if unzip.eof else _STEP_BYTES)
            packed = unzip.unused_data
            if len(packed) < len(GZIP_MAGIC):
                packed += stream.read(_STEP_BYTES)
        return self._spent(b"".join(pieces), name)

    def _left_bytes(self, name: str) -> int:
        """How much a member may unpack to."""
        others = self._total_bytes - self._unpacked.get(name, 0)
        return min(MAX_FILE_BYTES, self._limit_bytes - others)

    def _spent(self, content: bytes, name: str) -> bytes:
        """Books what was unpacked, or refuses."""
        if len(content) <= self._left_bytes(name):
            self._total_bytes += len(content) - self._unpacked.get(name, 0)
            self._unpacked[name] = len(content)
            return content
        if len(content) > MAX_FILE_BYTES:
            raise too_large(name)
        raise self._refused(f"unpacking {name} passes the limit for its size")

    def _refused(self, why: str) -> ExportError:
        return ExportError("archive_refused", f"Archive {self._name} is refused: {why}.")

    def _too_deep(self, name: str) -> ExportError:
        return self._refused(f"{name} is an archive in an archive in an archive")


@contextmanager
def _told(name: str) -> Iterator[None]:
    """Turns whatever corrupt bytes raise into one error that names the file."""
    try:
        yield
    except _CORRUPT as error:
        raise ExportError("unreadable_archive", f"{name} is corrupt: {error}.") from error


def too_large(name: str) -> ExportError:
    """The refusal of a file that cannot be held in memory."""
    return ExportError(
        "too_large",
        f"{name} holds more than {MAX_FILE_BYTES / 2**20:g} MiB; no recording of one person is so "
        "large. Split it and send the parts.",
    )


def _leads_out(name: str) -> bool:
    """Tells whether a name is absolute or climbs, on any system."""
    windows = PureWindowsPath(name)
    return bool(
        windows.drive or windows.root or ".." in windows.parts or ".." in PurePosixPath(name).parts
    )


def _is_side_file(name: str) -> bool:
    """Tells whether a file describes others for an operating system."""
    path = PurePosixPath(name)
    return (
        "__MACOSX" in path.parts
        or path.name.startswith("._")
        or path.name in {".DS_Store", "Thumbs.db", "desktop.ini"}
    )
