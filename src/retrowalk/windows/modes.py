"""Where the phases of a workout lie: one way of walking or two, and which of them is backward.

Phases are points on the unit circle. What moves a phase, and where it comes from, is not known
here.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from retrowalk.rules.evidence import EvidenceRules
from retrowalk.windows.timeline import Floats, Ints, Truths

Complexes: TypeAlias = npt.NDArray[np.complex128]

#: Rounds of assignment and averaging; modes move by less than a degree after three.
_ROUNDS = 6
#: Keeps what is nothing from being divided by.
_TINY = 1e-12
#: Direction of the first and of the second group under each hypothesis: -1 forward, +1 backward.
_DIRECTIONS = np.array([[-1, -1], [1, 1], [-1, 1], [1, -1]])


@dataclass(frozen=True, slots=True)
class Phases:
    """The spans of any number of workouts, by workout.

    Args:
        points: Phase of each span on the unit circle; 0 where it says nothing.
        weight: How much each span counts, 0..1.
        log_rms: Logarithm of the vertical movement of each span.
        signs: What is known of each span's direction otherwise: -1 surely forward, +1 surely
            backward, 0 nothing, and in between.
        lengths: Spans of each workout.
        is_stated: Whether it is stated which way the sensor of each workout faces.
    """

    points: Complexes
    weight: Floats
    log_rms: Floats
    signs: Floats
    lengths: Ints
    is_stated: Truths

    def sums(self, values: Floats) -> Floats:
        """Sums a value of each span over each workout."""
        return np.add.reduceat(values, np.cumsum(self.lengths) - self.lengths)


def toward(phases: Complexes, mode: Complexes | np.complex128) -> Floats:
    """Cosine of the angle between phases and a mode, both on the unit circle, times lengths."""
    cosine: Floats = (phases * np.conj(mode)).real
    return cosine


def general_modes(rules: EvidenceRules) -> Complexes:
    """Forward and backward mode of people in general, on the unit circle."""
    return np.exp(1j * np.radians([rules.imu_forward_deg, rules.imu_backward_deg]))


@dataclass(frozen=True, slots=True)
class Cut:
    """Spans of each workout in two groups, by phase.

    Args:
        is_second: The group of each span.
        sums: Per group, the weighted sum of each workout's phases.
        weights: Per group, the sum of each workout's weights.
    """

    is_second: Truths
    sums: tuple[Complexes, Complexes]
    weights: tuple[Floats, Floats]

    @property
    def tightness(self) -> Floats:
        """How tight the two groups of each workout are: the larger, the tighter."""
        return np.abs(self.sums[0]) + np.abs(self.sums[1])

    @property
    def modes(self) -> tuple[Complexes, Complexes]:
        """Middle of each workout's groups, on the unit circle; 0 of an empty group."""
        first, second = (total / np.maximum(np.abs(total), _TINY) for total in self.sums)
        return first, second


def cut_by(is_second: Truths, points: Complexes, weight: Floats, first: Ints) -> Cut:
    """Sums the phases of each workout in two groups."""
    groups = [~is_second, is_second]
    sums = [np.add.reduceat(weight * points * part, first) for part in groups]
    weights = [np.add.reduceat(weight * part, first) for part in groups]
    return Cut(is_second, (sums[0], sums[1]), (weights[0], weights[1]))


def settled(is_second: Truths, points: Complexes, weight: Floats, lengths: Ints) -> Cut:
    """Two-means on the circle: every span goes to the nearer mode until they stay."""
    first = np.cumsum(lengths) - lengths
    cut = cut_by(is_second, points, weight, first)
    for _ in range(_ROUNDS):
        modes = (np.repeat(mode, lengths) for mode in cut.modes)
        nearer = toward(points, next(modes)) < toward(points, next(modes))
        cut = cut_by(nearer, points, weight, first)
    return cut


def tightest_cut(points: Complexes, weight: Floats, lengths: Ints, rules: EvidenceRules) -> Cut:
    """The tighter of what three cuts settle to.

    By the nearer general mode; by the sign that tells most people's directions apart; and by the
    side of the workout's own mean, which parts two modes that lie on one side of the general ones.

    Args:
        points: Phase of each span on the unit circle; spans lie by workout.
        weight: Weight of each span; 0 takes no part.
        lengths: Spans of each workout.
        rules: Where modes lie in general.
    """
    general = general_modes(rules)
    first = np.cumsum(lengths) - lengths
    mean = np.repeat(np.add.reduceat(weight * points, first), lengths)
    starts = (
        toward(points, general[1]) > toward(points, general[0]),
        toward(points, np.exp(-1j * np.radians(rules.imu_phase_deg))) > 0,
        (points * np.conj(mean)).imag > 0,
    )
    best, *others = (settled(start, points, weight, lengths) for start in starts)
    for other in others:
        is_tighter = other.tightness > best.tightness
        is_second = np.where(np.repeat(is_tighter, lengths), other.is_second, best.is_second)
        best = cut_by(is_second, points, weight, first)
    return best


def is_two(cut: Cut, rules: EvidenceRules) -> Truths:
    """Whether a workout's groups are two ways of walking and not one that was cut in half.

    They lie far enough apart, also for how they scatter, and neither is a handful of spans.
    """
    first, second = cut.modes
    apart = np.arccos(np.clip(toward(first, second), -1.0, 1.0))
    total = np.maximum(cut.weights[0] + cut.weights[1], _TINY)
    scatter = np.sqrt(2.0 * np.maximum(1.0 - cut.tightness / total, 0.0))
    two: Truths = (
        (np.minimum(*cut.weights) >= rules.imu_mode_least_n)
        & (apart >= np.radians(rules.imu_modes_apart_deg))
        & (apart >= rules.imu_modes_apart_sd * scatter)
    )
    return two


def log_von_mises(angle_cosine: Floats, concentration: float) -> Floats:
    """Logarithm of the von Mises density at angles from its mode, by their cosine."""
    density: Floats = concentration * angle_cosine - np.log(2.0 * np.pi * np.i0(concentration))
    return density


def log_mode(mode: Complexes, general: np.complex128, rules: EvidenceRules) -> Floats:
    """Log-likelihood of a person's mode, if people's lie about a general one but for a few."""
    odd = rules.imu_odd_people_fraction
    near = log_von_mises(toward(mode, general), rules.imu_people_concentration)
    either: Floats = np.logaddexp(np.log1p(-odd) + near, np.log(odd / (2.0 * np.pi)))
    return either


def log_normal(value: Floats, mean: float, sd: float) -> Floats:
    """Logarithm of the normal density, but for the root of two pi."""
    density: Floats = -(((value - mean) / sd) ** 2) / 2.0 - np.log(sd)
    return density


def log_vigour(vigour: Floats, rules: EvidenceRules) -> Floats:
    """Log-likelihood of how much more vertical movement is in forward than in backward walking."""
    usual, odd = (
        log_normal(vigour, sign * rules.imu_vigour_mean, rules.imu_vigour_sd) for sign in (1, -1)
    )
    share = rules.imu_vigour_share
    either: Floats = np.logaddexp(np.log(share) + usual, np.log1p(-share) + odd)
    return either


def log_hypotheses(
    cut: Cut, vigour: Floats, learned: Floats, is_stated: Truths, rules: EvidenceRules
) -> Floats:
    """Log-likelihoods of what a workout's two groups of phases are.

    Columns: both forward; both backward; forward and backward; backward and forward. Groups of one
    direction lie close together and move up and down about as much; those of two directions lie
    where people's modes lie, and the backward one is mostly the gentler.

    Args:
        cut: The two groups.
        vigour: Logarithm of the vertical movement in the first group over that in the second.
        learned: Groups x workouts: how far labels speak for the group being backward, in nats.
        is_stated: Whether it is known which way the sensor faces; else a mode may lie anywhere.
        rules: How people and their paces scatter.
    """
    forward, backward = general_modes(rules)
    first, second = cut.modes
    middle = first + second
    middle = middle / np.maximum(np.abs(middle), _TINY)
    same = log_von_mises(toward(first, second), rules.imu_person_concentration) + log_normal(
        vigour, 0.0, rules.imu_vigour_same_sd
    )

    def lies(mode: Complexes, general: np.complex128) -> Floats:
        return np.where(is_stated, log_mode(mode, general, rules), -np.log(2.0 * np.pi))

    both = learned.sum(axis=0) / 2.0
    one = (learned[1] - learned[0]) / 2.0
    differ = (log_vigour(vigour, rules), log_vigour(-vigour, rules))
    return np.stack(
        [
            same + lies(middle, forward) - both,
            same + lies(middle, backward) + both,
            lies(first, forward) + lies(second, backward) + differ[0] + one,
            lies(first, backward) + lies(second, forward) + differ[1] - one,
        ],
        axis=1,
    )


def group_means(cut: Cut, values: Floats, phases: Phases) -> tuple[Floats, Floats]:
    """Weighted mean of a value of each span in each group of each workout; 0 of an empty group."""
    first, second = (
        phases.sums(phases.weight * part * values) / np.maximum(total, _TINY)
        for part, total in zip((~cut.is_second, cut.is_second), cut.weights, strict=True)
    )
    return first, second


def learned_nats(cut: Cut, phases: Phases, rules: EvidenceRules) -> Floats:
    """Groups x workouts: how far labels and fast stretches speak for each group being backward."""
    spoken = rules.imu_nats * phases.weight * phases.signs
    nats = [phases.sums(spoken * part) for part in (~cut.is_second, cut.is_second)]
    return np.clip(np.stack(nats), -rules.learned_axis_nats, rules.learned_axis_nats)


@dataclass(frozen=True, slots=True)
class Modes:
    """What the phases of each workout are.

    Args:
        forward: Where the phases of walking forward lie, on the unit circle.
        backward: The same of walking backward.
        sure_nats: Groups x workouts: how sure the direction of each group is.
    """

    forward: Complexes
    backward: Complexes
    sure_nats: Floats


def modes_of(cut: Cut, phases: Phases, rules: EvidenceRules) -> Modes:
    """Decides what a workout's groups of phases are.

    Two groups are taken for what is likeliest of them, and the direction of each is as sure as all
    that speaks for it outweighs all that speaks against. Where they are one group, or of one
    direction, the other direction is taken to lie as far off as in general.

    Args:
        cut: The two groups.
        phases: The spans.
        rules: How people scatter, and the most that sensors and labels say.
    """
    forward, backward = general_modes(rules)
    turn = backward * np.conj(forward)
    means = group_means(cut, phases.log_rms, phases)
    learned = learned_nats(cut, phases, rules)
    told = log_hypotheses(cut, means[0] - means[1], learned, phases.is_stated, rules)
    both = np.stack([directed(told, _DIRECTIONS[:, group]) for group in (0, 1)])
    own = cut.sums[0] + cut.sums[1]
    own = own / np.maximum(np.abs(own), _TINY)
    total = np.clip(learned.sum(axis=0), -rules.learned_axis_nats, rules.learned_axis_nats)
    alone = log_mode(own, backward, rules) - log_mode(own, forward, rules)
    alone = np.where(phases.is_stated, alone, 0.0) + total
    two = is_two(cut, rules)
    best = _DIRECTIONS[told.argmax(axis=1)].T
    way = np.where(two, best, np.where(alone >= 0, 1, -1))
    odds = np.where(two, both, alone)
    cap = np.where(phases.is_stated, rules.stated_axis_nats, 0.0) + np.abs(learned).max(axis=0)
    differ = two & (best[0] != best[1])
    modes = [
        np.where(
            differ, np.where(best[0] == sign, *cut.modes), np.where(way[0] == sign, own, other)
        )
        for sign, other in ((-1, own * np.conj(turn)), (1, own * turn))
    ]
    return Modes(modes[0], modes[1], np.clip(odds * way, 0.0, cap))


def directed(told: Floats, directions: Ints) -> Floats:
    """Log odds of backward from log-likelihoods of hypotheses (columns) and what each says."""
    for_it, against = (np.logaddexp.reduce(told[:, directions == sign], axis=1) for sign in (1, -1))
    odds: Floats = for_it - against
    return odds


def phase_speech(phases: Phases, rules: EvidenceRules) -> tuple[Floats, Floats]:
    """Evidence of each span: how much nearer its phase lies to the backward mode.

    Args:
        phases: The spans.
        rules: What a span is worth.

    Returns:
        Nats per span, backward positive, NaN where it says nothing; and how sure its direction can
        be by where the modes lie, in nats.
    """
    if len(phases.lengths) == 0:
        return np.zeros(0), np.zeros(0)
    cut = tightest_cut(phases.points, phases.weight, phases.lengths, rules)
    modes = modes_of(cut, phases, rules)
    forward, backward, *sure = (
        np.repeat(value, phases.lengths)
        for value in (modes.forward, modes.backward, *modes.sure_nats)
    )
    apart = np.maximum(1.0 - toward(forward, backward), _TINY)
    nearer = (toward(phases.points, backward) - toward(phases.points, forward)) / apart
    said = rules.imu_nats * phases.weight * np.clip(nearer, -1.0, 1.0)
    return np.where(phases.weight > 0, said, np.nan), np.where(cut.is_second, sure[1], sure[0])
