"""One workout: what it was taken for, what was measured, and what each source said, by time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import dataframely as dy
import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.patches import Patch
from numpy.typing import NDArray

from retrowalk.plot.ink import (
    ASSUMED,
    BACKWARD,
    EVIDENCE,
    FAINT,
    FORWARD,
    HATCH_NAMES,
    HATCHES,
    INKS,
    PAUSE,
    RULE,
    TEXT,
    bare,
    printable,
    settle,
    styled,
)
from retrowalk.tables.marks import Marks
from retrowalk.tables.records import Records
from retrowalk.tables.segments import Segments
from retrowalk.tables.vocabulary import MARK_SOURCES
from retrowalk.tables.windows import Windows

Floats = NDArray[np.float64]

#: Evidence of this many nats, odds of about 150 to 1, has the full colour.
FULL_NATS = 5.0
SOURCES = ("label", "compass", "imu", "gait")
#: About as many letters fit into the width of the picture.
LETTERS_ACROSS = 165
_LINE_BREAKS_FROM_MIN = 0.5
_SHORTEST_MIN = 5.0 / 60.0
_SAID = {"unknown": "direction unknown"}
_SOURCE_NAMES = ("label", "compass", "motion sensor", "gait")


@dataclass(frozen=True, slots=True)
class _Curve:
    """A panel with one quantity: the windows' mean in front, the records behind."""

    title: str
    of_windows: str
    of_records: str | None
    least_range: float
    factor: float = 1.0


CURVES = (
    _Curve("Speed, m/s", "speed_mean_mps", "speed_mps", 1.5),
    _Curve("Cadence, steps/min", "cadence_mean_spm", "cadence_spm", 40.0),
    _Curve("Heart rate, beats/min", "heart_rate_mean_bpm", "heart_rate_bpm", 30.0),
    _Curve("Grade, %", "grade_fraction", None, 6.0, factor=100.0),
)


def figure_of_workout(
    workout: Mapping[str, Any],
    records: dy.DataFrame[Records],
    windows: dy.DataFrame[Windows],
    segments: dy.DataFrame[Segments],
    marks: dy.DataFrame[Marks],
    *,
    decide_at: float | None = None,
) -> Figure:
    """Draws a workout on one time axis.

    From the top: segments as coloured bars, hatched uphill and downhill, dotted where only the
    prescription decided; labels as written; speed, cadence, heart rate and grade, the records
    faint behind the means of the windows; the evidence of each source as bands from blue (forward)
    over grey (says nothing) to orange (backward), empty where a source was not there; the
    probability of backward walking. Pauses are shaded, laps and turns are dotted lines. A quantity
    that the export does not hold has a line that says so.

    Args:
        workout: One row of the table ``workouts``, by column name.
        records: Any workouts; those of this one are drawn. May be empty: they are not kept for
            ever.
        windows: Likewise.
        segments: Likewise.
        marks: Likewise.
        decide_at: Probability from which a direction is stated; drawn as two lines if given.

    Returns:
        The figure, for :func:`~retrowalk.plot.save_figure`.

    Example:
        ``figure_of_workout(workouts.row(0, named=True), records, windows, segments, marks)``
    """
    view = _View.of(workout, records, windows, segments, marks)
    with styled():
        return _drawn(view, decide_at)


@dataclass(frozen=True, slots=True)
class _View:
    """The rows of one workout, with times as minutes since its start."""

    workout: Mapping[str, Any]
    records: pl.DataFrame
    windows: pl.DataFrame
    segments: pl.DataFrame
    marks: pl.DataFrame

    @classmethod
    def of(cls, workout: Mapping[str, Any], *tables: pl.DataFrame) -> "_View":
        """Takes the rows of the workout out of tables of many."""
        own = (
            table.filter(pl.col("workout_id") == workout["workout_id"]).with_columns(
                (
                    (pl.col("^.*_at_utc$") - workout["started_at_utc"]).dt.total_microseconds()
                    / 6e7
                ).name.map(lambda name: name.replace("_at_utc", "_min"))
            )
            for table in tables
        )
        records, windows, segments, marks = own
        return cls(
            workout,
            records.sort("recorded_min"),
            windows.sort("started_min"),
            segments.sort("started_min").with_columns(_ink_expr(), _hatch_expr()),
            marks.sort("started_min"),
        )

    @property
    def length_min(self) -> float:
        """From start to end, pauses included; at least one window."""
        length: timedelta = self.workout["ended_at_utc"] - self.workout["started_at_utc"]
        return max(length.total_seconds() / 60.0, _SHORTEST_MIN)


def _drawn(view: _View, decide_at: float | None) -> Figure:
    """Lays out the panels and fills them."""
    curves = [(curve, view.windows[curve.of_windows].is_not_null().any()) for curve in CURVES]
    labels = 0.06 + 0.22 * max(len(_label_sources(view)), 0.4)
    heights = [0.42, labels, *(1.0 if has_values else 0.12 for _, has_values in curves), 0.8, 0.8]
    figure = Figure(
        figsize=(12.0, 1.6 + 1.3 * sum(heights)),
        layout=ConstrainedLayoutEngine(h_pad=0.05, hspace=0.02),
    )
    panels = list(
        figure.subplots(len(heights), 1, sharex=True, gridspec_kw={"height_ratios": heights})
    )
    segments_panel, labels_panel, *curve_panels, evidence_panel, probability_panel = panels
    figure.suptitle(_title(view), x=0.01, ha="left", fontsize=12.0, fontweight="bold")
    _draw_segments(segments_panel, view)
    _draw_legend(figure, view)
    _draw_labels(labels_panel, view)
    for panel, (curve, has_values) in zip(curve_panels, curves, strict=True):
        _draw_curve(panel, view, curve, has_values=has_values)
    _draw_evidence(evidence_panel, view)
    _draw_probability(probability_panel, view, decide_at)
    for panel in panels:
        _draw_borders(panel, view)
        bare(panel)
    panels[-1].set_xlim(0.0, view.length_min)
    panels[-1].set_xlabel(f"Minutes since the start at {_local(view):%H:%M}", color=FAINT)
    settle(figure)
    return figure


def _local(view: _View) -> Any:
    return view.workout["started_at_utc"] + timedelta(seconds=view.workout["utc_offset_s"])


def _title(view: _View) -> str:
    """Whose, when and what."""
    workout = view.workout
    what = [workout["sport"] or "workout", workout["environment"]]
    told = ", ".join(word for word in what if word != "unknown")
    return f"{printable(workout['participant_id'])} · {_local(view):%A %d %B %Y, %H:%M} · {told}"


def _walked(segments: pl.DataFrame) -> str:
    """Minutes of walking by direction, and how many of them are assumed."""
    assumed_s = pl.col("duration_s").filter("is_direction_assumed").sum()
    minutes = (
        segments.filter(pl.col("activity") == "walk")
        .group_by(pl.col("direction").cast(pl.String))
        .agg(pl.col("duration_s").sum() / 60.0, assumed_s.alias("assumed_s") / 60.0)
        .sort("direction")
    )
    told = [
        f"{_SAID.get(direction, direction)} {walked:.1f} min"
        + (f" ({assumed:.1f} assumed)" if assumed else "")
        for direction, walked, assumed in minutes.iter_rows()
    ]
    return f"Walked {', '.join(told)}" if told else "No walking"


def _spans(frame: pl.DataFrame) -> list[tuple[float, float]]:
    """Start and length of each row, in minutes."""
    return frame.select("started_min", pl.col("ended_min") - pl.col("started_min")).rows()


def _ink_expr() -> pl.Expr:
    """Ink of a segment: its direction if it is walking, its activity otherwise."""
    what = pl.when(pl.col("activity") == "walk").then(pl.col("direction").cast(pl.String))
    return what.otherwise(pl.col("activity").cast(pl.String)).replace_strict(INKS).alias("ink")


def _hatch_expr() -> pl.Expr:
    """Hatch of a segment: dots for an assumed direction, lines for a grade."""
    of_grade = pl.col("grade_class").cast(pl.String).replace_strict(HATCHES)
    return pl.when("is_direction_assumed").then(pl.lit(ASSUMED)).otherwise(of_grade).alias("hatch")


def _draw_segments(axes: Axes, view: _View) -> None:
    segments = view.segments
    for (hatch,), alike in segments.group_by("hatch", maintain_order=True):
        axes.broken_barh(
            _spans(alike),
            (0.0, 1.0),
            facecolors=alike["ink"].to_list(),
            hatch=str(hatch),
            edgecolor="white",
            linewidth=0.8,
        )
    for row in segments.iter_rows(named=True):
        axes.text(
            (row["started_min"] + row["ended_min"]) / 2,
            0.5,
            _name(row, _room(row, view)),
            ha="center",
            va="center",
            fontsize=8.0,
            clip_on=True,
            in_layout=False,
            bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 1.5},
        )
    axes.set(ylim=(0.0, 1.0), yticks=[], title=_walked(segments))


def _name(segment: Mapping[str, Any], room: int) -> str:
    """What a segment is called and what decided it, as fully as there is room for."""
    grade = {"incline": ", uphill", "decline": ", downhill"}.get(segment["grade_class"], "")
    doubt = ", label contradicted" if segment["is_label_contradicted"] else ""
    walk, activity = segment["direction"], segment["activity"]
    evidence = segment["direction_evidence"].replace("_", " ")
    why = "" if evidence == "none" else f" · {evidence}"
    full = f"{walk}{grade}{doubt}"
    names = [full + why, full, f"{walk}{grade}", walk] if activity == "walk" else [activity]
    return next((name for name in names if len(name) <= room), "")


def _room(span: Mapping[str, Any], view: _View) -> int:
    """Letters that fit into a span."""
    share = (span["ended_min"] - span["started_min"]) / view.length_min
    return int(share * LETTERS_ACROSS) - 1


def _draw_legend(figure: Figure, view: _View) -> None:
    """One patch for each ink and hatch that occurs."""
    inks, hatches = set(view.segments["ink"]), set(view.segments["hatch"])
    shown = [Patch(facecolor=ink, label=name) for name, ink in INKS.items() if ink in inks]
    shown += [
        Patch(facecolor=FAINT, edgecolor="white", hatch=hatch, label=name)
        for hatch, name in HATCH_NAMES.items()
        if hatch in hatches
    ]
    if (view.marks["source"] == "pause").any():
        shown.append(Patch(facecolor=PAUSE, label="paused"))
    figure.legend(handles=shown, loc="outside lower left", ncols=max(len(shown), 1), frameon=False)


def _draw_labels(axes: Axes, view: _View) -> None:
    """A row for each source of labels, the strongest at the top."""
    labels = view.marks.filter(pl.col("direction").is_not_null())
    sources = _label_sources(view)
    title = "Labels, as written" if labels["text"].is_not_null().any() else "Labels"
    rows = {source: float(len(sources) - 1 - n) for n, source in enumerate(sources)}
    for label in labels.iter_rows(named=True):
        ink, row = INKS[label["direction"]], rows[label["source"]]
        span = (label["started_min"], label["ended_min"] - label["started_min"])
        axes.broken_barh([span], (row + 0.1, 0.8), facecolors=[(ink, 0.25)], edgecolor=ink)
        text = _shortened(printable(label["text"] or label["direction"]), _room(label, view))
        axes.text(
            span[0] + 0.004 * view.length_min,
            row + 0.47,
            text,
            va="center",
            fontsize=7.5,
            clip_on=True,
            in_layout=False,
        )
    axes.set(
        ylim=(0.0, max(len(sources), 1)),
        yticks=np.arange(len(sources)) + 0.5,
        yticklabels=[source.replace("_", " ") for source in reversed(sources)],
        title=title if sources else "No labels",
    )


def _label_sources(view: _View) -> list[str]:
    """Sources of the workout's labels, strongest first."""
    stated = view.marks.filter(pl.col("direction").is_not_null())["source"].cast(pl.String)
    return [source for source in MARK_SOURCES if source in set(stated)]


def _shortened(text: str, room: int) -> str:
    """As much of the text as there is room for; nothing if that would be a letter or two.

    Of the name and the value of a field, the value counts.
    """
    if len(text) <= room:
        return text
    value = f"…{text[text.rfind('=') :]}"
    if "=" in text and len(value) <= room:
        return value
    return f"{text[: room - 1]}…" if room > 3 else ""


def _draw_curve(axes: Axes, view: _View, curve: _Curve, *, has_values: bool) -> None:
    told = _grade_sources(view) if curve.of_windows == "grade_fraction" else ""
    axes.set_title(
        f"{curve.title}{told}" if has_values else f"{curve.title}: not in this recording"
    )
    if not has_values:
        axes.set_yticks([])
        return
    _draw_background(axes, view)
    if curve.of_records:
        minutes, values = _recorded(view.records, curve.of_records)
        axes.plot(minutes, values, color=FAINT, alpha=0.4, linewidth=0.6)
    minutes, values = _stepped(view.windows, curve.of_windows)
    values = values * curve.factor
    axes.plot(minutes, values, color=TEXT, linewidth=1.2)
    if curve.of_windows == "grade_fraction":
        axes.axhline(0.0, color=FAINT, linewidth=0.6)
        axes.fill_between(minutes, values, color=FAINT, alpha=0.25, linewidth=0.0)
    axes.grid(axis="y", color=RULE, linewidth=0.5)
    axes.locator_params(axis="y", nbins=4)
    _widen(axes, curve)


def _grade_sources(view: _View) -> str:
    """Where the grade comes from."""
    known = view.windows.drop_nulls("grade_fraction")["grade_source"].cast(pl.String)
    return f", by {' and '.join(known.unique().sort())}" if known.len() else ""


def _widen(axes: Axes, curve: _Curve) -> None:
    """Shows at least the curve's least range, so that noise does not look like a change."""
    low, high = axes.get_ylim()
    short = max(curve.least_range - (high - low), 0.0)
    is_from_zero = curve.of_windows == "speed_mean_mps"
    axes.set_ylim(-0.04 * high if is_from_zero else low - short / 2, high + short / 2)


def _recorded(records: pl.DataFrame, column: str) -> tuple[Floats, Floats]:
    """A value at each record; a long time without one breaks the line."""
    minutes, values = records["recorded_min"].to_numpy(), _numbers(records, column)
    return _broken(minutes, values, 1 + np.flatnonzero(np.diff(minutes) > _LINE_BREAKS_FROM_MIN))


def _stepped(windows: pl.DataFrame, column: str) -> tuple[Floats, Floats]:
    """A value at the start and the end of each window; a gap between windows breaks the line."""
    started, ended = windows["started_min"].to_numpy(), windows["ended_min"].to_numpy()
    breaks = 2 * (1 + np.flatnonzero(started[1:] - ended[:-1] > 1e-6))
    minutes = np.stack([started, ended], axis=1).ravel()
    return _broken(minutes, np.repeat(_numbers(windows, column), 2), breaks)


def _broken(minutes: Floats, values: Floats, breaks: NDArray[np.intp]) -> tuple[Floats, Floats]:
    """Puts nothing before each of these places, so that no line is drawn across."""
    return np.insert(minutes, breaks, np.nan), np.insert(values, breaks, np.nan)


def _numbers(frame: pl.DataFrame, column: str) -> Floats:
    """A column with NaN for null, which is not drawn."""
    numbers: Floats = frame[column].fill_null(float("nan")).to_numpy()
    return numbers


def _draw_evidence(axes: Axes, view: _View) -> None:
    scale = Normalize(-FULL_NATS, FULL_NATS, clip=True)
    for row, source in enumerate(SOURCES):
        column = f"{source}_log_likelihood_ratio_nats"
        heard = view.windows.drop_nulls(column)
        axes.broken_barh(
            _spans(heard),
            (len(SOURCES) - 1 - row + 0.1, 0.8),
            facecolors=EVIDENCE(scale(heard[column].to_numpy())),
            # Browsers leave hairlines between bars that only touch.
            edgecolors="face",
            linewidth=0.4,
        )
    axes.set(
        ylim=(0.0, len(SOURCES)),
        yticks=np.arange(len(SOURCES)) + 0.5,
        yticklabels=[*reversed(_SOURCE_NAMES)],
    )
    axes.set_title("Evidence in nats, empty where a source is silent", y=1.0)
    _draw_scale(axes, scale)


def _draw_scale(axes: Axes, scale: Normalize) -> None:
    """The colours of evidence, above the panel on the right."""
    inset = axes.inset_axes((0.72, 1.07, 0.2, 0.09))
    axes.figure.colorbar(ScalarMappable(scale, EVIDENCE), cax=inset, orientation="horizontal")
    inset.set_in_layout(False)
    inset.set_xticks([])
    inset.spines[:].set_visible(False)
    beside: dict[str, Any] = {"transform": inset.transAxes, "va": "center", "fontsize": 8.0}
    odds = f"{FULL_NATS:.0f} nats, {np.exp(FULL_NATS):.0f} to 1"
    inset.text(-0.03, 0.5, f"forward: {odds}", ha="right", color=FORWARD, **beside)
    inset.text(1.03, 0.5, "backward", ha="left", color=BACKWARD, **beside)


def _draw_probability(axes: Axes, view: _View, decide_at: float | None) -> None:
    minutes, values = _stepped(view.windows, "backward_probability")
    for is_this, ink in ((values >= 0.5, BACKWARD), (values < 0.5, FORWARD)):
        axes.fill_between(minutes, 0.5, values, where=is_this, color=ink, alpha=0.45, linewidth=0.0)
    axes.plot(minutes, values, color=TEXT, linewidth=1.0)
    title = "Probability of backward walking"
    if decide_at is not None:
        title += ", a direction is stated beyond the dashed lines"
        for level in (decide_at, 1.0 - decide_at):
            axes.axhline(level, color=FAINT, linewidth=0.7, linestyle=(0, (4, 3)))
    axes.set(ylim=(-0.03, 1.03), title=title, yticks=[0.0, 0.5, 1.0], yticklabels=["0", "0.5", "1"])
    axes.grid(axis="y", color=RULE, linewidth=0.5)


def _draw_background(axes: Axes, view: _View) -> None:
    """Tints a panel by direction, where one is stated, so that curves are read by it."""
    walked = view.segments.filter(pl.col("direction") != "unknown")
    axes.broken_barh(
        _spans(walked),
        (0.0, 1.0),
        transform=axes.get_xaxis_transform(),
        facecolors=[(ink, 0.09) for ink in walked["ink"]],
        linewidth=0.0,
        zorder=0,
    )


def _draw_borders(axes: Axes, view: _View) -> None:
    """Shades pauses, and dots where a lap begins or the walker turns."""
    across = axes.get_xaxis_transform()
    pauses = view.marks.filter(pl.col("source") == "pause")
    axes.broken_barh(
        _spans(pauses), (0.0, 1.0), transform=across, facecolors=PAUSE, linewidth=0.0, zorder=0
    )
    borders = view.marks.filter(pl.col("source").is_in(["lap", "turn"]))["started_min"]
    axes.vlines(
        borders, 0.0, 1.0, transform=across, color=FAINT, linewidth=0.6, linestyle=(0, (1, 2))
    )
