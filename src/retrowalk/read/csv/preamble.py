"""Reads what the lines before the header state of the whole recording.

Nothing here reads a row below the header.
"""

import re
from collections.abc import Mapping, Sequence

import polars as pl

from retrowalk.errors import ExportError
from retrowalk.read.csv.dialect import Dialect, header_key
from retrowalk.read.csv.recognise import Layout, split_line
from retrowalk.read.csv.times import Instants, instants_from_text

KEY_LINE = re.compile(r"^#\s*([A-Za-z_]+)\s*[:=]\s*(.*?)\s*$")

#: Key -> the values that stand under it, in order.
Stated = Mapping[str, Sequence[str]]


def stated_in(layout: Layout) -> Stated:
    """Finds what the lines before the header state.

    Args:
        layout: With the lines, and the dialect that says how to read them.

    Returns:
        Key -> values; keys of ``# key: value`` lines as written, in lower case; of cells the
        keys of the dialect's ``stated``.
    """
    if layout.dialect.preamble == "comments":
        return stated_in_comments(layout.preamble)
    if layout.dialect.preamble == "cells":
        return _stated_in_cells(layout.preamble, layout.delimiter, layout.dialect)
    return {}


def stated_in_comments(lines: Sequence[str]) -> Stated:
    """Reads ``# key: value`` lines.

    Example:
        >>> stated_in_comments(["# placement: waist", "#lap_at: 10", "# lap_at: 20"])
        {'placement': ['waist'], 'lap_at': ['10', '20']}
    """
    stated: dict[str, list[str]] = {}
    for line in lines:
        if found := KEY_LINE.match(line.strip()):
            stated.setdefault(found[1].lower(), []).append(found[2])
    return stated


def first_word(stated: Stated, key: str) -> str | None:
    """The first value under a key, in lower case; null where there is none."""
    return first_text(stated, key, "").lower() or None


def first_text(stated: Stated, key: str, default: str) -> str:
    """The first value under a key, as written."""
    return next(iter(stated.get(key, ())), default).strip()


def start_of(stated: Stated, dialect: Dialect, time_zone: str | None) -> Instants:
    """Reads the start that the lines before the header state, one row.

    Raises:
        ExportError: ``no_timestamps`` where they state none, or none that can be read.
    """
    written = first_text(stated, "started_at", "")
    if not written:
        raise ExportError(
            "no_timestamps",
            f"{dialect.title}: the rows count seconds from a start that the file does not state. "
            "Expected a line '# started_at: 2026-11-16T08:00:00+01:00' before the header.",
        )
    start = instants_from_text(pl.Series([written]), dialect.time, time_zone)
    if start.at_utc[0] is None:
        raise ExportError(
            "no_timestamps",
            f"{dialect.title}: started_at is {written!r}, which is no time as this dialect writes "
            f"it ({', '.join(dialect.time.formats)}).",
        )
    return start


def _stated_in_cells(lines: Sequence[str], delimiter: str, dialect: Dialect) -> Stated:
    """Reads a line of names over a line of values."""
    cells = [split_line(line, delimiter) for line in lines if line.strip()]
    if len(cells) < 2:
        return {}
    values = {header_key(n): v.strip() for n, v in zip(cells[-2], cells[-1], strict=False)}
    joined = {
        key: " ".join(values[name] for name in names if values.get(name))
        for key, names in dialect.stated.items()
    }
    return {key: [text] for key, text in joined.items() if text}
