"""Where a walk leads: the line on the ground, how high it lies, and where the body faces."""

from dataclasses import dataclass

import numpy as np

from retrowalk.simulate.series import Floats, Rng, ar1_noise
from retrowalk.simulate.walks import Trace

#: Metres per degree of latitude on a sphere of the Earth's mean radius, 6371 km.
_METRES_PER_DEGREE = 111_195.0
TERRAINS = ("treadmill", "track", "road", "hill")
_TRACK_LENGTH_M = 400.0


@dataclass(frozen=True, slots=True)
class Place:
    """Where a participant's walks start."""

    latitude_deg: float
    longitude_deg: float
    altitude_m: float


@dataclass(frozen=True, slots=True)
class Ground:
    """A walk's line, one value per second: metres from its start, height, travel and body."""

    east_m: Floats
    north_m: Floats
    altitude_m: Floats
    course_deg: Floats
    heading_deg: Floats


def ground_from_trace(trace: Trace, terrain: str, place: Place, rng: Rng) -> Ground:
    """Lays a walk on the ground.

    A road is walked out and back between turns, a track round and round; a hill is a road. Uphill
    and downhill come from the walk's own grades. Who walks backward faces where they came from.

    Args:
        trace: What was done.
        terrain: One of :data:`TERRAINS`.
        place: Where it starts.
        rng: Where chance comes from.

    Returns:
        One value per second; a treadmill stays where it is.
    """
    travelled = trace.distance_m[:-1]
    course = _course_deg(travelled, terrain, rng)
    moved = np.zeros_like(trace.speed_mps) if terrain == "treadmill" else trace.speed_mps
    bearing = np.radians(course)
    climbed = np.cumsum(moved * trace.grade_fraction)
    return Ground(
        east_m=_summed_before(moved * np.sin(bearing)),
        north_m=_summed_before(moved * np.cos(bearing)),
        altitude_m=place.altitude_m + climbed - moved * trace.grade_fraction,
        course_deg=course,
        heading_deg=(course + np.where(trace.is_backward, 180.0, 0.0)) % 360.0,
    )


def positions(ground: Ground, place: Place, rng: Rng, *, sigma_m: float) -> tuple[Floats, Floats]:
    """What a satellite receiver makes of the line.

    Args:
        ground: The line.
        place: Where it starts.
        rng: Where chance comes from.
        sigma_m: Standard deviation of the slowly wandering error, per axis.

    Returns:
        Latitude and longitude in degrees.
    """
    size_n = ground.east_m.size
    east = ground.east_m + ar1_noise(rng, size_n, sigma=sigma_m, phi=0.98)
    north = ground.north_m + ar1_noise(rng, size_n, sigma=sigma_m, phi=0.98)
    shrink = np.cos(np.radians(place.latitude_deg))
    return (
        place.latitude_deg + north / _METRES_PER_DEGREE,
        place.longitude_deg + east / (_METRES_PER_DEGREE * shrink),
    )


def _course_deg(travelled: Floats, terrain: str, rng: Rng) -> Floats:
    start = rng.uniform(0.0, 360.0)
    if terrain == "track":
        return (start + 360.0 * travelled / _TRACK_LENGTH_M) % 360.0
    leg_m = rng.uniform(150.0, 450.0)
    turns = np.floor(travelled / leg_m)
    wander = ar1_noise(rng, travelled.size, sigma=8.0, phi=0.98)
    return (start + 180.0 * turns + wander) % 360.0


def _summed_before(values: Floats) -> Floats:
    return np.cumsum(values) - values
