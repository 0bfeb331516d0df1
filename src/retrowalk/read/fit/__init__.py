"""Reads FIT files: columns straight from bytes, whatever state the file is in."""

from retrowalk.read.fit.decode import Decoded, decode, decode_parts
from retrowalk.read.fit.parts import is_fit
from retrowalk.read.fit.reading import reading_from_fit

__all__ = ["Decoded", "decode", "decode_parts", "is_fit", "reading_from_fit"]
