"""Writes a first draft of a dialect for a header that none knows, for a person to complete."""

import json
from collections.abc import Sequence

from retrowalk.read.csv.dialect import Dialect
from retrowalk.read.csv.dialect_toml import shipped_dialects
from retrowalk.read.csv.guesses import Guess, Guesses, guesses_from_rows
from retrowalk.read.csv.recognise import likely_header, nearest_dialect, split_line
from retrowalk.read.csv.source import Source, source_from_bytes

#: Rows that a draft is guessed from.
ROWS_LOOKED_AT = 100
#: Channels by one of which another file with the same columns of time is told apart.
TELLING = ("speed_mps", "total_distance_m", "distance_m", "heart_rate_bpm", "timer_s")


def nearest_to(data: bytes, dialects: Sequence[Dialect] | None = None) -> tuple[str, int]:
    """Names the dialect that comes nearest to a file's header.

    Args:
        data: Content of the file.
        dialects: What it may be; by default those that come with the package.

    Returns:
        The dialect's name, and how many of the headers it knows.
    """
    known = shipped_dialects() if dialects is None else dialects
    headers, _ = likely_header(source_from_bytes(data))
    nearest, known_n = nearest_dialect(headers, known)
    return nearest.name, known_n


def starter_dialect(data: bytes) -> str:
    """Writes a TOML draft for a file whose header no dialect knows.

    Args:
        data: Content of the file.

    Returns:
        A dialect that can be read as it stands; what was guessed from headers and first rows is
        marked, and headers that suggest nothing stand as comments.
    """
    source = source_from_bytes(data)
    headers, delimiter = likely_header(source)
    guesses = guesses_from_rows(headers, _first_rows(source, headers, delimiter))
    columns = "\n".join(
        _column_entry(header, guesses.by_place.get(n))
        for n, header in enumerate(headers)
        if header.strip() or n in guesses.by_place
    )
    return f"{_top(guesses)}\n{_time(guesses)}\n{columns}"


def _top(guesses: Guesses) -> str:
    """What the dialect is and by which channels it is told."""
    channels = [guess.channel for guess in guesses.by_place.values()]
    required = [c for c in channels if c in ("recorded_at", "recorded_date", "elapsed_s")][:1]
    if guesses.rows_are == "workouts":
        required.append("timer_s")
    required += [c for c in TELLING if c in channels and c not in required][:1]
    preamble = (
        'preamble = "comments"  # put a line "# started_at: 2026-11-16T08:00:00+01:00" on top\n'
        if guesses.counts_from_start
        else ""
    )
    return (
        "# A draft: check every line, then save it as registry/dialects/my_dialect.toml.\n"
        'name = "my_dialect"\n'
        'title = "My CSV"\n'
        f'rows_are = "{guesses.rows_are}"  # records, workouts, laps or motion: what one row is\n'
        f"requires = {json.dumps(required)}  # without these channels it is another file\n"
        f'number_style = "{guesses.number_style}"  # dot, comma, or infer from all rows\n'
        'missing = ["", "--", "nan"]\n'
        f"{preamble}"
        '# sport = "walking"  # where no column says\n'
    )


def _time(guesses: Guesses) -> str:
    """How instants are written."""
    at = ("recorded_at", "recorded_date", "recorded_time")
    first = [g.cells[0] for g in guesses.by_place.values() if g.channel in at and g.cells]
    seen = f"  # first row: {json.dumps(' '.join(first), ensure_ascii=False)}" if first else ""
    return (
        "[time]\n"
        f'formats = ["{guesses.time_format}"]{seen}\n'
        f'zone = "{guesses.zone}"  # stated: with an offset; utc; local: the participant\'s zone\n'
    )


def _first_rows(source: Source, headers: Sequence[str], delimiter: str) -> list[tuple[str, ...]]:
    """Rows below the header, as far as a draft looks."""
    lines = [line for line in source.lines(2 * ROWS_LOOKED_AT) if line.strip()]
    rows = [split_line(line, delimiter) for line in lines]
    below = rows.index(tuple(headers)) + 1 if tuple(headers) in rows else len(rows)
    return rows[below : below + ROWS_LOOKED_AT]


def _column_entry(header: str, guess: Guess | None) -> str:
    """One entry of columns; a comment where the header suggests nothing."""
    name = json.dumps(header.strip(), ensure_ascii=False)
    if guess is None:
        return f"# not guessed: {name}\n"
    stated = f'unit = "{guess.unit}"  # guessed\n' if guess.unit else ""
    return f'[[columns]]\nchannel = "{guess.channel}"  # guessed\nnames = [{name}]\n{stated}'
