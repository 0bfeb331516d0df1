"""Reads TCX and GPX exports. Only this package knows XML, and parses it with defusedxml."""

from retrowalk.errors import ExportError
from retrowalk.read.reading import Reading
from retrowalk.read.xml.document import ROOT, document_from_bytes
from retrowalk.read.xml.gpx import reading_of_gpx
from retrowalk.read.xml.tcx import reading_of_tcx

__all__ = ["is_xml", "reading_from_xml", "xml_format_of"]

#: The root element stands within so many bytes, behind declaration, comments and blanks.
_HEAD_BYTES = 4096
_FORMATS = {"TrainingCenterDatabase": "tcx", "gpx": "gpx"}
_BEFORE_MARKUP = b"\xef\xbb\xbf \t\r\n"


def is_xml(data: bytes) -> bool:
    """Whether the content begins as markup does; some writers put blanks in front."""
    return data[:_HEAD_BYTES].lstrip(_BEFORE_MARKUP).startswith(b"<")


def xml_format_of(data: bytes) -> str:
    """Names the format by the root element: ``tcx``, ``gpx`` or ``unknown``.

    Example:
        >>> xml_format_of(b'<?xml version="1.0"?><gpx version="1.1">')
        'gpx'
    """
    found = ROOT.search(data[:_HEAD_BYTES])
    return _FORMATS.get(found[1].decode(), "unknown") if found else "unknown"


def reading_from_xml(data: bytes) -> Reading:
    """Reads one TCX or GPX export.

    Args:
        data: The file.

    Returns:
        A workout per activity (TCX) or track (GPX), with its records and marks. Speed and distance
        are null where the file states none; the rooms take them from positions.

    Raises:
        ExportError: ``unknown_format``: it is other XML, or declares entities, which no recorder
            does; ``no_timestamps``: no point says when; ``no_workouts``.
    """
    form = xml_format_of(data)
    if form == "unknown":
        raise ExportError("unknown_format", "XML, but neither TCX nor GPX.")
    document = document_from_bytes(data.lstrip(_BEFORE_MARKUP), form)
    return reading_of_tcx(document) if form == "tcx" else reading_of_gpx(document)
