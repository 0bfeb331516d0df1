"""What TCX and GPX exports mean, and what is refused of them."""

import pytest
from hypothesis import given, settings

from retrowalk.errors import ExportError
from retrowalk.read.content import format_of, reading_of
from retrowalk.read.reading import Reading
from retrowalk.read.xml import reading_from_xml, xml_format_of
from tests.builders_csv import at
from tests.builders_damage import damaged
from tests.builders_xml import GPX_HEAD, TCX_HEAD, gpx, gpx_point, tcx, tcx_lap, tcx_point, utc


def refusal(data: bytes) -> ExportError:
    with pytest.raises(ExportError) as refused:
        reading_of(data, time_zone=None, distance_unit=None, dialects=())
    return refused.value


def marks(reading: Reading) -> list[tuple[object, ...]]:
    return reading.marks.select("source", "started_at_utc", "ended_at_utc", "text").rows()


def test_a_tcx_point_carries_every_channel() -> None:
    point = tcx_point(
        0, speed=1.25, distance=10.5, strides=55, beats=98, altitude=12.4, place=(52.5, 13.4)
    )
    reading = reading_from_xml(tcx(tcx_lap(0, 60, [point, tcx_point(1)]), sport="Walking"))
    wanted = [
        "recorded_at_utc", "speed_mps", "distance_m", "cadence_per_min", "heart_rate_bpm",
        "altitude_m", "latitude_deg", "longitude_deg",
    ]  # fmt: skip
    assert reading.records.select(wanted).rows() == [
        (at(0), 1.25, 10.5, 55.0, 98.0, 12.4, 52.5, 13.4),
        (at(1), *[None] * 7),
    ]
    workout = reading.workouts.row(0, named=True)
    # RunCadence counts one leg; the last point stands one interval, the lap 60 s.
    assert (workout["cadence_unit"], workout["sport"], workout["grain"]) == (
        "strides", "walking", "record",
    )  # fmt: skip
    assert (workout["started_at_utc"], workout["ended_at_utc"]) == (at(0), at(60))
    assert workout["timer_s"] == 60.0
    assert (reading.format, reading.dialect, reading.reason_code) == ("tcx", "tcx", "ok")
    assert marks(reading) == [("lap", at(0), at(60), None)]


def test_a_plain_cadence_may_count_either_and_a_sport_called_other_says_nothing() -> None:
    reading = reading_from_xml(tcx(tcx_lap(0, 60, [tcx_point(0, cadence=60)])))
    workout = reading.workouts.row(0, named=True)
    assert (workout["cadence_unit"], workout["sport"]) == ("unknown", None)
    assert reading.records["cadence_per_min"].to_list() == [60.0]


def test_laps_notes_pauses_and_device_of_a_tcx_become_marks() -> None:
    data = tcx(
        tcx_lap(0, 60, [tcx_point(0), tcx_point(30)], extra="<Notes>backward</Notes>"),
        # Two tracks in one lap: the watch was paused between 100 s and 130 s.
        tcx_lap(60, 60, [tcx_point(60), tcx_point(100)], [tcx_point(130), tcx_point(150)]),
        extra="<Notes>Retro walk</Notes><Creator><Name>Garmin Venu 3</Name></Creator>",
    )
    reading = reading_from_xml(data)
    workout = reading.workouts.row(0, named=True)
    assert (workout["device"], workout["writer"]) == ("Garmin Venu 3", "garmin")
    # Intervals 30, 30, 40, 30, 20 s: the last point stands 30 s, to 180.
    assert marks(reading) == [
        ("lap", at(0), at(60), None),
        ("lap_name", at(0), at(60), "backward"),
        ("session_name", at(0), at(180), "Retro walk"),
        ("lap", at(60), at(120), None),
        ("pause", at(100), at(130), None),
    ]


def test_a_tcx_without_points_has_a_record_a_lap() -> None:
    average = "<DistanceMeters>75</DistanceMeters><AverageHeartRateBpm><Value>101</Value></AverageHeartRateBpm>"
    reading = reading_from_xml(tcx(tcx_lap(0, 60, extra=average), tcx_lap(60, 30, extra=average)))
    assert reading.records.select("recorded_at_utc", "speed_mps", "heart_rate_bpm").rows() == [
        (at(0), 75 / 60, 101.0),
        (at(60), 75 / 30, 101.0),
    ]
    workout = reading.workouts.row(0, named=True)
    assert (workout["grain"], workout["total_distance_m"], workout["timer_s"]) == ("lap", 150, 90)


def test_a_gpx_track_is_a_workout_and_its_segments_are_parted_by_pauses() -> None:
    extended = {"hr": 99, "cad": 57, "speed": 1.5}
    data = gpx(
        [
            gpx_point(0, (52.5, 13.4), altitude=30.25, extensions=extended),
            gpx_point(1, (52.5, 13.5)),
        ],
        [gpx_point(61, (52.6, 13.5))],
        head="<name>Backward round the park</name><type>walking</type>",
    )
    reading = reading_from_xml(data)
    wanted = [
        "recorded_at_utc", "latitude_deg", "longitude_deg", "altitude_m", "heart_rate_bpm",
        "cadence_per_min", "speed_mps",
    ]  # fmt: skip
    assert reading.records.select(wanted).rows() == [
        (at(0), 52.5, 13.4, 30.25, 99.0, 57.0, 1.5),
        (at(1), 52.5, 13.5, None, None, None, None),
        (at(61), 52.6, 13.5, None, None, None, None),
    ]
    workout = reading.workouts.row(0, named=True)
    assert (workout["sport"], workout["device"]) == ("walking", "Garmin Connect")
    # Intervals of 1 and 60 s have the median 30.5 s.
    assert marks(reading) == [
        ("session_name", at(0), at(91.5), "Backward round the park"),
        ("pause", at(1), at(61), None),
    ]


def test_a_point_without_a_time_is_set_aside_and_counted() -> None:
    reading = reading_from_xml(gpx([gpx_point(0, (1, 1)), gpx_point(None, (1, 2))]))
    assert reading.reason_code == "rows_set_aside"
    assert reading.workouts["records_set_aside_n"].to_list() == [1]
    assert reading.records.height == 1


def test_a_planned_route_without_times_says_so() -> None:
    error = refusal(gpx([gpx_point(None, (1, 1)), gpx_point(None, (1, 2))]))
    assert error.reason_code == "no_timestamps"
    assert "None of its 2 points says when" in error.reason


def test_a_number_that_is_none_is_null() -> None:
    point = tcx_point(0, beats="high", speed="NaN", altitude="1e999")
    records = reading_from_xml(tcx(tcx_lap(0, 5, [point]))).records
    assert records.select("heart_rate_bpm", "speed_mps", "altitude_m").row(0) == (None,) * 3


def test_what_stands_before_a_break_is_kept() -> None:
    whole = tcx(tcx_lap(0, 60, [tcx_point(n, beats=90 + n) for n in range(10)]))
    cut = whole[: whole.index(utc(6).encode())]
    reading = reading_from_xml(cut)
    assert reading.records["heart_rate_bpm"].to_list() == [90, 91, 92, 93, 94, 95]
    assert reading.reason_code == "truncated"
    assert "Line 10, column" in reading.reason
    assert reading.recovered_fraction == pytest.approx(1.0)
    half_a_number = whole[: whole.index(b"<Value>95") + len(b"<Value>9")]
    beats = reading_from_xml(half_a_number).records["heart_rate_bpm"].to_list()
    assert beats == [90, 91, 92, 93, 94]
    broken = whole.replace(utc(6).encode(), b"<", 1)
    assert 0.4 < reading_from_xml(broken).recovered_fraction < 0.9


def test_entities_are_refused_and_never_expanded() -> None:
    bomb = b'<!DOCTYPE gpx [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>\n<gpx><trk>&b;</trk></gpx>'
    assert xml_format_of(bomb) == "gpx"
    error = refusal(bomb)
    assert error.reason_code == "unknown_format"
    assert "entities" in error.reason


@pytest.mark.parametrize(
    ("data", "form"),
    [
        (b"          <?xml version='1.0'?>\n<TrainingCenterDatabase>", "tcx"),
        (b"\xef\xbb\xbf<gpx version='1.0'>", "gpx"),
        (b"<!-- hand-made --><x:gpx xmlns:x='a'>", "gpx"),
        (b"<html><body>gpx</body></html>", "unknown"),
    ],
)
def test_the_root_element_tells_the_format(data: bytes, form: str) -> None:
    assert format_of(data) == form


def test_blanks_before_the_declaration_are_passed_over() -> None:
    data = b"          " + tcx(tcx_lap(0, 60, [tcx_point(0)]))
    assert reading_from_xml(data).records.height == 1


def test_other_xml_is_of_no_known_format() -> None:
    assert refusal(b"<kml><Placemark/></kml>").reason_code == "unknown_format"


SEEDS = (
    tcx(tcx_lap(0, 60, [tcx_point(n, speed=1, strides=50, beats=90) for n in range(4)])),
    gpx([gpx_point(n, (52.5, 13.4), altitude=3, extensions={"hr": 90}) for n in range(4)]),
    (TCX_HEAD + "<Activity/>").encode(),
    (GPX_HEAD + "<trk/></gpx>").encode(),
)


@settings(max_examples=50, deadline=None)
@given(damaged(SEEDS, (b"", b"<", b">", b"&", b"\x00", b"\xff", b"1e999", b"nan", b"<a>")))
def test_a_damaged_export_is_read_or_refused_and_never_a_crash(data: bytes) -> None:
    try:
        reading = reading_from_xml(data)
    except ExportError as error:
        assert error.reason_code in {"unknown_format", "no_timestamps"}  # noqa: PT017
    else:
        assert reading.workouts.height
        assert 0.0 <= reading.recovered_fraction <= 1.0
