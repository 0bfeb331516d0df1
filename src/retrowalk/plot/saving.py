"""A figure as bytes or as a file: PNG, SVG, or a page of HTML that holds the SVG."""

from html import escape
from io import BytesIO
from pathlib import Path

from matplotlib.figure import Figure
from PIL import Image

from retrowalk.plot.ink import styled

#: File endings that can be written.
FORMATS = ("png", "svg", "html")
_DOTS_PER_INCH = 150
#: A picture in a table of pictures: still legible, and a tenth of the bytes.
_SMALL_DOTS_PER_INCH = 80
_SMALL_COLOURS_N = 64
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
body {{ margin: 1.5rem auto; max-width: 75rem; font-family: "DejaVu Sans", sans-serif; }}
svg {{ width: 100%; height: auto; }}
</style>
</head>
<body>
<figure role="img" aria-label="{title}">
{svg}
</figure>
</body>
</html>
"""


def figure_bytes(figure: Figure, form: str) -> bytes:
    """Renders a figure; the same figure gives the same bytes.

    Args:
        figure: From :func:`~retrowalk.plot.figure_of_workout` or
            :func:`~retrowalk.plot.overview_of_weeks`.
        form: One of :data:`FORMATS`.

    Returns:
        The file's content. SVG keeps its text as text; HTML needs no other file and no script.

    Raises:
        ValueError: The form is none of these.
    """
    if form not in FORMATS:
        raise ValueError(
            f"A picture cannot be written as {form!r}. Use one of {', '.join(FORMATS)}."
        )
    drawn = "svg" if form == "html" else form
    buffer = BytesIO()
    metadata = {"Date": None, "Creator": None} if drawn == "svg" else {"Software": None}
    with styled():
        figure.savefig(
            buffer, format=drawn, dpi=_DOTS_PER_INCH, facecolor="white", metadata=metadata
        )
    return _page(figure, buffer.getvalue()) if form == "html" else buffer.getvalue()


def small_png(figure: Figure) -> bytes:
    """Renders a figure as a PNG of few colours and some 40 kB, for where bytes count."""
    buffer, smaller = BytesIO(), BytesIO()
    with styled():
        figure.savefig(buffer, format="png", dpi=_SMALL_DOTS_PER_INCH, facecolor="white")
    with Image.open(buffer) as drawn:
        few = drawn.convert("RGB").quantize(_SMALL_COLOURS_N, dither=Image.Dither.NONE)
        few.save(smaller, "PNG", optimize=True)
    return smaller.getvalue()


def save_figure(figure: Figure, path: Path) -> None:
    """Writes a figure in the form that the file's ending names.

    Args:
        figure: What to write.
        path: Ends in one of :data:`FORMATS`, in either case.

    Raises:
        ValueError: It ends in something else.
    """
    path.write_bytes(figure_bytes(figure, path.suffix.lstrip(".").lower()))


def _page(figure: Figure, svg: bytes) -> bytes:
    drawing = svg[svg.index(b"<svg") :].decode("utf-8")
    title = escape(figure.get_suptitle().replace("\n", " "), quote=True)
    return _PAGE.format(title=title, svg=drawing).encode("utf-8")
