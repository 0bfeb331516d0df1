"""Watches, phones and treadmills: what they make of a walk, with their noise and their habits."""

from dataclasses import dataclass

import numpy as np

from retrowalk.simulate.series import Floats, Integers, Rng, Truths, ar1_noise
from retrowalk.simulate.terrain import Ground, Place, positions
from retrowalk.simulate.walks import Trace

#: FIT keeps altitude in steps of this.
_ALTITUDE_STEP_M = 0.2
#: Sensor noise of a barometric altitude (BMP180 data sheet), and the most the weather moves it.
_BAROMETER_SIGMA_M = 0.25
_WEATHER_DRIFT_M_PER_S = 0.15 / 60.0
_GPS_ALTITUDE_SIGMA_M = 5.0
_GPS_SIGMA_M = 2.5
#: Below the slower speed a watch that drops steps counts none, above the faster it counts all.
_DROPS_ALL_MPS, _DROPS_NONE_MPS = 0.30, 0.60
#: The logistic curve that comes closest to the normal distribution's.
_LOGISTIC_PER_SD = 1.702
#: How far iron nearby draws a compass aside, and how restless it is second by second.
_IRON_DEG = 10.0
_UNREST_DEG = {"body": 8.0, "wrist": 30.0}
#: Longest time between two records of a device that records smartly.
_SMART_LONGEST_S = 7


@dataclass(frozen=True, slots=True)
class Device:
    """A device and its habits.

    Args:
        product_name: What it calls itself.
        manufacturer: FIT manufacturer number.
        product: FIT product number.
        file_format: ``fit`` or ``csv``.
        is_zipped: Whether its exports arrive gzipped.
        is_smart: Whether it records when something changes instead of every second.
        is_enhanced: Whether it writes FIT's enhanced fields.
        has_gps: Whether it knows where it is.
        altitude: ``barometer``, ``gps``, ``constant`` or ``none``.
        logs_grade: Whether it writes the treadmill's incline.
        drops_steps: Whether it loses steps when its owner is slow.
        writes_local_time: Whether it says what the clock on the wall read.
        writes_profile: Whether it writes its owner's profile.
        misses_backward_steps: Whether it counts none while its owner walks backward, hands on the
            waist.
        compass: What its compass is fixed to: ``body``, ``wrist``, or None: it has none.
        is_compass_aligned: Whether its compass reads where the body faces; else it is off by an
            angle of its own in every workout.
        has_movement: Whether it knows speed, distance and cadence at all.
        lap_every_m: Length after which it starts a lap by itself; None: never.
    """

    product_name: str
    manufacturer: int = 1
    product: int = 3076
    file_format: str = "fit"
    is_zipped: bool = False
    is_smart: bool = True
    is_enhanced: bool = True
    has_gps: bool = True
    altitude: str = "barometer"
    logs_grade: bool = False
    drops_steps: bool = False
    writes_local_time: bool = True
    writes_profile: bool = True
    misses_backward_steps: bool = False
    compass: str | None = None
    is_compass_aligned: bool = True
    has_movement: bool = True
    lap_every_m: float | None = None


@dataclass(frozen=True, slots=True)
class Recording:
    """What a device holds after a walk: one row per record, NaN where it has no value."""

    elapsed_s: Integers
    columns: dict[str, Floats]
    #: Strides since the start that the device counted, per second and one more.
    strides_n: Floats


def recording_from_trace(
    trace: Trace, ground: Ground, device: Device, place: Place, rng: Rng, *, is_indoors: bool
) -> Recording:
    """Records a walk.

    Args:
        trace: What was done.
        ground: Where.
        device: With what.
        place: Where the walk starts.
        rng: Where chance comes from.
        is_indoors: Whether there is neither sky nor slope, as on a treadmill.

    Returns:
        One row per record, by time; nothing while the timer stands.
    """
    cadence = _counted_cadence(trace, device, rng)
    seconds: dict[str, Floats] = {"heart_rate_bpm": np.rint(trace.heart_rate_bpm)}
    if device.has_movement:
        seconds |= {
            "distance_m": trace.distance_m[:-1],
            "speed_mps": trace.speed_mps,
            "cadence_spm": cadence,
        }
    seconds |= _altitude(trace, ground, device, rng, is_indoors=is_indoors)
    if device.has_gps and not is_indoors:
        latitude, longitude = positions(ground, place, rng, sigma_m=_GPS_SIGMA_M)
        seconds |= {"latitude_deg": latitude, "longitude_deg": longitude}
    if device.compass is not None and not is_indoors:
        seconds["heading_deg"] = _heading_deg(ground, device, rng)
    if device.logs_grade and is_indoors:
        seconds["grade_fraction"] = trace.grade_fraction
    kept = np.flatnonzero(_is_recorded(trace, device, rng))
    return Recording(
        elapsed_s=kept,
        columns={name: values[kept] for name, values in seconds.items()},
        strides_n=np.concatenate([[0.0], np.cumsum(cadence) / 120.0]),
    )


def lap_edges_every(trace: Trace, every_m: float) -> list[int]:
    """Finds where a device starts a lap by itself.

    Args:
        trace: What was done.
        every_m: Length of a lap.

    Returns:
        Seconds since the start, rising; empty where the walk is shorter than a lap.
    """
    distance = trace.distance_m
    marks = np.arange(every_m, distance[-1], every_m)
    return [int(second) for second in np.searchsorted(distance, marks)]


def _counted_cadence(trace: Trace, device: Device, rng: Rng) -> Floats:
    """Cadence in whole steps/min; a watch that drops steps shows 0 while somebody creeps along."""
    cadence = np.rint(trace.cadence_spm)
    if device.misses_backward_steps:
        cadence = np.where(trace.is_backward, 0.0, cadence)
    if not device.drops_steps:
        return cadence
    span = _DROPS_NONE_MPS - _DROPS_ALL_MPS
    share = np.clip((_DROPS_NONE_MPS - trace.speed_mps) / span, 0.0, 1.0)
    mood = ar1_noise(rng, cadence.size, sigma=1.0, phi=0.95)
    is_dropped = 1.0 / (1.0 + np.exp(-_LOGISTIC_PER_SD * mood)) < share
    return np.where(is_dropped, 0.0, cadence)


def _heading_deg(ground: Ground, device: Device, rng: Rng) -> Floats:
    """Where the compass points: iron nearby draws it aside, and a wrist swings."""
    size_n = ground.heading_deg.size
    offset = 0.0 if device.is_compass_aligned else rng.uniform(-180.0, 180.0)
    iron = ar1_noise(rng, size_n, sigma=_IRON_DEG, phi=0.99)
    unrest = rng.normal(0.0, _UNREST_DEG[device.compass or "body"], size=size_n)
    return (ground.heading_deg + offset + iron + unrest) % 360.0


def _altitude(
    trace: Trace, ground: Ground, device: Device, rng: Rng, *, is_indoors: bool
) -> dict[str, Floats]:
    """Altitude in FIT's steps; on a treadmill the barometer has nothing to see and is not kept."""
    size_n = trace.elapsed_s
    if device.altitude == "constant":
        return {"altitude_m": np.full(size_n, np.rint(ground.altitude_m[0]))}
    if is_indoors or device.altitude == "none":
        return {}
    if device.altitude == "gps":
        error = ar1_noise(rng, size_n, sigma=_GPS_ALTITUDE_SIGMA_M, phi=0.95)
    else:
        drift = rng.uniform(-_WEATHER_DRIFT_M_PER_S, _WEATHER_DRIFT_M_PER_S)
        error = ar1_noise(rng, size_n, sigma=_BAROMETER_SIGMA_M, phi=0.9)
        error = error + drift * np.arange(size_n)
    steps = np.rint((ground.altitude_m + error) / _ALTITUDE_STEP_M)
    return {"altitude_m": steps * _ALTITUDE_STEP_M}


def _is_recorded(trace: Trace, device: Device, rng: Rng) -> Truths:
    """Every second with the timer running, or now and then and wherever something begins or ends."""
    size_n = trace.elapsed_s
    if not device.is_smart:
        return ~trace.is_paused
    steps = rng.integers(1, _SMART_LONGEST_S + 1, size=size_n)
    is_kept = np.zeros(size_n, dtype=np.bool_)
    is_kept[np.cumsum(steps)[np.cumsum(steps) < size_n]] = True
    is_kept[trace.border_s[:-1]] = True
    is_kept[trace.border_s[1:] - 1] = True
    return is_kept & ~trace.is_paused
