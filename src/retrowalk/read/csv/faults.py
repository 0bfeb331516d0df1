"""What could not be used of a file, where the first of each kind stands, and how that is said."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import polars as pl

#: How much of a cell a message shows.
SHOWN = 60
#: How many kinds of fault a message lists.
LISTED = 6


@dataclass(frozen=True, slots=True)
class Fault:
    """Cells of one column that could not be used.

    Args:
        header: The column as the file names it.
        expected: What should have stood there.
        count: How many cells.
        line_n: Line of the first, from 1.
        text: What stood there.
        takes_row: Whether the whole row is of no use without the cell.
    """

    header: str
    expected: str
    count: int
    line_n: int
    text: str
    takes_row: bool = False

    def __str__(self) -> str:
        things, fate = ("row", "set aside") if self.takes_row else ("cell", "left out")
        many = "s" if self.count > 1 else ""
        short = self.text if len(self.text) <= SHOWN else f"{self.text[: SHOWN - 3]}..."
        found = repr(short) if short else "nothing"
        return (
            f"{self.count} {things}{many} {fate}: line {self.line_n}, column {self.header!r} "
            f"holds {found}, not {self.expected}"
        )


def merged_faults(faults: Sequence[Fault]) -> tuple[Fault, ...]:
    """Adds up faults of the same column and kind, the first one's place kept."""
    merged: dict[tuple[str, str], Fault] = {}
    for fault in faults:
        key = (fault.header, fault.expected)
        seen = merged.get(key)
        merged[key] = replace(seen, count=seen.count + fault.count) if seen else fault
    return tuple(merged.values())


def fault_in(
    text: pl.Series,
    is_bad: pl.Series,
    lines: pl.Series,
    *,
    header: str,
    expected: str,
    takes_row: bool = False,
) -> tuple[Fault, ...]:
    """Describes the cells marked as bad; empty where none is."""
    count = int(is_bad.sum())
    if not count:
        return ()
    first = is_bad.arg_true()[0]
    return (Fault(header, expected, count, int(lines[first]), str(text[first] or ""), takes_row),)


def reason_of(
    faults: Sequence[Fault], *, read_n: int, rows_n: int, decided: Sequence[str] = ()
) -> str:
    """Says how much was read, where the first of each kind of fault stands, and what was decided.

    Args:
        faults: What could not be used.
        read_n: Rows that were read.
        rows_n: Rows that were there.
        decided: Sentences on times and units that the file itself leaves open.
    """
    return " ".join([_how_much(faults, read_n, rows_n), *decided])


def _how_much(faults: Sequence[Fault], read_n: int, rows_n: int) -> str:
    if not faults:
        return f"Read whole: {read_n} row{'s' * (read_n != 1)}."
    rows_first = sorted(faults, key=lambda fault: not fault.takes_row)
    listed = "; ".join(str(fault) for fault in rows_first[:LISTED])
    more = f"; and {len(faults) - LISTED} kinds more" if len(faults) > LISTED else ""
    return f"Read {read_n} of {rows_n} rows. {listed}{more}."
