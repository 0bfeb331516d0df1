"""What becomes of a FIT file's sessions, records, laps, texts and raw sensors."""

import math
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from retrowalk.errors import ExportError
from retrowalk.read.fit import reading_from_fit
from retrowalk.read.reading import Reading
from tests.builders_fit import START, T0, TIMESTAMP, D, F, Fit, activity, lap, session
from tests.corpus import CORPUS, FIT_FILES, needs_corpus

FILE_ID = ((F(0, "enum"), 4), (F(1, "uint16"), 1))


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def read(fit: Fit) -> Reading:
    return reading_from_fit(fit.bytes())


def marks(fit: Fit, source: str) -> list[tuple[Any, ...]]:
    """Start and end in seconds, and text, of the marks from a source."""
    found = read(fit).marks.filter(pl.col("source") == source)
    span = found.select(
        (pl.col("started_at_utc") - START).dt.total_seconds(),
        (pl.col("ended_at_utc") - START).dt.total_seconds(),
        "text",
    )
    return span.rows()


def test_a_session_is_a_workout_with_its_records() -> None:
    reading = read(activity(60))
    (workout,) = reading.workouts.to_dicts()
    assert workout["started_at_utc"] == START
    assert workout["ended_at_utc"] == at(60)
    assert (workout["sport"], workout["sub_sport"]) == ("walking", "generic")
    assert (workout["writer"], workout["device"]) == ("garmin", "garmin fenix5")
    assert (workout["timer_s"], workout["total_distance_m"]) == (60.0, 60.0)
    assert workout["file_utc_offset_s"] == 7200
    assert (workout["grain"], workout["placement"]) == ("record", "unknown")
    assert reading.records.height == 60
    assert (reading.format, reading.dialect, reading.reason_code) == ("fit", "fit_activity", "ok")
    assert (reading.recovered_fraction, reading.traps) == (1.0, ())


def test_records_have_one_column_per_quantity_in_si_units() -> None:
    fit = Fit().message(0, *FILE_ID)
    fields = [F(0, "sint32"), F(1, "sint32"), F(9, "sint16"), F(2, "uint16"), F(78, "uint32")]
    speeds = [F(6, "uint16"), F(73, "uint32")]
    fit.define(0, 20, [TIMESTAMP, *fields, *speeds, F(4, "uint8"), F(53, "uint8")])
    fit.data(0, T0, 2**30, -(2**29), -350, 2_600, None, 1_234, None, 55, 64)
    fit.data(0, T0 + 1, None, None, None, 2_600, 3_000, None, 1_500, 56, None)
    first, second = read(fit).records.to_dicts()
    assert (first["latitude_deg"], first["longitude_deg"]) == (90.0, -45.0)
    assert first["grade_fraction"] == pytest.approx(-0.035)
    assert (first["altitude_m"], second["altitude_m"]) == (20.0, 100.0)
    assert (first["speed_mps"], second["speed_mps"]) == (1.234, 1.5)
    assert (first["cadence_per_min"], second["cadence_per_min"]) == (55.5, 56.0)
    assert second["latitude_deg"] is None


def test_cadence_in_256ths_wins() -> None:
    fit = Fit().define(0, 20, [TIMESTAMP, F(4, "uint8"), F(52, "uint16")])
    fit.data(0, T0, 55, 55 * 256 + 64).data(0, T0 + 1, 55, None)
    assert read(fit).records["cadence_per_min"].to_list() == [55.25, 55.0]


def test_the_course_comes_from_the_gps_message_of_the_same_second() -> None:
    fit = Fit().define(0, 20, [TIMESTAMP]).define(1, 160, [TIMESTAMP, F(5, "uint16")])
    fit.data(1, T0, 9_000).data(0, T0).data(0, T0 + 1)
    assert read(fit).records["course_deg"].to_list() == [90.0, None]


def test_a_developer_field_stands_in_only_where_the_own_field_is_empty_and_the_unit_fits() -> None:
    fit = Fit().describe(0, "float32", "Run Speed", units="m/s", native=6)
    fit.describe(1, "float32", "Run Distance", units="km", native=5)
    fit.define(0, 20, [TIMESTAMP, F(6, "uint16")], developer=[D(0, "float32"), D(1, "float32")])
    fit.data(0, T0, 1_000, 2.5, 7.0).data(0, T0 + 1, None, 2.5, 7.0)
    records = read(fit).records
    assert records["speed_mps"].to_list() == [1.0, 2.5]
    assert records["distance_m"].to_list() == [None, None]


def test_a_developer_field_that_only_bears_the_name_of_a_field_is_not_taken_for_it() -> None:
    fit = Fit().describe(0, "float32", "speed", units="km/h").describe(1, "uint8", "offset")
    fit.define(0, 20, [TIMESTAMP], developer=[D(0, "float32"), D(1, "uint8")])
    assert read(fit.data(0, T0, 5.0, 3)).records["speed_mps"].to_list() == [None]


def test_several_sessions_of_a_file_are_a_workout_each_with_their_own_records() -> None:
    fit = activity(100, with_session=False)
    session(fit, 0, 40, sport=11)
    session(fit, 40, 100, sport=1)
    reading = read(fit)
    assert reading.workouts["sport"].to_list() == ["walking", "running"]
    assert reading.records["workout_n"].value_counts(sort=True).rows() == [(1, 60), (0, 40)]
    starts = reading.records.group_by("workout_n").agg(pl.col("recorded_at_utc").min())
    assert dict(starts.rows()) == {0: START, 1: at(40)}


def test_a_session_that_is_written_twice_counts_once() -> None:
    fit = activity(10)
    session(fit, 0, 10, sport=17)
    assert read(fit).workouts["sport"].to_list() == ["hiking"]


def test_a_file_without_session_is_a_workout_from_its_records() -> None:
    fit = Fit().message(12, (F(0, "enum"), 17), (F(1, "enum"), None))
    (workout,) = read(activity(30, with_session=False, fit=fit)).workouts.to_dicts()
    assert (workout["started_at_utc"], workout["ended_at_utc"]) == (START, at(30))
    assert (workout["sport"], workout["total_distance_m"]) == ("hiking", None)


def test_each_part_of_a_chain_has_its_own_workouts() -> None:
    reading = reading_from_fit(activity(10).bytes() + activity(20, sport=17).bytes())
    assert reading.workouts["sport"].to_list() == ["walking", "hiking"]
    assert reading.records["workout_n"].to_list() == [0] * 10 + [1] * 20


def full_walk(seconds: int, note: str) -> bytes:
    """A walk with laps, a pause, a labelled half and a record without a time."""
    fit = Fit().describe(0, "string", "Direction")
    fit.define(0, 20, [TIMESTAMP, F(3, "uint8")], developer=[D(0, "string", count=9)])
    for i in range(seconds):
        fit.data(0, T0 + i, 90 + i % 7, note if i < seconds // 2 else "forward")
    fit.data(0, None, 90, "forward")
    fit.define(1, 21, [TIMESTAMP, F(0, "enum"), F(1, "enum")])
    fit.data(1, T0 + 5, 0, 4).data(1, T0 + 9, 0, 0)
    lap(fit, 0, seconds // 2)
    lap(fit, seconds // 2, seconds)
    return session(fit, 0, seconds, profile_name=note).bytes()


def test_a_workout_reads_alone_as_it_does_among_others() -> None:
    walks = [full_walk(30, "backward"), full_walk(44, "turning")]
    chained = reading_from_fit(b"".join(walks))
    for n, walk in enumerate(walks):
        alone = reading_from_fit(walk)
        for table in ("workouts", "records", "marks"):
            among = getattr(chained, table).filter(pl.col("workout_n") == n)
            assert among.drop("workout_n").equals(getattr(alone, table).drop("workout_n")), table
    assert {"lap", "pause", "developer_field", "session_name"} == set(chained.marks["source"])
    assert chained.workouts["records_set_aside_n"].to_list() == [1, 1]


def test_a_session_without_records_is_a_workout_of_grain_workout() -> None:
    (workout,) = read(session(Fit(), 0, 1_500, distance_m=1_200)).workouts.to_dicts()
    assert (workout["grain"], workout["ended_at_utc"]) == ("workout", at(1_500))
    assert workout["total_distance_m"] == 1_200.0


@pytest.mark.parametrize("kind", [2, 5, 6, 15])
def test_a_file_of_settings_courses_or_monitoring_has_no_workout(kind: int) -> None:
    fit = Fit().message(0, (F(0, "enum"), kind), (F(1, "uint16"), 1))
    if kind == 6:
        fit.define(0, 20, [TIMESTAMP]).data(0, T0)
    reading = read(fit)
    assert reading.workouts.is_empty()
    assert reading.records.is_empty()
    assert reading.reason_code == "ok"


def test_records_that_say_no_time_are_counted_not_lost() -> None:
    fit = activity(10, with_session=False)
    fit.define(0, 20, [F(3, "uint8")]).data(0, 99).data(0, 98)
    reading = read(fit)
    assert reading.workouts["records_set_aside_n"].to_list() == [2]
    assert reading.records.height == 10


def test_a_file_in_which_no_record_says_a_time_is_refused() -> None:
    fit = Fit().define(0, 20, [TIMESTAMP]).data(0, 1_000).data(0, 1_001)
    with pytest.raises(ExportError, match="device's start") as caught:
        read(fit)
    assert caught.value.reason_code == "no_timestamps"


@pytest.mark.parametrize(("shift", "offset"), [(-12_600, -12_600), (7_300, None), (90_000, None)])
def test_only_a_possible_local_time_gives_an_offset(shift: int, offset: int | None) -> None:
    fit = session(Fit(), 0, 60)
    fit.message(34, (TIMESTAMP, T0 + 60), (F(5, "uint32"), T0 + 60 + shift))
    assert read(fit).workouts["file_utc_offset_s"].to_list() == [offset]


def test_strides_that_a_session_counts_tell_what_cadence_counts() -> None:
    walking = session(Fit(), 0, 60, strides=41)
    cycling = session(Fit(), 0, 60, sport=2, strides=41)
    assert read(walking).workouts.select("cadence_unit", "total_cycles_n").row(0) == ("strides", 41)
    assert read(cycling).workouts.select("cadence_unit", "total_cycles_n").row(0) == ("unknown", 41)


def test_the_user_profile_gives_resting_heart_rate_and_body_mass() -> None:
    fit = session(Fit(), 0, 60).message(3, (F(8, "uint8"), 52), (F(4, "uint16"), 705))
    workout = read(fit).workouts
    assert workout.select("resting_heart_rate_bpm", "body_mass_kg").row(0) == (52.0, 70.5)


def test_a_barometer_is_known_only_where_it_is_stated() -> None:
    without, with_one = session(Fit(), 0, 60), session(Fit(), 0, 60)
    with_one.message(23, (F(25, "enum"), 5), (F(1, "uint8"), 4))
    assert read(without).workouts["has_barometer"].to_list() == [None]
    assert read(with_one).workouts["has_barometer"].to_list() == [True]


def test_laps_are_marks_from_their_start_to_their_end() -> None:
    fit = activity(100, with_session=False)
    lap(fit, 0, 40)
    lap(fit, 40, 100)
    assert marks(fit, "lap") == [(0, 40, None), (40, 100, None)]


def test_a_second_between_two_laps_is_rounding_but_a_longer_gap_is_a_gap() -> None:
    fit = activity(100, with_session=False)
    lap(fit, 0, 39)
    lap(fit, 40, 60)
    lap(fit, 70, 100)
    assert marks(fit, "lap") == [(0, 40, None), (40, 60, None), (70, 100, None)]


def test_a_lap_of_a_planned_step_carries_its_name_and_notes() -> None:
    fit = activity(100, with_session=False)
    step = [F(254, "uint16"), F(0, "string", 16), F(8, "string", 24)]
    fit.define(1, 27, step).data(1, 0, "Warm up", "").data(1, 1, "Retro", "walk backward")
    lap(fit, 0, 40, step=0)
    lap(fit, 40, 100, step=1)
    assert marks(fit, "workout_step") == [(0, 40, "Warm up"), (40, 100, "Retro: walk backward")]


def test_names_of_profile_sport_and_plan_span_the_workout_once_each() -> None:
    fit = Fit().message(12, (F(3, "string", 16), "Backward"))
    fit.message(26, (F(8, "string", 16), "Week 3"))
    activity(60, with_session=False, fit=fit)
    session(fit, 0, 60, profile_name="Backward")
    assert sorted(marks(fit, "session_name")) == [(0, 60, "Backward"), (0, 60, "Week 3")]


def test_each_session_has_the_name_of_its_own_sport() -> None:
    fit = activity(100, with_session=False)
    fit.define(1, 12, [F(3, "string", 8)]).data(1, "Walk").data(1, "Retro")
    session(fit, 0, 40)
    session(fit, 40, 100)
    assert marks(fit, "session_name") == [(0, 40, "Walk"), (40, 100, "Retro")]


def test_a_segment_lap_names_its_span() -> None:
    fit = activity(100)
    fit.message(142, (TIMESTAMP, T0 + 50), (F(2, "uint32"), T0 + 20), (F(29, "string", 16), "Ramp"))
    assert marks(fit, "lap_name") == [(20, 50, "Ramp")]


def test_a_pause_lasts_from_the_first_stop_to_the_next_start() -> None:
    fit = activity(100)
    event = [TIMESTAMP, F(0, "enum"), F(1, "enum")]
    fit.define(1, 21, event)
    for seconds, kind in ((0, 0), (30, 4), (31, 1), (50, 0), (100, 4)):
        fit.data(1, T0 + seconds, 0, kind)
    assert marks(fit, "pause") == [(30, 50, None)]


def test_a_developer_field_of_few_values_marks_its_runs() -> None:
    fit = Fit().describe(0, "uint8", "direction")
    fit.define(0, 20, [TIMESTAMP], developer=[D(0, "uint8")])
    for i, value in enumerate([0, 0, 0, 1, 1, None, 1, 0]):
        fit.data(0, T0 + i, value)
    assert marks(fit, "developer_field") == [
        (0, 3, "direction=0"),
        (3, 5, "direction=1"),
        (6, 7, "direction=1"),
        (7, 8, "direction=0"),
    ]


def test_whole_numbers_and_texts_of_developer_fields_read_as_written() -> None:
    fit = Fit().describe(0, "float32", "mode").describe(1, "string", "way")
    fit.define(0, 20, [TIMESTAMP], developer=[D(0, "float32"), D(1, "string", count=8)])
    fit.data(0, T0, 2.0, "back").data(0, T0 + 1, 2.5, "back")
    texts = {text for _, _, text in marks(fit, "developer_field")}
    assert texts == {"mode=2", "mode=2.5", "way=back"}


def test_a_developer_field_of_many_values_is_a_measurement_and_no_label() -> None:
    fit = Fit().describe(0, "uint8", "power")
    fit.define(0, 20, [TIMESTAMP], developer=[D(0, "uint8")])
    for i in range(30):
        fit.data(0, T0 + i, i % 9)
    assert marks(fit, "developer_field") == []


def test_developer_fields_of_laps_and_sessions_mark_their_spans() -> None:
    fit = activity(60, with_session=False).describe(0, "string", "walk")
    spans = [TIMESTAMP, F(2, "uint32"), F(7, "uint32")]
    fit.define(1, 19, spans, developer=[D(0, "string", count=9)])
    fit.data(1, T0 + 20, T0, 20_000, "forward").data(1, T0 + 60, T0 + 20, 40_000, "backward")
    fit.define(1, 18, spans, developer=[D(0, "string", count=9)])
    fit.data(1, T0 + 60, T0, 60_000, "mixed")
    assert sorted(marks(fit, "developer_field")) == [
        (0, 20, "walk=forward"),
        (0, 60, "walk=mixed"),
        (20, 60, "walk=backward"),
    ]


def calibration(fit: Fit, kind: int, *, factor: int, divisor: int) -> Fit:
    """A calibration: level 32768, offsets 10, 20, 30, a quarter turn about z."""
    turn = [0, 65_535, 0, -65_535, 0, 0, 0, 0, 65_535]
    return fit.message(
        167,
        (F(0, "enum"), kind),
        (F(1, "uint32"), factor),
        (F(2, "uint32"), divisor),
        (F(3, "uint32"), 32_768),
        (F(4, "sint32", 3), [10, 20, 30]),
        (F(5, "sint32", 9), turn),
    )


def raw_sensor(
    fit: Fit, message: int, milliseconds: int, samples: list[tuple[int, int, int]]
) -> Fit:
    """A message of raw samples, 10 ms apart."""
    n = len(samples)
    x, y, z = (list(axis) for axis in zip(*samples, strict=True))
    lists = [F(i, "uint16", n) for i in (1, 2, 3, 4)]
    fit.define(2, message, [TIMESTAMP, F(0, "uint16"), *lists])
    return fit.data(2, T0, milliseconds, [10 * i for i in range(n)], x, y, z)


def test_raw_samples_are_calibrated_turned_and_timed() -> None:
    fit = calibration(activity(10), 0, factor=1, divisor=1_000)
    level = 32_768
    raw_sensor(
        fit,
        165,
        250,
        [(level + 10, level + 20, level + 1_030), (level + 110, level + 220, level + 30)],
    )
    samples = read(fit).samples
    assert samples["sampled_at_utc"].to_list() == [at(0.25), at(0.26)]
    assert samples["workout_n"].to_list() == [0, 0]
    # Counts less level and offset, in thousandths of g: (0, 0, 1) and (0.1, 0.2, 0) along the
    # sensor's axes; turned: x is y, y is minus x.
    expected = [(0.0, 0.0, 9.80665), (0.2 * 9.80665, -0.1 * 9.80665, 0.0)]
    found = samples.select(pl.col("^acceleration_.*$")).rows()
    for one, other in zip(found, expected, strict=True):
        assert one == pytest.approx(other)


def test_sensors_of_the_same_instant_share_a_row() -> None:
    fit = calibration(activity(10), 0, factor=1, divisor=1_000)
    calibration(fit, 1, factor=1, divisor=10)
    calibration(fit, 2, factor=1, divisor=100)
    counts = (32_768 + 10, 32_768 + 20, 32_768 + 130)
    for message in (165, 164, 208):
        raw_sensor(fit, message, 0, [counts])
    (sample,) = read(fit).samples.to_dicts()
    assert sample["acceleration_z_mps2"] == pytest.approx(0.1 * 9.80665)
    assert sample["rotation_z_radps"] == pytest.approx(10 * math.pi / 180)
    # 1 gauss is 100 microtesla.
    assert sample["magnetic_z_ut"] == pytest.approx(100.0)


def test_samples_that_are_calibrated_already_stay() -> None:
    fit = activity(10)
    fit.define(2, 165, [TIMESTAMP, F(0, "uint16"), *(F(i, "float32", 1) for i in (5, 6, 7))])
    fit.data(2, T0, 500, 0.0, 0.5, 1.0)
    (sample,) = read(fit).samples.to_dicts()
    assert sample["acceleration_y_mps2"] == pytest.approx(4.903325)
    assert sample["sampled_at_utc"] == at(0.5)


def test_samples_without_calibration_are_left_out_and_said() -> None:
    reading = read(raw_sensor(activity(10), 165, 0, [(1, 2, 3)]))
    assert reading.samples.is_empty()
    assert any("accelerometer_data without calibration" in trap for trap in reading.traps)


def test_damage_is_said_with_its_place_and_the_worst_names_the_reason() -> None:
    fit = activity(30, with_session=False).raw(b"\x0b" + bytes(50))
    reading = reading_from_fit(fit.bytes(crc=1))
    assert reading.reason_code == "undefined_local_message"
    assert reading.reason.startswith("Byte ")
    assert reading.recovered_fraction < 1.0
    assert reading_from_fit(activity(5).bytes(crc=1)).reason_code == "crc_mismatch"
    assert reading_from_fit(activity(5).bytes(crc=1)).recovered_fraction == 1.0
    assert reading_from_fit(activity(50).bytes()[:-100]).reason_code == "truncated"


@needs_corpus
@pytest.mark.parametrize("path", FIT_FILES, ids=lambda path: path.stem[-32:])
def test_a_real_file_gives_workouts_or_says_why_not(path: Any) -> None:
    try:
        reading = reading_from_fit(path.read_bytes())
    except ExportError as error:
        assert error.reason_code == "no_timestamps"  # noqa: PT017
        return
    assert reading.workouts.height >= 1
    assert reading.records.height >= 1
    spans = reading.records.join(reading.workouts, on="workout_n").select(
        pl.col("recorded_at_utc").is_between("started_at_utc", "ended_at_utc", closed="left").all()
    )
    assert spans.item()


@needs_corpus
def test_a_real_walk_has_the_speed_and_cadence_of_a_walk() -> None:
    path = CORPUS / "fit" / "dtcooper+python-fitparse__garmin-fenix-5-walk.fit"
    reading = reading_from_fit(path.read_bytes())
    (workout,) = reading.workouts.to_dicts()
    assert (workout["sport"], workout["cadence_unit"]) == ("walking", "strides")
    assert workout["started_at_utc"] == datetime(2017, 6, 11, 14, 32, 51, tzinfo=UTC)
    median = reading.records.select(pl.col("speed_mps", "cadence_per_min").median()).row(0)
    assert 1.2 < median[0] < 1.7
    assert 55 < median[1] < 65
