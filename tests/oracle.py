"""The week's row worked out a second time, in plain Python, from the pages ``docs/energy.md`` and
``docs/adherence.md`` alone: no rule file, no room and no table library is used here.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

Row = Mapping[str, Any]

#: Level rows of the Compendium of 2024: first and last speed as printed, MET.
LEVEL = [
    *((0.0, 0.894, 2.3), (0.894, 1.073, 2.8), (1.118, 1.118, 3.0), (1.252, 1.520, 3.8)),
    *((1.565, 1.743, 4.8), (1.788, 1.967, 5.5), (2.012, 2.190, 7.0), (2.235, 2.459, 8.5)),
]
TREADMILL = [
    *((0.0, 0.447, 2.1), (0.447, 0.447, 2.3), (0.536, 0.849, 2.8), (0.894, 1.073, 3.0)),
    *((1.118, 1.296, 3.5), (1.341, 1.520, 3.8), (1.565, 1.743, 4.8), (1.788, 1.967, 5.8)),
    *((2.012, 2.190, 6.8), (2.235, 2.459, 8.3)),
]
#: Uphill rows: speeds, grades, MET.
UPHILL = [
    (1.252, 1.743, 0.01, 0.05, 5.3),
    (1.252, 1.743, 0.06, 0.10, 7.0),
    (0.894, 1.520, 0.11, 0.20, 8.8),
    (1.788, 2.235, 0.03, 0.05, 10.0),
]
#: Backward rows: speed, grade, MET.
BACKWARD = [(1.565, 0.0, 6.0), (1.565, 0.05, 7.8), (1.118, 0.10, 7.8)]
#: Rows for people of 60 and over: speeds, MET of 2.7 mL/kg/min.
OLDER = [(1.118, 1.118, 4.5), (1.556, 1.750, 6.0)]
ROUNDS, NEAR, HAIR = 0.0225, 0.1, 1e-9


def acsm(speed: float, grade: float) -> float:
    return (3.5 + 6.0 * speed + 108.0 * speed * max(grade, 0.0)) / 3.5


def level_met(speed: float, rows: Sequence[tuple[float, float, float]]) -> float:
    """The row that a speed rounds into, or the line between the edges of its neighbours."""
    for (_, end, met), (begin, _, next_met) in pairwise(rows):
        edge, far_edge = end + ROUNDS, begin - ROUNDS
        if speed < min(edge, far_edge):
            return met
        if speed < far_edge:
            return met + (next_met - met) * (speed - edge) / (far_edge - edge)
    return rows[-1][2]


def forward_met(speed: float, slope: str, grade: float, place: str, age: float | None) -> float:
    """What forward walking costs by the ladder of ``docs/energy.md``."""
    if slope == "level" and age is not None and age >= 60:
        for low, high, met in OLDER:
            if low - NEAR - HAIR <= speed <= high + NEAR + HAIR:
                return met * 2.7 / 3.5
    if slope == "incline":
        for low, high, least, most, met in UPHILL:
            is_near = low - ROUNDS - HAIR <= speed <= high + ROUNDS + HAIR
            if is_near and least - 0.005 - HAIR <= grade < most + 0.005 - HAIR:
                return met
        return acsm(speed, grade)
    return downhill_or_level_met(speed, slope, grade, place)


def downhill_or_level_met(speed: float, slope: str, grade: float, place: str) -> float:
    if slope == "decline":
        in_row = 1.252 - ROUNDS - HAIR <= speed <= 1.386 + ROUNDS + HAIR
        if place == "treadmill" and in_row and -0.125 - HAIR <= grade < -0.025 - HAIR:
            return 3.3
        if abs(speed - 1.118) <= NEAR + HAIR:
            return 3.3
    return level_met(speed, TREADMILL if place == "treadmill" else LEVEL)


def backward_row(speed: float, grade: float) -> tuple[float, float, float] | None:
    for row in BACKWARD:
        if abs(speed - row[0]) <= NEAR + HAIR and abs(grade - row[1]) <= 0.01 + HAIR:
            return row
    return None


def backward_met(speed: float, grade: float) -> float:
    row = backward_row(speed, grade)
    held = min(max(grade, 0.0), 0.10)
    return row[2] if row else (3.5 + 0.1864 * 60 * speed + 1.5 * 60 * speed * held) / 3.5


def forward_compared_met(speed: float, slope: str, grade: float, place: str) -> float:
    """Forward under the conditions that the backward value stands for; never above it."""
    row = backward_row(speed, grade)
    at_speed, at_grade = row[:2] if row else (speed, min(max(grade, 0.0), 0.10))
    uphill = at_grade > 0 if row else slope == "incline"
    level = level_met(at_speed, TREADMILL if place == "treadmill" else LEVEL)
    forward = acsm(at_speed, at_grade) if uphill else level
    return min(forward, backward_met(speed, grade))


@dataclass(frozen=True, slots=True)
class Cost:
    """MET of one walking segment, gross; its own rest; what is extra over forward, where known."""

    met: float
    low: float
    high: float
    rest: float
    extra: float | None


def cost_of(segment: Row, workout: Row) -> Cost | None:
    """What one walking segment costs; null without a speed."""
    speed, place, age = (
        segment["speed_mean_mps"],
        workout["environment"],
        workout["age_at_start_year"],
    )
    if speed is None:
        return None
    slope, grade = segment["grade_class"], segment["grade_mean_fraction"]
    unknown_grade = slope == "unknown" or (slope != "level" and grade is None)
    slope, grade = ("level", 0.0) if unknown_grade else (slope, grade or 0.0)
    upper_slope, upper_grade = ("incline", 0.05) if unknown_grade else (slope, grade)
    forward = forward_met(speed, slope, grade, place, age)
    backward = backward_met(speed, grade)
    tops = {
        "forward": max(forward, forward_met(speed, upper_slope, upper_grade, place, age)) * 1.25,
        "backward": max(backward, backward_met(speed, upper_grade)) * 1.25,
    }
    if segment["direction"] == "backward":
        extra = backward - forward_compared_met(speed, slope, grade, place)
        return Cost(backward, 0.75 * backward, tops["backward"], 1.0, extra)
    older = slope == "level" and age is not None and age >= 60
    is_older_row = older and any(a - NEAR - HAIR <= speed <= b + NEAR + HAIR for a, b, _ in OLDER)
    rest = 2.7 / 3.5 if is_older_row else 1.0
    if segment["direction"] == "forward":
        return Cost(forward, 0.75 * forward, tops["forward"], rest, 0.0)
    low, high = 0.75 * min(forward, backward), max(tops.values())
    return Cost(forward, low, high, rest, None)


def energy_of_week(segments: Iterable[Row], workouts: Mapping[str, Row]) -> dict[str, float | None]:
    """Energy of walking; ends add; what has no estimate or no excess is left out."""
    total: dict[str, float] = defaultdict(float)
    no_walk, no_mass = True, False
    counts: dict[str, int] = defaultdict(int)
    for segment in segments:
        if segment["activity"] != "walk":
            continue
        no_walk = False
        minutes, workout = segment["duration_s"] / 60.0, workouts[segment["workout_id"]]
        cost = cost_of(segment, workout)
        if cost is None:
            total["energy_missing_min"] += minutes
            continue
        mass = workout["body_mass_kg"]
        no_mass = no_mass or mass is None
        kcal = 3.5 * (mass or 0.0) / 200.0 * minutes
        parts = {
            "energy_gross_met_min": cost.met * minutes,
            "energy_gross_kcal": cost.met * kcal,
            "energy_gross_low_kcal": cost.low * kcal,
            "energy_gross_high_kcal": cost.high * kcal,
            "energy_net_kcal": (cost.met - cost.rest) * kcal,
            "extra_over_forward_kcal": None if cost.extra is None else cost.extra * kcal,
        }
        for name, value in parts.items():
            if value is not None:
                total[name] += value
                counts[name] += 1
    names = (
        *("energy_gross_met_min", "energy_gross_kcal", "energy_gross_low_kcal"),
        *("energy_gross_high_kcal", "energy_net_kcal", "extra_over_forward_kcal"),
    )
    row: dict[str, float | None] = {"energy_missing_min": total["energy_missing_min"]}
    for name in names:
        is_null = not counts[name] or (name.endswith("kcal") and no_mass)
        row[name] = 0.0 if no_walk and workouts else None if is_null else total[name]
    return row


def minutes_of_week(segments: Iterable[Row]) -> dict[str, float]:
    """Minutes by class."""
    row: dict[str, float] = defaultdict(float)
    for segment in segments:
        minutes = segment["duration_s"] / 60.0
        direction, slope = segment["direction"], segment["grade_class"]
        if segment["activity"] != "walk":
            row[f"{segment['activity']}_min"] += minutes
            continue
        row["walking_min"] += minutes
        row["unknown_direction_min" if direction == "unknown" else f"{direction}_min"] += minutes
        row["unknown_grade_min" if slope == "unknown" else "grade_known_min"] += minutes
        if slope in ("incline", "decline"):
            row[f"{slope}_min"] += minutes
        if slope == "incline" and direction == "backward":
            row["incline_backward_min"] += minutes
        if segment["is_direction_assumed"]:
            row[f"{direction}_assumed_min"] += minutes
        elif direction != "unknown":
            row["direction_known_min"] += minutes
        if segment["distance_m"] is not None:
            row["walking_distance_m"] += segment["distance_m"]
            row["backward_distance_m"] += segment["distance_m"] * (direction == "backward")
    return row


@dataclass(frozen=True, slots=True)
class Plan:
    """What a protocol asks for: the dose, the days, and the minutes of a session or day."""

    sessions_n: int = 3
    session_min: float = 30.0
    days: tuple[float, float] = (3, 4)
    qualifying_min: float = 10.0
    minutes: tuple[float, float] = (25.0, 35.0)
    tolerance_min: float = 0.0
    is_by_day: bool = True
    duration_rule: str = "GEN-DUR-30"


PLANS = {
    "general": Plan(),
    "fitness_incline": Plan(),
    "cervical_spondylosis": Plan(
        session_min=20, minutes=(20, 30), tolerance_min=2, is_by_day=False, duration_rule="CERV-DUR"
    ),
    "lumbar_disc_herniation": Plan(
        session_min=20, minutes=(20, 30), tolerance_min=2, is_by_day=False, duration_rule="LUMB-DUR"
    ),
}


def side(value: float, low: float, high: float) -> str:
    return "under" if value < low - 1e-6 else "over" if value > high + 1e-6 else "met"


def agreed(least: float, most: float, low: float, high: float) -> str:
    """One verdict where both ends of an interval give it."""
    both = {side(least, low, high), side(most, low, high)}
    return both.pop() if len(both) == 1 else "not_evaluable"


def spans_of(segments: Iterable[Row], workouts: Mapping[str, Row]) -> dict[str, list[float]]:
    """Backward, backward or unknown, and all walking minutes of each workout."""
    spans = {name: [0.0, 0.0, 0.0] for name in workouts}
    for segment in segments:
        if segment["activity"] == "walk":
            minutes = segment["duration_s"] / 60.0
            span = spans[segment["workout_id"]]
            span[0] += minutes * (segment["direction"] == "backward")
            span[1] += minutes * (segment["direction"] != "forward")
            span[2] += minutes
    return spans


def duration_verdict(span: Sequence[float], plan: Plan) -> str:
    least, most, walking = span
    if most <= 0:
        return "not_applicable"
    if least <= 0 or (most - least) / walking > 0.2 + HAIR:
        return "not_evaluable"
    low, high = plan.minutes
    return agreed(least, most, low - plan.tolerance_min, high + plan.tolerance_min)


def strongest(verdicts: Iterable[str]) -> str:
    order = ("over", "under", "not_evaluable", "pending", "met", "not_applicable")
    return min(verdicts, key=order.index, default="not_applicable")


def adherence_of_week(
    spans: Mapping[str, Sequence[float]], workouts: Mapping[str, Row], plan: Plan, monday: dt.date
) -> dict[str, Any]:
    """A finished week wholly under one protocol, with nothing in quarantine.

    ``workouts`` may hold the Sunday before and the Monday after; only pairs of days ask for them.
    """
    walked = {n: s for n, s in spans.items() if s[2] > 0}
    week = {monday + dt.timedelta(days=n) for n in range(7)}
    date_of = {name: workouts[name]["local_date"] for name in walked}
    surely = {date_of[n] for n, s in walked.items() if s[0] >= plan.qualifying_min - HAIR}
    maybe = {date_of[n] for n, s in walked.items() if s[1] >= plan.qualifying_min - HAIR}
    inside = {n: s for n, s in walked.items() if date_of[n] in week}
    done, possible = len(surely & week), len(maybe & week)
    expected = plan.sessions_n
    received = any(row["local_date"] in week for row in workouts.values())
    missed = expected - min(possible, expected) if received else 0
    backward, most = (sum(s[k] for s in inside.values()) for k in (0, 1))
    owed = expected * plan.session_min
    return {
        "qualifying_days_n": done,
        "expected_sessions_n": expected,
        "done_sessions_n": min(done, expected),
        "missed_sessions_n": missed,
        "pending_sessions_n": expected - min(done, expected) - missed,
        "attendance_fraction": min(1.0, done / expected) if received else None,
        "time_adherence_fraction": min(1.0, backward / owed) if received else None,
        "relative_dose_fraction": backward / owed if received else None,
        "relative_dose_upper_fraction": most / owed if received else None,
        "attendance_upper_fraction": (expected - missed) / expected if received else None,
        "verdicts": {
            plan.duration_rule: duration_of_week(inside, date_of, plan, received=received),
            "GEN-FREQ": agreed(done, possible, *plan.days) if received else "not_evaluable",
            "GEN-ALT": pairs_verdict(surely, maybe, week, received=received),
        },
    }


def duration_of_week(
    inside: Mapping[str, Sequence[float]],
    date_of: Mapping[str, dt.date],
    plan: Plan,
    *,
    received: bool,
) -> str:
    groups: dict[Any, list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])
    for name, span in inside.items():
        group = groups[date_of[name] if plan.is_by_day else name]
        for k, minutes in enumerate(span):
            group[k] += minutes
    if not received:
        return "not_evaluable"
    return strongest(duration_verdict(group, plan) for group in groups.values())


def pairs_verdict(
    surely: set[dt.date], maybe: set[dt.date], week: set[dt.date], *, received: bool
) -> str:
    """Neighbouring days, of which one at least lies in the week."""

    def pairs(days: set[dt.date]) -> int:
        after = dt.timedelta(days=1)
        return sum(
            1 for day in days if day + after in days and (day in week or day + after in week)
        )

    if pairs(surely):
        return "over"
    if not received:
        return "not_evaluable"
    return "met" if not pairs(maybe) else "not_evaluable"
