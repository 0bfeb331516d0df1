"""Motion sensors: gravity, mechanics and mounting must come out as physics says."""

import numpy as np
import pytest

from retrowalk.simulate.imu import Mounting, Samples, Sensor, samples_from_trace
from retrowalk.simulate.mechanics import GRAVITY_MPS2
from retrowalk.simulate.series import Floats
from retrowalk.simulate.walks import Block, Trace
from tests.builders_walks import person, rng, there_and_back, trace

STRAIGHT = Mounting("+x", "+z")


def sampled(
    walk: Trace,
    sensor: Sensor = Sensor(),  # noqa: B008 frozen
    mounting: Mounting = STRAIGHT,
    heading_deg: float = 0.0,
    seed: int = 0,
) -> Samples:
    headings = np.full(walk.elapsed_s, heading_deg)
    return samples_from_trace(walk, person(seed=seed), headings, sensor, mounting, rng=rng(seed))


def at_step_frequency(values: Floats, rate_hz: int, steps_per_s: float) -> complex:
    """Fourier coefficient at the frequency of steps."""
    seconds = np.arange(values.size) / rate_hz
    turning = np.exp(-2j * np.pi * steps_per_s * seconds)
    return complex(((values - values.mean()) * np.hanning(values.size)) @ turning)


def test_standing_still_feels_gravity_and_nothing_else() -> None:
    felt = sampled(trace(Block(60, activity="rest"))).acceleration_mps2
    assert np.linalg.norm(felt, axis=1).mean() == pytest.approx(GRAVITY_MPS2, abs=0.15)
    assert felt[:, 2].mean() == pytest.approx(GRAVITY_MPS2, abs=0.2)


def test_walking_leaves_gravity_as_the_mean() -> None:
    felt = sampled(there_and_back()).acceleration_mps2
    assert felt[:, 2].mean() == pytest.approx(GRAVITY_MPS2, abs=0.3)
    assert felt[:, 2].std() > 0.3


@pytest.mark.parametrize("axis_n", range(3))
def test_every_axis_can_point_forward(axis_n: int) -> None:
    forward, up = ("+x", "+y", "-z")[axis_n], ("+y", "+z", "+x")[axis_n]
    walk = there_and_back()
    straight = sampled(walk, Sensor(noise_mps2=0.0)).acceleration_mps2
    turned = sampled(walk, Sensor(noise_mps2=0.0), Mounting(forward, up)).acceleration_mps2
    sign = 1 if forward[0] == "+" else -1
    # the same walk but for the sensor's constant bias
    assert np.ptp(sign * turned[:, axis_n] - straight[:, 0]) == pytest.approx(0.0, abs=1e-9)


def test_each_foot_brakes_first_and_pushes_off_then() -> None:
    # at a steady pace the trunk is fastest while both feet share the ground, when it is lowest and
    # thrown up hardest: forward acceleration has to fall through nought when upward peaks
    walk = trace(Block(60, speed_mps=1.3, cadence_spm=108.0), is_exact=True)
    angles = []
    for seed in range(12):
        felt = sampled(walk, Sensor("waist", jitter_fraction=0.0), seed=seed).acceleration_mps2
        forward, up = (at_step_frequency(felt[:, n], 50, 1.8) for n in (0, 2))
        angles.append(forward * np.conj(up) / abs(forward * up))
    lead = np.degrees(np.angle(np.mean(angles)))
    assert lead == pytest.approx(90.0, abs=35.0)


def test_turning_round_turns_the_push_round() -> None:
    walk = trace(
        Block(60, speed_mps=1.0, cadence_spm=108.0),
        Block(60, direction="backward", speed_mps=1.0, cadence_spm=108.0),
        is_exact=True,
    )
    turns = []
    for seed in range(12):
        felt = sampled(walk, Sensor("waist", jitter_fraction=0.0), seed=seed).acceleration_mps2
        pushes = []
        for half in (felt[:3000], felt[3000:]):
            forward, up = (at_step_frequency(half[:, n], 50, 1.8) for n in (0, 2))
            pushes.append(forward * np.conj(up))
        turns.append((pushes[0] * np.conj(pushes[1])).real < 0)
    assert np.mean(turns) > 0.9


def test_samples_jitter_and_go_missing_as_asked() -> None:
    walk = there_and_back(900)
    whole = sampled(walk, Sensor(rate_hz=25, jitter_fraction=0.0)).seconds
    holey = sampled(walk, Sensor(rate_hz=25, jitter_fraction=0.2, gaps_per_hour=60.0)).seconds
    assert np.ptp(np.diff(whole)) == pytest.approx(0.0, abs=1e-9)
    assert np.diff(holey).max() > 0.2
    assert 0.8 < holey.size / whole.size < 1.0
    assert (np.diff(holey) > 0).all()


@pytest.mark.parametrize(("heading_deg", "axis_n", "sign"), [(0, 0, 1), (90, 1, 1), (180, 0, -1)])
def test_a_magnetometer_finds_north(heading_deg: float, axis_n: int, sign: int) -> None:
    # facing north the field lies to the front, facing east to the left, facing south behind
    walk = trace(Block(120, activity="rest"))
    field = sampled(walk, Sensor(has_magnetometer=True), heading_deg=heading_deg).magnetic_ut
    assert field is not None
    assert sign * field[:, axis_n].mean() == pytest.approx(20.0, abs=10.0)
    assert field[:, 2].mean() == pytest.approx(-45.0, abs=10.0)


def test_an_arm_swings_unless_the_hands_are_on_the_waist() -> None:
    walk = there_and_back()
    swinging, still = (
        sampled(walk, Sensor("wrist", has_hands_on_waist=hands)).acceleration_mps2
        for hands in (False, True)
    )
    strides = [abs(at_step_frequency(a[:6000, 0], 50, 0.95)) for a in (swinging, still)]
    assert np.linalg.norm(swinging, axis=1).std() > 1.1 * np.linalg.norm(still, axis=1).std()
    assert strides[0] > strides[1]


@pytest.mark.parametrize("placement", ["trunk", "waist", "pocket", "wrist", "foot", "unknown"])
def test_every_placement_gives_finite_plausible_samples(placement: str) -> None:
    felt = sampled(there_and_back(), Sensor(placement)).acceleration_mps2
    assert np.isfinite(felt).all()
    assert np.linalg.norm(felt, axis=1).max() < 80.0


def test_a_bus_shakes_but_has_no_steps() -> None:
    felt = sampled(trace(Block(60, activity="other", speed_mps=8.0))).acceleration_mps2
    assert 0.2 < felt[:, 2].std() < 0.8
