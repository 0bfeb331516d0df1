"""Writes FIT files byte by byte, from the protocol alone: nothing here is shared with the reader."""

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

EPOCH = datetime(1989, 12, 31, tzinfo=UTC)
#: Name -> number in a definition, struct code, sentinel.
TYPES: dict[str, tuple[int, str, Any]] = {
    "enum": (0x00, "B", 0xFF),
    "sint8": (0x01, "b", 0x7F),
    "uint8": (0x02, "B", 0xFF),
    "sint16": (0x83, "h", 0x7FFF),
    "uint16": (0x84, "H", 0xFFFF),
    "sint32": (0x85, "i", 0x7FFFFFFF),
    "uint32": (0x86, "I", 0xFFFFFFFF),
    "string": (0x07, "s", b""),
    "float32": (0x88, "f", float("nan")),
    "float64": (0x89, "d", float("nan")),
    "uint8z": (0x0A, "B", 0),
    "uint16z": (0x8B, "H", 0),
    "uint32z": (0x8C, "I", 0),
    "byte": (0x0D, "B", 0xFF),
    "sint64": (0x8E, "q", 0x7FFFFFFFFFFFFFFF),
    "uint64": (0x8F, "Q", 0xFFFFFFFFFFFFFFFF),
    "uint64z": (0x90, "Q", 0),
}


def fit_time(instant: datetime) -> int:
    """Seconds since the FIT epoch."""
    return int((instant - EPOCH).total_seconds())


def crc16(data: bytes) -> int:
    """CRC-16/ARC, bit by bit."""
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ 0xA001 if crc & 1 else crc >> 1
    return crc


@dataclass(frozen=True)
class F:
    """A field of a definition: number, type, how many values; ``size`` overrides the bytes."""

    number: int
    type: str
    count: int = 1
    size: int | None = None

    @property
    def bytes_n(self) -> int:
        if self.size is not None:
            return self.size
        return self.count * struct.calcsize(TYPES[self.type][1])

    def pack(self, value: Any, order: str) -> bytes:
        if isinstance(value, bytes):
            return value.ljust(self.bytes_n, b"\x00")
        if isinstance(value, str):
            return value.encode().ljust(self.bytes_n, b"\x00")
        _, code, sentinel = TYPES[self.type]
        if code == "s":
            return b"\x00" * self.bytes_n
        values = list(value) if isinstance(value, Sequence) else [value]
        values += [None] * (self.count - len(values))
        return struct.pack(
            f"{order}{len(values)}{code}", *(sentinel if v is None else v for v in values)
        )


@dataclass(frozen=True)
class D:
    """A developer field of a definition: the type is the one its description will state."""

    number: int
    type: str
    index: int = 0
    count: int = 1
    size: int | None = None

    @property
    def field(self) -> F:
        return F(self.number, self.type, self.count, self.size)


@dataclass
class Fit:
    """One FIT file in the making; ``bytes()`` closes it with header and checksum."""

    header_bytes: int = 14
    body: bytearray = field(default_factory=bytearray)
    _local: dict[int, tuple[str, tuple[F, ...]]] = field(default_factory=dict)
    _developers: set[int] = field(default_factory=set)

    def define(
        self,
        local: int,
        message: int,
        fields: Iterable[F],
        *,
        developer: Iterable[D] = (),
        big: bool = False,
    ) -> "Fit":
        """Writes a definition."""
        order, native, own = (">" if big else "<"), tuple(fields), tuple(developer)
        header = 0x40 | (0x20 if own else 0) | local
        self.body += struct.pack(f"{order}BBBHB", header, 0, int(big), message, len(native))
        for f in native:
            self.body += bytes((f.number, f.bytes_n, TYPES[f.type][0]))
        if own:
            self.body.append(len(own))
            for d in own:
                self.body += bytes((d.number, d.field.bytes_n, d.index))
        self._local[local] = order, native + tuple(d.field for d in own)
        return self

    def data(self, local: int, *values: Any) -> "Fit":
        """Writes a data message; None writes the sentinel, bytes are taken as they are."""
        self.body.append(local)
        return self._values(local, values)

    def compressed(self, local: int, seconds: int, *values: Any) -> "Fit":
        """Writes a data message with a compressed timestamp."""
        self.body.append(0x80 | local << 5 | seconds & 0x1F)
        return self._values(local, values)

    def _values(self, local: int, values: Sequence[Any]) -> "Fit":
        order, fields = self._local[local]
        for f, value in zip(fields, values, strict=True):
            self.body += f.pack(value, order)
        return self

    def raw(self, data: bytes) -> "Fit":
        """Writes bytes as they are."""
        self.body += data
        return self

    def message(self, number: int, *fields: tuple[F, Any], big: bool = False) -> "Fit":
        """Writes a definition of local type 15 and one message of it."""
        self.define(15, number, [f for f, _ in fields], big=big)
        return self.data(15, *(value for _, value in fields))

    def describe(
        self,
        number: int,
        type_name: str,
        name: str,
        *,
        units: str = "",
        index: int = 0,
        native: int | None = None,
    ) -> "Fit":
        """Writes a field description, and before the first of a developer its id."""
        if index not in self._developers:
            self._developers.add(index)
            self.message(207, (F(3, "uint8"), index))
        return self.message(
            206,
            (F(0, "uint8"), index),
            (F(1, "uint8"), number),
            (F(2, "uint8"), TYPES[type_name][0]),
            (F(3, "string", len(name) + 1), name),
            (F(8, "string", len(units) + 1), units),
            (F(15, "uint8"), native),
        )

    def bytes(self, *, data_bytes: int | None = None, crc: int | None = None) -> bytes:
        """Closes the file.

        Args:
            data_bytes: What the header says; None: the truth.
            crc: The checksum at the end; None: the right one.
        """
        size = len(self.body) if data_bytes is None else data_bytes
        head = struct.pack("<BBHI4s", self.header_bytes, 0x20, 2132, size, b".FIT")
        if self.header_bytes >= 14:
            head += struct.pack("<H", crc16(head))
        head = head.ljust(self.header_bytes, b"\x00")
        whole = head + bytes(self.body)
        return whole + struct.pack("<H", crc16(whole) if crc is None else crc)


START = datetime(2024, 5, 6, 7, 0, tzinfo=UTC)
T0 = fit_time(START)
TIMESTAMP = F(253, "uint32")


def activity(
    seconds: int = 60,
    *,
    speed_mps: float = 1.0,
    cadence: int | None = 55,
    sport: int = 11,
    with_session: bool = True,
    fit: Fit | None = None,
) -> Fit:
    """A walk at 1 Hz with one lap and one session, UTC+2, from :data:`START`."""
    fit = fit or Fit()
    fit.message(
        0, (F(0, "enum"), 4), (F(1, "uint16"), 1), (F(2, "uint16"), 2697), (F(4, "uint32"), T0)
    )
    fit.define(0, 20, [TIMESTAMP, F(5, "uint32"), F(6, "uint16"), F(4, "uint8"), F(3, "uint8")])
    for i in range(seconds):
        fit.data(
            0, T0 + i, round(100 * speed_mps * i), round(1000 * speed_mps), cadence, 100 + i % 20
        )
    if with_session:
        lap(fit, 0, seconds)
        session(fit, 0, seconds, sport=sport, distance_m=speed_mps * seconds)
    return fit.message(
        34, (TIMESTAMP, T0 + seconds), (F(0, "uint32"), 1000 * seconds), (F(1, "uint16"), 1),
        (F(5, "uint32"), T0 + seconds + 7200),
    )  # fmt: skip


def lap(fit: Fit, start: int, end: int, *, step: int | None = None) -> Fit:
    """A lap from one second of the activity to another, maybe of a workout step."""
    return fit.message(
        19, (TIMESTAMP, T0 + end), (F(2, "uint32"), T0 + start), (F(7, "uint32"), 1000 * (end - start)),
        (F(71, "uint16"), step),
    )  # fmt: skip


def session(
    fit: Fit,
    start: int,
    end: int,
    *,
    sport: int = 11,
    sub_sport: int = 0,
    distance_m: float | None = None,
    strides: int | None = None,
    profile_name: str = "",
) -> Fit:
    """A session from one second of the activity to another."""
    return fit.message(
        18,
        (TIMESTAMP, T0 + end),
        (F(2, "uint32"), T0 + start),
        (F(7, "uint32"), 1000 * (end - start)),
        (F(8, "uint32"), 1000 * (end - start)),
        (F(9, "uint32"), None if distance_m is None else round(100 * distance_m)),
        (F(10, "uint32"), strides),
        (F(5, "enum"), sport),
        (F(6, "enum"), sub_sport),
        (F(110, "string", 24), profile_name),
    )
