"""Shows tables in Dagster's catalogue. Nothing is said here that the table does not say."""

import base64
import datetime as dt
import inspect
from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg
import dataframely as dy
import polars as pl

from retrowalk.lake import Lake
from retrowalk.plot import longest_workouts, picture_of_workout, small_png
from retrowalk.tables import BY_NAME
from retrowalk.units import unit_of

_PREVIEW_ROWS = 5
#: Columns shown in a preview; the UI has no log-in, so no text that a person wrote and no place.
_PRIVATE = ("text", "path", "reason", "latitude_deg", "longitude_deg", "east_m", "north_m")
#: Pictures of so many workouts keep an event below 300 kB.
_PICTURES_N = 3


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


def pictures(lake: Lake, weeks: Sequence[dt.date], decide_at: float) -> dg.MarkdownMetadataValue:
    """The longest workouts of some weeks as pictures; without what a person wrote, and no place."""
    shown = [
        f"{workout['workout_id']}\n\n![{workout['workout_id']}](data:image/png;base64,{drawn})"
        for workout in longest_workouts(lake, weeks, _PICTURES_N)
        for drawn in [picture_text(lake, workout, decide_at)]
    ]
    return dg.MetadataValue.md("\n\n".join(shown) or "No workouts.")


def picture_text(lake: Lake, workout: Mapping[str, Any], decide_at: float) -> str:
    """The picture of one workout in base64."""
    figure = picture_of_workout(lake, workout, decide_at=decide_at, shows_texts=False)
    return base64.b64encode(small_png(figure)).decode("ascii")


def run_metadata(
    lake: Lake, table: str, weeks: Sequence[dt.date], *, decide_at: float
) -> dict[str, Any]:
    """What a run wrote for some weeks: how many rows, the first of them, pictures of segments."""
    rows = lake.scan(table, weeks)
    shown = [name for name in BY_NAME[table].column_names() if name not in _PRIVATE]
    simple = pl.selectors.exclude(pl.selectors.nested())
    preview = as_markdown(rows.select(shown).select(simple).head(_PREVIEW_ROWS).collect())
    drawn = {"pictures": pictures(lake, weeks, decide_at)} if table == "segments" else {}
    return {
        "dagster/partition_row_count": rows.select(pl.len()).collect().item(),
        "preview": dg.MetadataValue.md(preview),
        **drawn,
    }
