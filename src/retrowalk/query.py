"""SQL over the lake, read-only: one view per table, of one version each, also while a run writes."""

from pathlib import Path
from typing import Any

import duckdb
import polars as pl
from deltalake import DeltaTable
from polars._typing import PolarsDataType

from retrowalk.errors import LakeError, RetrowalkError
from retrowalk.lake import WEEK, Lake, stored_schema
from retrowalk.tables import BY_NAME

_SQL_TYPES: dict[Any, str] = {
    pl.String: "VARCHAR",
    pl.Float64: "DOUBLE",
    pl.Int64: "BIGINT",
    pl.Int32: "INTEGER",
    pl.Boolean: "BOOLEAN",
    pl.Date: "DATE",
    pl.Datetime: "TIMESTAMPTZ",
}


class QueryError(RetrowalkError):
    """A query cannot be answered; the message is the engine's, which points at the place."""


def sql_type(dtype: PolarsDataType) -> str:
    """The SQL type of a stored column.

    Example:
        >>> sql_type(pl.List(pl.String))
        'VARCHAR[]'
    """
    if isinstance(dtype, pl.List):
        return f"{sql_type(dtype.inner)}[]"
    if isinstance(dtype, pl.Struct):
        parts = ", ".join(f'"{part.name}" {sql_type(part.dtype)}' for part in dtype.fields)
        return f"STRUCT({parts})"
    return _SQL_TYPES[dtype.base_type()]


def quoted(text: str) -> str:
    """A SQL string."""
    return "'" + text.replace("'", "''") + "'"


def view_of(lake: Lake, table: str) -> str:
    """The query behind one table's view: its files of the present version, or no rows."""
    columns = stored_schema(table)
    files = (
        DeltaTable(lake.path(table), storage_options=lake.storage_options).file_uris()
        if lake.exists(table)
        else []
    )
    if not files:
        nulls = ", ".join(f'NULL::{sql_type(dtype)} AS "{name}"' for name, dtype in columns.items())
        return f"SELECT {nulls} WHERE false"
    names = ", ".join(f'"{name}"::{sql_type(dtype)} AS "{name}"' for name, dtype in columns.items())
    listed = ", ".join(map(quoted, files))
    hive = f", hive_partitioning = true, hive_types = {{'{WEEK}': DATE}}" if WEEK in columns else ""
    return f"SELECT {names} FROM read_parquet([{listed}]{hive}, union_by_name = true)"  # noqa: S608


def connect(lake: Lake) -> duckdb.DuckDBPyConnection:
    """Opens an empty database in memory with a view per table of the lake, and nothing else.

    Returns:
        A connection that can read the lake's files and no other, and cannot write.

    Raises:
        LakeError: The lake is no local folder; query it with an engine that knows its store.
    """
    if "://" in lake.root:
        raise LakeError(f"'{lake.root}' is no local folder: query it with an engine of its store.")
    connection = duckdb.connect(":memory:")
    connection.execute("SET TimeZone = 'UTC'")
    for table in BY_NAME:
        connection.execute(f'CREATE VIEW "{table}" AS {view_of(lake, table)}')
    folder = str(Path(lake.root).resolve())
    connection.execute(f"SET allowed_directories = [{quoted(folder + '/')}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection


def answer(lake: Lake, sql: str) -> pl.DataFrame:
    """Answers one SELECT.

    Raises:
        QueryError: It is no single SELECT, or the engine refuses it.
    """
    connection = connect(lake)
    try:
        statements = connection.extract_statements(sql)
        if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
            raise QueryError("Expected one SELECT; the tables are read-only here.")
        return pl.DataFrame(connection.sql(sql))
    except duckdb.Error as error:
        raise QueryError(str(error)) from error
    finally:
        connection.close()
