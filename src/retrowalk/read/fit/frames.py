"""Makes one frame per message: all its rows over the whole file, all its fields in physical units.

``_part`` and ``_offset`` tell where each row stood; they order rows across messages.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from retrowalk.read.fit.base_types import STRING
from retrowalk.read.fit.clock import DeviceClock, Shift, device_clock, timestamps_of_compressed
from retrowalk.read.fit.columns import (
    coalesced,
    column_from_raw,
    has_relative_times,
    relative_seconds,
)
from retrowalk.read.fit.components import Expansion
from retrowalk.read.fit.definitions import DeveloperField, FieldKey
from retrowalk.read.fit.developer import Descriptions, described_fields
from retrowalk.read.fit.plans import plan
from retrowalk.read.fit.profile import FieldProfile, message_fields, message_name
from retrowalk.read.fit.rows import Raw, Rows
from retrowalk.read.fit.traps import Traps
from retrowalk.read.fit.walk import Group

PART, OFFSET = "_part", "_offset"
#: A message's frame has no more cells than this, and so many per byte of the file. Definitions
#: that differ row by row could otherwise make a table whose size is the square of the file's.
FREE_CELLS = 1_000_000
CELLS_PER_BYTE = 8
#: No file holds more kinds of message than this; noise read as definitions does.
MAX_MESSAGES = 512
#: Nor more columns in all its frames. A column costs time however short it is.
MAX_COLUMNS = 16_384

#: Message -> columns wanted of it; None: all of them.
Wanted = Mapping[str, frozenset[str] | None]


@dataclass(frozen=True, slots=True)
class DeveloperColumn:
    """A column that a developer field became.

    Args:
        message: Message that it stands in.
        column: Name of the column.
        native_column: The profile's column that it stands for; None: for none.
        units: Unit as the developer wrote it; empty for none.
    """

    message: str
    column: str
    native_column: str | None
    units: str


def frames_from_groups(
    data: bytes, groups: Sequence[Group], only: Wanted | None, traps: Traps, *, with_places: bool
) -> tuple[dict[str, pl.DataFrame], tuple[DeveloperColumn, ...]]:
    """Decodes all messages, or those named.

    Args:
        data: The file.
        groups: All groups of all parts.
        only: Messages to decode and the columns of each; None: all.
        traps: Receives what stood out.
        with_places: Whether the frames tell part and offset of their rows.

    Returns:
        Message name -> frame, and which columns are developer fields.
    """
    descriptions = Descriptions(data, groups, traps)
    clock = device_clock(data, groups)
    frames: dict[str, pl.DataFrame] = {}
    developer_columns: list[DeveloperColumn] = []
    columns_n = 0
    for number, own in _by_message(data, groups, only, traps).items():
        fields = [described_fields(group, descriptions) for group, _ in own]
        rows = Rows(data, [group for group, _ in own], fields, [times for _, times in own])
        if columns_n + len(rows.keys) > MAX_COLUMNS or _is_oversized(rows, len(data)):
            sentence = f"{len(rows):,} rows of message {number} with {len(rows.keys):,} fields in {len(data):,} bytes; left out."
            traps.add("oversized", int(rows.offsets()[0]), sentence)
            continue
        columns_n += len(rows.keys)
        columns = None if only is None else only[message_name(number)]
        message = _Message(number, rows, clock, columns)
        frames[message_name(number)] = message.frame(with_places=with_places)
        developer_columns.extend(message.developer_columns)
    return frames, tuple(developer_columns)


def _by_message(
    data: bytes, groups: Sequence[Group], only: Wanted | None, traps: Traps
) -> dict[int, list[tuple[Group, Raw | None]]]:
    """Gives for each message wanted its groups, with their timestamps where those are compressed."""
    timestamps = timestamps_of_compressed(data, groups)
    found: dict[int, list[tuple[Group, Raw | None]]] = {}
    for group, times in zip(groups, timestamps, strict=True):
        number = group.definition.message
        if only is None or message_name(number) in only:
            found.setdefault(number, []).append((group, times))
    if len(found) <= MAX_MESSAGES:
        return found
    sentence = f"{len(found):,} kinds of message; only the first {MAX_MESSAGES} are read."
    traps.add("oversized", groups[0].defined_at, sentence)
    return dict(list(found.items())[:MAX_MESSAGES])


def _is_oversized(rows: Rows, file_bytes: int) -> bool:
    cells = len(rows) * sum(1 if key.base is STRING else key.length for key in rows.keys)
    return cells > FREE_CELLS + CELLS_PER_BYTE * file_bytes


class _Message:
    """One message on its way to a frame."""

    __slots__ = (
        "_clock",
        "_columns",
        "_developer_names",
        "_fields",
        "_name",
        "_plan",
        "_rows",
        "developer_columns",
    )

    def __init__(
        self,
        number: int,
        rows: Rows,
        clock: DeviceClock | None,
        wanted: frozenset[str] | None,
    ) -> None:
        self._name = message_name(number)
        self._rows = rows
        self._fields = message_fields(number)
        self._clock = clock
        self._plan = plan(number, tuple(rows.keys), wanted)
        self._columns: dict[str, pl.Series] = {}
        self._developer_names: dict[tuple[int, DeveloperField], str] = {}
        self.developer_columns: list[DeveloperColumn] = []

    def frame(self, *, with_places: bool) -> pl.DataFrame:
        """Decodes every field that is wanted, and all developer fields."""
        made = {key: c for batch in self._plan.batches for key, c in batch.columns(self._rows)}
        # Columns that are another field's, whole; what a row states itself goes before them.
        twins = []
        for planned in self._plan.columns:
            column = made.get(planned.key)
            if column is None:
                column = self._column(planned.key, planned.field)
            self._add(planned.field.name, column)
            if planned.twin is not None:
                twins.append((planned.twin, column))
        for name, column in twins:
            self._add(name, column)
        apart = [planned.key for planned in self._plan.columns if planned.is_apart]
        for column in Expansion(self._rows, self._fields).columns(apart):
            self._add(column.name, column)
        for key in self._rows.keys:
            if key.developer is not None:
                self._add_developer(key, key.developer, made.get(key))
        columns = [column.alias(name) for name, column in self._columns.items()]
        places = self._places() if with_places else []
        return pl.DataFrame([*places, *columns] or None, height=len(self._rows))

    def _places(self) -> list[pl.Series]:
        parts = pl.Series(PART, self._rows.parts().astype(np.uint32))
        return [parts, pl.Series(OFFSET, self._rows.offsets())]

    def _add(self, name: str, column: pl.Series) -> None:
        before = self._columns.get(name)
        self._columns[name] = column if before is None else coalesced(before, column)

    def _column(self, key: FieldKey, field: FieldProfile) -> pl.Series:
        """Makes the column of a field that is more than a number."""
        raw = self._rows.raw(key)
        shift = None
        if field.type_name == "date_time" and key.is_whole_number and has_relative_times(raw):
            seconds = relative_seconds(field.name, raw, key.base)
            self._add(seconds.name, seconds)
            shift = self._shift(field)
        return column_from_raw(raw, key.base, field, shift)

    def _shift(self, field: FieldProfile) -> Shift | None:
        """Tells how far the device's clock was off, except for the field that states that clock."""
        if self._clock is None or field.name == "system_timestamp":
            return None
        return self._clock.shift_at(self._rows.offsets(), self._rows.parts())

    def _add_developer(self, key: FieldKey, field: DeveloperField, made: pl.Series | None) -> None:
        known = (key.number, field)
        if known not in self._developer_names:
            self._developer_names[known] = self._name_developer_field(key.number, field)
        name = self._developer_names[known]
        if made is None:
            profile = FieldProfile(name, key.base.name)
            made = column_from_raw(self._rows.raw(key), key.base, profile)
        self._add(name, made)

    def _name_developer_field(self, number: int, field: DeveloperField) -> str:
        """Names a developer field as described; with its numbers where that name is taken."""
        name = field.name
        if name in self._columns or name.startswith("_"):
            name = f"{name}_dev_{field.developer_index}_{number}"
        native = self._fields.get(-1 if field.native_field is None else field.native_field)
        native_column = None if native is None else native.name
        self.developer_columns.append(DeveloperColumn(self._name, name, native_column, field.units))
        return name
