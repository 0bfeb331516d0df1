"""The data dictionary, written from the table classes. Column facts are said there, not here."""

import inspect

import dataframely as dy

from retrowalk.tables import FLOW, GUESTS, table_name
from retrowalk.units import unit_of

_HEAD = "| column | type | unit | null | meaning |\n|---|---|---|---|---|"


def type_name(column: dy.Column) -> str:
    """Names a column's type for a reader, without Polars' notation.

    Example:
        >>> type_name(dy.Datetime(time_zone="UTC", time_unit="us")), type_name(dy.String())
        ('instant', 'text')
    """
    names = {
        dy.String: "text",
        dy.Float64: "number",
        dy.UInt32: "count",
        dy.UInt64: "count",
        dy.Int32: "whole number",
        dy.Bool: "yes/no",
        dy.Date: "date",
        dy.Datetime: "instant",
        dy.Enum: "word",
        dy.List: "list",
        dy.Struct: "record",
    }
    name = names[type(column)]
    if isinstance(column, dy.List):
        return f"list of {type_name(column.inner)}s"
    return name


def meaning(column: dy.Column) -> str:
    """Describes a column: its words, its vocabulary, and how it is aggregated."""
    parts = [column.description or ""]
    if isinstance(column, dy.Enum):
        parts.append("One of " + ", ".join(f"`{word}`" for word in column.categories) + ".")
    if column.metadata and "aggregation" in column.metadata:
        parts.append(f"({column.metadata['aggregation']})")
    return " ".join(parts).replace("|", "\\|")


def section(table: type[dy.Schema]) -> str:
    """Writes one table's part: its docstring, then a row per column."""
    rows = [
        f"| `{name}` | {type_name(column)} | {unit_of(name)} | {'yes' if column.nullable else 'no'} "
        f"| {meaning(column)} |"
        for name, column in table.columns().items()
    ]
    keys = ", ".join(f"`{key}`" for key in table.primary_key())
    return "\n".join(
        [
            f"## {table_name(table)}",
            "",
            inspect.getdoc(table) or "",
            "",
            f"Key: {keys}.",
            "",
            _HEAD,
            *rows,
        ]
    )


def dictionary() -> str:
    """Writes the whole dictionary: tables in order of flow, then what the registry tells."""
    title = "# Data dictionary\n\nWritten by `make docs` from `src/retrowalk/tables/`; edit the classes, not this page."
    parts = [title, *map(section, FLOW), "# Registry", *map(section, GUESTS)]
    return "\n\n".join(parts) + "\n"
