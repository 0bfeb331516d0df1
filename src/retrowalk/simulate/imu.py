"""Motion sensors: how they are mounted and worn, how fast and how well they sample.

What moves them comes from :mod:`retrowalk.simulate.mechanics` and
:mod:`retrowalk.simulate.limbs`.
"""

from dataclasses import dataclass

import numpy as np

from retrowalk.simulate.gait import Person
from retrowalk.simulate.limbs import worn_at
from retrowalk.simulate.mechanics import Motion, tipped, trunk_from_trace
from retrowalk.simulate.series import Floats, Rng
from retrowalk.simulate.walks import Trace

#: The Earth's field at middle latitudes.
_FIELD_NORTH_UT, _FIELD_DOWN_UT = 20.0, 45.0
_FIELD_NOISE_UT = 0.6
#: Magnetised parts of the device itself.
_HARD_IRON_UT = 3.0
_BIAS_MPS2 = 0.05
#: Height over the hips at which each placement on the trunk is felt.
_HEIGHT_OVER_HIP_M = {"trunk": 0.2, "waist": 0.1}
_LONGEST_GAP_S = 4.0


@dataclass(frozen=True, slots=True)
class Mounting:
    """How a sensor sits on the body.

    Args:
        forward_axis: Device axis that points to the front, e.g. ``+z``.
        up_axis: Device axis that points up, e.g. ``+y``.
        yaw_deg: Turned about the vertical by this much, positive to the left.
        roll_deg: Tilted sideways by this much.
    """

    forward_axis: str = "+z"
    up_axis: str = "+y"
    yaw_deg: float = 0.0
    roll_deg: float = 0.0


@dataclass(frozen=True, slots=True)
class Sensor:
    """A motion sensor and its wearing.

    Args:
        placement: Where it is worn.
        rate_hz: Samples per second.
        jitter_fraction: How far samples stray from their time, as a share of their distance.
        noise_mps2: Standard deviation of the accelerometer's noise.
        gaps_per_hour: How often samples go missing for some seconds.
        has_magnetometer: Whether it feels the Earth's field.
        has_hands_on_waist: Whether its owner keeps the arms still.
    """

    placement: str = "trunk"
    rate_hz: int = 50
    jitter_fraction: float = 0.05
    noise_mps2: float = 0.05
    gaps_per_hour: float = 0.0
    has_magnetometer: bool = False
    has_hands_on_waist: bool = False


@dataclass(frozen=True, slots=True)
class Samples:
    """What a sensor recorded, in device axes: one row per sample, columns x, y, z."""

    seconds: Floats
    acceleration_mps2: Floats
    magnetic_ut: Floats | None


def samples_from_trace(
    trace: Trace,
    person: Person,
    heading_deg: Floats,
    sensor: Sensor,
    mounting: Mounting,
    *,
    rng: Rng,
) -> Samples:
    """Records a walk.

    Args:
        trace: What was done.
        person: Who did it.
        heading_deg: Where the body faces, per second.
        sensor: With what.
        mounting: How it sits.
        rng: Where chance comes from.

    Returns:
        The samples, by time.
    """
    seconds = _sample_times(trace, sensor, rng)
    height_m = _HEIGHT_OVER_HIP_M.get(sensor.placement, 0.0)
    trunk = trunk_from_trace(trace, person, seconds, heading_deg, rng, height_over_hip_m=height_m)
    worn = worn_at(
        sensor.placement,
        trunk,
        trace,
        seconds,
        rng,
        has_hands_on_waist=sensor.has_hands_on_waist,
    )
    axes = _device_axes(mounting).T
    felt = np.stack([worn.forward_mps2, worn.left_mps2, worn.up_mps2], axis=1) @ axes
    felt += rng.normal(0.0, sensor.noise_mps2, size=felt.shape)
    felt += rng.normal(0.0, _BIAS_MPS2, size=3)
    return Samples(
        seconds=seconds,
        acceleration_mps2=felt,
        magnetic_ut=_magnetic_ut(worn, axes, rng) if sensor.has_magnetometer else None,
    )


def _sample_times(trace: Trace, sensor: Sensor, rng: Rng) -> Floats:
    """A regular beat with jitter, and now and then nothing for a while."""
    samples_n = trace.elapsed_s * sensor.rate_hz
    stray = sensor.jitter_fraction * rng.uniform(-0.5, 0.5, size=samples_n)
    seconds: Floats = (
        np.arange(samples_n) + np.where(sensor.jitter_fraction, 0.5 + stray, 0.0)
    ) / (sensor.rate_hz)
    gaps_n = rng.poisson(sensor.gaps_per_hour * trace.elapsed_s / 3600.0)
    begins = np.sort(rng.uniform(0.0, trace.elapsed_s, size=gaps_n))
    lengths = rng.uniform(0.2, _LONGEST_GAP_S, size=gaps_n)
    if not gaps_n:
        return seconds
    last_n = np.maximum(np.searchsorted(begins, seconds, side="right") - 1, 0)
    is_lost = (seconds >= begins[last_n]) & (seconds < begins[last_n] + lengths[last_n])
    return seconds[~is_lost]


def _magnetic_ut(worn: Motion, axes: Floats, rng: Rng) -> Floats:
    """The Earth's field as the device feels it, with what the device adds of its own."""
    heading = np.radians(worn.heading_deg)
    north, left = _FIELD_NORTH_UT * np.cos(heading), _FIELD_NORTH_UT * np.sin(heading)
    down = np.full_like(north, -_FIELD_DOWN_UT)
    front, up = tipped(north, down, worn.pitch_rad)
    felt = np.stack([front, left, up], axis=1) @ axes
    noise = rng.normal(0.0, _FIELD_NOISE_UT, size=felt.shape)
    return felt + noise + rng.normal(0.0, _HARD_IRON_UT, size=3)


def _device_axes(mounting: Mounting) -> Floats:
    """Rows: device x, y, z; columns: share of trunk front, left, up."""
    yaw, roll = np.radians(mounting.yaw_deg), np.radians(mounting.roll_deg)
    front = np.array([np.cos(yaw), np.sin(yaw), 0.0])
    side = np.array([-np.sin(yaw), np.cos(yaw), 0.0])
    top = np.array([0.0, 0.0, 1.0])
    side, top = (
        np.cos(roll) * side + np.sin(roll) * top,
        np.cos(roll) * top - np.sin(roll) * side,
    )
    rows = np.zeros((3, 3))
    rows[_axis_n(mounting.forward_axis)] = _sign(mounting.forward_axis) * front
    rows[_axis_n(mounting.up_axis)] = _sign(mounting.up_axis) * top
    rest_n = 3 - _axis_n(mounting.forward_axis) - _axis_n(mounting.up_axis)
    rows[rest_n] = np.cross(rows[(rest_n + 1) % 3], rows[(rest_n + 2) % 3])
    return rows


def _axis_n(axis: str) -> int:
    return "xyz".index(axis[1])


def _sign(axis: str) -> float:
    return 1.0 if axis[0] == "+" else -1.0
