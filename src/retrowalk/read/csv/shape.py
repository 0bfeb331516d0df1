"""Brings a frame into the columns of the table that a reader returns."""

from typing import TypeVar

import dataframely as dy
import polars as pl

S = TypeVar("S", bound=dy.Schema)


def shaped(frame: pl.DataFrame, table: type[S]) -> dy.DataFrame[S]:
    """Selects a table's columns, null where the frame has none, and validates.

    Args:
        frame: n rows with some of the table's columns, and any others.
        table: The table wanted.

    Returns:
        n rows, same order, with exactly the table's columns.
    """
    return table.validate(
        frame.select(
            pl.col(name) if name in frame.columns else pl.lit(None).alias(name)
            for name in table.column_names()
        ),
        cast=True,
    )
