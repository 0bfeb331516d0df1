"""Where a sensor can be worn, and how that part of the body swings: pocket, wrist and foot.

A thigh and an arm are pendulums that swing once a stride; a foot stands and flies. What the trunk
feels reaches them too, softened by the joints between.
"""

import numpy as np

from retrowalk.simulate.mechanics import GRAVITY_MPS2, Motion, steps_at, tipped
from retrowalk.simulate.series import Floats, Rng, ar1_noise
from retrowalk.simulate.walks import Trace

#: Swing at 1.2 m/s, forward and backward, and distance from the joint.
_THIGH_DEG, _THIGH_M = (20.0, 13.0), 0.25
_ARM_DEG, _ARM_M = (22.0, 12.0), 0.55
_FOOT_DEG = (40.0, 28.0)
_USUAL_SPEED_MPS = 1.2
#: How far thigh and forearm turn about the vertical while walking, and how slowly.
_POCKET_TURN_DEG, _WRIST_TURN_DEG, _TURN_PHI = 15.0, 60.0, 0.98
#: Share of what the trunk feels that reaches the wrist.
_WRIST_SHARE = 0.7
#: A foot is thrown forward and caught again by about this much for each m/s.
_FOOT_THROW_MPS2_PER_MPS = 14.0
_FOOT_FLIES_FRACTION = 0.38


def worn_at(
    placement: str,
    trunk: Motion,
    trace: Trace,
    seconds: Floats,
    rng: Rng,
    *,
    has_hands_on_waist: bool,
) -> Motion:
    """Takes the motion of the trunk to where the sensor is worn.

    Args:
        placement: One of :data:`retrowalk.tables.vocabulary.PLACEMENTS`; an unknown one is a
            pocket.
        trunk: Motion of the trunk.
        trace: What was done.
        seconds: When it is sampled.
        rng: Where chance comes from.
        has_hands_on_waist: Whether the arms keep still.

    Returns:
        One value per sample.
    """
    if placement in ("trunk", "waist"):
        return trunk
    if placement == "foot":
        return _foot(trunk, trace, seconds)
    if placement == "wrist":
        if has_hands_on_waist:
            return trunk
        arm = _swung(_softened(trunk), _swing(trace, seconds, rng, _ARM_DEG), seconds, _ARM_M)
        return _turned(arm, trace, seconds, rng, sigma_deg=_WRIST_TURN_DEG)
    thigh = _swung(trunk, _swing(trace, seconds, rng, _THIGH_DEG), seconds, _THIGH_M)
    return _turned(thigh, trace, seconds, rng, sigma_deg=_POCKET_TURN_DEG)


def _swing(trace: Trace, seconds: Floats, rng: Rng, amplitude_deg: tuple[float, float]) -> Floats:
    """Angle to the front, once to and fro in two steps; wider at speed, none while standing."""
    second_n = np.minimum(seconds.astype(np.int64), trace.elapsed_s - 1)
    share = np.minimum(trace.speed_mps[second_n] / _USUAL_SPEED_MPS, 1.5)
    is_on_foot = trace.cadence_spm[second_n] > 0
    amplitude = np.radians(np.array(amplitude_deg))[trace.is_backward[second_n].astype(np.int64)]
    phase = np.pi * steps_at(trace, seconds) + rng.choice([0.0, np.pi]) + rng.normal(0.0, 0.2)
    return np.where(is_on_foot, amplitude * share * np.cos(phase), 0.0)


def _swung(base: Motion, angle: Floats, seconds: Floats, arm_m: float) -> Motion:
    """Hangs a pendulum below a joint: it turns gravity about and is thrown to and fro."""
    turning = np.gradient(np.gradient(angle, seconds), seconds)
    forward, up = tipped(base.forward_mps2 + arm_m * turning, base.up_mps2, -angle)
    return Motion(
        forward_mps2=forward,
        left_mps2=base.left_mps2,
        up_mps2=up,
        pitch_rad=base.pitch_rad - angle,
        heading_deg=(base.heading_deg + np.degrees(angle) * 0.5) % 360.0,
    )


def _turned(worn: Motion, trace: Trace, seconds: Floats, rng: Rng, *, sigma_deg: float) -> Motion:
    """Turns about the vertical, slowly and without purpose."""
    wander = ar1_noise(rng, trace.elapsed_s, sigma=sigma_deg, phi=_TURN_PHI)
    turn = np.radians(np.interp(seconds, np.arange(trace.elapsed_s) + 0.5, wander))
    return Motion(
        forward_mps2=worn.forward_mps2 * np.cos(turn) + worn.left_mps2 * np.sin(turn),
        left_mps2=worn.left_mps2 * np.cos(turn) - worn.forward_mps2 * np.sin(turn),
        up_mps2=worn.up_mps2,
        pitch_rad=worn.pitch_rad,
        heading_deg=(worn.heading_deg - np.degrees(turn)) % 360.0,
    )


def _softened(trunk: Motion) -> Motion:
    return Motion(
        forward_mps2=_WRIST_SHARE * trunk.forward_mps2,
        left_mps2=_WRIST_SHARE * trunk.left_mps2,
        up_mps2=GRAVITY_MPS2 + _WRIST_SHARE * (trunk.up_mps2 - GRAVITY_MPS2),
        pitch_rad=trunk.pitch_rad,
        heading_deg=trunk.heading_deg,
    )


def _foot(trunk: Motion, trace: Trace, seconds: Floats) -> Motion:
    """Stands for most of a stride, then is thrown along the way of travel and caught."""
    second_n = np.minimum(seconds.astype(np.int64), trace.elapsed_s - 1)
    way = np.where(trace.is_backward[second_n], -1.0, 1.0)
    stride = (steps_at(trace, seconds) / 2.0) % 1.0
    flight = np.clip((stride - 1.0 + _FOOT_FLIES_FRACTION) / _FOOT_FLIES_FRACTION, 0.0, 1.0)
    throw = _FOOT_THROW_MPS2_PER_MPS * trace.speed_mps[second_n] * np.sin(2.0 * np.pi * flight)
    is_on_foot = trace.cadence_spm[second_n] > 0
    widest = np.radians(np.array(_FOOT_DEG))[trace.is_backward[second_n].astype(np.int64)]
    pitch = np.where(is_on_foot, way * widest * np.sin(2.0 * np.pi * flight), 0.0)
    lift = np.where(is_on_foot, 0.3 * np.abs(throw), 0.0)
    thrown = np.where(is_on_foot, way * throw, 0.0)
    forward, up = tipped(thrown, GRAVITY_MPS2 + lift, pitch)
    return Motion(
        forward_mps2=forward,
        left_mps2=0.3 * trunk.left_mps2,
        up_mps2=up,
        pitch_rad=pitch,
        heading_deg=trunk.heading_deg,
    )
