"""Which format a content has, found from the content and never from a name; and its reading."""

import hashlib
from collections.abc import Mapping, Sequence

from retrowalk.errors import ExportError
from retrowalk.read.csv import (
    Dialect,
    looks_like_csv,
    looks_like_prose,
    phone_recordings,
    reading_from_csv,
    reading_of_phone_recording,
)
from retrowalk.read.csv.source import is_blank
from retrowalk.read.fit import is_fit, reading_from_fit
from retrowalk.read.reading import Reading
from retrowalk.read.xml import is_xml, reading_from_xml, xml_format_of

#: One export: the content of a file, or of the files that make up one recording, by name.
Payload = bytes | Mapping[str, bytes]

_APPLE_DOUBLE = bytes.fromhex("00051607")
_SHOWN_BYTES = 8
_PICTURES = (b"\xff\xd8\xff", b"\x89PNG\r\n", b"GIF8", b"%PDF-")


def sha256_of(payload: Payload) -> str:
    """Fingerprint of an export; that of several files covers their names."""
    if isinstance(payload, bytes):
        return hashlib.sha256(payload).hexdigest()
    digest = hashlib.sha256()
    for name in sorted(payload):
        digest.update(f"{name}\0{len(payload[name])}\0".encode())
        digest.update(payload[name])
    return digest.hexdigest()


def size_bytes_of(payload: Payload) -> int:
    """Bytes of an export, all its files together."""
    return len(payload) if isinstance(payload, bytes) else sum(map(len, payload.values()))


def exports_among(names: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Groups files of one folder or archive into exports.

    Args:
        names: Names of files with their folders, forward slashes.

    Returns:
        Name of an export -> its files, in the order in which their first one stands. A file is an
        export of its own, but for the files of a phone recording: they are one, called like their
        folder with a slash behind it (``/`` for files in no folder).

    Example:
        >>> exports_among(["a.fit", "b/Raw Data.csv", "b/meta/time.csv"])
        {'a.fit': ('a.fit',), 'b/': ('b/Raw Data.csv', 'b/meta/time.csv')}
    """
    recordings = phone_recordings(names)
    export_of = {name: f"{folder}/" for folder, files in recordings.items() for name in files}
    grouped: dict[str, tuple[str, ...]] = {}
    for name in names:
        export = export_of.get(name, name)
        grouped.setdefault(export, recordings.get(export.removesuffix("/"), (name,)))
    return grouped


def format_of(payload: Payload) -> str:
    """Names the format of an export: ``fit``, ``csv``, ``tcx``, ``gpx``, ``text`` or ``unknown``."""
    if not isinstance(payload, bytes):
        return "csv"
    if is_fit(payload):
        return "fit"
    if is_xml(payload):
        return xml_format_of(payload)
    if looks_like_csv(payload):
        return "csv"
    return "text" if looks_like_prose(payload) else "unknown"


def reading_of(
    payload: Payload,
    *,
    time_zone: str | None,
    distance_unit: str | None,
    dialects: Sequence[Dialect],
) -> Reading:
    """Reads one export.

    Args:
        payload: The whole content, unpacked; for a recording of several files all of them.
        time_zone: Zone of local times without an offset; null: they are read as UTC.
        distance_unit: ``km`` or ``mi`` for distances that name none and cannot be decided.
        dialects: The CSV forms that are known.

    Raises:
        ExportError: Nothing in it can be used; the reason says what stood where.
    """
    if not isinstance(payload, bytes):
        return reading_of_phone_recording(payload)
    if is_blank(payload):
        size = f"{len(payload):,} bytes, all blank" if payload else "0 bytes"
        raise ExportError("empty_file", f"The file is empty: it holds {size}.")
    form = format_of(payload)
    if form == "fit":
        return reading_from_fit(payload)
    if form == "csv":
        return reading_from_csv(
            payload, time_zone=time_zone, distance_unit=distance_unit, dialects=dialects
        )
    if form in ("tcx", "gpx"):
        return reading_from_xml(payload)
    raise _of_no_use(payload, form)


def _of_no_use(data: bytes, form: str) -> ExportError:
    """Why a content is not read."""
    if form == "text":
        return ExportError("not_an_export", "Plain text in sentences, no table; it is no export.")
    if data.startswith(_PICTURES):
        return ExportError("not_an_export", "A picture or PDF; it is no export.")
    if data.startswith(_APPLE_DOUBLE):
        return ExportError(
            "unknown_format",
            "An AppleDouble companion file (it holds a Mac's file attributes, not the recording); "
            "send the file of the same name without '._' in front.",
        )
    return ExportError(
        "unknown_format",
        f"Neither FIT nor CSV, TCX or GPX: the first bytes are {data[:_SHOWN_BYTES].hex(' ')}; "
        f"expected '.FIT' at byte 8, a header line of text, or a TCX or GPX root element.",
    )
