"""Room ``records``: one clean, ordered table of samples."""

import math
from typing import Any

import polars as pl
import pytest

from retrowalk.records import records_from_readings
from tests.builders_readings import raw_records
from tests.builders_records import at, workouts


def cleaned(samples: pl.DataFrame, *, keep_positions: bool = False, **workout: Any) -> pl.DataFrame:
    return records_from_readings(
        samples, workouts({"cadence_factor": 2.0, **workout}), keep_positions=keep_positions
    )


@pytest.mark.parametrize(("factor", "steps"), [(1.0, 60.0), (2.0, 120.0), (None, None)])
def test_cadence_counts_steps_or_is_null(factor: float | None, steps: float | None) -> None:
    samples = raw_records([0], cadence_per_min=60.0)
    assert cleaned(samples, cadence_factor=factor)["cadence_spm"].to_list() == [steps]


def test_no_steps_while_the_device_moves_were_dropped_and_are_null() -> None:
    samples = raw_records([0, 1], cadence_per_min=0.0, speed_mps=[1.0, 0.0])
    assert cleaned(samples)["cadence_spm"].to_list() == [None, 0.0]


def test_without_a_speed_distance_tells_that_steps_were_dropped() -> None:
    samples = raw_records([0, 1, 2], cadence_per_min=0.0, distance_m=[0.0, 1.0, 1.0])
    assert cleaned(samples)["cadence_spm"].to_list() == [None, 0.0, 0.0]


def test_a_heart_rate_of_zero_is_none() -> None:
    samples = raw_records([0, 1], heart_rate_bpm=[0.0, 90.0])
    assert cleaned(samples)["heart_rate_bpm"].to_list() == [None, 90.0]


def test_samples_come_in_order_of_time() -> None:
    samples = raw_records([2, 0, 1], speed_mps=[3.0, 1.0, 2.0])
    rows = cleaned(samples)
    assert rows["recorded_at_utc"].to_list() == [at(0), at(1), at(2)]
    assert rows["speed_mps"].to_list() == [1.0, 2.0, 3.0]
    assert rows["elapsed_s"].to_list() == [0.0, 1.0, 2.0]


def test_of_samples_at_one_instant_each_channel_keeps_its_last_value() -> None:
    samples = raw_records([0, 0], speed_mps=[1.0, 1.5], heart_rate_bpm=[90.0, None])
    rows = cleaned(samples)
    assert rows["speed_mps"].to_list() == [1.5]
    assert rows["heart_rate_bpm"].to_list() == [90.0]


def test_places_are_metres_from_the_first_position() -> None:
    # One degree of a great circle of 6,371,008.8 m radius is 111,195.08 m; at 60 degrees north a
    # degree of longitude is half of that.
    samples = raw_records([0, 1], latitude_deg=[60.0, 60.0], longitude_deg=[10.0, 10.001])
    rows = cleaned(samples)
    assert rows["east_m"].to_list() == pytest.approx([0.0, 111.19508 * math.cos(math.pi / 3)])
    assert rows["north_m"].to_list() == [0.0, 0.0]


def test_metres_east_go_on_across_the_date_line() -> None:
    samples = raw_records([0, 1], latitude_deg=0.0, longitude_deg=[179.9995, -179.9995])
    assert cleaned(samples)["east_m"].to_list() == pytest.approx([0.0, 111.19508], rel=1e-5)


@pytest.mark.parametrize(("keep", "kept"), [(False, None), (True, 60.0)])
def test_positions_are_kept_only_on_request(*, keep: bool, kept: float | None) -> None:
    samples = raw_records([0], latitude_deg=60.0, longitude_deg=10.0)
    assert cleaned(samples, keep_positions=keep)["latitude_deg"].to_list() == [kept]


def test_samples_of_other_workouts_are_not_taken() -> None:
    samples = raw_records([0], speed_mps=1.0)
    other = samples.with_columns(workout_id=pl.lit("w2"))
    assert cleaned(pl.concat([samples, other]))["workout_id"].to_list() == ["w1"]
