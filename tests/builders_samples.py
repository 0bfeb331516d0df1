"""Raw motion samples of a walker built from mechanics, and what a device mounted on it feels.

The trunk is an inverted pendulum: lowest and fastest while both feet are down, highest and slowest
over the standing leg; each new step brakes it for a moment against the direction of travel. No
phase is put in. Body axes are ahead, left, up; the facing is that of the body, so a walker who
faces north and travels backward goes south.
"""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: Starts on a border of the three-second grid.
STARTED_AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
WEEK = date(2026, 3, 2)
GRAVITY_MPS2 = 9.80665
#: Body axes and device axes are the same: x ahead, y left, z up.
ALIGNED = np.eye(3)
#: Middle latitudes: north and down, in microtesla.
FIELD_NORTH_UT, FIELD_DOWN_UT = 20.0, 44.0


def sample_times(
    duration_s: float, rate_hz: float, *, jitter_s: float = 0.0, seed: int = 1
) -> Floats:
    """Sample times since the start; jitter stays below half an interval, so order is kept."""
    even = np.arange(round(duration_s * rate_hz)) / rate_hz
    return np.abs(even + np.random.default_rng(seed).uniform(-jitter_s, jitter_s, even.size))


def trunk_acceleration(
    times_s: Floats,
    *,
    travels: float = 1.0,
    step_hz: float = 1.8,
    rise_m: float = 0.02,
    surge_mps: float = 0.1,
    strike_mps2: float = 1.5,
) -> Floats:
    """Acceleration of the trunk in body axes, samples x 3.

    Args:
        times_s: When; both feet are down at 0.
        travels: 1 ahead, -1 backward.
        step_hz: Steps per second.
        rise_m: Half the way that the trunk rises and falls.
        surge_mps: By how much speed lies above and below its mean.
        strike_mps2: Height of the braking pulse, which lasts about a tenth of a step.
    """
    omega = 2 * np.pi * step_hz
    since_strike = (times_s * step_hz) % 1.0
    strike = strike_mps2 * np.exp(-(((since_strike - 0.08) / 0.05) ** 2))
    along_travel = -surge_mps * omega * np.sin(omega * times_s) - strike + strike.mean()
    sideways = 0.02 * (omega / 2) ** 2 * np.cos(omega / 2 * times_s)
    upward = rise_m * omega**2 * np.cos(omega * times_s)
    return np.stack([travels * along_travel, sideways, upward], axis=1)


def device_samples(
    times_s: Floats,
    acceleration: Floats,
    *,
    workout_id: str = "walk",
    mounting: Floats = ALIGNED,
    facing_deg: float | None = None,
    gravity_mps2: float = GRAVITY_MPS2,
    noise_mps2: float = 0.0,
) -> pl.DataFrame:
    """What a device feels: specific force and, with a facing, the magnetic field, in its axes.

    Args:
        times_s: Since :data:`STARTED_AT`.
        acceleration: In body axes.
        workout_id: Whose.
        mounting: Rows are the device's axes in body axes.
        facing_deg: Where the body faces, clockwise from north; None: no magnetometer.
        gravity_mps2: 0 for a device that takes gravity off.
        noise_mps2: Standard deviation of white noise on each axis.
    """
    noise = np.random.default_rng(7).normal(0.0, noise_mps2, acceleration.shape)
    felt = (acceleration + np.array([0.0, 0.0, gravity_mps2])) @ mounting.T + noise
    facing = np.radians(np.nan if facing_deg is None else facing_deg)
    field = mounting @ [
        FIELD_NORTH_UT * np.cos(facing),
        FIELD_NORTH_UT * np.sin(facing),
        -FIELD_DOWN_UT,
    ]
    since = (times_s * 1e6).round().astype(np.int64)
    columns = {f"acceleration_{a}_mps2": felt[:, i] for i, a in enumerate("xyz")}
    columns |= {f"rotation_{a}_radps": np.full(times_s.size, np.nan) for a in "xyz"}
    columns |= {f"magnetic_{a}_ut": np.full(times_s.size, field[i]) for i, a in enumerate("xyz")}
    return pl.DataFrame(columns, nan_to_null=True).select(
        pl.lit(workout_id).alias("workout_id"),
        pl.lit(WEEK).alias("week_start_date"),
        (pl.lit(STARTED_AT) + pl.Series(since).cast(pl.Duration("us"))).alias("sampled_at_utc"),
        pl.all(),
    )


def walk_samples(
    duration_s: float = 30.0, rate_hz: float = 50.0, *, travels: float = 1.0
) -> pl.DataFrame:
    """A plain walk with a device whose axes are the body's."""
    times_s = sample_times(duration_s, rate_hz)
    return device_samples(times_s, trunk_acceleration(times_s, travels=travels))


def worn(
    workout_id: str = "walk", placement: str = "trunk", forward_axis: str | None = "+x"
) -> pl.DataFrame:
    """How the device of one workout was worn."""
    return pl.DataFrame(
        {"workout_id": [workout_id], "placement": [placement], "forward_axis": [forward_axis]},
        schema_overrides={"forward_axis": pl.String},
    )


def at(seconds: float) -> datetime:
    """An instant after :data:`STARTED_AT`."""
    return STARTED_AT + timedelta(seconds=seconds)
