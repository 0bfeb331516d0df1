"""Which format a content has, found from the content and never from a name; and its reading."""

from collections.abc import Sequence

from retrowalk.errors import ExportError
from retrowalk.read.csv import Dialect, looks_like_csv, reading_from_csv
from retrowalk.read.fit import is_fit, reading_from_fit
from retrowalk.read.reading import Reading

_APPLE_DOUBLE = bytes.fromhex("00051607")
_SHOWN_BYTES = 8


def format_of(data: bytes) -> str:
    """Names the format of a content: ``fit``, ``csv`` or ``unknown``."""
    if is_fit(data):
        return "fit"
    return "csv" if looks_like_csv(data) else "unknown"


def reading_of(
    data: bytes,
    *,
    time_zone: str | None,
    distance_unit: str | None,
    dialects: Sequence[Dialect],
) -> Reading:
    """Reads one export.

    Args:
        data: The whole content, unpacked.
        time_zone: Zone of local times without an offset; null: they are read as UTC.
        distance_unit: ``km`` or ``mi`` for distances that name none and cannot be decided.
        dialects: The CSV forms that are known.

    Raises:
        ExportError: Nothing in it can be used; the reason says what stood where.
    """
    if not data:
        raise ExportError("empty_file", "The file is empty: it holds 0 bytes.")
    form = format_of(data)
    if form == "fit":
        return reading_from_fit(data)
    if form == "csv":
        return reading_from_csv(
            data, time_zone=time_zone, distance_unit=distance_unit, dialects=dialects
        )
    if data.startswith(_APPLE_DOUBLE):
        raise ExportError(
            "unknown_format",
            "An AppleDouble companion file (it holds a Mac's file attributes, not the recording); "
            "send the file of the same name without '._' in front.",
        )
    raise ExportError(
        "unknown_format",
        f"Neither FIT nor CSV: the first bytes are {data[:_SHOWN_BYTES].hex(' ')}; expected '.FIT' "
        f"at byte 8 or a header line of text.",
    )
