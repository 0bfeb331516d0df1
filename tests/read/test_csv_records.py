"""What the canonical per-second CSV means, and what its faults cost."""

import itertools
from datetime import UTC, datetime

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrowalk.errors import ExportError
from retrowalk.read.csv import dialect_of, looks_like_csv, reading_from_csv
from retrowalk.read.reading import Reading
from tests.builders_csv import at, per_second_csv, stamp


def read(data: bytes, time_zone: str | None = None) -> Reading:
    return reading_from_csv(data, time_zone=time_zone, distance_unit=None)


def spans(reading: Reading, source: str) -> list[tuple[object, ...]]:
    columns = ["workout_n", "started_at_utc", "ended_at_utc", "text"]
    return reading.marks.filter(pl.col("source") == source).select(columns).rows()


def test_every_channel_arrives_in_its_unit() -> None:
    reading = read(
        per_second_csv(
            {
                "speed_mps": [1.25], "distance_m": [0], "cadence_spm": [96],
                "heart_rate_bpm": [88], "altitude_m": [100.4], "grade_percent": [-2.5],
                "latitude_deg": [52.5], "longitude_deg": [13.4], "heading_deg": [270],
            }
        )
    )  # fmt: skip
    assert reading.dialect == "canonical_per_second"
    assert reading.reason_code == "ok"
    assert reading.records.to_dicts() == [
        {
            "workout_n": 0, "recorded_at_utc": at(0), "speed_mps": 1.25, "distance_m": 0.0,
            "cadence_per_min": 96.0, "heart_rate_bpm": 88.0, "altitude_m": 100.4,
            "grade_fraction": -0.025, "course_deg": None, "heading_deg": 270.0,
            "latitude_deg": 52.5, "longitude_deg": 13.4,
        }
    ]  # fmt: skip


def test_a_workout_lasts_until_its_last_record_has_stood_its_interval() -> None:
    workout = read(per_second_csv({"speed_mps": [1.0] * 1500})).workouts.row(0, named=True)
    assert (workout["started_at_utc"], workout["ended_at_utc"]) == (at(0), at(1500))
    assert workout["cadence_unit"] == "unknown"
    assert workout["grain"] == "record"
    assert workout["sport"] is None


def test_cadence_is_stated_in_steps() -> None:
    assert read(per_second_csv({"cadence_spm": [96]})).workouts["cadence_unit"][0] == "steps"


@pytest.mark.parametrize(
    ("written", "offset_s"),
    [
        ("2026-11-16T08:00:00+01:00", 3600),
        ("2026-11-16T08:00:00.250+0100", 3600),
        ("2026-11-16 08:00:00+01", 3600),
        ("2026-11-16T01:30:00-05:30", -19_800),
        ("2026-11-16T07:00:00Z", 0),
        ("2026-11-16T07:00Z", 0),
    ],
)
def test_an_offset_is_read_and_kept(written: str, offset_s: int) -> None:
    reading = read(per_second_csv({"speed_mps": [1.0]}, times=[written]))
    moment = reading.records["recorded_at_utc"][0]
    assert moment.replace(microsecond=0) == at(0)
    assert reading.workouts["file_utc_offset_s"][0] == offset_s


def test_two_offsets_in_one_workout_leave_it_unstated() -> None:
    times = [stamp(0, hours=2), stamp(1, hours=1)]
    reading = read(per_second_csv({"speed_mps": [1.0, 1.0]}, times=times))
    assert reading.workouts["file_utc_offset_s"][0] is None
    assert reading.records["recorded_at_utc"].to_list() == [at(0), at(1)]


def test_times_without_an_offset_are_the_participants_wall_clock() -> None:
    data = per_second_csv({"speed_mps": [1.0]}, times=["2026-07-01T08:00:00"])
    berlin = read(data, "Europe/Berlin")
    assert berlin.records["recorded_at_utc"][0] == datetime(2026, 7, 1, 6, tzinfo=UTC)
    assert berlin.workouts["file_utc_offset_s"][0] is None
    nowhere = read(data)
    assert nowhere.records["recorded_at_utc"][0] == datetime(2026, 7, 1, 8, tzinfo=UTC)
    assert "read as UTC" in nowhere.traps[0]


def test_the_earlier_of_two_wall_clock_instants_is_taken_and_said() -> None:
    # 02:30 on 25 October 2026 came twice in Berlin: first at UTC+2, i.e. 00:30 UTC.
    data = per_second_csv({"speed_mps": [1.0]}, times=["2026-10-25T02:30:00"])
    reading = read(data, "Europe/Berlin")
    assert reading.records["recorded_at_utc"][0] == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert "the clock repeats" in reading.traps[0]


def test_a_walk_through_the_hour_that_comes_twice_goes_on_in_it() -> None:
    # 02:59:59 at UTC+2 is 00:59:59 UTC; a second later Berlin's clocks show 02:00:00 again.
    times = ["2026-10-25T02:59:58", "2026-10-25T02:59:59"]
    times += ["2026-10-25T02:00:00", "2026-10-25T02:00:01", "2026-10-25T03:00:00"]
    data = per_second_csv({"speed_mps": [1.0, 1.1, 1.2, 1.3, 1.4]}, times=times)
    reading = read(data, "Europe/Berlin")
    assert reading.records.select("recorded_at_utc", "speed_mps").rows() == [
        (datetime(2026, 10, 25, 0, 59, 58, tzinfo=UTC), 1.0),
        (datetime(2026, 10, 25, 0, 59, 59, tzinfo=UTC), 1.1),
        (datetime(2026, 10, 25, 1, 0, 0, tzinfo=UTC), 1.2),
        (datetime(2026, 10, 25, 1, 0, 1, tzinfo=UTC), 1.3),
        (datetime(2026, 10, 25, 2, 0, 0, tzinfo=UTC), 1.4),
    ]
    assert "the 2 times after that are the later ones" in reading.reason


def test_a_clock_set_back_by_seconds_is_no_change_of_clocks() -> None:
    times = ["2026-10-25T02:10:05", "2026-10-25T02:10:04", "2026-10-25T02:10:06"]
    reading = read(per_second_csv({"speed_mps": [1.0] * 3}, times=times), "Europe/Berlin")
    assert reading.records["recorded_at_utc"].dt.hour().to_list() == [0, 0, 0]
    assert "later ones" not in reading.reason


def test_a_wall_clock_time_that_never_was_is_read_an_hour_later_and_said() -> None:
    # At 02:00 on 29 March 2026 Berlin's clocks went to 03:00; 02:30 read as 03:30 is 01:30 UTC.
    data = per_second_csv({"speed_mps": [1.0]}, times=["2026-03-29T02:30:00"])
    reading = read(data, "Europe/Berlin")
    assert reading.records["recorded_at_utc"][0] == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert "the clock skips" in reading.traps[0]


def test_a_time_that_never_was_troubles_no_time_beside_it() -> None:
    # 03:30 is an hour after 02:30, which never was: 02:30 is read by the clock before the skip.
    times = ["2026-03-29T01:59:59", "2026-03-29T02:30:00", "2026-03-29T03:30:05"]
    reading = read(per_second_csv({"speed_mps": [1.0] * 3}, times=times), "Europe/Berlin")
    assert reading.records["recorded_at_utc"].to_list() == [
        datetime(2026, 3, 29, 0, 59, 59, tzinfo=UTC),
        datetime(2026, 3, 29, 1, 30, 0, tzinfo=UTC),
        datetime(2026, 3, 29, 1, 30, 5, tzinfo=UTC),
    ]
    assert reading.traps[0].startswith("1 time falls in the hour that the clock skips")


def test_a_day_that_never_was_is_read_by_the_clock_of_the_day_before() -> None:
    # Samoa went from UTC-10 to UTC+14 and left out 30 December 2011.
    data = per_second_csv({"speed_mps": [1.0]}, times=["2011-12-30T12:00:00"])
    reading = read(data, "Pacific/Apia")
    assert reading.records["recorded_at_utc"][0] == datetime(2011, 12, 30, 22, tzinfo=UTC)


def test_runs_of_a_direction_become_marks_that_end_where_the_next_begins() -> None:
    direction = ["forward"] * 3 + ["backward"] * 2 + [""] * 2 + ["Backward"]
    reading = read(per_second_csv({"direction": direction}))
    assert spans(reading, "csv_column") == [
        (0, at(0), at(3), "forward"),
        (0, at(3), at(5), "backward"),
        (0, at(7), at(8), "backward"),
    ]
    assert reading.marks["direction"].to_list() == ["forward", "backward", "backward"]


def test_a_pause_ends_a_mark_one_interval_after_its_last_row() -> None:
    times = [stamp(s) for s in (0, 2, 4, 100, 102)]
    reading = read(per_second_csv({"direction": ["backward"] * 3 + ["forward"] * 2}, times=times))
    assert spans(reading, "csv_column") == [
        (0, at(0), at(6), "backward"),
        (0, at(100), at(104), "forward"),
    ]


def test_laps_tile_the_workout_and_a_name_anywhere_in_a_lap_names_all_of_it() -> None:
    reading = read(
        per_second_csv(
            {"lap": [1, 1, 2, 2, 2, 3], "lap_name": ["", "Warm up", "Retro", "", "", ""]}
        )
    )
    assert spans(reading, "lap") == [
        (0, at(0), at(2), "1"), (0, at(2), at(5), "2"), (0, at(5), at(6), "3"),
    ]  # fmt: skip
    assert spans(reading, "lap_name") == [
        (0, at(0), at(2), "Warm up"), (0, at(2), at(5), "Retro"),
    ]  # fmt: skip


def test_two_names_in_one_lap_are_two_spans() -> None:
    reading = read(per_second_csv({"lap": [1, 1, 1], "lap_name": ["a", "", "b"]}))
    assert spans(reading, "lap_name") == [(0, at(0), at(1), "a"), (0, at(2), at(3), "b")]


def test_a_change_of_sport_begins_a_workout_and_an_empty_cell_does_not() -> None:
    sport = ["Walking", "", "walking", "running", "running"]
    reading = read(per_second_csv({"sport": sport, "sub_sport": ["treadmill"] * 3 + ["", ""]}))
    columns = ["workout_n", "started_at_utc", "ended_at_utc", "sport", "sub_sport"]
    assert reading.workouts.select(columns).rows() == [
        (0, at(0), at(3), "walking", "treadmill"),
        (1, at(3), at(5), "running", "treadmill"),
    ]
    assert reading.records["workout_n"].to_list() == [0, 0, 0, 1, 1]


def test_an_unusable_time_sets_its_row_aside_and_an_unusable_number_its_cell() -> None:
    data = (
        b"timestamp,speed_mps,heart_rate_bpm\n"
        b"2026-11-16T08:00:00+01:00,1.0,80\n"
        b"yesterday,1.0,81\n"
        b"2026-11-16T08:00:02+01:00,fast,82\n"
        b"\n"
        b"2026-11-16T08:00:03+01:00,inf,\n"
    )
    reading = read(data)
    assert reading.records["speed_mps"].to_list() == [1.0, None, None]
    assert reading.records["heart_rate_bpm"].to_list() == [80.0, 82.0, None]
    assert reading.workouts["records_set_aside_n"].to_list() == [1]
    assert reading.reason_code == "rows_set_aside"
    assert reading.recovered_fraction == pytest.approx(3 / 4)
    assert reading.reason == (
        "Read 3 of 4 rows. 1 row set aside: line 3, column 'timestamp' holds 'yesterday', "
        "not a usable time; 2 cells left out: line 4, column 'speed_mps' holds 'fast', not a number."
    )


def test_a_word_that_is_no_direction_is_named_and_states_none() -> None:
    reading = read(per_second_csv({"direction": ["backward", "sideways", "unknown"]}))
    assert spans(reading, "csv_column") == [(0, at(0), at(1), "backward")]
    assert "line 3, column 'direction' holds 'sideways'" in reading.reason
    assert "1 cell left out" in reading.reason


def test_half_a_row_at_the_end_is_set_aside() -> None:
    data = (
        per_second_csv({"speed_mps": [1.0, 1.0], "distance_m": [0, 1]})
        + b"2026-11-16T08:00:02+01:00,1."
    )
    reading = read(data)
    assert reading.records.height == 2
    assert "line 4, column 'timestamp' holds 'half a row'" in reading.reason


def test_a_whole_last_row_without_a_line_end_is_read() -> None:
    assert read(per_second_csv({"speed_mps": [1.0, 1.0]}).rstrip()).records.height == 2


def test_a_column_that_turns_to_text_far_down_costs_only_its_cells() -> None:
    speeds: list[object] = [1.0] * 30_000
    speeds[20_000:] = ["n/a?"] * 10_000
    reading = read(per_second_csv({"speed_mps": speeds}))
    assert reading.records["speed_mps"].null_count() == 10_000
    assert "10000 cells left out: line 20002" in reading.reason


def test_columns_in_any_order_and_unknown_ones_beside_them_are_no_matter() -> None:
    data = b"mood,speed_mps,timestamp,,power\nfine,1.5,2026-11-16T08:00:00+01:00,,3\n"
    reading = read(data)
    assert reading.records["speed_mps"].to_list() == [1.5]
    assert reading.traps == ("Columns not known to the dialect, left unread: mood, power.",)


def test_ten_thousand_columns_are_read() -> None:
    extra = ",".join(f"x{n}" for n in range(10_000))
    data = f"timestamp,speed_mps,{extra}\n{stamp(0)},1.5{',1' * 10_000}\n".encode()
    reading = read(data)
    assert reading.records["speed_mps"].to_list() == [1.5]
    assert "and 9988 more" in reading.traps[0]


def test_text_that_a_spreadsheet_would_run_is_kept_as_text() -> None:
    evil = "=cmd|' /C calc'!A0"
    reading = read(per_second_csv({"lap": [1], "lap_name": [evil]}))
    assert spans(reading, "lap_name") == [(0, at(0), at(1), evil)]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"]
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_delimiters_and_line_ends_change_nothing(
    encoding: str, delimiter: str, end: str
) -> None:
    text = per_second_csv(
        {"speed_mps": [1.25, 1.5], "lap": [1, 1], "lap_name": ["Rückwärts", ""]}
    ).decode()
    changed = text.replace(",", delimiter).replace("\n", end).encode(encoding)
    assert looks_like_csv(changed)
    reading = read(changed)
    assert reading.records["speed_mps"].to_list() == [1.25, 1.5]
    assert spans(reading, "lap_name") == [(0, at(0), at(2), "Rückwärts")]
    assert reading.reason_code == "ok"


def test_lines_before_the_header_are_passed_over() -> None:
    data = b"sep=,\n\n# made by hand\n" + per_second_csv({"speed_mps": [1.25]})
    assert read(data).records["speed_mps"].to_list() == [1.25]


def test_row_numbers_that_the_header_does_not_name_are_passed_over() -> None:
    rows = per_second_csv({"speed_mps": [1.25, 1.5]}).decode().splitlines()
    numbered = "\n".join([rows[0], f"1,{rows[1]}", f"2,{rows[2]}"]).encode()
    reading = read(numbered)
    assert reading.records["speed_mps"].to_list() == [1.25, 1.5]
    assert "row number" in reading.traps[0]


@pytest.mark.parametrize(
    ("data", "reason_code", "words"),
    [
        (b"", "empty_file", "0 bytes"),
        (b"\xef\xbb\xbf\r\n \n", "empty_file", "all blank"),
        (bytes(range(256)) * 8, "unknown_format", "Not text"),
        (b".FIT\x00\x01\x02\x03", "unknown_format", "Not text"),
        (b"timestamp,speed_mps\n", "no_timestamps", "no row below"),
        (b"timestamp,speed_mps\nsoon,1\nlater,2\n", "no_timestamps", "2 rows set aside: line 2"),
        (b"when,how_fast\n1,2\n", "unknown_dialect", "'when', 'how_fast'"),
        (
            b"timestamp,mood\n2026,1\n",
            "unknown_dialect",
            "Nearest is canonical_per_second",
        ),
    ],
)
def test_what_cannot_be_read_says_why(data: bytes, reason_code: str, words: str) -> None:
    with pytest.raises(ExportError) as refused:
        read(data)
    assert refused.value.reason_code == reason_code
    assert words in refused.value.reason


def test_a_short_first_row_costs_no_later_cell() -> None:
    data = f"timestamp,speed_mps,distance_m\n{stamp(0)}\n{stamp(1)},1.5,3\n".encode()
    reading = read(data)
    assert reading.records["distance_m"].to_list() == [None, 3.0]
    assert reading.records["speed_mps"].to_list() == [None, 1.5]


def test_rows_with_another_delimiter_than_the_header_are_set_aside() -> None:
    data = per_second_csv({"speed_mps": [1.0]}) + b"2026-11-16T08:00:01+01:00;1.0\n"
    reading = read(data)
    assert reading.records.height == 1
    assert "1 row set aside: line 3" in reading.reason
    assert (
        "'2026-11-16T08:00:01+01:00;1.0', not cells split by ',' like the header" in reading.reason
    )


def test_a_stray_quote_costs_no_row() -> None:
    data = per_second_csv(
        {"speed_mps": [1.0, 1.0, 1.0], "lap": [1, 1, 1], "lap_name": ["a", '5" step', "a"]}
    )
    reading = read(data)
    assert reading.records["recorded_at_utc"].to_list() == [at(0), at(1), at(2)]


def test_the_dialect_is_named_without_reading() -> None:
    assert dialect_of(per_second_csv({"speed_mps": [1.0]})) == "canonical_per_second"
    assert dialect_of(b"when,how_fast\n1,2\n") is None
    assert dialect_of(b"\x00\x01\x02") is None


@pytest.mark.parametrize(
    ("data", "answer"),
    [
        (b"a,b,c\n1,2,3\n4,5,6\n", True),
        (b"when;how_fast\n1;2\n", True),
        (b"Dear all,\nplease find it attached.\nYours\n", False),
        (b'<?xml version="1.0"?>\n<gpx a="1,2"></gpx>\n', False),
        (b'{"a": 1, "b": 2}\n', False),
        (b"", False),
        (b"\x0e\x10\xd9\x07\x00\x00\x00\x00.FIT", False),
    ],
)
def test_rows_of_cells_look_like_csv_and_prose_does_not(data: bytes, answer: bool) -> None:  # noqa: FBT001
    assert looks_like_csv(data) is answer


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.floats(0, 3, allow_nan=False),
            st.sampled_from(["forward", "backward", ""]),
            st.integers(1, 30),
        ),
        min_size=1,
        max_size=30,
    )
)
def test_no_row_is_lost_and_labelled_time_is_the_time_of_labelled_rows(
    rows: list[tuple[float, str, int]],
) -> None:
    seconds = [sum(step for _, _, step in rows[:n]) for n in range(len(rows))]
    reading = read(
        per_second_csv(
            {
                "speed_mps": [speed for speed, _, _ in rows],
                "direction": [word for _, word, _ in rows],
            },
            times=[stamp(s) for s in seconds],
        )
    )
    assert reading.records["speed_mps"].to_list() == [speed for speed, _, _ in rows]
    steps = [b - a for a, b in itertools.pairwise(seconds)]
    usual = sorted(steps)
    middle = len(usual) // 2
    median = 1.0
    if usual:
        median = usual[middle] if len(usual) % 2 else (usual[middle - 1] + usual[middle]) / 2
    stands = [*steps, median]
    labelled = sum(s for s, (_, word, _) in zip(stands, rows, strict=True) if word)
    spans_s = (reading.marks["ended_at_utc"] - reading.marks["started_at_utc"]).dt.total_seconds(
        fractional=True
    )
    assert spans_s.sum() == pytest.approx(labelled, abs=1e-3)


@settings(max_examples=25, deadline=None)
@given(st.integers(60, 4000), st.integers(1, 40))
def test_the_size_of_the_pieces_that_are_held_at_a_time_changes_nothing(
    size: int, rows: int
) -> None:
    from retrowalk.read.csv.cells import cells_from_source  # noqa: PLC0415
    from retrowalk.read.csv.dialect_toml import shipped_dialects  # noqa: PLC0415
    from retrowalk.read.csv.recognise import layout_from_source  # noqa: PLC0415
    from retrowalk.read.csv.source import source_from_bytes  # noqa: PLC0415

    names = ['"two\nlines"' if n % 7 == 0 else "" for n in range(rows)]
    data = per_second_csv({"speed_mps": list(range(rows)), "lap": [1] * rows, "lap_name": names})
    source = source_from_bytes(data)
    layout = layout_from_source(source, shipped_dialects())
    whole = pl.concat([c.frame for c in cells_from_source(source, layout)])
    pieces = pl.concat([c.frame for c in cells_from_source(source, layout, size=size)])
    assert pieces.equals(whole)
    assert whole.height == rows
