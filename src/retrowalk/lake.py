"""The lake: one Delta table per schema; whole weeks are replaced in one commit. Knows no Dagster."""

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Literal, cast

import dataframely as dy
import polars as pl
from deltalake import DeltaTable
from deltalake.exceptions import CommitFailedError, DeltaError
from tenacity import retry, retry_if_exception, stop_after_attempt, wait_random_exponential

from retrowalk.errors import LakeError
from retrowalk.tables import BY_NAME

WEEK = "week_start_date"
#: Delta keeps no unsigned and no enumerated types; the schema's cast restores them when read.
_STORED_TYPES: dict[type[pl.DataType], pl.DataType] = {
    pl.UInt32: pl.Int64(),
    pl.UInt64: pl.Int64(),
}


def is_conflict(error: BaseException) -> bool:
    """Whether another writer was faster: a commit to the same week, or the table's first one."""
    return isinstance(error, CommitFailedError) or (
        isinstance(error, DeltaError) and "already exists" in str(error)
    )


_persistently = retry(
    retry=retry_if_exception(is_conflict),
    stop=stop_after_attempt(8),
    wait=wait_random_exponential(multiplier=0.05, max=2.0),
    reraise=True,
)


def stored_type(dtype: pl.DataType) -> pl.DataType:
    """The type in which Delta keeps a column."""
    if isinstance(dtype, pl.Enum):
        return pl.String()
    if isinstance(dtype, pl.List):
        return pl.List(stored_type(cast("pl.DataType", dtype.inner)))
    if isinstance(dtype, pl.Struct):
        fields = {part.name: cast("pl.DataType", part.dtype) for part in dtype.fields}
        return pl.Struct({name: stored_type(inner) for name, inner in fields.items()})
    return _STORED_TYPES.get(type(dtype), dtype)


def stored_schema(table: str) -> pl.Schema:
    """Column -> type as kept in Delta, in the schema's order."""
    return pl.Schema(
        {name: stored_type(dtype) for name, dtype in pl.Schema(BY_NAME[table]).items()}
    )


@dataclass(frozen=True, slots=True)
class Rewrite:
    """Rows on their way into the lake: spooled to disk, committed together when all are there."""

    spool: Path
    parts: dict[str, int] = field(default_factory=dict)

    def add(self, table: str, rows: pl.DataFrame) -> None:
        """Takes more rows of one table."""
        number = self.parts.get(table, 0)
        folder = self.spool / table
        folder.mkdir(exist_ok=True)
        rows.cast(stored_schema(table)).write_parquet(folder / f"{number:06}.parquet")
        self.parts[table] = number + 1

    def rows(self, table: str) -> pl.LazyFrame:
        """All rows taken for one table."""
        return pl.scan_parquet(self.spool / table / "*.parquet")


def missing_columns(table: str, stored: pl.LazyFrame) -> list[str]:
    """Columns of a table's schema that the table as stored does not have yet."""
    return sorted(set(BY_NAME[table].column_names()) - set(stored.collect_schema().names()))


@dataclass(frozen=True, slots=True)
class Lake:
    """Where the tables lie.

    Args:
        root: Folder or object-store URL.
        storage_options: Credentials and the like for an object store.
    """

    root: str
    storage_options: dict[str, str] | None = None

    def path(self, table: str) -> str:
        """Folder or URL of one table."""
        return f"{self.root.rstrip('/')}/{table}"

    def exists(self, table: str) -> bool:
        """Whether anything was ever written to the table."""
        return DeltaTable.is_deltatable(self.path(table), self.storage_options)

    def version(self, table: str) -> int | None:
        """Delta version of the table; null before the first write."""
        if not self.exists(table):
            return None
        return DeltaTable(self.path(table), storage_options=self.storage_options).version()

    def _stored(self, table: str) -> pl.LazyFrame:
        """The table as it lies there; empty in the types of its schema before the first write."""
        if not self.exists(table):
            return BY_NAME[table].create_empty().lazy()
        return pl.scan_delta(self.path(table), storage_options=self.storage_options)

    def scan(self, table: str, weeks: Sequence[date] | None = None) -> pl.LazyFrame:
        """Reads a table lazily, in the types of its schema; empty before the first write.

        Args:
            table: Name of the table.
            weeks: Only these weeks; null: all of them.

        Raises:
            LakeError: The stored table lacks a column of the schema.
        """
        schema = BY_NAME[table]
        rows = self._stored(table)
        if missing := missing_columns(table, rows):
            outdated = [name for name in BY_NAME if missing_columns(name, self._stored(name))]
            raise LakeError(
                f"Table '{table}' lacks {missing}: it was written by an older version. Remove "
                f"{' '.join(map(self.path, outdated))} and score again; the exports hold everything."
            )
        if weeks is not None:
            rows = rows.filter(pl.col(WEEK).is_in(list(weeks)))
        return rows.select(schema.column_names()).cast(pl.Schema(schema))

    def read(self, table: str, weeks: Sequence[date] | None = None) -> pl.DataFrame:
        """Reads a table, in the types of its schema, rows in order of its key."""
        return self.scan(table, weeks).sort(BY_NAME[table].primary_key()).collect()

    @contextmanager
    def rewrite(self, tables: Sequence[str], weeks: Sequence[date]) -> Iterator[Rewrite]:
        """Collects rows batch by batch, then replaces ``weeks`` of each table in one commit.

        Nothing is written if the block fails. A table that took no rows is emptied in ``weeks``.

        Raises:
            LakeError: A row lies outside ``weeks``.
        """
        with tempfile.TemporaryDirectory(prefix="retrowalk-") as folder:
            rewrite = Rewrite(Path(folder))
            for table in tables:
                rewrite.add(table, BY_NAME[table].create_empty())
            yield rewrite
            for table in tables:
                self._replace(table, rewrite.rows(table), weeks)

    def replace(
        self, table: str, rows: dy.DataFrame[dy.Schema] | pl.DataFrame, weeks: Sequence[date]
    ) -> None:
        """Puts ``rows`` in the place of ``weeks``; an empty frame empties them."""
        with self.rewrite([table], weeks) as rewrite:
            rewrite.add(table, rows)

    def overwrite(self, table: str, rows: pl.DataFrame) -> None:
        """Replaces a whole table that has no weeks."""
        self._write(rows.cast(stored_schema(table)).lazy(), table, mode="overwrite")

    def append(self, table: str, rows: pl.DataFrame) -> None:
        """Adds rows to a table; no rows write nothing, but the first call creates the table."""
        if rows.height or not self.exists(table):
            self._write(rows.cast(stored_schema(table)).lazy(), table, mode="append")

    def _replace(self, table: str, rows: pl.LazyFrame, weeks: Sequence[date]) -> None:
        outside = rows.filter(~pl.col(WEEK).is_in(list(weeks))).select(pl.len()).collect().item()
        if outside:
            raise LakeError(f"{outside} rows of '{table}' lie outside the weeks {list(weeks)}.")
        if not weeks:
            return
        names = ", ".join(f"'{week}'" for week in weeks)
        self._write(rows, table, mode="overwrite", predicate=f"{WEEK} IN ({names})")

    @_persistently
    def _write(
        self,
        rows: pl.LazyFrame,
        table: str,
        *,
        mode: Literal["overwrite", "append"],
        predicate: str | None = None,
    ) -> None:
        is_new = not self.exists(table)
        options: dict[str, Any] = {}
        if is_new and WEEK in stored_schema(table):
            options["partition_by"] = [WEEK]
        if predicate and not is_new:
            options["predicate"] = predicate
        if not self.root.startswith(("s3:", "az:", "gs:", "abfs:", "http")):
            Path(self.path(table)).mkdir(parents=True, exist_ok=True)
        rows.sink_delta(
            self.path(table),
            mode="error" if is_new else mode,
            storage_options=self.storage_options,
            delta_write_options=options,
        )

    def compact(self, keep_hours: int = 168) -> dict[str, int]:
        """Merges small files and removes those that no version of the last hours needs.

        Args:
            keep_hours: How long a reader may go on with what it began to read.

        Returns:
            Files removed per table.
        """
        removed = {}
        for table in BY_NAME:
            if self.exists(table):
                delta = DeltaTable(self.path(table), storage_options=self.storage_options)
                delta.optimize.compact()
                removed[table] = len(
                    delta.vacuum(keep_hours, dry_run=False, enforce_retention_duration=False)
                )
        return removed


def weeks_between(first: date, last: date) -> list[date]:
    """All Mondays from ``first`` to ``last``, both included.

    Example:
        >>> weeks_between(date(2026, 11, 9), date(2026, 11, 16))
        [datetime.date(2026, 11, 9), datetime.date(2026, 11, 16)]
    """
    return pl.date_range(first, last, "1w", eager=True).to_list() if first <= last else []


def batches(ids: Iterable[str], sizes: Iterable[int], *, limit: int) -> Iterator[list[str]]:
    """Groups identifiers so that the sizes of a group add up to at most ``limit``.

    Example:
        >>> list(batches(["a", "b", "c"], [5, 4, 9], limit=10))
        [['a', 'b'], ['c']]
    """
    group: list[str] = []
    total = 0
    for name, size in zip(ids, sizes, strict=True):
        if group and total + size > limit:
            yield group
            group, total = [], 0
        group.append(name)
        total += size
    if group:
        yield group
