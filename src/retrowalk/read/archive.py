"""Takes files out of gzip and zip archives, in memory, without trusting a word of them.

Nothing is written to disk, and no more is unpacked than :func:`unpacked_limit_bytes` allows,
whatever sizes the archive states. What the files are is not this module's business.
"""

import io
import stat
import struct
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import PurePosixPath, PureWindowsPath

from retrowalk.errors import ExportError

GZIP_MAGIC = b"\x1f\x8b"
ZIP_MAGICS = (b"PK\x03\x04", b"PK\x05\x06")
#: An archive inside an archive is opened (account exports are zips of zips), one inside that not.
MAX_NESTING = 1
#: Recordings shrink to a half or a tenth. What shrinks to less than this share is a bomb, ...
MAX_RATIO = 200
#: ... unless it is small when unpacked.
FREE_BYTES = 16 * 2**20
MAX_UNPACKED_BYTES = 2**30
MAX_MEMBERS = 100_000
#: Methods that can be unpacked in bounded steps.
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
ENCRYPTED = 0x1
_GZIP_WINDOW = 16 + zlib.MAX_WBITS
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


def members_from_archive(data: bytes, name: str) -> list[tuple[str, bytes]]:
    """Unpacks a gzip or zip archive, and archives directly inside it.

    Folders and the side files that macOS and Windows leave in archives are left out.

    Args:
        data: The archive.
        name: Its name; a gzip's member is called the same without ``.gz``.

    Returns:
        Name and content of each file, in the archive's order. A member of a zip inside the
        archive is called ``inner.zip!/member``; a gzip inside it keeps its own name.

    Raises:
        ExportError: ``archive_refused``: it unpacks to too much, holds archives in archives in
            archives, names that lead out of it, links, encrypted members or an unusual
            compression; ``unreadable_archive``: it is corrupt, or no archive.
    """
    budget = _Budget(name, unpacked_limit_bytes(len(data)))
    return _members(data, name, 0, budget)


@dataclass(slots=True)
class _Budget:
    """How much may still be unpacked, over all levels."""

    archive: str
    left_bytes: int
    left_members: int = MAX_MEMBERS

    def spend(self, unpacked: bytes, what: str) -> bytes:
        """Books what was unpacked, or refuses."""
        self.left_bytes -= len(unpacked)
        self.left_members -= 1
        if self.left_bytes < 0:
            raise _refused(self.archive, f"unpacking {what} passes the limit for its size")
        if self.left_members < 0:
            raise _refused(self.archive, f"more than {MAX_MEMBERS:,} members")
        return unpacked


def _refused(name: str, why: str) -> ExportError:
    return ExportError("archive_refused", f"Archive {name} is refused: {why}.")


def _members(data: bytes, name: str, nesting: int, budget: _Budget) -> list[tuple[str, bytes]]:
    if nesting > MAX_NESTING:
        raise _refused(budget.archive, f"{name} is an archive in an archive in an archive")
    try:
        if data.startswith(GZIP_MAGIC):
            unpacked = [(name.removesuffix(".gz"), _gunzipped(data, name, budget))]
        elif data.startswith(ZIP_MAGICS):
            unpacked = _unzipped(data, name, budget)
        else:
            raise ExportError(
                "unreadable_archive",
                f"{name} starts with {data[:4]!r}; expected a gzip (1F 8B) or zip ('PK').",
            )
    except _CORRUPT as error:
        raise ExportError("unreadable_archive", f"{name} is corrupt: {error}.") from error
    return [member for found in unpacked for member in _opened(found, nesting, budget)]


def _opened(member: tuple[str, bytes], nesting: int, budget: _Budget) -> list[tuple[str, bytes]]:
    """Opens a member that is an archive itself."""
    name, content = member
    if not is_archive(content):
        return [member]
    inner = _members(content, name, nesting + 1, budget)
    if content.startswith(GZIP_MAGIC):
        return [(name, unpacked) for _, unpacked in inner]
    return [(f"{name}!/{inner_name}", unpacked) for inner_name, unpacked in inner]


def _gunzipped(data: bytes, name: str, budget: _Budget) -> bytes:
    """Unpacks all streams of a gzip; bytes after the last one that are no stream are padding."""
    pieces: list[bytes] = []
    rest = data
    while rest.startswith(GZIP_MAGIC):
        stream = zlib.decompressobj(_GZIP_WINDOW)
        pieces.append(budget.spend(stream.decompress(rest, budget.left_bytes + 1), name))
        if not stream.eof:
            raise EOFError("the compressed stream ends too early")
        rest = stream.unused_data
    return b"".join(pieces)


def _unzipped(data: bytes, name: str, budget: _Budget) -> list[tuple[str, bytes]]:
    """Unpacks the files of a zip."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        found = archive.infolist()
        if len(found) > budget.left_members:
            raise _refused(budget.archive, f"{name} has {len(found):,} members")
        for info in found:
            _check_member(info, budget.archive)
        wanted = [info for info in found if not info.is_dir() and not _is_side_file(info.filename)]
        return [(info.filename, _unzipped_member(archive, info, budget)) for info in wanted]


def _unzipped_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, budget: _Budget) -> bytes:
    with archive.open(info) as member:
        return budget.spend(member.read(budget.left_bytes + 1), info.filename)


def _check_member(info: zipfile.ZipInfo, archive: str) -> None:
    """Refuses members that no recorder writes and that only do harm."""
    if info.flag_bits & ENCRYPTED:
        raise _refused(archive, f"member {info.filename!r} is encrypted")
    if info.compress_type not in METHODS:
        raise _refused(archive, f"member {info.filename!r} is packed in an unusual way")
    if stat.S_ISLNK(info.external_attr >> 16):
        raise _refused(archive, f"member {info.filename!r} is a link")
    if _leads_out(info.filename):
        raise _refused(archive, f"member {info.filename!r} leads out of the archive")


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
