"""Shows tables in Dagster's catalogue. Nothing is said here that the table does not say."""

import datetime as dt
import inspect
from collections.abc import Sequence
from typing import Any

import dagster as dg
import dataframely as dy
import polars as pl

from retrowalk.lake import Lake
from retrowalk.tables import BY_NAME
from retrowalk.units import unit_of

_PREVIEW_ROWS = 5
#: Columns shown in a preview; the UI has no log-in, so no text that a person wrote and no place.
_PRIVATE = ("text", "path", "reason", "latitude_deg", "longitude_deg", "east_m", "north_m")


def column_of(name: str, column: dy.Column) -> dg.TableColumn:
    """One column of the schema, with its unit and constraints."""
    unit = unit_of(name)
    described = f"{column.description} [{unit}]" if unit else column.description
    words = [", ".join(column.categories)] if isinstance(column, dy.Enum) else []
    return dg.TableColumn(
        name=name,
        type=str(column.dtype).split("(")[0],
        description=described,
        constraints=dg.TableColumnConstraints(nullable=column.nullable, other=words),
    )


def table_metadata(table: str, root: str) -> dict[str, Any]:
    """Definition-time metadata of one table: its columns and where it lies."""
    columns = [column_of(name, column) for name, column in BY_NAME[table].columns().items()]
    return {
        "dagster/column_schema": dg.TableSchema(columns=columns),
        "dagster/uri": f"{root}/{table}",
        "dagster/table_name": table,
        "key": dg.MetadataValue.text(", ".join(BY_NAME[table].primary_key())),
    }


def description_of(table: str) -> str:
    """What the table's class says of itself."""
    return inspect.getdoc(BY_NAME[table]) or table


def as_markdown(rows: pl.DataFrame) -> str:
    """A few rows as a Markdown table."""
    if rows.is_empty():
        return "No rows."
    head = "|".join(rows.columns)
    rule = "|".join("---" for _ in rows.columns)
    lines = [
        "|".join("" if value is None else str(value).replace("|", "/") for value in row)
        for row in rows.iter_rows()
    ]
    return "\n".join([head, rule, *lines])


def run_metadata(lake: Lake, table: str, weeks: Sequence[dt.date]) -> dict[str, Any]:
    """What a run wrote for some weeks: how many rows, and the first of them."""
    rows = lake.scan(table, weeks)
    shown = [name for name in BY_NAME[table].column_names() if name not in _PRIVATE]
    simple = pl.selectors.exclude(pl.selectors.nested())
    return {
        "dagster/partition_row_count": rows.select(pl.len()).collect().item(),
        "preview": dg.MetadataValue.md(
            as_markdown(rows.select(shown).select(simple).head(_PREVIEW_ROWS).collect())
        ),
    }
