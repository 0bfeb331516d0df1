"""What was met while reading: kinds of trap, each with its place and a sentence."""

from dataclasses import dataclass

#: Kinds that lose content, worst first, and the reason code of a reading that met them.
LOSSES = {
    "oversized": "rows_set_aside",
    "undefined_local_message": "undefined_local_message",
    "damaged_tail": "damaged_tail",
    "truncated": "truncated",
}
#: At most so many traps are kept; a damaged file can hold thousands of one kind.
MAX_TRAPS = 100


@dataclass(frozen=True, slots=True)
class Trap:
    """One thing that stood out.

    Args:
        kind: What it is, one word.
        offset: Byte of the file where it stands.
        sentence: What stood there and what was made of it.
    """

    kind: str
    offset: int
    sentence: str

    def __str__(self) -> str:
        """One line for a list of traps."""
        return f"{self.kind} at byte {self.offset:,}: {self.sentence}"


class Traps:
    """Collects traps, each sentence once and not more than :data:`MAX_TRAPS`."""

    __slots__ = ("_met", "_seen", "_unlisted_n")

    def __init__(self) -> None:
        self._met: list[Trap] = []
        self._seen: set[tuple[str, str]] = set()
        self._unlisted_n = 0

    def add(self, kind: str, offset: int, sentence: str) -> None:
        """Keeps a trap, unless the same was met before or the list is full."""
        if (kind, sentence) in self._seen:
            return
        if len(self._met) >= MAX_TRAPS and kind not in LOSSES:
            self._unlisted_n += 1
            return
        self._seen.add((kind, sentence))
        self._met.append(Trap(kind, offset, sentence))

    def listed(self) -> tuple[Trap, ...]:
        """All traps in the order met; the last one counts those that are not listed."""
        if not self._unlisted_n:
            return tuple(self._met)
        rest = Trap("more_traps", 0, f"{self._unlisted_n} more are not listed.")
        return (*self._met, rest)
