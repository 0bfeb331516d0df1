"""Tells a decimal comma from a thousands comma by all the numbers of a file.

A header says nothing about it: the same English header comes with `4,14` kilometres from one
account and `4,020` steps from another.
"""

import polars as pl

from retrowalk.errors import ExportError
from retrowalk.read.csv.recognise import Layout

#: Cells that only one style can have written. `X` is the sign in question, `Y` the other one.
ONLY_DECIMAL = r"^[+-]?(\d{1,3}(Y\d{3})+X\d+|0X\d+|\d+X\d{1,2}|\d+X\d{4,}|\d{4,}X\d+)$"
ONLY_THOUSANDS = r"^[+-]?[1-9]\d{0,2}((X\d{3}){2,}|(X\d{3})+Y\d+)$"
#: One group of three digits after the sign: 4,020 steps or 4.020 kilometres.
EITHER = r"^[+-]?[1-9]\d{0,2}X\d{3}$"


def number_expr(text: pl.Expr, style: str) -> pl.Expr:
    """Reads numbers of a known style; null where the text is none."""
    decimal, thousands = (",", ".") if style == "comma" else (".", ",")
    grouped = text.str.contains(
        rf"^[+-]?\d{{1,3}}([{thousands}'\u00a0\u202f ]\d{{3}})*([{decimal}]\d*)?$"
    )
    plain = text.str.replace_all(rf"[{thousands}'\u00a0\u202f ]", "")
    bare = pl.when(grouped).then(plain).otherwise(text)
    return bare.str.replace(decimal, ".", literal=True).cast(pl.Float64, strict=False)


def style_of_file(text: pl.DataFrame, layout: Layout) -> str:
    """Decides the number style of a file from the cells of its number columns.

    Args:
        text: Cells as text, with ``line_n``.
        layout: Which columns hold numbers.

    Returns:
        ``dot`` (1,234.5) or ``comma`` (1.234,5); ``dot`` where no cell holds either sign.

    Raises:
        ExportError: ``undecidable_units`` with the lines, where cells contradict each other or
            none tells.
    """
    cells = _signed_cells(text, layout)
    comma, dot = (cells.filter(_says_decimal(sign)) for sign in (",", "."))
    if comma.height and dot.height:
        raise ExportError("undecidable_units", _contradiction(comma, dot))
    if comma.height or dot.height:
        return "comma" if comma.height else "dot"
    if cells.height:
        raise ExportError("undecidable_units", _untold(cells))
    return "dot"


def style_of_spreadsheet(text: pl.DataFrame, layout: Layout) -> str:
    """Finds whether a spreadsheet wrote a dialect's decimal dots anew as commas.

    Args:
        text: Cells as text, the first rows of the file.
        layout: Which columns hold numbers.

    Returns:
        ``comma`` where cells say so and none says otherwise; else the dialect's own style.
    """
    cells = _signed_cells(text, layout)
    comma, dot = (cells.filter(_says_decimal(sign)).height for sign in (",", "."))
    return "comma" if comma and not dot else layout.dialect.number_style


def _signed_cells(text: pl.DataFrame, layout: Layout) -> pl.DataFrame:
    """The cells of number columns that hold a dot or a comma."""
    columns = [
        (channel, column)
        for channel, (_, column) in layout.places.items()
        if not column.is_text and column.unit != "clock" and channel in text.columns
    ]
    empty = pl.DataFrame(
        schema={
            "line_n": pl.UInt32,
            "cell": pl.String,
            "header": pl.String,
            "is_counted": pl.Boolean,
        }
    )
    listed = [
        text.select(
            "line_n",
            cell=pl.col(channel).str.strip_chars(),
            header=pl.lit(layout.header_of(channel)),
            # A count has no decimals, so its group of three digits is one of thousands.
            is_counted=pl.lit(column.unit == "count"),
        )
        for channel, column in columns
    ]
    return pl.concat([empty, *listed]).filter(
        pl.col("cell").str.contains(r"^[+-]?[\d.,]*[.,][\d.,]*$")
    )


def _says_decimal(sign: str) -> pl.Expr:
    """Whether a cell can only have been written with this decimal sign."""
    other = "." if sign == "," else ","
    cell = pl.col("cell")

    def spelt(pattern: str, x: str, y: str) -> str:
        return pattern.replace("X", f"[{x}]").replace("Y", f"[{y}]")

    return (
        cell.str.contains(spelt(ONLY_DECIMAL, sign, other))
        | cell.str.contains(spelt(ONLY_THOUSANDS, other, sign))
        | (pl.col("is_counted") & cell.str.contains(spelt(EITHER, other, sign)))
    )


def _listed(cells: pl.DataFrame) -> str:
    rows = cells.sort("line_n").head(3).iter_rows(named=True)
    return ", ".join(f"{row['header']} {row['cell']!r} in line {row['line_n']}" for row in rows)


def _contradiction(comma: pl.DataFrame, dot: pl.DataFrame) -> str:
    return (
        f"Decimal comma and decimal dot in one file: {_listed(comma)} against {_listed(dot)}. "
        "Export the list again, or bring its numbers into one style."
    )


def _untold(cells: pl.DataFrame) -> str:
    return (
        f"Nothing tells whether a sign marks decimals or thousands: {_listed(cells)}. "
        "Add the column of steps to the export, or write the numbers with a decimal dot."
    )
