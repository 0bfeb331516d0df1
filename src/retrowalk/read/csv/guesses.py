"""Guesses what the columns of a table of no known form hold, by their headers and first rows.

What is guessed goes into a draft for a person to check; no export is ever read by it alone.
"""

import re
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from retrowalk.read.csv.dialect import CHANNELS, UNITS, header_key

#: What a header's words suggest, the more telling first.
HINTS = (
    (r"latitude|^lat$", "latitude_deg"),
    (r"longitude|^(lon|lng|long)$", "longitude_deg"),
    (r"heart|\bhr\b|\bhf\b|puls|bpm|tętno|cardia|\bfc\b", "heart_rate_bpm"),
    (r"cadence|cadenc|spm|kadenz|kadens|schrittfrequenz|steps?/min", "cadence_per_min"),
    (r"^steps$|schritte|pasos|\bpas\b|^steg$|kroki", "total_steps_n"),
    (r"grade|incline|slope|steigung|neigung|pente|lutning", "grade_fraction"),
    (r"altitude|elevation|höhe|höjd|alt\b", "altitude_m"),
    (r"speed|velocity|geschwindigkeit|vitesse|velocidad|hastighe[td]|snelheid", "speed_mps"),
    (r"velocità|prędkość|sebesség|km/?h\b|mph|\bm/s|min/km", "speed_mps"),
    (
        r"distance|distanz|distancia|distância|distans|strecke|dystans|afstand|távolság",
        "distance_m",
    ),
    (r"direction|richtung|riktning|\bsens\b", "direction"),
    (r"^lap|runde|runda|split|interval|\bvarv", "lap"),
    (r"title|titel|titre|name|note|label|comment|bemerkung", "session_name"),
    (r"sport|activity|type", "sport"),
    (
        r"elapsed|seconds|minutes|duration|dauer|durée|duración|sekunden|minuten|varaktighet",
        "elapsed_s",
    ),
    (r"date|datum|fecha|dato\b|data\b", "recorded_at"),
    (r"time|zeit|heure|uhr|\btid|hora|czas|idő", "recorded_at"),
)
#: What the header of the time of a day beside a day says.
DAY_TIME_HINT = r"start|begin|time|zeit|heure|uhr|\btid|hora|czas|kl\b|klock"
UNIT_HINTS = (
    (r"min/km", "min/km"),
    (r"km/?h|kmh|kph", "km/h"), (r"mph|mi/h", "mph"), (r"m/?s\b|mps", "m/s"),
    (r"steps?/min|spm", "steps/min"), (r"strides?|rpm", "strides/min"), (r"bpm", "bpm"),
    (r"%|percent|prozent", "%"), (r"\bkm\b|kilomet", "km"), (r"\bmi\b|miles?", "mi"),
    (r"\bft\b|feet", "ft"), (r"\bms\b|millis", "ms"), (r"\bmin\b|minut", "min"),
    (r"\bs\b|sec|sek", "s"), (r"\bm\b|met(er|re)s?|_m$", "m"), (r"°|deg", "deg"),
)  # fmt: skip
DEFAULT_UNITS = {
    "latitude_deg": "deg", "longitude_deg": "deg", "heart_rate_bpm": "bpm", "altitude_m": "m",
    "cadence_per_min": "unknown/min", "grade_fraction": "%", "speed_mps": "m/s",
    "distance_m": "m", "total_distance_m": "km_or_mi", "elapsed_s": "s", "timer_s": "min",
    "total_steps_n": "count",
}  # fmt: skip
#: A column of walking speeds whose middle lies above this counts kilometres an hour: nobody walks
#: at 3 m/s, and hardly anybody at less than 3 km/h.
FASTEST_WALK_MPS = 3.0
EPOCHS = ((r"\d{19}", "epoch_ns"), (r"\d{13}", "epoch_ms"), (r"\d{10}(\.\d+)?", "epoch_s"))
DAYS = (
    (r"\d{4}-\d\d-\d\d", "%Y-%m-%d"), (r"\d{4}/\d\d?/\d\d?", "%Y/%m/%d"),
    (r"\d\d?\.\d\d?\.\d{4}", "%d.%m.%Y"), (r"\d\d?\.\d\d?\.\d\d", "%d.%m.%y"),
    (r"\d\d?-\d\d?-\d{4}", "%d-%m-%Y"), (r"\d\d?-[A-Za-z]{3}-\d{4}", "%d-%b-%Y"),
    (r"\d\d?/\d\d?/\d{4}", "%d/%m/%Y|%m/%d/%Y"), (r"\d\d?/\d\d?/\d\d", "%d/%m/%y|%m/%d/%y"),
)  # fmt: skip
DAY_TIMES = (
    (r"\d\d?:\d\d", "%H:%M"), (r"\d\d?:\d\d:\d\d", "%H:%M:%S"),
    (r"\d\d?:\d\d:\d\d\.\d+", "%H:%M:%S%.f"),
    (r"\d\d?:\d\d [AaPp][Mm]", "%I:%M %p"), (r"\d\d?:\d\d:\d\d [AaPp][Mm]", "%I:%M:%S %p"),
)  # fmt: skip
ISO_WITH_OFFSET = r"\d{4}-\d\d-\d\d[T ].*([+-]\d\d:?\d\d|Z)"
ISO_LOCAL = r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?"
NUMBER = r"[-+]?\d+([.,]\d+)?"
DECIMAL_COMMA = r"[-+]?\d+,(\d{1,2}|\d{4,})"


@dataclass(frozen=True, slots=True)
class Guess:
    """What one column may hold: its header, a channel, a unit, and its first cells."""

    header: str
    channel: str
    unit: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Guesses:
    """What a table may hold.

    Args:
        by_place: Place of a column -> what it may hold.
        rows_are: ``workouts`` where rows state a day or time and how long they lasted.
        time_format: How instants are written, as a dialect says it.
        zone: What an instant without an offset is.
        number_style: ``comma`` where some number can only have a decimal comma.
    """

    by_place: Mapping[int, Guess]
    rows_are: str
    time_format: str
    zone: str
    number_style: str

    @property
    def counts_from_start(self) -> bool:
        """Whether rows count seconds from a start that they do not state."""
        return not {"recorded_at", "recorded_date"} & {g.channel for g in self.by_place.values()}


def guesses_from_rows(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> Guesses:
    """Guesses what a table's columns hold.

    Args:
        headers: Its headers.
        rows: Its first rows, split into cells.

    Returns:
        A guess for each column that suggests something, each channel once; always one that places
        rows in time.
    """
    cells = {
        n: tuple(row[n].strip() for row in rows if n < len(row) and row[n].strip())
        for n in range(len(headers))
    }
    channels = _with_time(_by_words(headers), cells)
    channels = _with_day_time(channels, headers, cells)
    channels, rows_are = _with_grain(channels, cells)
    written = _written(channels, cells)
    time_format, zone = time_form(written)
    return Guesses(
        by_place={
            n: Guess(headers[n].strip(), c, _unit(c, headers[n], cells[n]), cells[n])
            for n, c in sorted(channels.items())
        },
        rows_are=rows_are,
        time_format=time_format,
        zone=zone,
        number_style=_number_style(channels, cells),
    )


def time_form(written: Sequence[str]) -> tuple[str, str]:
    """Finds how instants are written: the format and what one without an offset is.

    Example:
        >>> time_form(["11/16/2026 8:00 AM"])
        ('%d/%m/%Y %I:%M %p|%m/%d/%Y %I:%M %p', 'local')
        >>> time_form(["1763276400"])
        ('epoch_s', 'utc')
    """
    if _all_are(written, ISO_WITH_OFFSET):
        return "iso8601", "stated"
    if _all_are(written, ISO_LOCAL):
        return "iso8601", "local"
    found = next((form for pattern, form in EPOCHS if _all_are(written, pattern)), None)
    if found:
        return found, "utc"
    for day, day_form in DAYS:
        if _all_are(written, day):
            return day_form, "local"
        for time, form in DAY_TIMES:
            if _all_are(written, f"{day} {time}"):
                return "|".join(f"{rival} {form}" for rival in day_form.split("|")), "local"
    return "iso8601", "local"


def _by_words(headers: Sequence[str]) -> dict[int, str]:
    """Place of a header -> the channel that its words suggest; each channel once."""
    found: dict[int, str] = {}
    for pattern, channel in HINTS:
        if channel in found.values():
            continue
        for n, header in enumerate(headers):
            if n not in found and re.search(pattern, header_key(header)):
                found[n] = channel
                break
    return found


def _with_time(channels: dict[int, str], cells: Mapping[int, tuple[str, ...]]) -> dict[int, str]:
    """Finds the column that places rows in time by its cells, where its header does not tell."""
    by_words = next((n for n, channel in channels.items() if channel == "recorded_at"), None)
    if by_words is not None and (not cells[by_words] or _places(cells[by_words])):
        return channels
    kept = {n: channel for n, channel in channels.items() if n != by_words}
    free = [n for n in cells if n not in kept]
    at = next((n for n in free if _places(cells[n])), None)
    if at is not None:
        return {**kept, at: "recorded_at"}
    if "elapsed_s" in kept.values():
        return kept
    rising = next((n for n in free if _rises(cells[n])), None)
    if rising is not None:
        return {**kept, rising: "elapsed_s"}
    return {**kept, by_words if by_words is not None else (free or [0])[0]: "recorded_at"}


def _with_day_time(
    channels: dict[int, str], headers: Sequence[str], cells: Mapping[int, tuple[str, ...]]
) -> dict[int, str]:
    """Joins a column of days and one of times of the day."""
    day = next((n for n, channel in channels.items() if channel == "recorded_at"), None)
    if day is None or not any(_all_are(cells[day], pattern) for pattern, _ in DAYS):
        return channels
    hinted = [n for n, header in enumerate(headers) if re.search(DAY_TIME_HINT, header_key(header))]
    timed = (n for n in hinted if any(_all_are(cells[n], pattern) for pattern, _ in DAY_TIMES))
    time = next((n for n in timed if n not in channels), None)
    return channels if time is None else {**channels, day: "recorded_date", time: "recorded_time"}


def _with_grain(
    channels: dict[int, str], cells: Mapping[int, tuple[str, ...]]
) -> tuple[dict[int, str], str]:
    """Tells rows of whole workouts, which last and do not count up, from samples."""
    length = next((n for n, channel in channels.items() if channel == "elapsed_s"), None)
    has_time = {"recorded_at", "recorded_date"} & set(channels.values())
    if length is None or not has_time or _rises(cells[length]):
        totals = [n for n, channel in channels.items() if channel == "total_steps_n"]
        return {n: c for n, c in channels.items() if n not in totals}, "records"
    whole = {"elapsed_s": "timer_s", "distance_m": "total_distance_m"}
    dropped = ("altitude_m", "latitude_deg", "longitude_deg")
    return {n: whole.get(c, c) for n, c in channels.items() if c not in dropped}, "workouts"


def _written(channels: Mapping[int, str], cells: Mapping[int, tuple[str, ...]]) -> list[str]:
    """The instants of the first rows as text, days and times of the day joined."""
    at = {channel: cells[n] for n, channel in channels.items()}
    if "recorded_time" in at:
        return [
            f"{day} {time}"
            for day, time in zip(at["recorded_date"], at["recorded_time"], strict=False)
        ]
    return list(at.get("recorded_at", ()))


def _unit(channel: str, header: str, cells: tuple[str, ...]) -> str:
    """The unit that a header's words suggest, else the usual one; empty where none is needed."""
    kind = CHANNELS[channel]
    if kind == "time" and any(":" in cell for cell in cells):
        return "clock"
    for pattern, unit in UNIT_HINTS:
        if UNITS[unit][0] == kind and re.search(pattern, header_key(header)):
            return unit
    numbers = _numbers(cells)
    if kind == "speed" and numbers and statistics.median(numbers) > FASTEST_WALK_MPS:
        return "km/h"
    return DEFAULT_UNITS.get(channel, "")


def _number_style(channels: Mapping[int, str], cells: Mapping[int, tuple[str, ...]]) -> str:
    kinds = ("text", "instant")
    numbers = [cell for n, c in channels.items() if CHANNELS[c] not in kinds for cell in cells[n]]
    return "comma" if any(re.fullmatch(DECIMAL_COMMA, cell) for cell in numbers) else "dot"


def _places(cells: Sequence[str]) -> bool:
    """Whether every cell is an instant or a day."""
    return time_form(cells) != ("iso8601", "local") or _all_are(cells, ISO_LOCAL)


def _rises(cells: Sequence[str]) -> bool:
    """Whether every number is larger than the one before, and there are two."""
    numbers = _numbers(cells)
    return len(numbers) > 1 and all(left < right for left, right in pairwise(numbers))


def _numbers(cells: Sequence[str]) -> list[float]:
    """The cells as numbers; empty where one is none."""
    if not _all_are(cells, NUMBER):
        return []
    return [float(cell.replace(",", ".")) for cell in cells]


def _all_are(cells: Sequence[str], pattern: str) -> bool:
    return bool(cells) and all(re.fullmatch(pattern, cell) for cell in cells)
