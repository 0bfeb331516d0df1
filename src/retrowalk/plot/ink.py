"""Colours and strokes that all pictures share: a class has the same ink everywhere.

The colours are Okabe and Ito's, which stay apart for all common kinds of colour blindness; uphill
and downhill are hatched, so that nothing is told by colour alone.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.font_manager import fontManager

#: Okabe and Ito 2008, "Color universal design".
BACKWARD, FORWARD = "#d55e00", "#0072b2"
UNKNOWN, REST, OTHER, RUN = "#8c8c8c", "#e3e3e3", "#f0e442", "#cc79a7"
TEXT, FAINT, RULE, PAUSE = "#262626", "#6b6b6b", "#d9d9d9", "#f3f3f3"

#: Ink of what was done, by direction of walking and by activity otherwise.
INKS = {
    "backward": BACKWARD,
    "forward": FORWARD,
    "unknown": UNKNOWN,
    "run": RUN,
    "rest": REST,
    "other": OTHER,
}
HATCHES = {"level": "", "unknown": "", "incline": "///", "decline": "\\\\\\"}
ASSUMED = ".."
HATCH_NAMES = {
    HATCHES["incline"]: "uphill",
    HATCHES["decline"]: "downhill",
    ASSUMED: "assumed, not measured",
}

#: From forward over nothing to backward.
EVIDENCE = LinearSegmentedColormap.from_list("evidence", [FORWARD, "#f2f2f2", BACKWARD])

#: For labels in any language: the first ships with the library, the others are what systems have.
#: SVG and HTML keep the letters and find fonts where they are read.
FONTS = (
    "DejaVu Sans",
    "Noto Sans",
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",
    "Microsoft YaHei",
    "PingFang SC",
    "Hiragino Sans",
    "Arial Unicode MS",
)
STYLE: dict[Any, Any] = {
    "text.parse_math": False,
    "font.size": 9.0,
    "text.color": TEXT,
    "axes.edgecolor": RULE,
    "axes.labelcolor": TEXT,
    "axes.titlecolor": TEXT,
    "axes.titlesize": 9.0,
    "axes.titlelocation": "left",
    "axes.titlepad": 4.0,
    "xtick.color": FAINT,
    "ytick.color": FAINT,
    "xtick.labelsize": 8.0,
    "ytick.labelsize": 8.0,
    "hatch.linewidth": 0.7,
    "hatch.color": "white",
    "lines.solid_capstyle": "round",
    "svg.fonttype": "none",
    "svg.hashsalt": "retrowalk",
}


@contextmanager
def styled() -> Iterator[None]:
    """The style, for as long as a figure is drawn or written.

    A letter that no installed font has becomes a box in a PNG; that is no reason to warn.
    """
    installed = {entry.name for entry in fontManager.ttflist}
    fonts = [name for name in FONTS if name in installed]
    with mpl.rc_context(STYLE | {"font.family": fonts}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        yield


def printable(text: str) -> str:
    """The text without what cannot be drawn or written into a file: control characters."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def bare(axes: Axes) -> None:
    """Takes the frame off, and leaves a faint rule at the bottom."""
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(length=0)


def settle(figure: Figure) -> None:
    """Lays the figure out once and for all, so that each writing of it gives the same bytes."""
    figure.draw_without_rendering()
    figure.set_layout_engine("none")
