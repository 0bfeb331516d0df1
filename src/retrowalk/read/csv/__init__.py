"""Reads CSV exports of many writers by one tolerant reader; the writers' forms are data."""

from collections.abc import Sequence

from retrowalk.errors import ExportError
from retrowalk.read.csv.activities import reading_of_activities
from retrowalk.read.csv.dialect import Dialect
from retrowalk.read.csv.dialect_toml import dialect_from_toml, shipped_dialects
from retrowalk.read.csv.fit_messages import reading_of_messages
from retrowalk.read.csv.laps import reading_of_laps
from retrowalk.read.csv.motion import reading_of_motion
from retrowalk.read.csv.phone import phone_recordings, reading_of_phone_recording
from retrowalk.read.csv.recognise import (
    find_layout,
    layout_from_source,
    likely_header,
    reads_like_sentences,
    split_line,
)
from retrowalk.read.csv.records import reading_of_records
from retrowalk.read.csv.source import Source, source_from_bytes
from retrowalk.read.csv.starter import nearest_to, starter_dialect
from retrowalk.read.reading import Reading

NO_WORKOUTS = "its rows are totals and passive counts, not workouts; there is nothing to score."
PART = (
    "the columns do not say which sensor they are of; send the recording whole, as the zip that "
    "the app shares."
)
#: Notes name days and minutes; tables are mostly digits.
MOST_DIGITS_FRACTION = 0.1

__all__ = [
    "Dialect",
    "dialect_from_toml",
    "dialect_of",
    "looks_like_csv",
    "looks_like_prose",
    "nearest_to",
    "phone_recordings",
    "reading_from_csv",
    "reading_of_phone_recording",
    "shipped_dialects",
    "starter_dialect",
]


def reading_from_csv(
    data: bytes,
    *,
    time_zone: str | None,
    distance_unit: str | None,
    dialects: Sequence[Dialect] | None = None,
) -> Reading:
    """Reads one CSV export.

    Args:
        data: Content of the file, whatever its name.
        time_zone: IANA zone of the participant, for times that carry no offset.
        distance_unit: ``km`` or ``mi``, for distances whose unit nothing in the file tells.
        dialects: What the file may be; by default those that come with the package.

    Returns:
        The workouts, records, marks and samples of the file; rows that were set aside are counted,
        and the first of each kind is named in ``reason``.

    Raises:
        ExportError: The file as a whole cannot be used; the reason code says why.
    """
    known = shipped_dialects() if dialects is None else tuple(dialects)
    source = source_from_bytes(data)
    layout = layout_from_source(source, known)
    match layout.dialect.rows_are:
        case "records":
            return reading_of_records(source, layout, time_zone=time_zone)
        case "motion":
            return reading_of_motion(source, layout, time_zone=time_zone)
        case "messages":
            return reading_of_messages(source, layout)
        case "laps":
            return reading_of_laps(source, layout, time_zone=time_zone, distance_unit=distance_unit)
        case "totals":
            raise ExportError("no_workouts", f"{layout.dialect.title}: {NO_WORKOUTS}")
        case "parts":
            raise ExportError("unknown_dialect", f"{layout.dialect.title}: {PART}")
        case "workouts":
            return reading_of_activities(
                source, layout, time_zone=time_zone, distance_unit=distance_unit
            )


def dialect_of(data: bytes, dialects: Sequence[Dialect] | None = None) -> str | None:
    """Names the dialect of a file; null where it is no CSV or none fits."""
    known = shipped_dialects() if dialects is None else tuple(dialects)
    try:
        layout = find_layout(source_from_bytes(data), known)
    except ExportError:
        return None
    return layout.dialect.name if layout else None


def looks_like_csv(data: bytes) -> bool:
    """Whether the content is text in rows of cells, of a known dialect or not.

    Args:
        data: Content of the file, whatever its name.

    Returns:
        True for a known dialect, and for text whose first rows have equally many cells that are
        no parts of sentences.
    """
    source = _text_in(data)
    if source is None:
        return False
    if find_layout(source, shipped_dialects()):
        return True
    headers, delimiter = likely_header(source)
    rows = [line for line in source.lines(20) if line.strip() and not line.startswith("#")]
    cells = [split_line(row, delimiter) for row in rows]
    alike = sum(len(row) == len(headers) for row in cells)
    return len(headers) > 1 and alike * 2 > len(rows) and not reads_like_sentences(cells)


def looks_like_prose(data: bytes) -> bool:
    """Whether the content is a note that a person wrote: words, hardly a digit, and no table.

    Args:
        data: Content of the file, whatever its name.
    """
    source = _text_in(data)
    if source is None or looks_like_csv(data):
        return False
    text = "\n".join(source.lines(200))
    words = [word for word in text.split() if any(letter.isalpha() for letter in word)]
    digits = sum(letter.isdigit() for letter in text)
    return len(words) > 1 and digits <= MOST_DIGITS_FRACTION * len(text)


def _text_in(data: bytes) -> Source | None:
    """The content as text; null where it is none, or is markup that has a format of its own."""
    try:
        source = source_from_bytes(data)
    except ExportError:
        return None
    return None if source.data.lstrip()[:1] in (b"<", b"{", b"[") else source
