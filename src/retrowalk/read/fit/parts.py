"""Cuts a file into the FIT files that are chained in it, and walks each.

The file header is ``size (1), protocol (1), profile (2), bytes of messages (4), ".FIT"``, and,
if it is 14 bytes long, a checksum of these 12. After the messages stands a checksum of everything
before it (2 bytes, little-endian, CRC-16/ARC).
"""

from dataclasses import dataclass

from fastcrc import crc16

from retrowalk.errors import ExportError
from retrowalk.read.fit.traps import Traps
from retrowalk.read.fit.walk import Group, walk

SIGNATURE = b".FIT"
SIGNATURE_AT = 8
SHORTEST_HEADER = 12
HEADER_WITH_CRC = 14
CRC_BYTES = 2
#: Recorders write one of these before they know how long the recording will be.
UNWRITTEN_SIZES = (0, 0xFFFFFFFF)


@dataclass(frozen=True, slots=True)
class Part:
    """One FIT file of a chain.

    Args:
        number: Place in the chain, from 0.
        header_at: First byte of the file header.
        data_at: First byte of its messages.
        data_end: Byte after its messages, as far as the file goes.
        promised_end: Byte after its messages and checksum, as its header says.
        stopped_at: Byte where reading stopped.
    """

    number: int
    header_at: int
    data_at: int
    data_end: int
    promised_end: int
    stopped_at: int


@dataclass(frozen=True, slots=True)
class Chain:
    """All parts of a file, walked.

    Args:
        parts: In order.
        groups: Their messages by definition.
        recovered_fraction: Share of the bytes that could be read.
    """

    parts: tuple[Part, ...]
    groups: tuple[Group, ...]
    recovered_fraction: float


def read_parts(data: bytes, traps: Traps) -> Chain:
    """Walks every part of a file.

    Raises:
        ExportError: ``empty_file`` or ``unknown_format``: there is no file header.
    """
    parts: list[Part] = []
    groups: list[Group] = []
    lost_bytes = first = _first_header(data, traps)
    at: int | None = first
    while at is not None:
        part, found = _read_part(data, at, len(parts), traps)
        parts.append(part)
        groups.extend(found)
        at, between = _next_header(data, part, traps)
        unread_end = part.data_end if at is None else min(part.data_end, at)
        lost_bytes += unread_end - part.stopped_at + between
    missing = max(0, parts[-1].promised_end - len(data))
    recovered_fraction = 1.0 - (lost_bytes + missing) / (len(data) + missing)
    return Chain(tuple(parts), tuple(groups), recovered_fraction)


def _first_header(data: bytes, traps: Traps) -> int:
    """Finds the first file header, or says what the file is instead."""
    if not data:
        raise ExportError("empty_file", "The file has no bytes.")
    if _is_header(data, 0):
        return 0
    at = _header_after(data, 0)
    if at is None:
        raise ExportError("unknown_format", _what_stands_there(data))
    traps.add(
        "leading_bytes",
        0,
        f"the first file header stands at byte {at}; what is before it is left out.",
    )
    return at


def _what_stands_there(data: bytes) -> str:
    found = data[SIGNATURE_AT : SIGNATURE_AT + 4]
    if not data.strip(b"\x00"):
        what = f"All {len(data):,} bytes are zero"
    elif data[:4] == b"\x00\x05\x16\x07":
        what = "Byte 0: an AppleDouble side file (00 05 16 07)"
    elif len(data) < SHORTEST_HEADER:
        what = f"The file ends at byte {len(data)}"
    else:
        what = f"Byte 8: {found!r}, the file starts with {data[:SIGNATURE_AT]!r}"
    return f"{what}; expected '.FIT' at byte 8 of a header of 12 or 14 bytes."


def is_fit(data: bytes) -> bool:
    """Tells whether a FIT file header stands at the start, or, whole, further on."""
    return _is_header(data, 0) or _header_after(data, 0) is not None


def _is_header(data: bytes, at: int) -> bool:
    """Tells whether a file header starts at a byte."""
    signature_at = at + SIGNATURE_AT
    return (
        data[signature_at : signature_at + len(SIGNATURE)] == SIGNATURE
        and SHORTEST_HEADER <= data[at] <= len(data) - at
    )


def _header_after(data: bytes, at: int) -> int | None:
    """Finds the next file header from a byte on; only the known sizes count, text may say .FIT."""
    found = data.find(SIGNATURE, at + SIGNATURE_AT)
    while found >= 0:
        header_at = found - SIGNATURE_AT
        if data[header_at] in (SHORTEST_HEADER, HEADER_WITH_CRC) and _is_header(data, header_at):
            return header_at
        found = data.find(SIGNATURE, found + 1)
    return None


def _read_part(data: bytes, at: int, number: int, traps: Traps) -> tuple[Part, list[Group]]:
    """Walks the part whose file header starts at a byte."""
    data_at = at + data[at]
    _check_header(data, at, traps)
    promised = int.from_bytes(data[at + 4 : at + 8], "little")
    if promised in UNWRITTEN_SIZES and len(data) > data_at + CRC_BYTES:
        promised = len(data) - CRC_BYTES - data_at
        traps.add(
            "unwritten_size",
            at + 4,
            "the header gives no size; the file's end is taken as the end of the messages.",
        )
    promised_end = data_at + promised + CRC_BYTES
    data_end = min(data_at + promised, len(data))
    walked = walk(data, data_at, data_end, part=number, traps=traps)
    if promised_end > len(data):
        traps.add(
            "truncated",
            len(data),
            f"the file ends here; its header promised {promised_end - len(data):,} bytes more.",
        )
    elif walked.stopped_at == data_end:
        _check_crc(data, at, data_end, traps)
    return Part(number, at, data_at, data_end, promised_end, walked.stopped_at), walked.groups


def _check_header(data: bytes, at: int, traps: Traps) -> None:
    if data[at] < HEADER_WITH_CRC:
        return
    stated = int.from_bytes(data[at + 12 : at + 14], "little")
    computed = crc16.arc(data[at : at + 12])
    if stated not in (0, computed):
        traps.add(
            "header_crc_mismatch",
            at + 12,
            f"checksum of the file header is 0x{stated:04X}, computed 0x{computed:04X}.",
        )


def _check_crc(data: bytes, at: int, end: int, traps: Traps) -> None:
    """A wrong checksum is a warning: older devices write wrong ones over good data."""
    stated = int.from_bytes(data[end : end + CRC_BYTES], "little")
    computed = crc16.arc(memoryview(data)[at:end])
    if stated != computed:
        traps.add(
            "crc_mismatch",
            end,
            f"checksum is 0x{stated:04X}, computed 0x{computed:04X}; the content was read all the same.",
        )


def _next_header(data: bytes, part: Part, traps: Traps) -> tuple[int | None, int]:
    """Finds where the chain goes on: right behind a part, or wherever the next header stands.

    Returns:
        First byte of the next header, None at the end; bytes between that are lost. Zeros are
        padding, not loss.
    """
    if part.promised_end < len(data) and _is_header(data, part.promised_end):
        return part.promised_end, 0
    at = _header_after(data, part.stopped_at)
    rest = data[part.promised_end : at]
    if not rest.strip(b"\x00"):
        return at, 0
    traps.add(
        "damaged_tail",
        part.promised_end,
        f"{len(rest):,} bytes that are no FIT file, from {rest[:8]!r} on; expected a file header or the end.",
    )
    return at, len(rest)
