"""What phone recordings of several files mean."""

from datetime import UTC, datetime

import pytest

from retrowalk.errors import ExportError
from retrowalk.read.csv import (
    dialect_of,
    phone_recordings,
    reading_from_csv,
    reading_of_phone_recording,
)
from tests.builders_csv import START, at

EPOCH_S = START.timestamp()
CLOCK = (
    '"event","experiment time","system time","system time text"\n'
    f'"START",0.0E0,{EPOCH_S:.3f},"2026-11-16 08:00:00.000 UTC+01:00"\n'
    f'"PAUSE",1.0E0,{EPOCH_S + 1:.3f},"2026-11-16 08:00:01.000 UTC+01:00"\n'
    f'"START",1.0E0,{EPOCH_S + 61:.3f},"2026-11-16 08:01:01.000 UTC+01:00"\n'
)
ACCELERATION = (
    '"Time (s)";"Acceleration x (m/s^2)";"Acceleration y (m/s^2)";"Acceleration z (m/s^2)"\n'
    "0.0E0;0.1;0.2;9.8\n5.0E-1;0.3;0.4;9.7\n1.5E0;0.5;0.6;9.6\n"
)
GYROSCOPE = (
    '"Time (s)","Gyroscope x (rad/s)","Gyroscope y (rad/s)","Gyroscope z (rad/s)"\n0.01,1,2,3\n'
)
LOCATION = (
    '"Time (s)","Latitude (°)","Longitude (°)","Height (m)","Velocity (m/s)","Direction (°)",'
    '"Horizontal Accuracy (m)"\n0.2,52.5,13.4,100,1.25,270,4\n1.2,52.6,13.4,NaN,-1,-1,4\n'
)


def members(**files: str) -> dict[str, bytes]:
    return {name.replace("__", "/") + ".csv": text.encode() for name, text in files.items()}


def test_phyphox_files_are_one_recording_placed_by_its_table_of_starts() -> None:
    parts = members(
        Accelerometer=ACCELERATION, Gyroscope=GYROSCOPE, Location=LOCATION, meta__time=CLOCK,
        meta__device='"property","value"\n"deviceModel","Pixel"\n',
    )  # fmt: skip
    assert phone_recordings(parts) == {"": tuple(parts)}
    reading = reading_of_phone_recording(parts)
    columns = ["sampled_at_utc", "acceleration_x_mps2", "acceleration_z_mps2", "rotation_y_radps"]
    # The third sample, 1.5 s into the experiment, lies half a second after the second start.
    assert reading.samples.select(columns).rows() == [
        (at(0), 0.1, 9.8, 2.0), (at(0.5), 0.3, 9.7, None), (at(61.5), 0.5, 9.6, None),
    ]  # fmt: skip
    wanted = ["recorded_at_utc", "speed_mps", "course_deg", "latitude_deg", "altitude_m"]
    assert reading.records.select(wanted).rows() == [
        (at(0.2), 1.25, 270.0, 52.5, 100.0), (at(61.2), None, None, 52.6, None),
    ]  # fmt: skip
    assert reading.marks.select("source", "started_at_utc", "ended_at_utc").rows() == [
        ("pause", at(1), at(61))
    ]
    workout = reading.workouts.row(0, named=True)
    assert (workout["started_at_utc"], workout["file_utc_offset_s"]) == (at(0), 3600)
    assert reading.dialect == "phyphox"


def test_a_phyphox_file_alone_needs_a_stated_start() -> None:
    assert dialect_of(ACCELERATION.encode()) == "phyphox_motion"
    with pytest.raises(ExportError) as refused:
        reading_from_csv(ACCELERATION.encode(), time_zone=None, distance_unit=None)
    assert refused.value.reason_code == "no_timestamps"
    stated = "# started_at: 2026-11-16T08:00:00+01:00\n" + ACCELERATION
    reading = reading_from_csv(stated.encode(), time_zone=None, distance_unit=None)
    assert reading.samples["sampled_at_utc"].to_list() == [at(0), at(0.5), at(1.5)]


@pytest.mark.parametrize("clock", ['"event"\n"PAUSE"\n', '"event","system time"\n"START","noon"\n'])
def test_a_phyphox_clock_that_tells_no_time_is_refused(clock: str) -> None:
    with pytest.raises(ExportError) as refused:
        reading_of_phone_recording(members(Accelerometer=ACCELERATION, meta__time=clock))
    assert refused.value.reason_code == "no_timestamps"
    assert "meta/time.csv" in refused.value.reason


def logged(*rows: tuple[float, float, float, float]) -> str:
    lines = [f"{int((EPOCH_S + t) * 1000)}000000,{t},{z},{y},{x}" for t, z, y, x in rows]
    return "\n".join(["time,seconds_elapsed,z,y,x", *lines]) + "\n"


def test_sensor_logger_axes_stand_backwards_and_gravity_is_added_again() -> None:
    parts = members(
        Accelerometer=logged((0, 0.3, 0.2, 0.1), (1, 0.6, 0.5, 0.4)),
        Gravity=logged((0.004, 9.0, 2.0, 1.0), (1.004, 9.0, 2.0, 1.0)),
        Gyroscope=logged((0.002, 3.0, 2.0, 1.0)),
        Metadata="device name,recording timezone\nPixel 6,Europe/Berlin\n",
        Annotation="time,seconds_elapsed,text\n"
        f"{int(EPOCH_S)}000000000,0,backward\n{int(EPOCH_S) + 1}000000000,1,stop\n",
    )  # fmt: skip
    reading = reading_of_phone_recording(parts)
    columns = [
        "sampled_at_utc",
        "acceleration_x_mps2",
        "acceleration_y_mps2",
        "acceleration_z_mps2",
    ]
    first, second = reading.samples.select(columns).rows()
    assert first[0] == at(0)
    assert first[1:] == pytest.approx((1.1, 2.2, 9.3))
    assert second[1:] == pytest.approx((1.4, 2.5, 9.6))
    assert reading.samples["rotation_x_radps"].to_list() == [1.0, None]
    workout = reading.workouts.row(0, named=True)
    assert (workout["device"], workout["file_utc_offset_s"]) == ("Pixel 6", 3600)
    assert reading.marks.select("source", "text", "started_at_utc", "ended_at_utc").rows() == [
        ("lap_name", "backward", at(0), at(1))
    ]
    assert reading.dialect == "sensor_logger"


def test_total_acceleration_is_taken_as_it_is() -> None:
    parts = members(
        TotalAcceleration=logged((0, 9.8, 0.2, 0.1)), Accelerometer=logged((0, 0.1, 0.2, 0.1))
    )
    reading = reading_of_phone_recording(parts)
    assert reading.samples["acceleration_z_mps2"].to_list() == [9.8]
    assert reading.workouts["file_utc_offset_s"].to_list() == [None]


def test_acceleration_without_gravity_is_left_out_and_said() -> None:
    location = (
        "time,seconds_elapsed,speed,bearing,altitude,longitude,latitude\n"
        f"{int(EPOCH_S)}000000000,0,1.5,90,100,13.4,52.5\n"
    )
    parts = members(Accelerometer=logged((0, 0.1, 0.2, 0.1)), Location=location)
    assert phone_recordings(parts) == {}
    reading = reading_of_phone_recording(parts)
    assert reading.samples.is_empty()
    assert reading.records.select("recorded_at_utc", "speed_mps", "course_deg").rows() == [
        (datetime(2026, 11, 16, 7, tzinfo=UTC), 1.5, 90.0)
    ]
    assert "without gravity" in reading.reason


def test_a_sensor_logger_file_alone_does_not_say_which_sensor() -> None:
    data = logged((0, 1, 2, 3)).encode()
    assert dialect_of(data) == "sensor_logger_motion"
    with pytest.raises(ExportError) as refused:
        reading_from_csv(data, time_zone=None, distance_unit=None)
    assert refused.value.reason_code == "unknown_dialect"
    assert "zip" in refused.value.reason
