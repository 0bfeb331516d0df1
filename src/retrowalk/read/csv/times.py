"""Reads instants and durations as exports write them: whole columns at a time.

Nothing here knows a channel or a dialect beyond how it writes time.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import polars as pl

from retrowalk.errors import ExportError
from retrowalk.read.csv.dialect import TimeForm

UTC_INSTANT = pl.Datetime("us", "UTC")
#: Seconds between the Unix epoch and that of FIT, 1989-12-31T00:00:00Z (FIT protocol, date_time).
FIT_EPOCH_S = 631_065_600
EPOCHS_PER_S = {"epoch_s": 1.0, "epoch_ms": 1e3, "epoch_us": 1e6, "epoch_ns": 1e9, "fit": 1.0}
#: ISO 8601 with an offset: as most write it, with a blank for the T, without seconds.
ISO_WITH_OFFSET = (
    "%+",
    "%Y-%m-%dT%H:%M:%S%.f%#z",
    "%Y-%m-%d %H:%M:%S%.f%#z",
    "%Y-%m-%d %H:%M:%S%.f %#z",
    "%Y-%m-%dT%H:%M%#z",
    "%Y%m%dT%H%M%S%.f%#z",
)
ISO_LOCAL = (
    "%Y-%m-%dT%H:%M:%S%.f",
    "%Y-%m-%d %H:%M:%S%.f",
    "%Y-%m-%dT%H:%M",
    "%Y-%m-%d %H:%M",
)
#: Local minus UTC that a trailing ``Z`` states: the writer's clock is UTC.
OFFSET_OF_Z_S = 0
#: Instants outside belong to no recording; some cannot even be told in a calendar.
EARLIEST = datetime(1970, 1, 2, tzinfo=UTC)
LATEST = datetime(2199, 12, 31, tzinfo=UTC)
#: How far back the clock before a skip is looked for: an hour; where a zone skipped a day, a day.
SKIPPED_HOURS = (1, 25)
#: No recording lasts longer.
LONGEST_RECORDING_S = 31 * 86_400.0
#: A duration of a day or more in one workout is a spreadsheet's reading of minutes and seconds.
LONGEST_WORKOUT_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Instants:
    """A column of instants, read.

    Args:
        at_utc: The instants; null where the text is none.
        offset_s: Local minus UTC as each text states it; null where it does not.
        is_local: Whether the texts state no offset and were read as local time.
        traps: What was met.
        later_by: How much later each instant may be as well, because the clock repeats it; 0 where
            it does not. Null where it repeats none.
    """

    at_utc: pl.Series
    offset_s: pl.Series
    is_local: bool = False
    traps: tuple[str, ...] = ()
    later_by: pl.Series | None = None


def instants_from_text(text: pl.Series, form: TimeForm, time_zone: str | None) -> Instants:
    """Reads a column of instants.

    An instant without an offset is read in the participant's zone, in UTC where none is given;
    of two instants that a clock going back makes of one, the earlier is taken.

    Args:
        text: n texts; null where there is none.
        form: How the dialect writes time.
        time_zone: IANA zone of the participant.

    Returns:
        n instants, same order.

    Raises:
        ExportError: ``undecidable_units`` where day and month cannot be told apart.
    """
    text = text.str.strip_chars().rename("text")
    named = _without_month_names(text, form.months)
    stated, local = _stated(named, form), _unset(text, "local", pl.Datetime("us"))
    missing = stated.is_null() & text.is_not_null()
    is_local = stated.null_count() == len(stated)
    if missing.any() and is_local:
        local = _local(named, form)
    offset_s = _offsets(text, stated)
    zone = "UTC" if form.zone == "utc" else time_zone
    placed, late, traps = _placed(local, zone) if is_local else (_as_utc(local), None, ())
    at_utc = stated.zip_with(stated.is_not_null(), placed).rename("at_utc")
    return Instants(
        at_utc=at_utc.set(~at_utc.is_between(EARLIEST, LATEST), None),
        offset_s=offset_s,
        is_local=is_local and form.zone != "utc",
        traps=traps,
        later_by=late,
    )


def in_the_hour_that_came_again(frame: pl.DataFrame) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Takes samples of a repeated hour as the later ones once the clock went back before them.

    Args:
        frame: n samples in the order of the file: ``recorded_at_utc``, the earlier instant of
            each, and ``later_by``.

    Returns:
        The samples without ``later_by``, same order; and what was met.
    """
    later_by = pl.col("later_by").fill_null(pl.duration())
    goes_back = pl.col("recorded_at_utc").diff() * 2 < -later_by
    is_later = (goes_back & (later_by > pl.duration())).cum_sum() > 0
    shift = pl.when(is_later).then(later_by).otherwise(pl.duration())
    later_n = int(frame.select((shift > pl.duration()).sum()).item())
    trap = (
        f"The clock goes back within the file: the {later_n} times after that are the later ones."
    )
    placed = frame.with_columns(recorded_at_utc=pl.col("recorded_at_utc") + shift)
    return placed.drop("later_by"), ((trap,) if later_n else ())


def seconds_from_clock(text: pl.Series) -> pl.Series:
    """Reads durations written ``1:02:03``, ``20:46``, ``00:08:02.2`` or as plain seconds.

    Args:
        text: n texts.

    Returns:
        n durations in seconds; null where the text is none.
    """
    parts = text.str.strip_chars().str.replace(",", ".", literal=True).str.split(":")
    number = [
        parts.list.get(-n, null_on_oob=True).cast(pl.Float64, strict=False) for n in (1, 2, 3)
    ]
    fits = (parts.list.len() <= 3) & (
        parts.list.eval(pl.element().str.contains(r"^\d+(\.\d+)?$")).list.all()
    )
    seconds = number[0] + number[1].fill_null(0.0) * 60.0 + number[2].fill_null(0.0) * 3600.0
    return seconds.zip_with(fits.fill_null(value=False), _unset(text, "none", pl.Float64))


def _stated(text: pl.Series, form: TimeForm) -> pl.Series:
    """Instants whose text states its place in time by itself."""
    at_utc = _unset(text, "at_utc", UTC_INSTANT)
    for pattern in form.formats:
        if pattern in EPOCHS_PER_S:
            shift_s = FIT_EPOCH_S if pattern == "fit" else 0
            micros = text.cast(pl.Float64, strict=False) * (1e6 / EPOCHS_PER_S[pattern])
            micros = micros.set(~micros.is_finite(), None) + shift_s * 1e6
            found = micros.round().cast(pl.Int64, strict=False).cast(UTC_INSTANT)
            at_utc = at_utc.zip_with(at_utc.is_not_null(), found)
        elif pattern == "iso8601":
            for iso in ISO_WITH_OFFSET:
                at_utc = _tried(text, at_utc, iso, UTC_INSTANT)
        elif _has_offset(pattern):
            at_utc = _tried(text, at_utc, pattern, UTC_INSTANT)
    return at_utc


def _local(text: pl.Series, form: TimeForm) -> pl.Series:
    """Instants on the wall clock."""
    local = _unset(text, "local", pl.Datetime("us"))
    for pattern in form.formats:
        if pattern in EPOCHS_PER_S or _has_offset(pattern):
            continue
        for each in ISO_LOCAL if pattern == "iso8601" else (pattern,):
            chosen = _rival(text, each) if "|" in each else each
            local = _tried(text, local, chosen, pl.Datetime("us"))
    return local


def _has_offset(pattern: str) -> bool:
    return pattern.endswith("z") or pattern == "%+"


def _tried(text: pl.Series, so_far: pl.Series, pattern: str, kind: pl.Datetime) -> pl.Series:
    """Reads with one more pattern what the ones before could not."""
    if so_far.null_count() == text.null_count():
        return so_far
    left = text.set(so_far.is_not_null(), None)
    if pattern != "%+" and "%I" not in pattern and "%H" not in pattern:
        found = left.str.to_date(pattern, strict=False).cast(kind)
    else:
        found = left.str.to_datetime(pattern, time_unit="us", strict=False)
    if found.null_count() == len(found):
        return so_far
    return so_far.zip_with(so_far.is_not_null(), found.cast(kind))


def _rival(text: pl.Series, patterns: str) -> str:
    """Chooses between day-first and month-first by what the rows rule out, else by their order."""
    rivals = patterns.split("|")
    read = [text.str.to_datetime(p, time_unit="us", strict=False) for p in rivals]
    counts = [len(r) - r.null_count() for r in read]
    if counts[0] != counts[1] or counts[0] == 0:
        return rivals[0] if counts[0] > counts[1] else rivals[1]
    if (read[0] == read[1]).all():
        return rivals[0]
    ordered = [_is_ordered(r.drop_nulls()) for r in read]
    if ordered[0] != ordered[1]:
        return rivals[0] if ordered[0] else rivals[1]
    first = text.filter(read[0] != read[1])[0]
    raise ExportError(
        "undecidable_units",
        f"Dates such as {first!r} can be day-first or month-first, and no row rules one out. "
        "Export the list again without saving it in a spreadsheet.",
    )


def _is_ordered(instants: pl.Series) -> bool:
    return len(instants) > 2 and (instants.is_sorted() or instants.is_sorted(descending=True))


def _as_utc(local: pl.Series) -> pl.Series:
    return local.dt.replace_time_zone("UTC")


def _placed(
    local: pl.Series, time_zone: str | None
) -> tuple[pl.Series, pl.Series | None, tuple[str, ...]]:
    """Places wall-clock times in a zone; where it repeats some, also says how much later they may be."""
    zone = time_zone or "UTC"
    early = local.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    late = local.dt.replace_time_zone(zone, ambiguous="latest", non_existent="null")
    skipped = early.is_null() & local.is_not_null()
    for hours in SKIPPED_HOURS if skipped.any() else ():
        before = (local - timedelta(hours=hours)).dt.replace_time_zone(
            zone, ambiguous="latest", non_existent="null"
        )
        early = early.zip_with(early.is_not_null(), before + timedelta(hours=hours))
    traps = []
    if time_zone is None and local.is_not_null().any():
        traps.append("Times carry no offset and no time zone is set: they are read as UTC.")
    later_by = (late - early) if (early != late).any() else None
    if n := int((early != late).sum()):
        first = local.filter(early != late)[0]
        traps.append(f"{_times(n)} that the clock repeats (first {first}): the earlier is taken.")
    if n := int(skipped.sum()):
        first = local.filter(skipped)[0]
        traps.append(
            f"{_times(n)} that the clock skips (first {first}): read by the clock before it, "
            "an hour later."
        )
    return early.dt.convert_time_zone("UTC"), later_by, tuple(traps)


def _times(count: int) -> str:
    return "1 time falls in the hour" if count == 1 else f"{count} times fall in the hour"


def _offsets(text: pl.Series, stated: pl.Series) -> pl.Series:
    """Local minus UTC, in seconds, as the end of each text states it."""
    tail = text.str.tail(6)
    kinds = tail.unique().drop_nulls()
    parts = kinds.str.extract_groups(r"([+-])(\d\d):?(\d\d)?$").struct.unnest()
    sign = parts["1"].replace_strict({"+": 1, "-": -1}, default=None, return_dtype=pl.Int32)
    hours = parts["2"].cast(pl.Int32, strict=False)
    minutes = parts["3"].cast(pl.Int32, strict=False).fill_null(0)
    offsets = (sign * (hours * 3600 + minutes * 60)).set(kinds.str.contains("[Zz]$"), OFFSET_OF_Z_S)
    by_tail = tail.replace_strict(kinds, offsets, default=None, return_dtype=pl.Int32)
    return by_tail.set(stated.is_null(), None).rename("offset_s")


def _without_month_names(text: pl.Series, months: tuple[tuple[str, ...], ...]) -> pl.Series:
    """Writes ``lun., 30 juin 2014 7:03`` as ``30 06 2014 7:03``."""
    if not months or not text.str.contains(r"\p{L}{3}").any():
        return text
    plain = text.str.to_lowercase()
    for n, spellings in enumerate(months, start=1):
        for spelling in spellings:
            plain = plain.str.replace(rf"\b{spelling.replace('.', '[.]?')}(\s|$)", f"{n:02d} ")
    return plain.str.replace(r"^\D+", "").str.strip_chars()


def _unset(like: pl.Series, name: str, kind: pl.DataType | type[pl.DataType]) -> pl.Series:
    return pl.Series(name, [None], dtype=kind).extend_constant(None, len(like))[: len(like)]
