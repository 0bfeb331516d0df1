"""Decodes FIT: bytes in, one frame per message out.

A FIT file is a file header, messages, and a checksum; several may follow one another (a chain).
What is damaged is said and left behind; what is whole is kept.
"""

from collections.abc import Collection
from dataclasses import dataclass

import polars as pl

from retrowalk.errors import ExportError
from retrowalk.read.fit.frames import DeveloperColumn, Wanted, frames_from_groups
from retrowalk.read.fit.parts import Part, read_parts
from retrowalk.read.fit.traps import Trap, Traps


@dataclass(frozen=True, slots=True)
class Decoded:
    """A FIT file, decoded.

    Args:
        messages: Message name -> all its fields; ``_part`` and ``_offset`` say where a row stood.
        developer_columns: Which of the columns are developer fields.
        parts: The files of the chain.
        traps: What stood out, in the order met.
        recovered_fraction: Share of the bytes that could be read; of those that the header
            promised, if the file is cut off.
    """

    messages: dict[str, pl.DataFrame]
    developer_columns: tuple[DeveloperColumn, ...]
    parts: tuple[Part, ...]
    traps: tuple[Trap, ...]
    recovered_fraction: float


def decode(data: bytes, *, only: Collection[str] | None = None) -> dict[str, pl.DataFrame]:
    """Decodes all messages of a FIT file, over all its parts.

    Args:
        data: The file.
        only: Names of the messages wanted; None: all.

    Returns:
        Message name -> frame with a row per message in file order and a column per field, named
        as in the FIT profile and in its units. ``unknown_<number>`` where the profile has no
        name. Instants are UTC. Null where the file says nothing or says "invalid".

    Raises:
        ExportError: ``empty_file``, ``unknown_format`` or ``unreadable_fit``: no message could be
            read; the sentence says what stood where.
    """
    wanted = None if only is None else dict.fromkeys(only)
    return _decoded(data, wanted, with_places=False).messages


def decode_parts(data: bytes, *, only: Wanted | None = None) -> Decoded:
    """Decodes a FIT file and tells how that went.

    Args:
        data: The file.
        only: Messages wanted, and of each the columns wanted; None: all. Developer fields always
            come along.

    Returns:
        The frames, and what was met.

    Raises:
        ExportError: See :func:`decode`.
    """
    return _decoded(data, only, with_places=True)


def _decoded(data: bytes, only: Wanted | None, *, with_places: bool) -> Decoded:
    traps = Traps()
    chain = read_parts(data, traps)
    if not chain.groups:
        at = chain.parts[0].data_at
        raise _unreadable(f"No message after the file header, which ends at byte {at}.", traps)
    frames, developer_columns = frames_from_groups(
        data, chain.groups, only, traps, with_places=with_places
    )
    if not frames and any(trap.kind == "oversized" for trap in traps.listed()):
        raise _unreadable("The definitions do not describe a recording.", traps)
    return Decoded(
        messages=frames,
        developer_columns=developer_columns,
        parts=chain.parts,
        traps=traps.listed(),
        recovered_fraction=chain.recovered_fraction,
    )


def _unreadable(what: str, traps: Traps) -> ExportError:
    """Says why nothing could be used, with the first thing that stood out."""
    first = [f" Byte {trap.offset:,}: {trap.sentence}" for trap in traps.listed()[:1]]
    return ExportError("unreadable_fit", "".join([what, *first]))
