"""Reads rows that sum up a workout or a lap: durations, distances and averages, in SI units.

When a row begins, and what the rows are parts of, is decided elsewhere.
"""

from dataclasses import dataclass

import polars as pl

from retrowalk.errors import ExportError
from retrowalk.read.csv.cells import LINE, cells_from_source
from retrowalk.read.csv.distance_unit import METRES_PER, metres_per_unit
from retrowalk.read.csv.faults import Fault, fault_in, merged_faults
from retrowalk.read.csv.recognise import Layout
from retrowalk.read.csv.source import Source
from retrowalk.read.csv.sports import with_sports
from retrowalk.read.csv.times import LONGEST_RECORDING_S, LONGEST_WORKOUT_S, seconds_from_clock

DURATIONS = ("timer_s", "moving_s", "total_elapsed_s")
NUMBERS = (
    *DURATIONS, "total_distance_m", "total_steps_n", "heart_rate_bpm", "cadence_per_min",
    "speed_mps", "grade_fraction", "step_length_m", "body_mass_kg",
)  # fmt: skip
TEXTS = (
    "recorded_at", "ended_at", "sport", "sub_sport", "session_name", "direction", "utc_offset",
    "pace", "device", "lap", "lap_name", "distance_unit", "file_name",
)  # fmt: skip
#: Sports whose distances are in metres or yards whatever the account's unit.
OTHER_UNITS = ("swimming",)
#: Longest duration that is believed before a spreadsheet's hours for minutes are undone.
MOST_LENGTH_S = 60 * LONGEST_RECORDING_S
#: Channel of durations and paces -> what a message says it should hold.
CLOCK_FORMS = {
    **dict.fromkeys(DURATIONS, "a length of time from 0 up"), "pace": "a pace or a speed",
}  # fmt: skip
#: A moving time below this share of the timer's missed slow walking, not standing.
LEAST_MOVING_FRACTION = 0.5


@dataclass(frozen=True, slots=True)
class Summaries:
    """Rows of one file.

    Args:
        frame: One row per row of the file, blank ones left out: every channel of ``NUMBERS`` and
            ``TEXTS``, ``pace_s``, the timed length ``timer_s`` and the whole one ``length_s``.
        faults: Cells that could not be read.
    """

    frame: pl.DataFrame
    faults: tuple[Fault, ...]


def summaries_from_source(source: Source, layout: Layout) -> Summaries:
    """Reads the rows.

    Args:
        source: The text.
        layout: What it is and where its rows begin.

    Returns:
        The rows, in order; distances still in the file's unit.

    Raises:
        ExportError: ``no_timestamps`` where there is no row; ``unreadable_csv``;
            ``undecidable_units`` where the number style cannot be told.
    """
    pieces = list(cells_from_source(source, layout))
    cells = pl.concat([piece.frame for piece in pieces]) if pieces else pl.DataFrame()
    if not cells.height:
        raise ExportError("no_timestamps", "The file has a header and no row below it.")
    known = cells.with_columns(
        pl.lit(None, pl.String if name in TEXTS else pl.Float64).alias(name)
        for name in (*NUMBERS, *TEXTS)
        if name not in cells.columns
    )
    durations = {
        c: seconds_from_clock(known[c]) if known[c].dtype == pl.String else known[c]
        for c in DURATIONS
    }
    timed = known.with_columns(
        *[_positive(seconds).alias(c) for c, seconds in durations.items()],
        _pace_s(known["pace"]).alias("pace_s"),
    )
    sports = with_sports(
        _with_sane_durations(timed).with_columns(
            sport=pl.col("sport").fill_null(pl.lit(layout.dialect.sport, pl.String))
        )
    )
    sane, below = _without_negatives(sports, layout)
    unread = [fault for piece in pieces for fault in piece.faults]
    clocks = _unread_clocks(known, sane, layout)
    written = known.select(written_duration=pl.coalesce(pl.col(DURATIONS).cast(pl.String)))
    return Summaries(
        sane.with_columns(written.to_series()), merged_faults([*unread, *below, *clocks])
    )


def _unread_clocks(written: pl.DataFrame, read: pl.DataFrame, layout: Layout) -> tuple[Fault, ...]:
    """Names durations and paces that cannot be read in rows that others keep.

    Rows without any usable duration are set aside whole, and named by :func:`untimed`.
    """
    is_kept = read["timer_s"].is_not_null() | written["ended_at"].is_not_null()
    faults: list[Fault] = []
    for channel in (c for c in (*DURATIONS, "pace") if c in layout.places):
        text = written[channel].cast(pl.String).str.strip_chars()
        plain = text.str.replace(",", ".", literal=True).cast(pl.Float64, strict=False)
        seconds = plain.zip_with(plain.is_not_null(), seconds_from_clock(text))
        is_length = (seconds >= 0) & (seconds <= MOST_LENGTH_S)
        bad = text.is_not_null() & is_kept & ~is_length.fill_null(value=False)
        faults += fault_in(
            text,
            bad,
            written[LINE],
            header=layout.header_of(channel),
            expected=CLOCK_FORMS[channel],
        )
    return tuple(faults)


def _without_negatives(
    rows: pl.DataFrame, layout: Layout
) -> tuple[pl.DataFrame, tuple[Fault, ...]]:
    """Leaves out totals below 0, which cannot be."""
    totals = [c for c in ("total_distance_m", "total_steps_n") if c in layout.places]
    found = [
        fault
        for c in totals
        for fault in fault_in(
            rows[c].cast(pl.String),
            (rows[c] < 0).fill_null(value=False),
            rows[LINE],
            header=layout.header_of(c),
            expected="a number from 0 up",
        )
    ]
    sane = rows.with_columns(pl.when(pl.col(c) >= 0).then(c).alias(c) for c in totals)
    return sane, tuple(found)


def untimed(rows: pl.DataFrame, is_bad: pl.Series, layout: Layout) -> tuple[Fault, ...]:
    """Names the rows marked as having no duration."""
    channel = next((c for c in DURATIONS if c in layout.places), None)
    return fault_in(
        rows["written_duration"].fill_null("") if channel else is_bad.cast(pl.String),
        is_bad,
        rows[LINE],
        header=layout.header_of(channel) if channel else "duration",
        expected="a duration",
        takes_row=True,
    )


def _positive(seconds: pl.Series) -> pl.Series:
    return seconds.set((seconds <= 0) | (seconds > MOST_LENGTH_S), None)


def _pace_s(pace: pl.Series) -> pl.Series:
    """Seconds per kilometre or mile: as written (5:21), or from units per hour (11.2)."""
    is_clock = pace.str.contains(":", literal=True).fill_null(value=False)
    per_unit = _positive(seconds_from_clock(pace.set(~is_clock, None)))
    speed = (
        pace.set(is_clock, None).str.replace(",", ".", literal=True).cast(pl.Float64, strict=False)
    )
    return per_unit.zip_with(is_clock, 3600.0 / _positive(speed))


def _with_sane_durations(timed: pl.DataFrame) -> pl.DataFrame:
    """Undoes a spreadsheet's ``30:48:00`` for 30 min 48 s, and settles each row's timed length.

    The moving time counts, unless it is less than half of the timer's: then it missed slow walking.
    """
    by_pace = pl.col("pace_s") * pl.col("total_distance_m")
    mended = timed.with_columns(timer_s=_mended_expr(pl.col("timer_s"), by_pace))
    length = pl.coalesce("timer_s", "total_elapsed_s", "moving_s")
    mended = mended.with_columns(
        moving_s=_mended_expr(pl.col("moving_s"), length),
        total_elapsed_s=_mended_expr(pl.col("total_elapsed_s"), length),
    )
    longest = pl.max_horizontal("timer_s", "total_elapsed_s", "moving_s")
    is_fair = pl.col("moving_s") >= LEAST_MOVING_FRACTION * length
    return mended.with_columns(
        timer_s=pl.when(is_fair).then("moving_s").otherwise(length), length_s=longest
    )


def _mended_expr(seconds: pl.Expr, expected_s: pl.Expr) -> pl.Expr:
    """Divides by 60 what fits only so: longer than a day, or 60 times what the row implies."""
    is_off = ((seconds / expected_s - 1.0).abs() > 0.5) & (
        (seconds / 60.0 / expected_s - 1.0).abs() < 0.1
    )
    is_mangled = (seconds >= LONGEST_WORKOUT_S) | is_off.fill_null(value=False)
    return pl.when(is_mangled).then(seconds / 60.0).otherwise(seconds)


def in_metres(
    rows: pl.DataFrame, layout: Layout, distance_unit: str | None
) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Brings distances into metres and paces into seconds per metre."""
    place = layout.places.get("total_distance_m")
    if place is not None and place[1].factor:
        return rows.with_columns(metres_per_unit=pl.lit(None, pl.Float64)), ()
    if "distance_unit" in layout.places:
        per_row = (
            pl.col("distance_unit")
            .str.to_lowercase()
            .replace_strict(METRES_PER, default=None, return_dtype=pl.Float64)
        )
        return rows.with_columns(
            total_distance_m=pl.col("total_distance_m") * per_row, metres_per_unit=per_row
        ), ()
    on_foot = pl.col("sport").is_in(list(OTHER_UNITS)).not_().fill_null(value=True)
    usable = rows.with_columns(
        total_distance_m=pl.when(on_foot).then("total_distance_m"),
        pace_s=pl.when(on_foot).then("pace_s"),
    )
    factor, trap = metres_per_unit(usable, distance_unit)
    return usable.with_columns(
        total_distance_m=pl.col("total_distance_m") * factor,
        metres_per_unit=pl.lit(factor, pl.Float64),
    ), ((trap,) if trap else ())


def with_speed(rows: pl.DataFrame) -> pl.DataFrame:
    """Adds the mean speed: as stated, else distance over time, else from the pace."""
    return rows.with_columns(
        speed_mps=pl.coalesce(
            pl.col("speed_mps"),
            pl.col("total_distance_m") / pl.col("timer_s"),
            pl.col("metres_per_unit") / pl.col("pace_s"),
        )
    )
