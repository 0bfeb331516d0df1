"""How a trunk moves, from mechanics: the forces under each foot push it, and it leans and nods.

Each foot brakes in the first half of its stance and pushes off in the second, against and along
the way of travel; both carry weight together while they share the ground. Nothing here is set up
from phases or spectra: what a classifier finds in the signal has to follow from the forces.
"""

from dataclasses import dataclass

import numpy as np

from retrowalk.simulate.gait import Person
from retrowalk.simulate.series import Floats, Integers, Rng, Truths, ar1_noise
from retrowalk.simulate.walks import Trace

GRAVITY_MPS2 = 9.80665
#: Leg length as a share of stature.
_LEG_FRACTION = 0.53
#: Braking and push-off peak, as a share of body weight for each m/s.
_PUSH_PER_MPS = 0.13
#: How far load rises above and falls below body weight, for each unit of Froude number.
_LOAD_PER_FROUDE = 1.0
#: Sideways force as a share of body weight.
_SIDEWAYS_FRACTION = 0.05
#: The knock of a heel: peak for each m/s, pitch and decay; the toe that lands first when walking
#: backward knocks far less.
_KNOCK_MPS2_PER_MPS = 1.5
_KNOCK_HZ = 18.0
_KNOCK_DECAY_S = 0.03
_TOE_KNOCK_SHARE = 0.3
#: Share of the knock that goes against the way of travel.
_KNOCK_ALONG_SHARE = 0.3
#: Above this Froude number nobody walks any more, and the load grows no further.
_FROUDE_OF_RUNNING = 1.0
#: How much more load the first half of a stance bears than the second, from person to person.
_LOPSIDED_SD = 0.15
#: A step that takes longer is a stop.
_LONGEST_STEP_S = 2.0
#: The trunk nods with every step by about this much, bent furthest soon after a foot has landed;
#: how much and when differs from person to person.
_NOD_DEG, _NOD_SD_DEG, _NOD_PHASE_SD_RAD = 1.6, 0.8, 1.1
_NOD_AFTER_STEP = 0.15
_USUAL_SPEED_MPS = 1.2
_SWAY_DEG = 1.5
#: A bus shakes.
_VEHICLE_SHAKE_MPS2 = 0.4


@dataclass(frozen=True, slots=True)
class Motion:
    """How a part of the body moves, per sample, in its own front, left and up.

    Args:
        forward_mps2: What an accelerometer feels to the front, gravity included.
        left_mps2: The same to the left.
        up_mps2: The same upward.
        pitch_rad: How far it is tipped to the front.
        heading_deg: Where its front points, clockwise from north.
    """

    forward_mps2: Floats
    left_mps2: Floats
    up_mps2: Floats
    pitch_rad: Floats
    heading_deg: Floats


@dataclass(frozen=True, slots=True)
class _Stance:
    """The two feet of the moment, per sample.

    Args:
        leading: How far the foot that came down last is through its stance, 0..1.
        trailing: The same of the foot before it; above 1 it is in the air.
        leading_load: Share of the weight that the leading foot carries.
        since_contact_s: Time since the leading foot came down.
        is_left: Whether the leading foot is the left.
    """

    leading: Floats
    trailing: Floats
    leading_load: Floats
    since_contact_s: Floats
    is_left: Truths


def trunk_from_trace(
    trace: Trace,
    person: Person,
    seconds: Floats,
    heading_deg: Floats,
    rng: Rng,
    *,
    height_over_hip_m: float,
) -> Motion:
    """Moves a trunk through a walk.

    Args:
        trace: What was done.
        person: Who did it.
        seconds: When to sample, seconds since the start, rising.
        heading_deg: Where the body faces, one value per second of the trace.
        rng: Where chance comes from.
        height_over_hip_m: How high above the hips it is felt: nodding moves it to and fro there.

    Returns:
        One value per sample.
    """
    forward, left, up = _trunk_acceleration(trace, person, seconds, rng)
    nod = _nod_rad(trace, seconds, rng)
    tangential = height_over_hip_m * np.gradient(np.gradient(nod, seconds), seconds)
    lean = np.radians(
        np.where(trace.is_backward, person.backward.trunk_pitch_deg, person.forward.trunk_pitch_deg)
    )
    sway = np.radians(ar1_noise(rng, trace.elapsed_s, sigma=_SWAY_DEG, phi=0.98))
    pitch = np.interp(seconds, np.arange(trace.elapsed_s) + 0.5, lean + sway) + nod
    tipped_forward, tipped_up = tipped(forward + tangential, up + GRAVITY_MPS2, pitch)
    second_n = _second_n(seconds, trace)
    twist = 4.0 * np.sin(np.pi * steps_at(trace, seconds))
    return Motion(
        forward_mps2=tipped_forward,
        left_mps2=left,
        up_mps2=tipped_up,
        pitch_rad=pitch,
        heading_deg=(heading_deg[second_n] + twist) % 360.0,
    )


def tipped(forward: Floats, up: Floats, pitch_rad: Floats) -> tuple[Floats, Floats]:
    """Turns a vector into the frame of something that is tipped to the front.

    Args:
        forward: Part of the vector to the front, where nothing is tipped.
        up: Part of it upward.
        pitch_rad: How far it is tipped.

    Returns:
        Parts along its own front, which now points down a little, and its own up.
    """
    return (
        forward * np.cos(pitch_rad) - up * np.sin(pitch_rad),
        up * np.cos(pitch_rad) + forward * np.sin(pitch_rad),
    )


def steps_at(trace: Trace, seconds: Floats) -> Floats:
    """Counts steps, fractions included.

    Args:
        trace: What was done.
        seconds: When, seconds since the start.

    Returns:
        Steps since the start, per sample.
    """
    counted = np.concatenate([[0.0], np.cumsum(trace.cadence_spm) / 60.0])
    at: Floats = np.interp(seconds, np.arange(counted.size), counted)
    return at


def _nod_rad(trace: Trace, seconds: Floats, rng: Rng) -> Floats:
    """Bends forward a little with every step; another habit forward than backward."""
    amplitude = np.radians(np.abs(rng.normal(_NOD_DEG, _NOD_SD_DEG, size=2)))
    phase = rng.normal(0.0, _NOD_PHASE_SD_RAD, size=2)
    second_n = _second_n(seconds, trace)
    way = trace.is_backward[second_n].astype(np.int64)
    share = np.where(
        trace.cadence_spm[second_n] > 0,
        np.clip(trace.speed_mps[second_n] / _USUAL_SPEED_MPS, 0.3, 1.5),
        0.0,
    )
    angle = 2.0 * np.pi * (steps_at(trace, seconds) - _NOD_AFTER_STEP) + phase[way]
    nod: Floats = share * amplitude[way] * np.cos(angle)
    return nod


def _trunk_acceleration(
    trace: Trace, person: Person, seconds: Floats, rng: Rng
) -> tuple[Floats, Floats, Floats]:
    """Acceleration to the front, to the left and up, gravity not included."""
    second_n = _second_n(seconds, trace)
    is_backward = trace.is_backward[second_n]
    speed = trace.speed_mps[second_n]
    is_moving = trace.cadence_spm[second_n] > 0
    stance = _stances(trace, person, seconds, rng)
    froude = speed**2 / (GRAVITY_MPS2 * _LEG_FRACTION * person.height_cm / 100.0)
    knock = _knock(stance, speed, is_backward)
    bounce = _LOAD_PER_FROUDE * np.minimum(froude, _FROUDE_OF_RUNNING) * _load(stance, rng)
    push = _PUSH_PER_MPS * speed * (_push(stance.leading) + _push(stance.trailing))
    travel = np.where(is_backward, -1.0, 1.0)
    shake = np.where(speed * ~is_moving > 0, _VEHICLE_SHAKE_MPS2, 0.0)
    felt = (
        _only_moving(travel * (GRAVITY_MPS2 * push - _KNOCK_ALONG_SHARE * knock), is_moving),
        _only_moving(GRAVITY_MPS2 * _SIDEWAYS_FRACTION * _sideways(stance), is_moving),
        _only_moving(GRAVITY_MPS2 * bounce + knock, is_moving),
    )
    forward, left, up = (axis + shake * rng.standard_normal(seconds.size) for axis in felt)
    return forward, left, up


def _second_n(seconds: Floats, trace: Trace) -> Integers:
    return np.minimum(seconds.astype(np.int64), trace.elapsed_s - 1)


def _stances(trace: Trace, person: Person, seconds: Floats, rng: Rng) -> _Stance:
    """Follows both feet: each stays down until the next has taken over its load."""
    contacts, stance_share = _contacts(trace, person, rng)
    period = np.clip(np.diff(contacts, append=contacts[-1] + 1.0), 0.2, _LONGEST_STEP_S)
    shared_s = (2.0 * stance_share - 1.0) * period
    stance_s = period + np.append(shared_s[1:], shared_s[-1])
    step_n = np.maximum(np.searchsorted(contacts, seconds, side="right") - 1, 0)
    before_n = np.maximum(step_n - 1, 0)
    since = np.maximum(seconds - contacts[step_n], 0.0)
    return _Stance(
        leading=np.clip(since / stance_s[step_n], 0.0, 1.0),
        trailing=(seconds - contacts[before_n]) / stance_s[before_n],
        leading_load=np.clip(since / shared_s[step_n], 0.0, 1.0),
        since_contact_s=since,
        is_left=step_n % 2 == 0,
    )


def _contacts(trace: Trace, person: Person, rng: Rng) -> tuple[Floats, Floats]:
    """When feet come down, never quite on time, and for what share of a stride each stays."""
    steps = np.concatenate([[0.0], np.cumsum(trace.cadence_spm) / 60.0])
    steps_n = int(steps[-1]) + 1
    rising = steps + 1e-9 * np.arange(steps.size)
    contacts = np.interp(np.arange(steps_n), rising, np.arange(steps.size))
    second_n = np.minimum(contacts.astype(np.int64), trace.elapsed_s - 1)
    period = 60.0 / np.maximum(trace.cadence_spm[second_n], 60.0 / _LONGEST_STEP_S)
    is_backward = trace.is_backward[second_n]
    back, front = person.backward, person.forward
    spread = np.where(is_backward, back.stride_time_cv_fraction, front.stride_time_cv_fraction)
    late = spread * period * np.clip(rng.standard_normal(steps_n), -3.0, 3.0)
    return (
        np.sort(contacts + late),
        np.where(is_backward, back.stance_fraction, front.stance_fraction),
    )


def _load(stance: _Stance, rng: Rng) -> Floats:
    """Force under both feet beyond body weight: above it while they share, below it between.

    Over a stiff leg the body rises and slows until mid-stance, then falls towards the next foot;
    push-off of the one foot and landing on the other throw it up again.
    """
    lopsided = rng.normal(0.0, _LOPSIDED_SD)
    leading = _hump(stance.leading) * (1.0 + lopsided * (1.0 - 2.0 * stance.leading))
    trailing_phase = np.clip(stance.trailing, 0.0, 1.0)
    trailing = _hump(trailing_phase) * (1.0 + lopsided * (1.0 - 2.0 * trailing_phase))
    return stance.leading_load * leading + (1.0 - stance.leading_load) * trailing


def _hump(phase: Floats) -> Floats:
    """1 while a foot lands or leaves, -1 in the middle of its stance."""
    middle = np.clip((phase - 0.2) / 0.6, 0.0, 1.0)
    return np.cos(2.0 * np.pi * middle)


def _push(phase: Floats) -> Floats:
    """Force of a foot along the way of travel: against it first, along it then."""
    is_down = (phase > 0.0) & (phase < 1.0)
    shape = np.sin(2.0 * np.pi * phase) + 0.25 * np.sin(4.0 * np.pi * phase)
    return np.where(is_down, -shape, 0.0)


def _sideways(stance: _Stance) -> Floats:
    """Force towards the middle, from the foot that stands on the other side."""
    leading = np.sin(np.pi * np.clip(stance.leading, 0.0, 1.0))
    trailing = np.sin(np.pi * np.clip(stance.trailing, 0.0, 1.0))
    return np.where(stance.is_left, trailing - leading, leading - trailing)


def _knock(stance: _Stance, speed: Floats, is_backward: Truths) -> Floats:
    peak = _KNOCK_MPS2_PER_MPS * speed * np.where(is_backward, _TOE_KNOCK_SHARE, 1.0)
    since = stance.since_contact_s
    return peak * np.exp(-since / _KNOCK_DECAY_S) * np.sin(2.0 * np.pi * _KNOCK_HZ * since)


def _only_moving(values: Floats, is_moving: Truths) -> Floats:
    """Nothing while standing; and no net push over the walk, for nobody flies away."""
    if not is_moving.any():
        return np.zeros_like(values)
    return np.where(is_moving, values - values[is_moving].mean(), 0.0)
