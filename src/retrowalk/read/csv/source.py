"""Turns an export's bytes into UTF-8 lines: encoding, line ends, what is no text at all.

Nothing here knows a dialect.
"""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass

from retrowalk.errors import ExportError

#: How much of a file is looked at to tell text from binary and to find the header.
HEAD_BYTES = 1 << 20
#: How much of a file is held as text at a time; its numbers are kept, the text is not.
CHUNK_BYTES = 1 << 22
#: Control characters that no text has.
CONTROLS = bytes(c for c in range(32) if c not in b"\t\n\r\f\x1b")
#: What a file that holds nothing may consist of.
BLANK = b"\x00\r\n\t \xef\xbb\xbf"
#: Bytes that cp1252 leaves undefined.
UNDEFINED_IN_CP1252 = b"\x81\x8d\x8f\x90\x9d"


@dataclass(frozen=True, slots=True)
class Source:
    """An export's text.

    Args:
        data: The text as UTF-8, without byte order mark, lines ending in a line feed.
        encoding: What it was written in.
    """

    data: bytes
    encoding: str

    def lines(self, count: int) -> list[str]:
        """Decodes the first lines, as far as the head of the file reaches."""
        head = self.data[:HEAD_BYTES]
        if len(self.data) > HEAD_BYTES:
            end = self.data.find(b"\n", HEAD_BYTES)
            head = self.data[: end if end >= 0 else None]
        pieces = head.split(b"\n", count)[:count]
        return [piece.decode().removesuffix("\r") for piece in pieces]

    def offset_of_line(self, line_n: int) -> int:
        """Finds the byte at which a line (from 0) starts; the end of the text if there is none."""
        offset = 0
        for _ in range(line_n):
            found = self.data.find(b"\n", offset)
            if found < 0:
                return len(self.data)
            offset = found + 1
        return offset

    def up_to_last_line(self) -> "Source":
        """Leaves out what follows the last line end."""
        return Source(self.data[: self.data.rfind(b"\n") + 1], self.encoding)

    def chunks(self, offset: int, size: int = CHUNK_BYTES) -> Iterator[bytes]:
        """Cuts the text after ``offset`` into pieces of whole rows, of about ``size`` bytes.

        A line break inside quotes is no end of a row: a piece ends where its quotes are even.
        """
        while offset < len(self.data):
            end = offset + size
            while end < len(self.data):
                found = self.data.find(b"\n", end)
                end = len(self.data) if found < 0 else found + 1
                if self.data.count(b'"', offset, end) % 2 == 0:
                    break
            yield self.data[offset:end]
            offset = end


def source_from_bytes(data: bytes) -> Source:
    """Decodes an export.

    Args:
        data: Content of a file.

    Returns:
        Its text as UTF-8.

    Raises:
        ExportError: ``empty_file`` or ``unknown_format`` (not text).
    """
    if is_blank(data):
        raise ExportError("empty_file", f"The file holds nothing: {len(data)} bytes, all blank.")
    encoding = _encoding_of(data)
    if encoding is None:
        raise ExportError(
            "unknown_format",
            f"Not text: the first bytes are {data[:8].hex(' ')}. Expected a CSV in UTF-8, UTF-16 "
            "or cp1252.",
        )
    text = data if encoding == "utf-8" else data.decode(encoding, errors="ignore").encode()
    text = _whole_characters(text.removeprefix(codecs.BOM_UTF8).removeprefix("\ufeff".encode()))
    head = text[:HEAD_BYTES]
    if b"\n" not in head and b"\r" in head:
        text = text.replace(b"\r", b"\n")
    return Source(data=text, encoding=encoding)


def is_blank(data: bytes) -> bool:
    """Whether a file holds nothing but blanks, line ends, zeros and a byte order mark."""
    return not data[:HEAD_BYTES].strip(BLANK) and not data.strip(BLANK)


def _encoding_of(data: bytes) -> str | None:
    """Tells the encoding; null where it is no text."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16" if _decodes(data, "utf-16") else None
    head = data[:4096]
    if b"\x00" in head:
        for encoding, at in (("utf-16-le", 1), ("utf-16-be", 0)):
            if head[at::2].count(0) > len(head) // 4 and _decodes(data, encoding):
                return encoding
        return None
    if head.translate(None, CONTROLS) != head:
        return None
    if data.isascii() or _decodes(data, "utf-8"):
        return "utf-8"
    return None if data.translate(None, UNDEFINED_IN_CP1252) != data else "cp1252"


def _decodes(data: bytes, encoding: str) -> bool:
    """Whether the bytes are of that encoding; a character cut in half at the end is forgiven."""
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for start in range(0, len(data), CHUNK_BYTES):
            decoder.decode(data[start : start + CHUNK_BYTES])
    except UnicodeDecodeError:
        return False
    return True


def _whole_characters(text: bytes) -> bytes:
    """Leaves out a character that the end of the file cuts in half."""
    starts = [n for n in range(max(0, len(text) - 4), len(text)) if text[n] & 0xC0 != 0x80]
    if not starts or text[starts[-1]] < 0xC0:
        return text
    try:
        text[starts[-1] :].decode()
    except UnicodeDecodeError:
        return text[: starts[-1]]
    return text
