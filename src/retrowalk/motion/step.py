"""Body axes to step: how fast steps follow, and when the body is braked in them."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrowalk.motion.body import Body, along
from retrowalk.motion.spans import Floats, Integers, Spans, Truths
from retrowalk.rules.motion import MotionRules

Waves = NDArray[np.complex128]


@dataclass(frozen=True, slots=True)
class Step:
    """One value per span.

    Args:
        is_clear: Whether the vertical has a clear peak; only the root mean squares mean something
            without.
        frequency_hz: Where it is.
        phase_rad: Phase of anterior-posterior minus phase of vertical there, in (-pi, pi].
        coherence_fraction: Magnitude-squared coherence of the two there.
        stride_fraction: Share of anterior-posterior movement at half that frequency in that at
            half and whole.
        found_axis: Spans x device axes: unit vector along which anterior-posterior is taken where
            no forward axis is stated; NaN where one is.
        vertical_rms_mps2: Over covered cells.
        anterior_posterior_rms_mps2: Over covered cells.
    """

    is_clear: Truths
    frequency_hz: Floats
    phase_rad: Floats
    coherence_fraction: Floats
    stride_fraction: Floats
    found_axis: Floats
    vertical_rms_mps2: Floats
    anterior_posterior_rms_mps2: Floats


def step_from_body(body: Body, spans: Spans, rules: MotionRules) -> Step:
    """Finds the step in the vertical, then compares the two directions at its frequency.

    Of the peaks of vertical acceleration the one with the largest velocity, acceleration over
    frequency, is the step: at the lower back the acceleration at twice the step is often the
    larger one, and going on to displacement would bring up the stride of a limp. Peaks are sought
    with the lowest sine taper, the sharpest; phase and coherence are averaged over all tapers,
    which are independent looks at the same span, so coherence needs no neighbouring span.
    """
    cells_n = spans.is_covered.shape[1]
    frequencies = _frequencies(rules)
    waves = _waves(frequencies, cells_n, rules.analysis_rate_hz)
    tapers = _sine_tapers(cells_n, rules.tapers_n)
    vertical_rms = _rms(body.vertical_mps2, spans.is_covered)
    tapered = body.vertical_mps2 * tapers[0]
    around, peak = _peak(np.abs(tapered @ waves.T), frequencies)
    explained = _explained_fraction(
        tapered, waves[peak], vertical_rms, spans.is_covered @ tapers[0]
    )
    found = _found_axis(body, waves[peak], tapers)
    anterior_posterior = along(np.where(spans.has_axis, body.ahead, found), body.horizontal_mps2)
    phase, coherence = _cross_spectrum(body.vertical_mps2, anterior_posterior, waves[peak], tapers)
    half_waves = _waves(frequencies / 2.0, cells_n, rules.analysis_rate_hz)
    return Step(
        is_clear=(around[1] >= around[0])
        & (around[1] >= around[2])
        & (explained >= rules.peak_low_fraction)
        & (vertical_rms >= rules.vertical_rms_low_mps2),
        frequency_hz=frequencies[peak] + _top_of_parabola(around) * rules.frequency_step_hz,
        phase_rad=phase,
        coherence_fraction=coherence,
        stride_fraction=_stride_fraction(
            anterior_posterior * tapers[0], half_waves[peak], waves[peak]
        ),
        found_axis=np.where(spans.has_axis, np.nan, found),
        vertical_rms_mps2=vertical_rms,
        anterior_posterior_rms_mps2=_rms(anterior_posterior, spans.is_covered),
    )


def _frequencies(rules: MotionRules) -> Floats:
    """The frequencies to try, and one more on either side to see a peak from."""
    steps = round((rules.step_high_hz - rules.step_low_hz) / rules.frequency_step_hz)
    return np.float64(rules.step_low_hz) + rules.frequency_step_hz * np.arange(-1.0, steps + 2)


def _waves(frequencies_hz: Floats, cells_n: int, rate_hz: float) -> Waves:
    """Frequencies x cells: the complex waves of a Fourier transform at these frequencies."""
    turns: Floats = np.outer(frequencies_hz, np.arange(cells_n) / rate_hz)
    waves: Waves = np.exp(-2j * np.pi * turns)
    return waves


def _sine_tapers(cells_n: int, tapers_n: int) -> Floats:
    """Tapers x cells, orthonormal: Riedel and Sidorenko 1995, equation of the sine tapers."""
    places = np.arange(1, cells_n + 1) / (cells_n + 1)
    angles: Floats = np.pi * np.outer(np.arange(1, tapers_n + 1), places)
    return math.sqrt(2 / (cells_n + 1)) * np.sin(angles)


def _peak(amplitude: Floats, frequencies: Floats) -> tuple[Floats, Integers]:
    """Amplitude before, at and after the peak of the largest velocity, and its index.

    Where amplitude has no peak within the band, what is returned is none either.
    """
    before, at, after = amplitude[:, :-2], amplitude[:, 1:-1], amplitude[:, 2:]
    is_peak = (at >= before) & (at >= after)
    peak = 1 + np.argmax(is_peak * at / frequencies[1:-1], axis=1)
    spans = np.arange(len(peak))
    return np.stack([amplitude[spans, peak + shift] for shift in (-1, 0, 1)]), peak


def _explained_fraction(tapered: Floats, waves: Waves, rms: Floats, taper_sum: Floats) -> Floats:
    """Share of the mean square that the wave and its second harmonic (its square) explain.

    A sine wave's mean square is half its squared height.
    """
    amplitudes = np.abs([(tapered * wave).sum(axis=1) for wave in (waves, waves**2)])
    heights: Floats = 2 * amplitudes / taper_sum
    explained: Floats = np.square(heights / rms).sum(axis=0) / 2
    return explained


def _top_of_parabola(around: Floats) -> Floats:
    """Where between -1 and 1 a parabola through three equally spaced heights has its top."""
    before, at, after = around
    top: Floats = (before - after) / (before - 2 * at + after) / 2
    return top


def _cross_spectrum(
    vertical: Floats, anterior_posterior: Floats, waves: Waves, tapers: Floats
) -> tuple[Floats, Floats]:
    """Phase of the second against the first and their coherence, at one wave per span."""
    first = (vertical * waves) @ tapers.T
    second = (anterior_posterior * waves) @ tapers.T
    cross = (first.conj() * second).sum(axis=1)
    power = (np.abs(first) ** 2).sum(axis=1) * (np.abs(second) ** 2).sum(axis=1)
    return np.angle(cross), np.abs(cross) ** 2 / power


def _found_axis(body: Body, waves: Waves, tapers: Floats) -> Floats:
    """The horizontal axis along which the body moves with its steps, a unit vector per span.

    Sideways movement follows strides, at half the frequency of steps, so what moves together with
    the vertical at step frequency is anterior-posterior. Its path is an ellipse, and the long axis
    of that is where the ellipse points at the phase that half of its squared length has. Of the
    two ends the one whose largest part is positive is taken.
    """
    vertical = (body.vertical_mps2 * waves) @ tapers.T
    horizontal = np.einsum("sca,sc,tc->sta", body.horizontal_mps2, waves, tapers)
    path = (vertical.conj()[:, :, np.newaxis] * horizontal).sum(axis=1)
    turn = np.angle((path**2).sum(axis=1)) / 2.0
    axis = (path * np.exp(-1j * turn)[:, np.newaxis]).real
    largest = np.take_along_axis(axis, np.abs(axis).argmax(axis=1)[:, np.newaxis], axis=1)
    unit: Floats = axis / np.linalg.norm(axis, axis=1, keepdims=True) * np.sign(largest)
    return unit


def _stride_fraction(tapered: Floats, half_waves: Waves, waves: Waves) -> Floats:
    """Share of power at half the step frequency in that at half and whole."""
    half, whole = (np.abs((tapered * wave).sum(axis=1)) ** 2 for wave in (half_waves, waves))
    share: Floats = half / (half + whole)
    return share


def _rms(signal: Floats, is_covered: Truths) -> Floats:
    """Root mean square over covered cells; the others are 0."""
    mean_square: Floats = (signal**2).sum(axis=1) / is_covered.sum(axis=1)
    return np.sqrt(mean_square)
