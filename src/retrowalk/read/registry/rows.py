"""Reads a registry file into rows of text with their line numbers, and words its problems.

What a column means is decided by the module of its table.
"""

import csv
import io
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

import polars as pl

from retrowalk.errors import ExportError
from retrowalk.read.csv.source import source_from_bytes

LINE = "line_n"
DELIMITERS = (",", ";", "\t")


@dataclass(slots=True)
class Problems:
    """Collects what is wrong with one file, so that a person can mend all of it at once."""

    file: str
    listed: list[tuple[int, str]] = field(default_factory=list)

    def add(self, line_n: int, what: str) -> None:
        """Notes a problem of one line (0: of the file)."""
        self.listed.append((line_n, what))

    def at_cells(
        self, rows: pl.DataFrame, column: str, is_bad: pl.Series, expected: str, fix: str
    ) -> None:
        """Notes every marked cell of a column."""
        for line_n, text in rows.filter(is_bad).select(LINE, column).iter_rows():
            shown = "nothing" if text is None else repr(text)
            self.add(line_n, f"column {column}: {shown}; expected {expected}; {fix}")

    def sentences(self) -> list[str]:
        """One line per problem, in order of the file."""
        return [
            f"{self.file}{f', line {line_n}' if line_n else ''}: {what}"
            for line_n, what in sorted(self.listed, key=lambda problem: problem[0])
        ]


def rows_from_text(data: bytes | str, columns: Sequence[str], problems: Problems) -> pl.DataFrame:
    """Splits a registry file into rows.

    Args:
        data: Content of the file.
        columns: The columns that it must have, no more and no fewer, in any order.
        problems: Takes what is wrong with encoding, header and number of cells.

    Returns:
        ``line_n`` and the columns as trimmed text, null where a cell is empty; blank lines are
        left out. No row where the header cannot be used.
    """
    empty = pl.DataFrame(schema={LINE: pl.Int64, **dict.fromkeys(columns, pl.String)})
    raw = data.encode() if isinstance(data, str) else data
    if not raw.strip():
        problems.add(0, f"the file is empty; expected a header {','.join(columns)}; write one")
        return empty
    try:
        text = source_from_bytes(raw).data.decode()
    except (ExportError, UnicodeDecodeError):
        problems.add(0, "not readable as text; expected CSV in UTF-8; save it anew as CSV UTF-8")
        return empty
    first, _, _ = text.lstrip("\n").partition("\n")
    delimiter = max(DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    header: list[str] | None = None
    rows: list[tuple[int, list[str]]] = []
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells) or cells[0].lstrip().startswith("#"):
                continue
            if header is None:
                header = [cell.strip().lower() for cell in cells]
                continue
            rows.append((reader.line_num, [cell.strip() for cell in cells]))
    except csv.Error as error:
        problems.add(reader.line_num, f"not readable as CSV ({error}); check its quotes")
        return empty
    if not _header_fits(header or [], columns, problems):
        return empty
    return _framed(rows, header or [], columns, problems)


def number_column(
    rows: pl.DataFrame,
    column: str,
    low: float,
    high: float,
    problems: Problems,
    *,
    scale: float = 1.0,
) -> pl.Series:
    """Reads a column of optional numbers within bounds; ``scale`` brings them into the table's unit."""
    text = rows[column]
    value = text.cast(pl.Float64, strict=False)
    expected = f"a number from {low:g} to {high:g}"
    is_comma = text.str.contains(r"^\d+,\d+$").fill_null(value=False)
    problems.at_cells(rows, column, is_comma, expected, "write it with a decimal dot")
    no_number = text.is_not_null() & (value.is_null() | ~value.is_finite()) & ~is_comma
    problems.at_cells(rows, column, no_number, expected, "mend it or leave the cell empty")
    outside = (value.is_finite() & ~value.is_between(low, high)).fill_null(value=False)
    problems.at_cells(rows, column, outside, expected, "check the value and its unit")
    return value * scale


def date_column(rows: pl.DataFrame, column: str, problems: Problems, *, needed: bool) -> pl.Series:
    """Reads a column of ISO dates."""
    text = rows[column]
    value = text.str.to_date("%Y-%m-%d", strict=False)
    expected = "a date such as 2026-11-16"
    is_bad = value.is_null() & (text.is_not_null() | needed)
    problems.at_cells(rows, column, is_bad, expected, "write year-month-day")
    return value


def word_column(
    rows: pl.DataFrame,
    column: str,
    allowed: Collection[str],
    problems: Problems,
    *,
    needed: bool = False,
) -> pl.Series:
    """Reads a column of words from a list, upper or lower case."""
    text = rows[column].str.to_lowercase()
    is_bad = ~text.is_in(list(allowed)) & text.is_not_null()
    fix = "use one of them" if needed else "use one of them or leave the cell empty"
    problems.at_cells(rows, column, is_bad, " or ".join(allowed) or "nothing", fix)
    return text.set(is_bad, None)


def id_column(rows: pl.DataFrame, problems: Problems) -> pl.Series:
    """Reads the participant's identifier: it names a folder, so it holds no slash."""
    text = rows["participant_id"]
    is_bad = text.is_null() | text.str.contains(r"[/\\]").fill_null(value=False)
    problems.at_cells(
        rows, "participant_id", is_bad, "the name of the inbox folder", "write it without a slash"
    )
    return text


def per_pair(
    rows: pl.DataFrame, problems: Problems, worded: Callable[[dict[str, object]], str]
) -> None:
    """Notes a problem for each row of pairs that names ``line_n`` and ``other_line_n``."""
    for pair in rows.iter_rows(named=True):
        problems.add(int(pair[LINE]), worded(pair))


def _header_fits(header: Sequence[str], columns: Sequence[str], problems: Problems) -> bool:
    missing = [name for name in columns if name not in header]
    unknown = [name for name in header if name not in columns]
    twice = sorted({name for name in header if header.count(name) > 1})
    for name in missing:
        problems.add(
            1,
            f"column {name} is missing; expected {','.join(columns)}; add it, its cells may be empty",
        )
    for name in unknown:
        problems.add(
            1, f"column {name!r} is not known; expected {','.join(columns)}; rename or remove it"
        )
    for name in twice:
        problems.add(1, f"column {name} stands there twice; remove one")
    return not (missing or unknown or twice)


def _framed(
    rows: Sequence[tuple[int, list[str]]],
    header: Sequence[str],
    columns: Sequence[str],
    problems: Problems,
) -> pl.DataFrame:
    """Puts rows of the right width into a frame."""
    width = len(header)
    for line_n, cells in rows:
        if len(cells) > width and any(cells[width:]):
            problems.add(
                line_n,
                f"{len(cells)} cells under {width} columns; quote texts that hold the delimiter",
            )
    padded = [(line_n, *(cells + [""] * width)[:width]) for line_n, cells in rows]
    frame = pl.DataFrame(
        padded, schema={LINE: pl.Int64, **dict.fromkeys(header, pl.String)}, orient="row"
    )
    return frame.select(LINE, *[pl.when(pl.col(c) != "").then(pl.col(c)).alias(c) for c in columns])
