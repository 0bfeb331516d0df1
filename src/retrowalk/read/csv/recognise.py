"""Tells from the header which dialect a text is of, where its rows begin, and what splits them.

Nothing here reads a row's cells.
"""

import csv
import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from retrowalk.errors import ExportError
from retrowalk.read.csv.dialect import CADENCE_COUNTS, Column, Dialect, header_key
from retrowalk.read.csv.source import Source

DELIMITERS = (",", ";", "\t")
#: A header is looked for in this many lines; every known preamble is shorter.
HEADER_WITHIN_LINES = 60
#: After a line that fits, a better one is looked for in this many.
HEADERS_LIE_WITHIN = 4
#: A cell of a table that no sentence has.
NUMBER_OR_TIME = re.compile(r"[-+]?\d[\d.,:/TZ+ -]*%?")
#: Words of a cell from which it is part of a sentence rather than a header or a value.
SENTENCE_WORDS = 3
#: How many headers a message lists.
HEADERS_LISTED = 12


@dataclass(frozen=True, slots=True)
class Layout:
    """How a text is to be read.

    Args:
        dialect: What it is.
        delimiter: What splits the cells.
        header_line: Line of the header, from 0.
        headers: Headers as written.
        places: Channel -> (place in the row, column), for the columns that the dialect knows.
        preamble: Lines before the header.
        traps: What was met on the way.
    """

    dialect: Dialect
    delimiter: str
    header_line: int
    headers: tuple[str, ...]
    places: Mapping[str, tuple[int, Column]]
    preamble: tuple[str, ...]
    traps: tuple[str, ...] = ()

    @property
    def has_instants(self) -> bool:
        """Whether rows state when they are, instead of counting from a start."""
        return "recorded_at" in self.places or "recorded_date" in self.places

    @property
    def unknown_headers(self) -> tuple[str, ...]:
        """Headers that the dialect does not know, in order."""
        known = {place for place, _ in self.places.values()}
        return tuple(h for n, h in enumerate(self.headers) if n not in known and h.strip())

    @property
    def cadence_counts(self) -> str:
        """What the cadence column counts: ``steps``, ``strides`` or ``unknown``."""
        found = self.places.get("cadence_per_min")
        return CADENCE_COUNTS[found[1].unit] if found else "unknown"

    def header_of(self, channel: str) -> str:
        """The header, as written, of a channel that is there."""
        asked = channel
        if channel == "recorded_at" and channel not in self.places:
            asked = "recorded_date"
        return self.headers[self.places[asked][0]].strip()


def layout_from_source(source: Source, dialects: Sequence[Dialect]) -> Layout:
    """Finds the header and the dialect that knows most of it.

    Args:
        source: An export's text.
        dialects: What it may be.

    Returns:
        The layout; of several that fit, the dialect that knows most of the headers.

    Raises:
        ExportError: ``unknown_dialect``, with the headers seen and the nearest dialect.
    """
    found = find_layout(source, dialects)
    if found is None:
        raise ExportError("unknown_dialect", _unknown(source, dialects))
    return _with_row_names(found, source)


def find_layout(source: Source, dialects: Sequence[Dialect]) -> Layout | None:
    """Like :func:`layout_from_source`, but null where no dialect fits."""
    best: Layout | None = None
    lines = source.lines(HEADER_WITHIN_LINES)
    for line_n, line in enumerate(lines):
        if best is not None and line_n > best.header_line + HEADERS_LIE_WITHIN:
            break
        for delimiter in DELIMITERS:
            if delimiter not in line and line_n:
                continue
            headers = split_line(line, delimiter)
            at = _spots(headers)
            for dialect in dialects:
                places = _places(at, dialect)
                if _fits(places, dialect) and (best is None or len(places) > len(best.places)):
                    best = Layout(
                        dialect, delimiter, line_n, headers, places, tuple(lines[:line_n])
                    )
    return best


def split_line(line: str, delimiter: str) -> tuple[str, ...]:
    """Splits one line into its cells, quotes respected; curly quotes count as quotes.

    Example:
        >>> split_line('a;"b;c"', ";")
        ('a', 'b;c')
    """
    plain = line.replace("\u201c", '"').replace("\u201d", '"')
    if '"' not in plain:
        return tuple(plain.split(delimiter))
    reader = csv.reader([plain.replace("\r", " ")], delimiter=delimiter, skipinitialspace=True)
    try:
        return tuple(next(reader, ()))
    except csv.Error:  # a cell beyond the module's limit of 128 KiB
        return tuple(plain.split(delimiter))


def likely_header(source: Source) -> tuple[tuple[str, ...], str]:
    """Guesses the header of a text that no dialect knows, and what splits it.

    Returns:
        The first line with most cells, split; and its delimiter. Of a line whose cells are mostly
        empty, only the others count.
    """
    lines = [line for line in source.lines(HEADER_WITHIN_LINES) if line.strip()]
    split = [(split_line(line, d), d) for line in lines for d in DELIMITERS]

    def width(found: tuple[tuple[str, ...], str]) -> int:
        filled_n = sum(bool(cell.strip()) for cell in found[0])
        return len(found[0]) if 2 * filled_n >= len(found[0]) else filled_n

    return max(split, key=width, default=((), ","))


def reads_like_sentences(rows: Sequence[Sequence[str]]) -> bool:
    """Whether cells are parts of sentences that happen to hold a delimiter.

    Example:
        >>> reads_like_sentences([["Dear all", " please find it attached."]])
        True
        >>> reads_like_sentences([["day", "note"], ["Monday", "walked well"]])
        False
    """
    cells = [cell for row in rows for cell in row if cell.strip()]
    if any(NUMBER_OR_TIME.fullmatch(cell.strip()) for cell in cells):
        return False
    later = [cell for row in rows for cell in row[1:] if cell.strip()]
    words_n = sum(len(cell.split()) for cell in cells)
    return words_n >= SENTENCE_WORDS * len(cells) or all(cell.startswith(" ") for cell in later)


def nearest_dialect(headers: Sequence[str], dialects: Sequence[Dialect]) -> tuple[Dialect, int]:
    """Finds the dialect that knows most of the headers, spelling mistakes forgiven.

    Returns:
        The dialect, and how many of the headers it knows exactly.
    """
    keys = [header_key(header) for header in headers[:1000]]

    def known_n(dialect: Dialect) -> tuple[int, float]:
        names = {name for column in dialect.columns for name in column.names}
        alike = [
            max((difflib.SequenceMatcher(None, key, name).ratio() for name in names), default=0.0)
            for key in keys[:40]
        ]
        return sum(key in names for key in keys), sum(alike)

    nearest = max(dialects, key=known_n)
    return nearest, known_n(nearest)[0]


def _spots(headers: Sequence[str]) -> dict[str, list[int]]:
    """Finds where each header stands; the same header may stand several times."""
    at: dict[str, list[int]] = {}
    for n, header in enumerate(headers):
        at.setdefault(header_key(header), []).append(n)
    return at


def _places(at: Mapping[str, Sequence[int]], dialect: Dialect) -> dict[str, tuple[int, Column]]:
    """Finds the dialect's columns: channel -> (place, column)."""
    places: dict[str, tuple[int, Column]] = {}
    for column in dialect.columns:
        spots = sorted(n for name in column.names for n in at.get(name, ()))
        if column.channel not in places and len(spots) >= column.occurrence:
            places[column.channel] = (spots[column.occurrence - 1], column)
    return places


def _fits(places: Mapping[str, object], dialect: Dialect) -> bool:
    return all(channel in places for channel in dialect.requires) and (
        not dialect.any_of or any(channel in places for channel in dialect.any_of)
    )


def _with_row_names(layout: Layout, source: Source) -> Layout:
    """Allows for a column of row numbers without a header, as R writes it."""
    first = layout.header_line + 1
    rows = [
        split_line(line, layout.delimiter)
        for line in source.lines(first + 20)[first:]
        if line.strip()
    ]
    width = len(layout.headers) + 1
    if not rows or any(len(row) != width or not row[0].strip('"').isdigit() for row in rows):
        return layout
    if not any(row[-1].strip() for row in rows):
        return layout  # every row merely ends in a delimiter
    return Layout(
        dialect=layout.dialect,
        delimiter=layout.delimiter,
        header_line=layout.header_line,
        headers=("", *layout.headers),
        places={c: (place + 1, column) for c, (place, column) in layout.places.items()},
        preamble=layout.preamble,
        traps=(*layout.traps, "Rows carry a row number in front that the header does not name."),
    )


def _unknown(source: Source, dialects: Sequence[Dialect]) -> str:
    """Says what was seen, and what comes nearest."""
    headers, _ = likely_header(source)
    nearest, known_n = nearest_dialect(headers, dialects)
    listed = ", ".join(repr(header.strip()) for header in headers[:HEADERS_LISTED])
    more = f" and {len(headers) - HEADERS_LISTED} more" if len(headers) > HEADERS_LISTED else ""
    needs = " and ".join(
        " or ".join(
            repr(name) for c in nearest.columns if c.channel == channel for name in c.names[:3]
        )
        for channel in nearest.requires
    )
    return (
        f"No dialect fits the headers {listed}{more}. Nearest is {nearest.name} ({nearest.title}), "
        f"which knows {known_n} of them and needs {needs}. A dialect of your own can be added as a "
        "TOML file (docs/csv-dialects.md)."
    )
