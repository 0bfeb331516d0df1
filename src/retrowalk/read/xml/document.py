"""Parses XML as far as it is whole, without entities and without names of namespaces."""

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from xml.etree.ElementTree import Element, ParseError

import polars as pl
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from retrowalk.errors import ExportError

#: The name of the first element, without its prefix.
ROOT = re.compile(rb"<(?:[\w.-]+:)?([A-Za-z]\w*)[\s>/]")
#: Elements that hold others, each of use by itself.
CONTAINERS = (
    "TrainingCenterDatabase", "Activities", "MultiSportSession", "FirstSport", "NextSport",
    "Activity", "Lap", "Track", "gpx", "trk", "trkseg",
)  # fmt: skip
Elements = Sequence[Element]


@dataclass(frozen=True, slots=True)
class Document:
    """An export's elements.

    Args:
        form: ``tcx`` or ``gpx``.
        root: The root element; what stands behind a break is missing.
        recovered_fraction: Share of the bytes before the break, 0..1.
        problem: Where and why it broke; empty where it is whole.
    """

    form: str
    root: Element
    recovered_fraction: float
    problem: str

    def outcome(self) -> tuple[str, str]:
        """Reason code and sentence."""
        return ("truncated", self.problem) if self.problem else ("ok", "Read whole.")


def document_from_bytes(data: bytes, form: str) -> Document:
    """Parses an export.

    Args:
        data: The file, from its first markup on.
        form: ``tcx`` or ``gpx``.

    Returns:
        Its elements, tags without namespace. A file that breaks off keeps what stands before the
        break, but not the point or text that it breaks in: half a number is another number.

    Raises:
        ExportError: ``unknown_format``: it declares entities or has no root element.
    """
    root: Element | None = None
    begun: list[Element] = []
    problem, recovered = "", 1.0
    try:
        for event, element in iterparse(io.BytesIO(data), events=("start", "end"), forbid_dtd=True):
            if event == "end":
                begun.pop()
                continue
            root = element if root is None else root
            element.tag = str(element.tag).rpartition("}")[2]
            begun.append(element)
    except DefusedXmlException as error:
        message = f"It declares entities or a document type, which no recorder does ({error})."
        raise ExportError("unknown_format", message) from error
    except (ParseError, ValueError, LookupError) as error:
        line_n, column_n = getattr(error, "position", (1, 0))
        problem = f"Line {line_n}, column {column_n + 1}: the XML breaks off there ({error})."
        before = sum(map(len, data.splitlines(keepends=True)[: line_n - 1])) + column_n
        recovered = min(before / len(data), 1.0)
        _cut_at_break(begun)
    if root is None:
        raise ExportError("unknown_format", f"No readable XML. {problem}")
    return Document(form, root, recovered, problem)


def _cut_at_break(begun: Elements) -> None:
    """Takes out the outermost element that was begun, not ended, and holds no whole points."""
    for parent, element in pairwise(begun):
        if element.tag not in CONTAINERS:
            parent.remove(element)
            return


def texts(elements: Elements, path: str) -> pl.Series:
    """What stands at a path below each element; null where nothing does."""
    found = [element.findtext(path) for element in elements]
    plain = pl.Series("text", found, dtype=pl.String).str.strip_chars()
    return plain.set(plain == "", None)


def numbers(elements: Elements, *paths: str) -> pl.Series:
    """The number at the first of the paths that has one, below each element."""
    found = pl.Series("number", [None] * len(elements), dtype=pl.Float64)
    for path in paths:
        value = texts(elements, path).cast(pl.Float64, strict=False)
        found = found.zip_with(found.is_not_null(), value.set(~value.is_finite(), None))
    return found


def attributes(elements: Elements, name: str) -> pl.Series:
    """An attribute of each element as text; null where it has none."""
    return pl.Series(name, [element.get(name) for element in elements], dtype=pl.String)
