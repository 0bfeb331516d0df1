"""What the exports of each app mean: one small file each, its rows worked out by hand."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrowalk.errors import ExportError
from retrowalk.read.csv import dialect_of, reading_from_csv
from retrowalk.read.reading import Reading
from retrowalk.tables.exports import REASON_CODES
from tests.builders_csv import (
    START,
    at,
    garmin_csv,
    garmin_row,
    imu_csv,
    per_second_csv,
    stamp,
)
from tests.builders_damage import damaged
from tests.corpus import CSV_FILES

#: Seconds between the epochs of Unix and FIT.
FIT_EPOCH_S = 631_065_600


def read(
    text: str | bytes, time_zone: str | None = "Europe/Berlin", distance_unit: str | None = None
) -> Reading:
    data = text.encode() if isinstance(text, str) else text
    return reading_from_csv(data, time_zone=time_zone, distance_unit=distance_unit)


def channels(reading: Reading, *names: str) -> list[tuple[object, ...]]:
    wanted = reading.records.select("recorded_at_utc", *names)
    return wanted.with_columns(pl.selectors.float().round(9)).rows()


OPENTRACKS = (
    "#time,trackpoint_type,latitude,longitude,altitude,accuracy_horizontal,accuracy_vertical,"
    "speed,altitude_gain,altitude_loss,sensor_distance,heartrate,cadence,power\n"
)


def test_opentracks_speeds_are_kilometres_an_hour_and_distances_add_up() -> None:
    reading = read(
        OPENTRACKS + f'"{stamp(0)}","SEGMENT_START_MANUAL",,,,,,,,,,,,\n'
        f'"{stamp(1)}","TRACKPOINT",52.5,13.4,100.2,5,,3.6,1,0,2,80,55,\n'
        f'"{stamp(2)}","TRACKPOINT",52.5,13.4,100.4,5,,5.4,1,0,3,81,56,\n'
        f'"{stamp(3)}","SEGMENT_END_MANUAL",,,,,,,,,,,,\n'
        f'"{stamp(63)}","SEGMENT_START_MANUAL",,,,,,,,,,,,\n'
        f'"{stamp(64)}","TRACKPOINT",52.5,13.4,100.4,5,,7.2,1,0,4,82,57,\n'
    )
    assert reading.dialect == "opentracks"
    wanted = ("speed_mps", "distance_m", "heart_rate_bpm", "cadence_per_min", "altitude_m")
    assert channels(reading, *wanted) == [
        (at(1), 1.0, 2.0, 80.0, 55.0, 100.2),
        (at(2), 1.5, 5.0, 81.0, 56.0, 100.4),
        (at(64), 2.0, 9.0, 82.0, 57.0, 100.4),
    ]
    assert reading.marks.select("source", "started_at_utc", "ended_at_utc").rows() == [
        ("pause", at(3), at(63))
    ]
    assert reading.workouts.height == 1
    assert reading.workouts["cadence_unit"].to_list() == ["unknown"]


POLAR = (
    "Name,Sport,Date,Start time,Duration,Total distance (km),Average heart rate (bpm),Notes,\n"
    'A Person,WALKING,16-11-2026,08:00:00,00:00:03,0.00,90,"backward, easy",\n'
    "Sample rate,Time,HR (bpm),Speed (km/h),Pace (min/km),Cadence,Altitude (m),"
    "Stride length (m),Distances (m),Temperatures (C),Power (W),\n"
)


def test_a_polar_session_starts_when_its_first_lines_say() -> None:
    reading = read(
        POLAR + "1,00:00:00,90,3.6,16:40,55,116,,0.0,31.3,,\n"
        "1,00:00:01,91,5.4,11:06,0,116,,1.5,31.3,,\n"
        "1,00:00:02,0,,,,,,,,,\n"
    )
    assert reading.dialect == "polar_flow"
    assert channels(reading, "heart_rate_bpm", "speed_mps", "distance_m", "altitude_m") == [
        (at(0), 90.0, 1.0, 0.0, 116.0),
        (at(1), 91.0, 1.5, 1.5, 116.0),
        (at(2), None, None, None, None),
    ]
    assert reading.workouts["sport"].to_list() == ["walking"]
    assert reading.workouts["file_utc_offset_s"].to_list() == [None]
    assert reading.marks.select("source", "text", "started_at_utc", "ended_at_utc").rows() == [
        ("session_name", "backward, easy", at(0), at(3))
    ]


def test_a_polar_session_without_a_start_cannot_be_placed() -> None:
    with pytest.raises(ExportError) as refused:
        read(
            POLAR.replace("16-11-2026", "").replace("08:00:00,", ",", 1)
            + "1,00:00:00,90,3.6,,,,,,,,\n"
        )
    assert refused.value.reason_code == "no_timestamps"


STRAVA = (
    "Activity ID,Activity Date,Activity Name,Activity Type,Activity Description,Elapsed Time,"
    "Distance,Max Heart Rate,Filename,Athlete Weight,Elapsed Time,Moving Time,Distance,"
    "Average Speed,Average Cadence,Average Heart Rate\n"
)
STRAVA_WALK = (
    '1,"Nov 16, 2026, 7:00:00 AM",Retro laps,Walk,,3600,3.00,120,activities/1.fit.gz,70.0,'
    "3600.0,3000.0,3000.0,1.0,55.0,98.0\n"
)


def test_strava_lists_metres_and_seconds_in_the_second_of_two_columns() -> None:
    reading = read(STRAVA + STRAVA_WALK, "America/New_York")
    workout = reading.workouts.row(0, named=True)
    assert reading.dialect == "strava_activities"
    assert (workout["started_at_utc"], workout["ended_at_utc"]) == (at(0), at(3600))
    assert (workout["sport"], workout["total_distance_m"], workout["timer_s"]) == (
        "walking", 3000.0, 3000.0,
    )  # fmt: skip
    assert workout["cadence_unit"] == "unknown"
    assert workout["body_mass_kg"] == 70.0
    assert channels(reading, "speed_mps", "cadence_per_min", "heart_rate_bpm") == [
        (at(0), 1.0, 55.0, 98.0)
    ]
    assert reading.marks["text"].to_list() == ["Retro laps"]


def test_a_strava_row_names_the_file_that_holds_its_recording() -> None:
    by_hand = STRAVA_WALK.replace("activities/1.fit.gz", "").replace("16,", "17,")
    windows = STRAVA_WALK.replace("activities/1", "activities\\2").replace("16,", "18,")
    reading = read(STRAVA + STRAVA_WALK + by_hand + windows)
    assert reading.workouts.height == 3
    assert reading.files_named == {0: "activities/1.fit.gz", 2: "activities/2.fit.gz"}


def test_an_older_strava_list_has_one_distance_of_unknown_unit() -> None:
    text = (
        "Activity ID,Activity Date,Activity Name,Activity Type,Elapsed Time,Distance,Filename\n"
        '1,"Nov 16, 2026, 7:00:00 PM",Evening Walk,Walk,3600,3.00,activities/1.gpx\n'
    )
    reading = read(text, None, "km")
    assert reading.workouts["total_distance_m"].to_list() == [3000.0]
    assert reading.workouts["started_at_utc"].to_list() == [at(12 * 3600)]
    with pytest.raises(ExportError) as refused:
        read(text)
    assert refused.value.reason_code == "undecidable_units"


APPLE = (
    "sourceName,sourceVersion,device,creationDate,startDate,endDate,workoutActivityType,duration,"
    "durationUnit,totalDistance,totalDistanceUnit,totalEnergyBurned,totalEnergyBurnedUnit\n"
)


def test_apple_health_states_start_end_and_the_unit_of_each_distance() -> None:
    start = "2026-11-16 08:00:00 +0100"
    end = "2026-11-16 08:30:00 +0100"
    row = '"Watch","2.2",,{0},{0},{1},"HKWorkoutActivityType{2}",25,"min",{3},"{4}",99,"kcal"\n'
    reading = read(
        APPLE
        + row.format(start, end, "Walking", 1.5, "km")
        + row.format(start, end, "Hiking", 1, "mi")
        + row.format(start, end, "Other", 0, "km")
    )
    columns = ["started_at_utc", "ended_at_utc", "sport", "timer_s", "total_distance_m"]
    assert reading.workouts.select(columns).rows() == [
        (at(0), at(1800), "walking", 1500.0, 1500.0),
        (at(0), at(1800), "hiking", 1500.0, 1609.344),
        (at(0), at(1800), "other", 1500.0, None),
    ]
    assert reading.workouts["file_utc_offset_s"].to_list() == [3600] * 3
    assert reading.workouts["device"].to_list() == ["Watch"] * 3
    assert reading.records["speed_mps"].to_list() == [1.0, 1609.344 / 1500, None]


SAMSUNG = (
    "com.samsung.shealth.exercise,6312006,9\n"
    "total_calorie,com.samsung.health.exercise.start_time,com.samsung.health.exercise.end_time,"
    "com.samsung.health.exercise.time_offset,com.samsung.health.exercise.exercise_type,"
    "com.samsung.health.exercise.duration,com.samsung.health.exercise.distance,"
    "com.samsung.health.exercise.mean_heart_rate,com.samsung.health.exercise.mean_speed,title\n"
)


def test_samsung_times_are_utc_and_the_offset_stands_beside() -> None:
    reading = read(
        SAMSUNG + "99,2026-11-16 07:00:00.000,2026-11-16 07:30:00.000,UTC+0300,1001,1500000,"
        "1500.0,91.0,1.0,Retro,\n"
        "99,2026-11-17 07:00:00.500,2026-11-17 07:10:00.500,UTC-0430,1002,600000,,0,,,\n"
    )
    columns = ["started_at_utc", "ended_at_utc", "file_utc_offset_s", "sport", "timer_s"]
    assert reading.workouts.select(columns).rows() == [
        (at(0), at(1800), 10_800, "walking", 1500.0),
        (at(86_400.5), at(87_000.5), -16_200, "running", 600.0),
    ]
    assert channels(reading, "speed_mps", "heart_rate_bpm") == [
        (at(0), 1.0, 91.0), (at(86_400.5), None, None),
    ]  # fmt: skip
    assert reading.marks["text"].to_list() == ["Retro"]


def test_a_treadmill_log_kept_by_hand_is_a_workout_a_row() -> None:
    reading = read(
        "date,duration(HH:mm:ss),speed(km/h),grade(%),direction\n"
        "16-NOV-2026,“00:10:00”,“1,8”,0,backward\n"
        "16-NOV-2026,00:05:00,“3,6”,“5,5”,\n"
        "17-NOV-2026,00:20:00,0,0,forward\n"
    )
    assert reading.dialect == "treadmill_log"
    noon = datetime(2026, 11, 16, 11, tzinfo=UTC)
    columns = ["started_at_utc", "ended_at_utc", "sport", "sub_sport", "timer_s"]
    assert reading.workouts.select(columns).rows() == [
        (noon, noon + timedelta(minutes=10), "walking", "treadmill", 600.0),
        (noon + timedelta(minutes=10), noon + timedelta(minutes=15), "walking", "treadmill", 300.0),
        (noon + timedelta(days=1), noon + timedelta(days=1, minutes=20), "walking", "treadmill", 1200.0),
    ]  # fmt: skip
    assert reading.records["speed_mps"].to_list() == pytest.approx([0.5, 1.0, None])
    assert reading.records["grade_fraction"].to_list() == pytest.approx([0.0, 0.055, 0.0])
    assert reading.marks.select("workout_n", "source", "direction").rows() == [
        (0, "csv_column", "backward"), (2, "csv_column", "forward"),
    ]  # fmt: skip
    assert any("from noon" in trap for trap in reading.traps)


LAPS = "Laps,Step Type,Time,Cumulative Time,Distance km,Avg Pace min/km,Avg HR bpm,Avg Run Cadence spm\n"
LAP_ROWS = (
    '1,Warm up,"10:00.0","10:00","0.60","16:40","90","100"\n'
    '2,Retro,"05:00.5","15:00","0.15","33:20","110","80"\n'
    'Summary,,"15:00.5","15:00","0.75","20:00","97","93"\n'
)


def test_laps_follow_each_other_from_a_stated_start() -> None:
    started = "# started_at: 2026-11-16T08:00:00+01:00\n# sport: walking\n"
    reading = read(started + LAPS + LAP_ROWS)
    assert reading.dialect == "garmin_laps"
    workout = reading.workouts.row(0, named=True)
    assert (workout["started_at_utc"], workout["ended_at_utc"]) == (at(0), at(900.5))
    assert (workout["grain"], workout["sport"], workout["timer_s"]) == ("lap", "walking", 900.5)
    assert workout["total_distance_m"] == pytest.approx(750)
    assert workout["file_utc_offset_s"] == 3600
    assert reading.marks.select("source", "started_at_utc", "ended_at_utc", "text").rows() == [
        ("lap", at(0), at(600), "1"),
        ("lap_name", at(0), at(600), "Warm up"),
        ("lap", at(600), at(900.5), "2"),
        ("lap_name", at(600), at(900.5), "Retro"),
    ]
    assert reading.records.select("recorded_at_utc", "heart_rate_bpm").rows() == [
        (at(0), 90.0), (at(600), 110.0),
    ]  # fmt: skip
    assert reading.records["speed_mps"].to_list() == pytest.approx([1.0, 150 / 300.5])


def test_laps_without_a_start_say_how_to_state_one() -> None:
    with pytest.raises(ExportError) as refused:
        read(LAPS + LAP_ROWS)
    assert refused.value.reason_code == "no_timestamps"
    assert "# started_at:" in refused.value.reason


@pytest.mark.parametrize(
    ("text", "dialect"),
    [
        (
            (
                "Activities\nDate,Calories Burned,Steps,Distance,Floors,Minutes Sedentary\n"
                '"2026-11-16","2,345","10,123","7.1","3","1,000"\n'
            ),
            "fitbit_totals",
        ),
        (
            (
                "sourceName,sourceVersion,device,type,unit,creationDate,startDate,endDate,value\n"
                '"Health",,,"StepCount","count",2026-11-16 08:00:00 +0100,2026-11-16 08:00:00 +0100,'
                "2026-11-16 08:05:00 +0100,329\n"
            ),
            "apple_quantities",
        ),
    ],
)
def test_totals_are_recognised_and_are_no_workouts(text: str, dialect: str) -> None:
    assert dialect_of(text.encode()) == dialect
    with pytest.raises(ExportError) as refused:
        read(text)
    assert refused.value.reason_code == "no_workouts"


def fit_csv(*messages: str) -> bytes:
    header = "Type,Local Number,Message," + ",".join(
        f"Field {n},Value {n},Units {n}" for n in (1, 2, 3)
    )
    return ("\ufeff" + "\n".join([header, *messages]) + "\n").encode()


def fit_s(seconds: float) -> int:
    return int(at(seconds).timestamp()) - FIT_EPOCH_S


def test_fitcsvtool_messages_become_records_laps_and_a_sport() -> None:
    reading = read(
        fit_csv(
            "Definition,0,file_id,type,1,,time_created,1,",
            'Data,0,file_id,type,"4",',
            'Data,1,workout_step,message_index,"0",,wkt_step_name,"Retro",',
            "Definition,2,record,timestamp,1,,position_lat,1,,speed,1,,heart_rate,1,",
            f'Data,2,record,timestamp,"{fit_s(0)}",s,position_lat,"626349397",semicircles,'
            'speed,"1.25",m/s,heart_rate,"90",bpm,cadence,"50",rpm',
            f'Data,2,record,timestamp,"{fit_s(1)}",s,speed,"x",m/s,enhanced_speed,"1.5",m/s,'
            'fractional_cadence,"0.5",rpm,cadence,"50",rpm',
            'Data,2,record,timestamp,"soon",s,speed,"1.0",m/s',
            f'Data,3,lap,start_time,"{fit_s(0)}",,timestamp,"{fit_s(1)}",s,',
            f'Data,3,lap,start_time,"{fit_s(1)}",,wkt_step_index,"0",,',
            f'Data,4,session,start_time,"{fit_s(0)}",,sport,"11",,sub_sport,"1",',
            f'Data,5,activity,timestamp,"{fit_s(2)}",s,local_timestamp,"{fit_s(2) + 7200}",,',
        )
    )
    assert reading.dialect == "fit_csv_tool"
    wanted = ("speed_mps", "cadence_per_min", "heart_rate_bpm")
    assert channels(reading, *wanted) == [(at(0), 1.25, 50.0, 90.0), (at(1), 1.5, 50.5, None)]
    # 626349397 semicircles are 626349397 x 180 / 2^31 = 52.5 degrees.
    assert reading.records["latitude_deg"][0] == pytest.approx(52.5, abs=1e-6)
    workout = reading.workouts.row(0, named=True)
    assert (workout["sport"], workout["sub_sport"]) == ("walking", "treadmill")
    assert workout["file_utc_offset_s"] == 7200
    assert workout["records_set_aside_n"] == 1
    assert "line 8, column 'record.timestamp' holds 'soon'" in reading.reason
    assert "line 7, column 'record.speed' holds 'x', not a number" in reading.reason
    assert reading.marks.select("source", "text", "started_at_utc").rows() == [
        ("lap", "1", at(0)), ("lap", "2", at(1)), ("lap_name", "Retro", at(1)),
    ]  # fmt: skip


def test_a_spreadsheet_may_save_the_canonical_csv_with_decimal_commas() -> None:
    text = per_second_csv({"speed_mps": ["1.25", "0.5"], "distance_m": ["0", "1.3"]}).decode()
    reading = read(text.replace(",", ";").replace(".", ","))
    assert reading.records["speed_mps"].to_list() == [1.25, 0.5]
    assert reading.reason_code == "ok"


def test_hours_between_two_rows_begin_a_workout() -> None:
    times = [stamp(0), stamp(1), stamp(6 * 3600 + 2), stamp(6 * 3600 + 3)]
    reading = read(per_second_csv({"speed_mps": [1.0] * 4}, times=times))
    assert reading.workouts["started_at_utc"].to_list() == [at(0), at(6 * 3600 + 2)]
    apart = [stamp(0), stamp(6 * 3600)]
    assert read(per_second_csv({"speed_mps": [1.0] * 2}, times=apart)).workouts.height == 1


@pytest.mark.skipif(not CSV_FILES, reason="no corpus of real files beside the project")
@pytest.mark.parametrize(
    ("part", "dialect", "workouts_n"),
    [
        ("OpenTracks", "opentracks", 1),
        ("strava_py", "strava_activities", 8),
        ("Workout", "apple_workouts", 1),
        ("StepCount", "apple_quantities", None),
        ("DistanceWalkingRunning", "apple_quantities", None),
    ],
)
def test_real_exports_are_read(part: str, dialect: str, workouts_n: int | None) -> None:
    [file] = [f for f in CSV_FILES if part in f.name]
    data = file.read_bytes()
    assert dialect_of(data) == dialect
    if workouts_n is None:
        with pytest.raises(ExportError):
            read(data)
        return
    reading = read(data)
    assert reading.reason_code == "ok"
    assert reading.workouts.height == workouts_n


WALKS = st.lists(
    st.tuples(
        st.integers(0, 250).map(lambda n: n / 100),
        st.integers(60, 180),
        st.integers(0, 9999).map(lambda n: n / 10),
    ),
    min_size=2,
    max_size=20,
)
#: How far a channel may be off after its dialect's rounding.
ROUNDING = {"speed_mps": 0.005 / 3.6, "heart_rate_bpm": 0.0, "altitude_m": 0.0}


@settings(max_examples=25, deadline=None)
@given(WALKS)
def test_the_same_walk_is_the_same_in_every_dialect(walk: list[tuple[float, int, float]]) -> None:
    canonical = per_second_csv(
        {
            "speed_mps": [speed for speed, _, _ in walk],
            "heart_rate_bpm": [beats for _, beats, _ in walk],
            "altitude_m": [height for _, _, height in walk],
        }
    )
    opentracks = OPENTRACKS + "".join(
        f'"{stamp(n)}","TRACKPOINT",,,{height},,,{speed * 3.6:.2f},,,,{beats},,\n'
        for n, (speed, beats, height) in enumerate(walk)
    )
    polar = POLAR + "".join(
        f"1,{timedelta(seconds=n)},{beats},{speed * 3.6:.2f},,,{height},,,,,\n"
        for n, (speed, beats, height) in enumerate(walk)
    )
    fit = fit_csv(
        *[
            f"Data,0,record,timestamp,{fit_s(n)},s,speed,{speed},m/s,heart_rate,{beats},bpm,"
            f"altitude,{height},m"
            for n, (speed, beats, height) in enumerate(walk)
        ]
    )
    expected = read(canonical)
    for text in (opentracks, polar, fit):
        found = read(text)
        assert found.workouts.select("started_at_utc", "ended_at_utc").equals(
            expected.workouts.select("started_at_utc", "ended_at_utc")
        )
        for channel, tolerance in ROUNDING.items():
            assert found.records[channel].to_list() == pytest.approx(
                expected.records[channel].to_list(), abs=tolerance + 1e-9
            )
    assert expected.workouts["started_at_utc"][0] == START
    assert pl.Series(expected.records["heart_rate_bpm"]).null_count() == 0


SEEDS = (
    per_second_csv({"speed_mps": [1.0] * 5, "direction": ["backward"] * 5, "lap": [1] * 5}),
    garmin_csv(garmin_row(), garmin_row(Date="2025-07-11 10:00:00")),
    (OPENTRACKS + f'"{stamp(1)}","TRACKPOINT",52.5,13.4,100.2,5,,3.6,1,0,2,80,55,\n').encode(),
    (POLAR + "1,00:00:00,90,3.6,16:40,55,116,,0.0,31.3,,\n").encode(),
    (STRAVA + STRAVA_WALK).encode(),
    ("# started_at: 2026-11-16T08:00:00Z\n" + LAPS + LAP_ROWS).encode(),
    fit_csv(f"Data,2,record,timestamp,{fit_s(0)},s,speed,1.25,m/s,heart_rate,90,bpm"),
    imu_csv("# started_at: 2026-11-16T08:00:00Z", rows=[(0.0, 1, 2, 9.8), (0.1, 1, 2, 9.8)]),
)
INSTEAD = (b"", b",", b";", b'"', b"\n", b"\r", b"-1", b"1e999", b"9" * 20, b"\xff", b"nan", b"=1")


@settings(max_examples=50, deadline=None)
@given(damaged(SEEDS, INSTEAD))
def test_a_damaged_export_is_read_or_refused_and_never_a_crash(data: bytes) -> None:
    try:
        reading = read(data)
    except ExportError as error:
        assert error.reason_code in REASON_CODES  # noqa: PT017
        assert error.reason  # noqa: PT017
    else:
        assert reading.workouts.height
        assert 0.0 <= reading.recovered_fraction <= 1.0
