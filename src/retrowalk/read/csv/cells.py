"""Reads the rows under a header into one column per channel: text as it stands, numbers as numbers.

What a cell means for a workout is decided elsewhere.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from retrowalk.errors import ExportError
from retrowalk.read.csv.dialect import CHANNELS, Column
from retrowalk.read.csv.faults import Fault, fault_in
from retrowalk.read.csv.number_style import number_expr, style_of_file, style_of_spreadsheet
from retrowalk.read.csv.recognise import Layout, split_line
from retrowalk.read.csv.source import CHUNK_BYTES, Source

#: Line of the file that a row stands on, from 1.
LINE = "line_n"
#: Units that are read from text such as 1:02:03.
CLOCKS = ("clock", "pace_or_speed")


@dataclass(frozen=True, slots=True)
class Cells:
    """Rows of one piece of a file.

    Args:
        frame: ``line_n`` and one column per channel; text columns trimmed, missing words null.
        faults: What could not be read.
        last_line_n: Line of the last row, blank or not.
    """

    frame: pl.DataFrame
    faults: tuple[Fault, ...]
    last_line_n: int


def cells_from_source(
    source: Source, layout: Layout, *, size: int = CHUNK_BYTES
) -> Iterator[Cells]:
    """Reads the rows under the header, piece by piece, so that a large file is never all text.

    Args:
        source: An export's text.
        layout: What it is and where its rows begin.
        size: About how many bytes are held as text at a time.

    Yields:
        Pieces of the file in order, wholly blank rows left out. A file whose number style its own
        rows must tell comes in one piece.

    Raises:
        ExportError: ``unreadable_csv`` or ``undecidable_units``.
    """
    infers = layout.dialect.number_style == "infer"
    size = max(len(source.data), 1) if infers else size
    line_n = layout.header_line + 2
    style = ""
    for piece in source.chunks(source.offset_of_line(layout.header_line + 1), size):
        text = _text_frame(piece, layout, line_n)
        line_n += text.height
        whole = text.filter(~pl.all_horizontal(pl.exclude(LINE).is_null()))
        style = style or _style(whole, layout)
        yield Cells(*_typed(whole, layout, style), last_line_n=line_n - 1)


def _style(text: pl.DataFrame, layout: Layout) -> str:
    """Decimal sign of a file: as its rows tell, or as its dialect writes it."""
    if layout.dialect.number_style == "infer":
        return style_of_file(text, layout)
    if layout.delimiter == ",":
        return layout.dialect.number_style
    return style_of_spreadsheet(text, layout)


def split_rows(
    piece: bytes, delimiter: str, names: Sequence[str], wanted: Sequence[str]
) -> pl.DataFrame:
    """Splits rows into text cells; a text with a stray quote is split without regard to quotes.

    Args:
        piece: Rows without a header.
        delimiter: What splits the cells.
        names: ``column_1`` and so on, one per cell of a row; cells beyond are left out.
        wanted: Those that are needed.

    Returns:
        A row per line, blank ones included, null where a cell is empty or missing.

    Raises:
        ExportError: ``unreadable_csv``.
    """
    curly = "\u201c".encode()
    if curly in piece:
        piece = piece.replace(curly, b'"').replace("\u201d".encode(), b'"')
    # A header of our own says how wide a row is; else the first row would, which may be short.
    header = delimiter.join(names).encode() + b"\n"
    problem = ""
    for quote in ('"', None):
        try:
            return pl.read_csv(
                header + piece,
                columns=list(wanted),
                separator=delimiter,
                quote_char=quote,
                truncate_ragged_lines=True,
                infer_schema=False,
            )
        except pl.exceptions.PolarsError as error:
            problem = str(error).splitlines()[0]
    raise ExportError("unreadable_csv", f"The rows cannot be split into cells: {problem}.")


def _text_frame(piece: bytes, layout: Layout, line_n: int) -> pl.DataFrame:
    """Splits rows into text cells of the known columns."""
    by_place = {f"column_{place + 1}": channel for channel, (place, _) in layout.places.items()}
    names = [f"column_{place + 1}" for place in range(len(layout.headers))]
    named = split_rows(piece, layout.delimiter, names, list(by_place)).rename(by_place)
    parts = [c for c in ("recorded_date", "recorded_time") if c in named.columns]
    if "recorded_date" in parts and "recorded_at" not in named.columns:
        named = named.with_columns(recorded_at=pl.concat_str(parts, separator=" ")).drop(parts)
    return named.with_row_index(LINE, offset=line_n)


def _typed(
    text: pl.DataFrame, layout: Layout, style: str
) -> tuple[pl.DataFrame, tuple[Fault, ...]]:
    """Turns the number columns into numbers and trims the others."""
    numbers = {c: column for c, (_, column) in layout.places.items() if not column.is_text}
    plain = {c: col for c, col in numbers.items() if col.unit not in CLOCKS}
    labels = [c for c in layout.places if c in text.columns and is_label(c, layout)]
    frame = text.with_columns(
        *[_finite(pl.col(c).cast(pl.Float64, strict=False)).alias(c) for c in plain],
        *[_worded(text[c], layout.dialect.missing) for c in labels],
    )
    faults: list[Fault] = []
    for channel in plain:
        if frame[channel].null_count() > text[channel].null_count() or style == "comma":
            column, found = _careful(text, channel, layout, style)
            frame = frame.with_columns(column)
            faults.extend(found)
    return (
        frame.with_columns(_scaled(pl.col(c), col).alias(c) for c, col in plain.items()),
        tuple(faults),
    )


def _careful(
    text: pl.DataFrame, channel: str, layout: Layout, style: str
) -> tuple[pl.Series, tuple[Fault, ...]]:
    """Reads a number column in which some cell is no plain number."""
    word = text.select(_word_expr(pl.col(channel), layout.dialect.missing)).to_series()
    value = word.to_frame().select(_finite(number_expr(pl.col(channel), style))).to_series()
    bad = value.is_null() & word.is_not_null()
    header = layout.header_of(channel)
    return value, fault_in(word, bad, text[LINE], header=header, expected="a number")


def _finite(value: pl.Expr) -> pl.Expr:
    return pl.when(value.is_finite()).then(value)


def is_label(channel: str, layout: Layout) -> bool:
    """Whether a column holds words, not numbers or times."""
    column = layout.places[channel][1]
    return column.unit in CLOCKS or CHANNELS[channel] == "text"


def _worded(text: pl.Series, missing: Sequence[str]) -> pl.Series:
    """Cleans a label column by its distinct texts, of which there are few."""
    kinds = text.unique()
    clean = kinds.to_frame("kind").select(_word_expr(pl.col("kind"), missing)).to_series()
    return text if clean.equals(kinds) else text.replace_strict(kinds, clean)


def _word_expr(text: pl.Expr, missing: Sequence[str]) -> pl.Expr:
    """Trims, drops a spreadsheet's protecting apostrophe, and makes missing words null."""
    plain = text.str.strip_chars().str.strip_prefix("'")
    return pl.when(~plain.str.to_lowercase().is_in(list({*missing, ""}))).then(plain)


def _scaled(value: pl.Expr, column: Column) -> pl.Expr:
    """Brings a number into the unit of its channel, where the column's unit settles it."""
    present = pl.when(value != 0).then(value) if column.ignored_zero else value
    if column.unit == "min/km":
        return pl.when(present > 0).then(1000.0 / 60.0 / present)
    return present * column.factor if column.factor not in (0.0, 1.0) else present


def ends_in_half_a_row(source: Source, layout: Layout) -> bool:
    """Whether the last line lacks both its end and some of its cells, as a cut-off write leaves it."""
    if source.data.endswith(b"\n"):
        return False
    last = source.data[source.data.rfind(b"\n") + 1 :].decode(errors="replace")
    return len(split_line(last, layout.delimiter)) < len(layout.headers)
