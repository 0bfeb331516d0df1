"""What the canonical IMU CSV means."""

from datetime import UTC, datetime

import pytest

from retrowalk.errors import ExportError
from retrowalk.read.csv import reading_from_csv
from retrowalk.read.reading import Reading
from tests.builders_csv import at, imu_csv

STARTED = "# started_at: 2026-11-16T08:00:00+01:00"
ROWS = [(n / 10, 0.5, -0.25, 9.81) for n in range(100)]


def read(data: bytes) -> Reading:
    return reading_from_csv(data, time_zone=None, distance_unit=None)


def test_samples_are_placed_in_time_and_the_workout_has_no_records() -> None:
    reading = read(imu_csv(STARTED, "# placement: waist", "# forward_axis: -z", rows=ROWS))
    assert reading.dialect == "canonical_imu"
    workout = reading.workouts.row(0, named=True)
    assert (workout["started_at_utc"], workout["ended_at_utc"]) == (at(0), at(10))
    assert (workout["placement"], workout["forward_axis"]) == ("waist", "-z")
    assert workout["file_utc_offset_s"] == 3600
    assert workout["grain"] == "record"
    assert reading.records.is_empty()
    assert reading.samples.height == 100
    columns = [
        "sampled_at_utc", "acceleration_x_mps2", "acceleration_y_mps2", "acceleration_z_mps2",
        "rotation_x_radps", "magnetic_x_ut",
    ]  # fmt: skip
    assert reading.samples.select(columns).row(15) == (at(1.5), 0.5, -0.25, 9.81, None, None)


def test_gyroscope_and_magnetometer_are_read_where_they_are() -> None:
    header = "seconds_elapsed,acc_x_mps2,acc_y_mps2,acc_z_mps2,gyro_y_rads,mag_z_ut"
    data = f"{STARTED}\n{header}\n0.0,1,2,3,0.5,-40\n".encode()
    sample = read(data).samples.row(0, named=True)
    assert (sample["rotation_y_radps"], sample["magnetic_z_ut"]) == (0.5, -40.0)
    assert sample["rotation_x_radps"] is None


def test_laps_lie_between_the_stated_borders() -> None:
    reading = read(imu_csv(STARTED, "# lap_at: 6.5", "# lap_at: 2", "# lap_at: 99", rows=ROWS))
    columns = ["source", "started_at_utc", "ended_at_utc"]
    assert reading.marks.select(columns).rows() == [
        ("lap", at(0), at(2)), ("lap", at(2), at(6.5)), ("lap", at(6.5), at(10)),
    ]  # fmt: skip


def test_without_borders_there_are_no_laps() -> None:
    assert read(imu_csv(STARTED, rows=ROWS)).marks.is_empty()


def test_a_sport_may_be_stated() -> None:
    assert read(imu_csv(STARTED, "# sport: Walking", rows=ROWS)).workouts["sport"][0] == "walking"


def test_what_is_stated_but_not_known_is_said() -> None:
    reading = read(
        imu_csv(STARTED, "# placement: hat", "# lap_at: soon", "# colour: red", rows=ROWS)
    )
    assert reading.workouts["placement"][0] == "unknown"
    assert reading.traps == (
        "'# placement: hat' is not known; known are trunk, waist, pocket, wrist, foot, unknown.",
        "'# lap_at: soon' is no number of seconds.",
        "'# colour:' is not known, left unread.",
    )


@pytest.mark.parametrize("line", ["# placement: waist", "# started_at: soon", "# started_at:"])
def test_without_a_usable_start_nothing_can_be_placed(line: str) -> None:
    with pytest.raises(ExportError) as refused:
        read(imu_csv(line, rows=ROWS))
    assert refused.value.reason_code == "no_timestamps"
    assert "started_at" in refused.value.reason


def test_a_sample_without_a_time_is_set_aside_and_an_odd_number_left_out() -> None:
    data = imu_csv(STARTED, rows=ROWS[:3]) + b"x,1,1,1\n0.4,1,?,1\n"
    reading = read(data)
    assert reading.samples["sampled_at_utc"].to_list() == [at(0), at(0.1), at(0.2), at(0.4)]
    assert reading.samples["acceleration_y_mps2"].to_list() == [-0.25, -0.25, -0.25, None]
    assert reading.workouts["records_set_aside_n"].to_list() == [1]
    assert "line 6, column 'seconds_elapsed' holds 'x', not seconds" in reading.reason
    assert "line 7, column 'acc_y_mps2' holds '?', not a number" in reading.reason


def test_a_start_of_day_in_another_zone_is_the_same_instant() -> None:
    reading = read(imu_csv("# started_at: 2026-11-16T20:00:00+13:00", rows=ROWS))
    assert reading.workouts["started_at_utc"][0] == datetime(2026, 11, 16, 7, tzinfo=UTC)
    assert reading.workouts["file_utc_offset_s"][0] == 13 * 3600
