"""Room ``workouts``: what a recording's channels count, and what is known of the person."""

import datetime as dt
import math
from typing import Any

import pytest

from tests.builders_readings import described, raw_pause, raw_records, registered
from tests.builders_records import WEEK, at

MINUTE = range(60)


# --- time ----------------------------------------------------------------------------------------


def test_sixty_records_a_second_apart_are_a_minute() -> None:
    workout = described(raw_records(MINUTE, speed_mps=1.0))
    assert workout["moving_s"] == 60.0
    assert workout["elapsed_s"] == 60.0
    assert workout["records_n"] == 60
    assert workout["median_interval_s"] == 1.0


def test_a_gap_longer_than_thirty_seconds_is_not_covered() -> None:
    workout = described(raw_records([*range(10), *range(41, 51)], speed_mps=1.0))
    assert workout["moving_s"] == 20.0  # ten records of 1 s before the gap of 32 s, ten after it
    assert workout["elapsed_s"] == 51.0


def test_a_gap_of_thirty_seconds_is_covered() -> None:
    workout = described(raw_records([*range(10), *range(39, 49)], speed_mps=1.0))
    assert workout["moving_s"] == 9 + 30 + 10


def test_a_pause_is_not_moving_time() -> None:
    samples = raw_records([*range(10), *range(25, 35)], speed_mps=1.0)
    assert described(samples)["moving_s"] == 9 + 16 + 10
    assert described(samples, raw_pause(10, 25))["moving_s"] == 9 + 1 + 10


def test_a_device_that_stands_is_not_moving() -> None:
    workout = described(raw_records(MINUTE, speed_mps=[1.0] * 40 + [0.0] * 20))
    assert workout["moving_s"] == 40.0


def test_without_a_speed_distance_tells_whether_it_moves() -> None:
    metres = [float(second) for second in range(40)] + [39.0] * 20
    workout = described(raw_records(MINUTE, distance_m=metres))
    assert workout["moving_s"] == 39.0


def test_without_speed_and_distance_steps_tell_whether_it_moves() -> None:
    workout = described(raw_records(MINUTE, cadence_per_min=[50.0] * 40 + [0.0] * 20))
    assert workout["moving_s"] == 40.0


def test_a_row_without_records_takes_its_time_from_the_export() -> None:
    workout = described(
        raw_records([]),
        grain="workout",
        timer_s=1500.0,
        ended_at_utc=at(1600),
        total_distance_m=900,
    )
    assert (workout["moving_s"], workout["elapsed_s"]) == (1500.0, 1600.0)
    assert (workout["distance_m"], workout["records_n"]) == (900.0, 0)


# --- distance ------------------------------------------------------------------------------------


def test_the_distance_channel_counts_before_speed_and_positions() -> None:
    metres = [2.0 * second for second in MINUTE]
    workout = described(raw_records(MINUTE, distance_m=metres, speed_mps=1.0))
    assert workout["distance_m"] == 118.0


def test_a_distance_that_continues_an_earlier_activity_begins_at_zero() -> None:
    metres = [5000.0 + second for second in MINUTE]
    assert described(raw_records(MINUTE, distance_m=metres))["distance_m"] == 59.0


def test_a_distance_that_falls_back_takes_nothing_away() -> None:
    metres = [*(float(n) for n in range(30)), *(float(n) for n in range(30))]
    assert described(raw_records(MINUTE, distance_m=metres))["distance_m"] == 58.0


def test_speed_times_time_stands_in_for_a_missing_distance() -> None:
    assert described(raw_records(MINUTE, speed_mps=1.5))["distance_m"] == 90.0


def test_positions_stand_in_for_missing_distance_and_speed() -> None:
    step_deg = math.degrees(1.0 / 6_371_008.8)
    north = [step_deg * second for second in MINUTE]
    workout = described(raw_records(MINUTE, latitude_deg=north, longitude_deg=10.0))
    assert workout["distance_m"] == pytest.approx(59.0, rel=1e-3)


def test_a_walk_across_the_date_line_is_as_long_as_any_other() -> None:
    step_deg = math.degrees(1.0 / 6_371_008.8)
    east = [179.9997 + step_deg * second for second in MINUTE]
    wrapped = [degrees if degrees < 180 else degrees - 360 for degrees in east]
    assert min(wrapped) < 0 < max(wrapped)
    workout = described(raw_records(MINUTE, latitude_deg=0.0, longitude_deg=wrapped))
    assert workout["distance_m"] == pytest.approx(59.0, rel=1e-3)


# --- cadence -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cadence", "speed", "told", "factor", "source"),
    [
        # 1.2 m/s at 55 a minute: 1.31 m a step is too long, 0.65 m is a step: 55 counts strides
        (55.0, 1.2, {}, 2.0, "step_length"),
        # 0.7 m/s at 110 a minute: 0.38 m is a step, 0.19 m is too short: 110 counts steps
        (110.0, 0.7, {}, 1.0, "step_length"),
        # 0.8 m/s at 60 a minute: 0.80 m and 0.40 m are both steps, so nobody knows
        (60.0, 0.8, {}, None, "ambiguous"),
        (60.0, 0.8, {"writer": "garmin"}, 2.0, "writer_convention"),
        (60.0, 0.8, {"writer": "canonical_per_second"}, None, "ambiguous"),
        # the name of the column decides before everything else
        (55.0, 1.2, {"cadence_unit": "steps"}, 1.0, "column_name"),
        # 60 a minute for a minute are 60 of something: of strides if 60 cycles or 120 steps are told
        (60.0, 0.8, {"total_cycles_n": 60.0}, 2.0, "total_cycles"),
        (60.0, 0.8, {"total_steps_n": 120.0}, 2.0, "total_cycles"),
        (60.0, 0.8, {"total_steps_n": 60.0}, 1.0, "total_cycles"),
        # below 0.5 m/s watches drop steps: nothing is judged there
        (55.0, 0.4, {}, None, "ambiguous"),
        (0.0, 1.2, {}, None, "no_cadence"),
        (None, 1.2, {}, None, "no_cadence"),
    ],
)  # fmt: skip
def test_what_cadence_counts_is_decided_and_said(
    cadence: float | None, speed: float, told: dict[str, Any], factor: float | None, source: str
) -> None:
    workout = described(raw_records(MINUTE, cadence_per_min=cadence, speed_mps=speed), **told)
    assert (workout["cadence_factor"], workout["cadence_factor_source"]) == (factor, source)


# --- altitude and environment --------------------------------------------------------------------


def wobble(size_m: float) -> list[float]:
    return [100.0 + size_m * (-1) ** (second // 2) + 0.1 * second for second in range(120)]


@pytest.mark.parametrize(
    ("altitude", "told", "source"),
    [
        (wobble(0.1), {}, "barometer"),
        (wobble(2.0), {}, "gps"),
        (wobble(2.0), {"has_barometer": True}, "barometer"),
        ([0.0] * 120, {}, "constant"),
        ([0.0] * 120, {"sub_sport": "treadmill"}, "constant"),
        ([None] * 120, {}, "none"),
    ],
)
def test_the_source_of_altitude_is_told_by_its_behaviour(
    altitude: list[float | None], told: dict[str, Any], source: str
) -> None:
    workout = described(raw_records(range(120), altitude_m=altitude, speed_mps=1.0), **told)
    assert workout["altitude_source"] == source


def test_a_short_altitude_has_an_unknown_source() -> None:
    workout = described(raw_records(range(59), altitude_m=wobble(0.1)[:59]))
    assert workout["altitude_source"] == "unknown"


@pytest.mark.parametrize(
    ("sub_sport", "latitude", "environment"),
    [
        ("treadmill", None, "treadmill"),
        ("treadmill", 50.0, "treadmill"),
        ("indoor_walking", None, "indoor"),
        ("track", None, "track"),
        (None, 50.0, "outdoor"),
        (None, None, "unknown"),
    ],
)
def test_the_environment_follows_from_sub_sport_and_positions(
    sub_sport: str | None, latitude: float | None, environment: str
) -> None:
    samples = raw_records(MINUTE, speed_mps=1.0, latitude_deg=latitude, longitude_deg=latitude)
    assert described(samples, sub_sport=sub_sport)["environment"] == environment


def test_coverage_is_the_share_of_records_that_carry_a_channel() -> None:
    samples = raw_records(MINUTE, speed_mps=1.0, heart_rate_bpm=[90.0] * 15 + [None] * 45)
    workout = described(samples)
    assert workout["heart_rate_coverage_fraction"] == 0.25
    assert workout["speed_coverage_fraction"] == 1.0
    assert workout["altitude_coverage_fraction"] == 0.0


# --- the person ----------------------------------------------------------------------------------


def test_the_registry_counts_before_the_file() -> None:
    people = registered(
        {"valid_from_date": dt.date(2026, 1, 1), "body_mass_kg": 70.0, "resting_heart_rate_bpm": 60}
    )
    file: dict[str, Any] = {"body_mass_kg": 90.0, "resting_heart_rate_bpm": 50.0}
    workout = described(raw_records(MINUTE), people=people, **file)
    assert (workout["body_mass_kg"], workout["body_mass_source"]) == (70.0, "registry")
    assert (workout["resting_heart_rate_bpm"], workout["resting_heart_rate_grade"]) == (60.0, "A")


def test_the_file_stands_in_for_a_person_who_is_not_registered() -> None:
    file: dict[str, Any] = {"body_mass_kg": 90.0, "resting_heart_rate_bpm": 50.0}
    workout = described(raw_records(MINUTE), **file)
    assert (workout["body_mass_kg"], workout["body_mass_source"]) == (90.0, "file")
    assert (workout["resting_heart_rate_bpm"], workout["resting_heart_rate_grade"]) == (50.0, "B")


def test_what_nobody_says_is_null() -> None:
    workout = described(raw_records(MINUTE))
    assert (workout["body_mass_kg"], workout["body_mass_source"]) == (None, "none")
    assert (workout["resting_heart_rate_bpm"], workout["resting_heart_rate_grade"]) == (
        None,
        "none",
    )
    assert workout["age_at_start_year"] is None


def test_the_row_of_the_registry_in_force_on_the_day_counts() -> None:
    people = registered(
        {"valid_from_date": WEEK - dt.timedelta(days=9), "body_mass_kg": 80.0, "birth_year": 1950},
        {"valid_from_date": WEEK, "body_mass_kg": 78.0, "birth_year": 1950},
        {"valid_from_date": WEEK + dt.timedelta(days=1), "body_mass_kg": 77.0, "birth_year": 1950},
    )
    workout = described(raw_records(MINUTE), people=people)
    assert workout["body_mass_kg"] == 78.0
    assert workout["age_at_start_year"] == 2026 - 1950
