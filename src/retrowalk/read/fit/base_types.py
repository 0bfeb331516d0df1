"""The seventeen base types of FIT: how many bytes, how they are read, and which value means absent.

A definition message names one of them for every field. Scale, offset and names are the
profile's business (:mod:`retrowalk.read.fit.profile`).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True, eq=False)
class BaseType:
    """One base type.

    Args:
        name: Name in the FIT protocol.
        size: Bytes of one value.
        dtype: How numpy reads it, little-endian and native.
        swapped: The same in big-endian order.
        invalid: The value that means absent; None where NaN or the empty string does.
    """

    name: str
    size: int
    dtype: np.dtype[Any]
    swapped: np.dtype[Any]
    invalid: int | None

    def absent(self, raw: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
        """Tells which raw values mean absent."""
        if self.invalid is None:
            return np.asarray(np.isnan(raw))
        return np.asarray(raw == raw.dtype.type(self.invalid))


def _base_type(name: str, code: str, invalid: int | None) -> BaseType:
    dtype = np.dtype(code)
    return BaseType(name, dtype.itemsize, dtype, dtype.newbyteorder(">"), invalid)


STRING = _base_type("string", "u1", 0x00)
BYTE = _base_type("byte", "u1", 0xFF)

#: Number in a definition -> base type. Bit 7 says that byte order matters.
BASE_TYPES = {
    0x00: _base_type("enum", "<u1", 0xFF),
    0x01: _base_type("sint8", "<i1", 0x7F),
    0x02: _base_type("uint8", "<u1", 0xFF),
    0x83: _base_type("sint16", "<i2", 0x7FFF),
    0x84: _base_type("uint16", "<u2", 0xFFFF),
    0x85: _base_type("sint32", "<i4", 0x7FFFFFFF),
    0x86: _base_type("uint32", "<u4", 0xFFFFFFFF),
    0x07: STRING,
    0x88: _base_type("float32", "<f4", None),
    0x89: _base_type("float64", "<f8", None),
    0x0A: _base_type("uint8z", "<u1", 0x00),
    0x8B: _base_type("uint16z", "<u2", 0x0000),
    0x8C: _base_type("uint32z", "<u4", 0x00000000),
    0x0D: BYTE,
    0x8E: _base_type("sint64", "<i8", 0x7FFFFFFFFFFFFFFF),
    0x8F: _base_type("uint64", "<u8", 0xFFFFFFFFFFFFFFFF),
    0x90: _base_type("uint64z", "<u8", 0x0000000000000000),
}
