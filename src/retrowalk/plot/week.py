"""Weeks: how long everybody walked, by direction."""

import dataframely as dy
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from retrowalk.plot.ink import (
    BACKWARD,
    FAINT,
    FORWARD,
    RULE,
    UNKNOWN,
    bare,
    printable,
    settle,
    styled,
)
from retrowalk.tables.weekly_summary import WeeklySummary

#: The scale reaches at least so far, in minutes.
LEAST_MIN = 10.0
#: Parts of a bar from the left: name, minutes, ink, hatch.
PARTS = (
    ("backward", pl.col("backward_min") - pl.col("incline_backward_min"), BACKWARD, ""),
    ("backward, uphill", pl.col("incline_backward_min"), BACKWARD, "///"),
    ("direction unknown", pl.col("unknown_direction_min"), UNKNOWN, ""),
    ("forward", pl.col("forward_min"), FORWARD, ""),
)


def overview_of_weeks(
    summary: dy.DataFrame[WeeklySummary], *, participants_high: int = 40
) -> Figure:
    """Draws the minutes of walking of each participant as stacked bars, one column per week.

    A week without walking has its status in the place of the bar, so that a missing export does
    not look like a week of rest.

    Args:
        summary: Any participants, any weeks.
        participants_high: Most rows that are drawn, those with most backward minutes first; the
            title says how many there are.

    Returns:
        The figure, for :func:`~retrowalk.plot.save_figure`.
    """
    weeks = summary["week_start_date"].unique().sort()
    people = _people(summary)
    shown = people.head(participants_high)
    with styled():
        size = (max(7.0, 2.5 + 2.6 * len(weeks)), 1.7 + 0.3 * max(len(shown), 4))
        figure = Figure(figsize=size, layout="constrained")
        figure.suptitle(
            _title(len(shown), len(people)), x=0.01, ha="left", fontsize=12.0, fontweight="bold"
        )
        panels = figure.subplots(1, max(len(weeks), 1), sharex=True, sharey=True, squeeze=False)[0]
        for panel, week in zip(panels, weeks, strict=False):
            panel.set_title(f"week of {week:%d %b %Y}")
            _draw_week(panel, summary.filter(pl.col("week_start_date") == week), shown)
        _finish(panels[0], shown)
        figure.legend(
            handles=[
                Patch(facecolor=i, edgecolor="white", hatch=h, label=n) for n, _, i, h in PARTS
            ],
            loc="outside lower left",
            ncols=len(PARTS),
            frameon=False,
        )
        settle(figure)
    return figure


def _people(summary: pl.DataFrame) -> pl.Series:
    """Participants, those with most backward minutes first."""
    minutes = summary.group_by("participant_id").agg(pl.col("backward_min").sum())
    return minutes.sort("backward_min", "participant_id", descending=[True, False])[
        "participant_id"
    ]


def _title(shown_n: int, people_n: int) -> str:
    if people_n == 0:
        return "Nobody to show"
    who = f"the {shown_n} of {people_n} with most" if shown_n < people_n else "most backward first"
    return f"Minutes of walking a week, by direction ({who})"


def _draw_week(axes: Axes, summary: pl.DataFrame, people: pl.Series) -> None:
    """Bars of one week, a row per participant, and the status where there is no bar."""
    rows = pl.DataFrame({"participant_id": people}).with_row_index("row")
    week = rows.join(summary, on="participant_id", how="left", maintain_order="left")
    left = pl.lit(0.0)
    for _, minutes, ink, hatch in PARTS:
        bars = week.select("row", minutes.fill_null(0.0).alias("minutes"), left.alias("left"))
        bars = bars.filter(pl.col("minutes") > 0.0)
        axes.barh(
            bars["row"],
            bars["minutes"],
            left=bars["left"],
            color=ink,
            hatch=hatch,
            height=0.7,
            edgecolor="white",
            linewidth=0.5,
        )
        left = left + minutes.fill_null(0.0)
    status = pl.col("week_status").cast(pl.String).str.replace_all("_", " ")
    quiet = week.filter(pl.col("walking_min").fill_null(0.0) == 0.0)
    for row, text in quiet.select("row", status.fill_null("not registered")).iter_rows():
        axes.text(
            0.02,
            row,
            text,
            transform=axes.get_yaxis_transform(),
            va="center",
            fontsize=7.5,
            style="italic",
            color=FAINT,
        )


def _finish(axes: Axes, people: pl.Series) -> None:
    """Names at the left, first at the top; the same for all weeks."""
    axes.set_yticks(range(len(people)), labels=[printable(name) for name in people])
    axes.set_ylim(max(len(people), 1) - 0.5, -0.5)
    axes.set_xlim(0.0, max(axes.get_xlim()[1], LEAST_MIN))
    for panel in axes.figure.axes:
        bare(panel)
        panel.grid(axis="x", color=RULE, linewidth=0.5)
        panel.set_axisbelow(True)
        panel.set_xlabel("minutes", color=FAINT)
