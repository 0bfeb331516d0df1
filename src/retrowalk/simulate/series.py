"""Time series at one value a second: the array types and the noises that the simulator shares."""

import math

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Truths = npt.NDArray[np.bool_]
Rng = np.random.Generator

#: A kernel ends where it has decayed to this share.
_KERNEL_END_FRACTION = 1e-3


def ar1_noise(rng: Rng, size_n: int, *, sigma: float, phi: float) -> Floats:
    """Draws stationary first-order autoregressive noise.

    Args:
        rng: Where chance comes from.
        size_n: Number of values.
        sigma: Standard deviation of the noise itself, not of its innovations.
        phi: Share of a value that the next one keeps, 0 <= phi < 1.

    Returns:
        ``size_n`` values with mean 0.
    """
    taps_n = 1 if phi == 0 else math.ceil(math.log(_KERNEL_END_FRACTION) / math.log(phi))
    kernel = phi ** np.arange(taps_n, dtype=np.float64)
    innovations = rng.standard_normal(size_n + taps_n - 1)
    scale = sigma / math.sqrt(float(kernel @ kernel))
    return scale * np.convolve(innovations, kernel, mode="valid")


def first_order_response(target: Floats, *, start: float, time_constant_s: float) -> Floats:
    """Follows a target with a lag, as heart rate follows work.

    Args:
        target: One value a second.
        start: The value before the first second.
        time_constant_s: Time after which 63 % of a step is made up.

    Returns:
        One value a second.
    """
    keep = math.exp(-1.0 / time_constant_s)
    taps_n = math.ceil(math.log(_KERNEL_END_FRACTION) / math.log(keep))
    kernel = (1.0 - keep) * keep ** np.arange(taps_n, dtype=np.float64)
    padded = np.concatenate([np.full(taps_n - 1, start), target])
    response: Floats = np.convolve(padded, kernel, mode="valid") / kernel.sum()
    return response


def smoothed(values: Floats, *, width_s: int) -> Floats:
    """Takes the centred moving mean, with the ends held.

    Args:
        values: One value a second.
        width_s: Width of the window; odd.

    Returns:
        As many values.
    """
    half = width_s // 2
    padded = np.pad(values, half, mode="edge")
    return np.convolve(padded, np.full(width_s, 1.0 / width_s), mode="valid")
