"""Writes a first draft of a dialect for a header that none knows, for a person to complete."""

import json
import re
from collections.abc import Sequence

from retrowalk.read.csv.dialect import CHANNELS, UNITLESS, UNITS, Dialect, header_key
from retrowalk.read.csv.dialect_toml import shipped_dialects
from retrowalk.read.csv.recognise import likely_header, nearest_dialect, split_line
from retrowalk.read.csv.source import Source, source_from_bytes

#: What a header's words suggest, the more telling first.
HINTS = (
    (r"latitude|^lat$", "latitude_deg"),
    (r"longitude|^(lon|lng|long)$", "longitude_deg"),
    (r"heart|\bhr\b|\bhf\b|puls|bpm|tętno|cardia|\bfc\b", "heart_rate_bpm"),
    (r"cadence|cadenc|spm|kadenz|schrittfrequenz|steps?/min", "cadence_per_min"),
    (r"^steps$|schritte|pasos|\bpas\b", "total_steps_n"),
    (r"grade|incline|slope|steigung|neigung|pente", "grade_fraction"),
    (r"altitude|elevation|höhe|alt\b", "altitude_m"),
    (r"speed|velocity|geschwindigkeit|vitesse|velocidad|km/?h\b|mph|\bm/s", "speed_mps"),
    (r"distance|distanz|distancia|strecke", "distance_m"),
    (r"direction|richtung|sens\b", "direction"),
    (r"^lap|runde|split|interval", "lap"),
    (r"title|titel|titre|name|note|label|comment", "session_name"),
    (r"sport|activity|type", "sport"),
    (r"elapsed|seconds|duration|dauer|durée|duración|sekunden", "elapsed_s"),
    (r"time|zeit|date|datum|fecha|timestamp|heure|uhr", "recorded_at"),
)
UNIT_HINTS = (
    (r"km/?h|kmh|kph", "km/h"), (r"mph|mi/h", "mph"), (r"m/?s\b|mps", "m/s"),
    (r"steps?/min|spm", "steps/min"), (r"strides?|rpm", "strides/min"), (r"bpm", "bpm"),
    (r"%|percent|prozent", "%"), (r"\bkm\b|kilomet", "km"), (r"\bmi\b|miles?", "mi"),
    (r"\bft\b|feet", "ft"), (r"\bms\b|millis", "ms"), (r"\bmin\b|minut", "min"),
    (r"\bs\b|sec|sek", "s"), (r"\bm\b|met(er|re)s?|_m$", "m"), (r"°|deg", "deg"),
)  # fmt: skip
DEFAULT_UNITS = {
    "latitude_deg": "deg", "longitude_deg": "deg", "heart_rate_bpm": "bpm", "altitude_m": "m",
    "cadence_per_min": "unknown/min", "grade_fraction": "%", "speed_mps": "m/s",
    "distance_m": "m", "elapsed_s": "s",
}  # fmt: skip
TIME_FORMS = (
    (r"^\d{4}-\d\d-\d\d[T ].*([+-]\d\d:?\d\d|Z)$", '["iso8601"]', "stated"),
    (r"^\d{4}-\d\d-\d\d[T ]", '["iso8601"]', "local"),
    (r"^\d{19}$", '["epoch_ns"]', "utc"),
    (r"^\d{13}$", '["epoch_ms"]', "utc"),
    (r"^\d{10}(\.\d+)?$", '["epoch_s"]', "utc"),
    (r"^\d\d?\.\d\d?\.\d{4} \d\d?:\d\d:\d\d$", '["%d.%m.%Y %H:%M:%S"]', "local"),
    (r"^\d\d?/\d\d?/\d{4} \d\d?:\d\d", '["%d/%m/%Y %H:%M:%S|%m/%d/%Y %H:%M:%S"]', "local"),
)


def nearest_to(data: bytes, dialects: Sequence[Dialect] | None = None) -> tuple[str, int]:
    """Names the dialect that comes nearest to a file's header.

    Args:
        data: Content of the file.
        dialects: What it may be; by default those that come with the package.

    Returns:
        The dialect's name, and how many of the headers it knows.
    """
    known = shipped_dialects() if dialects is None else dialects
    headers, _ = likely_header(source_from_bytes(data))
    nearest, known_n = nearest_dialect(headers, known)
    return nearest.name, known_n


def starter_dialect(data: bytes) -> str:
    """Writes a TOML draft for a file whose header no dialect knows.

    Args:
        data: Content of the file.

    Returns:
        A dialect that can be read as it stands; what was guessed from a header's words and the
        first row is marked, and headers that suggest nothing stand as comments.
    """
    source = source_from_bytes(data)
    headers, delimiter = likely_header(source)
    first = _first_row(source, headers, delimiter)
    guesses = _guesses(headers)
    time_at = next((n for n, channel in guesses.items() if channel == "recorded_at"), None)
    written = first[time_at] if time_at is not None and time_at < len(first) else ""
    form, zone = next(
        ((form, zone) for pattern, form, zone in TIME_FORMS if re.match(pattern, written.strip())),
        ('["iso8601"]', "local"),
    )
    required = ["recorded_at" if time_at is not None else "elapsed_s"]
    required += [c for c in ("speed_mps", "heart_rate_bpm") if c in guesses.values()][:1]
    columns = "\n".join(
        _column_entry(header, guesses.get(n)) for n, header in enumerate(headers) if header.strip()
    )
    return (
        "# A draft: check every line, then save it as registry/dialects/my_dialect.toml.\n"
        'name = "my_dialect"\n'
        'title = "My CSV"\n'
        'rows_are = "records"  # records, workouts, laps or motion: what one row stands for\n'
        f"requires = {json.dumps(required)}  # without these channels it is another file\n"
        'number_style = "dot"  # dot, comma, or infer from all rows\n'
        'missing = ["", "--", "nan"]\n'
        "\n[time]\n"
        f"formats = {form}  # first row: {json.dumps(written, ensure_ascii=False)}\n"
        f'zone = "{zone}"  # stated: with an offset; utc; local: the participant\'s zone\n'
        f"\n{columns}"
    )


def _guesses(headers: Sequence[str]) -> dict[int, str]:
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


def _first_row(source: Source, headers: Sequence[str], delimiter: str) -> tuple[str, ...]:
    rows = [split_line(line, delimiter) for line in source.lines(200) if line.strip()]
    below = iter(rows)
    for row in below:
        if row == tuple(headers):
            break
    return next(below, ())


def _column_entry(header: str, channel: str | None) -> str:
    """One entry of columns; a comment where the header suggests nothing."""
    name = json.dumps(header.strip(), ensure_ascii=False)
    if channel is None:
        return f"# not guessed: {name}\n"
    kind = CHANNELS[channel]
    unit = next(
        (
            unit
            for pattern, unit in UNIT_HINTS
            if UNITS[unit][0] == kind and re.search(pattern, header_key(header))
        ),
        DEFAULT_UNITS.get(channel, ""),
    )
    stated = "" if kind in UNITLESS else f'unit = "{unit}"  # guessed\n'
    return f'[[columns]]\nchannel = "{channel}"  # guessed\nnames = [{name}]\n{stated}'
