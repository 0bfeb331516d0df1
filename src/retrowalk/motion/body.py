"""Device axes to body axes: which way is up, which way is ahead, where the compass points."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from retrowalk.motion.spans import FIELD, Floats, Spans, Truths
from retrowalk.rules.motion import MotionRules

AXES = {
    "+x": (1.0, 0.0, 0.0),
    "-x": (-1.0, 0.0, 0.0),
    "+y": (0.0, 1.0, 0.0),
    "-y": (0.0, -1.0, 0.0),
    "+z": (0.0, 0.0, 1.0),
    "-z": (0.0, 0.0, -1.0),
}


@dataclass(frozen=True, slots=True)
class Body:
    """Spans in body axes; gravity and other constants are taken off, gaps are 0.

    Args:
        has_gravity: Per span; without it the rest means nothing.
        up: Per span, unit vector in device axes.
        ahead: Per span, horizontal unit vector in device axes; NaN where it is not stated.
        vertical_mps2: Spans x cells, upward.
        horizontal_mps2: Spans x cells x device axes: what is left without the vertical.
    """

    has_gravity: Truths
    up: Floats
    ahead: Floats
    vertical_mps2: Floats
    horizontal_mps2: Floats


def body_from_spans(spans: Spans, rules: MotionRules) -> Body:
    """Finds up from the mean acceleration and ahead from the stated axis, per span.

    Over a span of several steps the body's own acceleration averages to nearly nothing, so the
    mean of what the device feels is gravity's reaction, which points up.
    """
    weight = spans.is_covered[:, :, np.newaxis]
    mean = (spans.acceleration_mps2 * weight).sum(axis=1) / weight.sum(axis=1)
    moving = (spans.acceleration_mps2 - mean[:, np.newaxis]) * weight
    gravity = np.linalg.norm(mean, axis=1)
    up = mean / gravity[:, np.newaxis]
    ahead = _ahead(_stated_axes(spans), up, rules.axis_horizontal_low_fraction)
    vertical = along(up, moving)
    return Body(
        has_gravity=(gravity >= rules.gravity_low_mps2) & (gravity <= rules.gravity_high_mps2),
        up=up,
        ahead=ahead,
        vertical_mps2=vertical,
        horizontal_mps2=moving - vertical[:, :, np.newaxis] * up[:, np.newaxis],
    )


def heading_deg(body: Body, spans: Spans, rules: MotionRules) -> Floats:
    """Magnetic heading of the forward axis, clockwise from north, in [0, 360); NaN if not known.

    East is the field crossed with up, north is up crossed with east: whatever the tilt, only the
    field's horizontal part counts.
    """
    field = spans.frame.select(FIELD).fill_null(np.nan).to_numpy()
    strength = np.linalg.norm(field, axis=1)
    to_east = np.cross(field, body.up)
    to_north = np.cross(body.up, to_east)
    heading = np.degrees(np.arctan2(_dot(body.ahead, to_east), _dot(body.ahead, to_north)))
    is_earth = (strength >= rules.field_low_ut) & (strength <= rules.field_high_ut)
    points = np.linalg.norm(to_east, axis=1) >= rules.field_horizontal_low_ut
    return np.where(body.has_gravity & is_earth & points, heading % 360.0, np.nan)


def _stated_axes(spans: Spans) -> Floats:
    """The forward axis of each span's workout as a vector; zero where none is stated."""
    stated = spans.frame["forward_axis"].cast(pl.String)
    return np.stack(
        [
            stated.replace_strict({axis: v[i] for axis, v in AXES.items()}, default=0.0)
            for i in range(3)
        ],
        axis=1,
    )


def _ahead(axes: Floats, up: Floats, low_fraction: float) -> Floats:
    """The horizontal part of an axis, at length 1; NaN where it is too short to be trusted."""
    level = axes - _dot(axes, up)[:, np.newaxis] * up
    length = np.linalg.norm(level, axis=1)
    trusted = np.where(length >= low_fraction, length, np.nan)
    return level / trusted[:, np.newaxis]


def along(direction: Floats, vectors: Floats) -> Floats:
    """Part of each span's vectors that lies along the span's direction."""
    part: Floats = np.einsum("sca,sa->sc", vectors, direction)
    return part


def _dot(left: Floats, right: Floats) -> Floats:
    product: Floats = (left * right).sum(axis=1)
    return product
