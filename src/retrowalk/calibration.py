"""What a participant's labelled sessions taught, as a person reads it."""

import datetime as dt
import math
from collections.abc import Mapping
from typing import Any

import polars as pl
from rich import box
from rich.table import Table

from retrowalk.rules.evidence import EvidenceRules
from retrowalk.windows.gait import cap_nats_expr, is_told_expr

#: At this cadence the walk ratio is shown as a step length; any other would do.
_SHOWN_CADENCE_SPM = 100.0
_WAYS = ("forward", "backward")


def chance(nats: float) -> float:
    """The probability that evidence of so many nats makes of one half.

    Example:
        >>> round(chance(2.2), 2)
        0.9
    """
    return 1.0 / (1.0 + math.exp(-nats))


def taught_table(habits: Mapping[str, Any] | None, window_s: float) -> Table:
    """How much was labelled, and how the person walked, by direction.

    Args:
        habits: Row as from :meth:`retrowalk.walk.stages.Walk.habits`; None: nothing was labelled.
        window_s: Length of a window.
    """
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("labelled walking")
    for way in _WAYS:
        table.add_column(way, justify="right")
    row = habits or {}
    minutes = {way: (row.get(f"{way}_windows_n") or 0) * window_s / 60.0 for way in _WAYS}
    table.add_row("sessions", *(str(row.get(f"{way}_sessions_n") or 0) for way in _WAYS))
    table.add_row("minutes with cadence and speed", *(f"{minutes[way]:.1f}" for way in _WAYS))
    table.add_row(
        f"step length at {_SHOWN_CADENCE_SPM:.0f} steps/min, m (walk ratio, and its spread)",
        *(_step(row, way) for way in _WAYS),
    )
    table.add_row("heart rate on the level, beats/min", _line(row), _excess(row))
    return table


def _step(row: Mapping[str, Any], way: str) -> str:
    """Step length that the walk ratio gives at the shown cadence."""
    mean, spread = row.get(f"{way}_log_walk_ratio_mean"), row.get(f"{way}_log_walk_ratio_sd")
    if mean is None or spread is None:
        return "-"
    return f"{math.exp(mean) * _SHOWN_CADENCE_SPM:.2f}, spread {spread:.0%}"


def _line(row: Mapping[str, Any]) -> str:
    """The line of heart rate on speed."""
    level, slope, spread = (
        row.get(name)
        for name in (
            "heart_rate_at_rest_of_line_bpm",
            "heart_rate_slope_bpm_per_mps",
            "forward_heart_rate_sd_bpm",
        )
    )
    if level is None or slope is None or spread is None:
        return "-"
    return f"{level:.0f} {slope:+.0f} x speed in m/s, spread {spread:.0f}"


def _excess(row: Mapping[str, Any]) -> str:
    """What walking backward lies above the line."""
    mean, spread = (row.get(f"backward_heart_rate_excess_{name}_bpm") for name in ("mean", "sd"))
    if mean is None or spread is None:
        return "-"
    return f"{mean:+.0f} above that line, spread {spread:.0f}"


def cap_sentences(
    habits: pl.DataFrame, rules: EvidenceRules, *, decide_at: float, window_s: float
) -> list[str]:
    """What signs of gait may say of this person's windows, by which rule, and what would raise it.

    Args:
        habits: One row, or none where nothing was labelled.
        rules: Least history and caps.
        decide_at: Probability from which a direction is stated.
        window_s: Length of a window.
    """
    row = habits.row(0, named=True) if habits.height else {}
    least_min = rules.gait_least_n * window_s / 60.0
    if not is_told(habits, rules):
        short = _missing(row, "windows", rules.gait_least_n)
        silent = (
            f"Signs of gait say nothing: that needs {least_min:.0f} labelled minutes of each "
            f"direction, with cadence and speed. {short}"
        )
        return [silent]
    cap, high = float(habits.select(cap_nats_expr(rules)).item()), rules.gait_cap_high_nats
    decides = "so alone they can" if chance(cap) >= decide_at else "so alone they cannot"
    said = (
        f"Signs of gait may say up to {cap} nats of a window, a probability of {chance(cap):.2f}; "
        f"a direction is stated from {decide_at:.2f}, {decides} state one."
    )
    short = _missing(row, "sessions", rules.gait_sessions_n)
    rule = (
        f"With {rules.gait_sessions_n} labelled sessions of each direction within the weeks above "
        f"the cap is {high} nats ({chance(high):.2f}). {short}"
    )
    return [said, rule]


def is_told(habits: pl.DataFrame, rules: EvidenceRules) -> bool:
    """Whether these habits are weighed at all."""
    return bool(habits.select(is_told_expr(rules).any()).item())


def _missing(row: Mapping[str, Any], what: str, least_n: int) -> str:
    """How many of something are missing, by direction."""
    short = {way: max(least_n - (row.get(f"{way}_{what}_n") or 0), 0) for way in _WAYS}
    told = " and ".join(f"{short[way]} {way}" for way in _WAYS if short[way])
    return f"Missing: {told} {what}." if told else "They are there."


def versions_table(segments: pl.DataFrame) -> Table:
    """Which habits the segments of each week were weighed against, and what they decided.

    Args:
        segments: Rows of the table ``segments`` of one participant.
    """
    table = Table(title="Used in the tables", box=box.SIMPLE_HEAD)
    for name in ("week of", "habits", "minutes walked", "decided by gait"):
        table.add_column(name)
    walked = segments.filter(pl.col("activity") == "walk")
    by_gait = pl.col("duration_s").filter(pl.col("direction_evidence") == "gait").sum()
    weeks = walked.group_by("week_start_date", "habits_version").agg(
        pl.col("duration_s").sum() / 60.0, by_gait_min=by_gait / 60.0
    )
    for week, version, minutes, decided in weeks.sort("week_start_date").iter_rows():
        table.add_row(str(week), version or "none", f"{minutes:.1f}", f"{decided:.1f}")
    return table


def heading(
    participant_id: str,
    week: dt.date,
    earlier: list[dt.date],
    habits: pl.DataFrame,
    rules: EvidenceRules,
) -> str:
    """Whose habits, for which week, from which weeks, and the version that tables name."""
    version = habits["habits_version"][0] if is_told(habits, rules) else "none"
    return (
        f"Habits of {participant_id} for the week of {week}, from labels in the weeks of "
        f"{earlier[0]} to {earlier[-1]}: version {version}"
    )
