"""The decoder, trap by trap: what stands in the file, and what a reader makes of it."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from retrowalk.errors import ExportError
from retrowalk.read.fit import decode, decode_parts, is_fit
from tests.builders_fit import START, T0, TIMESTAMP, TYPES, D, F, Fit, activity, crc16, session

RECORD, EVENT, SESSION = 20, 21, 18
HEART_RATE, CADENCE, SPEED, DISTANCE = (
    F(3, "uint8"),
    F(4, "uint8"),
    F(6, "uint16"),
    F(5, "uint32"),
)


def records(fit: Fit) -> pl.DataFrame:
    return decode(fit.bytes())["record"]


def kinds(fit: Fit) -> list[str]:
    return [trap.kind for trap in decode_parts(fit.bytes()).traps]


def test_a_record_comes_out_in_physical_units_under_the_names_of_the_profile() -> None:
    fit = Fit().define(0, RECORD, [TIMESTAMP, DISTANCE, SPEED, HEART_RATE, F(2, "uint16")])
    fit.data(0, T0, 12_345, 1_250, 97, 2_605)
    assert records(fit).to_dicts() == [
        {
            "timestamp": START,
            "distance": 123.45,
            "speed": 1.25,
            "heart_rate": 97,
            "altitude": 2_605 / 5 - 500,
            "enhanced_speed": 1.25,
            "enhanced_altitude": 21.0,
        }
    ]


@pytest.mark.parametrize("name", [name for name in TYPES if name not in {"string", "byte"}])
def test_the_sentinel_of_each_type_is_null(name: str) -> None:
    fit = Fit().define(0, 65_280, [F(1, name)]).data(0, None).data(0, 1)
    assert decode(fit.bytes())["unknown_65280"]["unknown_1"].to_list() == [None, 1]


def test_zero_is_a_measured_zero_except_where_the_type_says_otherwise() -> None:
    fit = Fit().define(0, 65_280, [F(1, "uint16"), F(2, "uint16z")]).data(0, 0, 0)
    assert decode(fit.bytes())["unknown_65280"].row(0) == (0, None)


def test_a_byte_array_is_absent_only_as_a_whole() -> None:
    fit = Fit().define(0, 65_280, [F(1, "byte", 3)])
    fit.data(0, b"\xff\xff\xff").data(0, b"\x01\xff\x02")
    assert decode(fit.bytes())["unknown_65280"]["unknown_1"].to_list() == [None, [1, 255, 2]]


def test_both_byte_orders_of_one_file_are_read_by_their_definitions() -> None:
    fit = (
        Fit().define(0, RECORD, [TIMESTAMP, SPEED]).define(1, RECORD, [TIMESTAMP, SPEED], big=True)
    )
    fit.data(0, T0, 1_000).data(1, T0 + 1, 2_000).data(0, T0 + 2, 3_000)
    assert records(fit)["speed"].to_list() == [1.0, 2.0, 3.0]
    assert records(fit)["timestamp"].to_list() == [START + timedelta(seconds=i) for i in range(3)]


def test_a_compressed_timestamp_rolls_over_from_the_last_full_one() -> None:
    start = T0 // 32 * 32 + 30
    fit = Fit().define(0, RECORD, [TIMESTAMP, HEART_RATE]).define(1, RECORD, [HEART_RATE])
    fit.data(0, start, 90)
    for seconds in (31, 33, 40, 40 + 31):  # low 5 bits 31, 1, 8, 7
        fit.compressed(1, start // 32 * 32 + seconds, 91)
    expected = [start, start + 1, start + 3, start + 10, start + 41]
    offsets = records(fit)["timestamp"].dt.epoch("s") - 631_065_600
    assert offsets.to_list() == expected


def test_a_compressed_timestamp_counts_from_a_full_one_in_another_message() -> None:
    start = T0 // 32 * 32
    fit = Fit().define(0, EVENT, [TIMESTAMP]).define(1, RECORD, [HEART_RATE])
    fit.data(0, start + 5).compressed(1, 6, 90).data(0, start + 70).compressed(1, 7, 90)
    found = records(fit)["timestamp"].dt.epoch("s") - 631_065_600
    assert found.to_list() == [start + 6, start + 71]


def test_chained_files_are_read_one_after_the_other() -> None:
    chained = activity(3).bytes() + activity(4).bytes()
    decoded = decode_parts(chained)
    assert decoded.messages["record"]["_part"].to_list() == [0] * 3 + [1] * 4
    assert decoded.messages["record"]["_offset"].is_sorted()
    assert decoded.recovered_fraction == 1.0


def test_local_types_do_not_outlive_their_part() -> None:
    undefined = Fit().raw(b"\x00" + bytes(10))
    decoded = decode_parts(activity(3).bytes() + undefined.bytes())
    assert [trap.kind for trap in decoded.traps] == ["undefined_local_message"]
    assert decoded.messages["record"].height == 3


def test_an_undersized_field_is_kept_as_bytes_and_the_message_whole() -> None:
    fit = Fit().define(0, RECORD, [TIMESTAMP, F(5, "uint32", size=1), HEART_RATE])
    fit.data(0, T0, b"\x07", 88)
    assert records(fit).select("timestamp", "distance", "heart_rate").row(0) == (START, [0.07], 88)
    assert kinds(fit) == ["misaligned_field"]


def test_fields_without_bytes_are_skipped() -> None:
    fit = Fit().describe(0, "uint8", "Nothing")
    fit.define(0, RECORD, [F(5, "uint32", size=0), HEART_RATE], developer=[D(0, "uint8", size=0)])
    fit.data(0, b"", 88, b"")
    assert records(fit).to_dicts() == [{"heart_rate": 88}]
    assert kinds(fit) == ["zero_size_field"]


def test_before_data_of_an_undefined_local_type_everything_is_kept() -> None:
    fit = activity(50, with_session=False)
    readable = len(fit.body)
    fit.raw(b"\x0b" + bytes(99))
    decoded = decode_parts(fit.bytes())
    assert decoded.messages["record"].height == 50
    (trap,) = decoded.traps
    assert (trap.kind, trap.offset) == ("undefined_local_message", 14 + readable)
    assert "0x0B" in trap.sentence
    assert decoded.recovered_fraction == pytest.approx(1 - 100 / len(fit.bytes()))


@pytest.mark.parametrize("promised", [0, 0xFFFFFFFF])
def test_a_header_that_gives_no_size_leaves_the_file_readable_to_its_end(promised: int) -> None:
    decoded = decode_parts(activity(20).bytes(data_bytes=promised, crc=0))
    assert decoded.messages["record"].height == 20
    assert "unwritten_size" in [trap.kind for trap in decoded.traps]
    assert decoded.recovered_fraction == 1.0


def test_of_a_truncated_file_the_whole_messages_are_kept() -> None:
    whole = Fit().define(0, RECORD, [TIMESTAMP, HEART_RATE])
    for i in range(100):
        whole.data(0, T0 + i, 100)
    data = whole.bytes()
    start = len(data) - 2 - 100 * 6
    decoded = decode_parts(data[: start + 40 * 6 + 3])
    assert decoded.messages["record"].height == 40
    assert [trap.kind for trap in decoded.traps] == ["truncated", "truncated"]
    assert decoded.traps[0].offset == start + 40 * 6
    assert decoded.recovered_fraction == pytest.approx((start + 40 * 6) / len(data))


def test_a_definition_that_is_cut_off_ends_the_file_there() -> None:
    fit = activity(5)
    whole = len(fit.body)
    fit.raw(b"\x40\x00\x00\x14")
    decoded = decode_parts(fit.bytes())
    assert (decoded.traps[0].kind, decoded.traps[0].offset) == ("truncated", 14 + whole)
    assert decoded.messages["record"].height == 5


def test_a_definition_that_nothing_follows_is_no_loss() -> None:
    decoded = decode_parts(activity(5).define(3, RECORD, [HEART_RATE]).bytes())
    assert (decoded.traps, decoded.recovered_fraction) == ((), 1.0)


def test_bits_of_a_header_that_mean_nothing_are_passed_over() -> None:
    fit = Fit().define(0, RECORD, [HEART_RATE]).data(0, 80)
    fit.raw(b"\x10\x51").raw(b"\x20\x52").define(0, RECORD, [CADENCE, HEART_RATE])
    fit.raw(b"\x30\x37\x53")
    assert records(fit)["heart_rate"].to_list() == [80, 0x51, 0x52, 0x53]
    assert kinds(fit) == []


def test_a_wrong_checksum_is_a_warning() -> None:
    decoded = decode_parts(activity(5).bytes(crc=0x1234))
    assert [trap.kind for trap in decoded.traps] == ["crc_mismatch"]
    assert decoded.messages["record"].height == 5
    assert decoded.recovered_fraction == 1.0


def test_the_header_may_have_12_bytes_or_a_wrong_checksum_of_its_own() -> None:
    assert decode(activity(5, fit=Fit(header_bytes=12)).bytes())["record"].height == 5
    data = bytearray(activity(5).bytes())
    data[12] ^= 0xFF
    data[-2:] = crc16(bytes(data[:-2])).to_bytes(2, "little")
    assert [trap.kind for trap in decode_parts(bytes(data)).traps] == ["header_crc_mismatch"]


def test_a_part_behind_damage_is_found() -> None:
    data = activity(5).bytes() + b"rubbish" + activity(6).bytes()
    decoded = decode_parts(data)
    assert decoded.messages["record"].height == 11
    assert [trap.kind for trap in decoded.traps] == ["damaged_tail"]
    assert decoded.recovered_fraction == pytest.approx(1 - 7 / len(data))


def test_a_damaged_second_header_loses_that_part_only() -> None:
    first, second = activity(5).bytes(), bytearray(activity(6).bytes())
    second[8:12] = b".FAT"
    decoded = decode_parts(first + bytes(second))
    assert decoded.messages["record"].height == 5
    assert decoded.traps[0].offset == len(first)
    assert decoded.recovered_fraction == pytest.approx(len(first) / (len(first) + len(second)))


def test_zeros_behind_the_end_are_padding() -> None:
    decoded = decode_parts(activity(5).bytes() + bytes(512))
    assert (decoded.traps, decoded.recovered_fraction) == ((), 1.0)


def test_bytes_before_the_first_header_are_left_out() -> None:
    decoded = decode_parts(b"\x00junk" + activity(5).bytes())
    assert [trap.kind for trap in decoded.traps] == ["leading_bytes"]
    assert decoded.messages["record"].height == 5


def test_unknown_messages_and_fields_keep_their_numbers() -> None:
    fit = Fit().define(0, 999, [F(200, "sint16")]).data(0, -5)
    fit.define(0, RECORD, [F(240, "uint8"), HEART_RATE]).data(0, 1, 2)
    frames = decode(fit.bytes())
    assert frames["unknown_999"].to_dicts() == [{"unknown_200": -5}]
    assert frames["record"].to_dicts() == [{"unknown_240": 1, "heart_rate": 2}]


def test_text_may_be_unterminated_or_no_utf8() -> None:
    fit = Fit().define(0, 12, [F(3, "string", 5)])
    for text in (b"Hike\x00", b"Hiker", b"caf\xe9\x00", b"\x00\x00\x00\x00\x00", b"a\x00bcd"):
        fit.data(0, text)
    assert decode(fit.bytes())["sport"]["name"].to_list() == [
        "Hike", "Hiker", "caf\ufffd", None, "a",
    ]  # fmt: skip


def test_times_of_the_device_clock_are_no_instants_but_keep_their_seconds() -> None:
    fit = Fit().define(0, RECORD, [TIMESTAMP]).data(0, 5_000).data(0, T0)
    assert records(fit).to_dicts() == [
        {"timestamp_since_device_start_s": 5_000, "timestamp": None},
        {"timestamp_since_device_start_s": None, "timestamp": START},
    ]


def test_a_timestamp_correlation_turns_the_device_clock_into_utc() -> None:
    fit = Fit().message(
        162, (TIMESTAMP, T0), (F(0, "uint16"), 16_384), (F(1, "uint32"), 4_000), (F(2, "uint16"), 0)
    )
    fit.define(0, RECORD, [TIMESTAMP]).data(0, 4_060)
    expected = START + timedelta(seconds=60, milliseconds=500)
    assert records(fit)["timestamp"].to_list() == [expected]


def test_what_one_part_says_of_its_clock_holds_for_no_other_part() -> None:
    said = Fit().define(0, RECORD, [TIMESTAMP]).data(0, 4_060)
    said.message(162, (TIMESTAMP, T0), (F(1, "uint32"), 4_000))
    unsaid = Fit().define(0, RECORD, [TIMESTAMP]).data(0, 4_070)
    for data, expected in (
        (said.bytes() + unsaid.bytes(), [START + timedelta(seconds=60), None]),
        (unsaid.bytes() + said.bytes(), [None, START + timedelta(seconds=60)]),
    ):
        assert decode(data)["record"]["timestamp"].to_list() == expected


def test_the_enhanced_field_wins_over_what_the_plain_one_holds() -> None:
    fit = Fit().define(0, RECORD, [F(73, "uint32"), SPEED])
    fit.data(0, 70_000, None).data(0, None, 1_500).data(0, 2_000, 1_500)
    frame = records(fit)
    assert frame["enhanced_speed"].to_list() == [70.0, 1.5, 2.0]
    assert frame["speed"].to_list() == [None, 1.5, 1.5]


def test_compressed_speed_and_distance_are_taken_apart_and_count_on() -> None:
    fit = Fit().define(0, RECORD, [F(8, "byte", 3)])
    for speed, distance in ((150, 4_000), (200, 4_090), (250, 10)):
        fit.data(0, (distance << 12 | speed).to_bytes(3, "little"))
    fit.data(0, b"\xff\xff\xff")
    frame = records(fit)
    assert frame["speed"].to_list() == [1.5, 2.0, 2.5, None]
    # 12 bits of sixteenths of a metre: 10 comes after 4090 as 4106.
    assert frame["distance"].to_list() == [4_000 / 16, 4_090 / 16, 4_106 / 16, None]


def test_counting_starts_anew_in_each_part_and_goes_on_from_a_whole_value() -> None:
    part = Fit().define(0, RECORD, [F(19, "uint32"), F(18, "uint8")])
    part.data(0, 1_000, 232).data(0, None, 240).data(0, None, 4)
    again = Fit().define(0, RECORD, [F(18, "uint8")]).data(0, 7)
    frame = decode(part.bytes() + again.bytes())["record"]
    # 1000 ends in 232 (mod 256): 240 is 1008, 4 is 1028.
    assert frame["total_cycles"].to_list() == [1_000, 1_008, 1_028, 7]


def test_arrays_are_lists_with_nulls_for_what_is_absent_in_them() -> None:
    fit = Fit().define(0, 78, [F(0, "uint16", 3)])
    fit.data(0, [800, 801, 802]).data(0, [803]).data(0, None)
    assert decode(fit.bytes())["hrv"]["time"].to_list() == [
        [0.8, 0.801, 0.802], [0.803, None, None], None,
    ]  # fmt: skip


def test_enumerations_have_names_and_an_unnamed_value_keeps_its_number() -> None:
    fit = Fit().define(0, SESSION, [F(5, "enum"), F(6, "enum")])
    fit.data(0, 11, 27).data(0, 17, 1).data(0, 250, None).data(0, 66, 31)
    frame = decode(fit.bytes())["session"]
    assert frame["sport"].to_list() == ["walking", "hiking", "250", "wheelchair_push_run"]
    assert frame["sub_sport"].to_list() == ["indoor_walking", "treadmill", None, "speed_walking"]


def test_a_subfield_stands_beside_its_field_where_it_applies() -> None:
    fit = Fit().define(0, EVENT, [F(0, "enum"), F(3, "uint32")])
    fit.data(0, 0, 1).data(0, 11, 3_800)
    frame = decode(fit.bytes())["event"]
    assert frame["event"].to_list() == ["timer", "battery"]
    assert frame["data"].to_list() == [1, 3_800]
    assert frame["timer_trigger"].to_list() == ["auto", None]
    assert frame["battery_level"].to_list() == [None, 3.8]


def test_a_subfield_may_hold_fields_of_its_own() -> None:
    fit = Fit().define(0, EVENT, [F(0, "enum"), F(3, "uint32")])
    fit.data(0, 43, 3 | 34 << 8 | 2 << 16 | 50 << 24).data(0, 0, 1)
    frame = decode(fit.bytes())["event"]
    assert frame.select("rear_gear_num", "rear_gear", "front_gear_num", "front_gear").rows() == [
        (3, 34, 2, 50),
        (None, None, None, None),
    ]


def test_a_message_that_is_defined_anew_goes_on_in_file_order() -> None:
    fit = Fit().define(0, RECORD, [TIMESTAMP, HEART_RATE]).data(0, T0, 80)
    fit.define(0, RECORD, [TIMESTAMP, CADENCE]).data(0, T0 + 1, 50)
    fit.define(0, RECORD, [TIMESTAMP, HEART_RATE]).data(0, T0 + 2, 82)
    frame = records(fit)
    assert frame["timestamp"].is_sorted()
    assert frame["heart_rate"].to_list() == [80, None, 82]
    assert frame["cadence"].to_list() == [None, 50, None]


def test_a_field_stored_in_two_types_is_one_column() -> None:
    fit = Fit().define(0, RECORD, [F(5, "uint32")]).define(1, RECORD, [F(5, "uint16")])
    fit.define(2, RECORD, [F(5, "uint32", 2)])
    fit.data(0, 100).data(1, 200).data(2, [300, 400])
    assert records(fit)["distance"].to_list() == [[1.0], [2.0], [3.0, 4.0]]


def test_developer_fields_have_the_names_and_types_of_their_descriptions() -> None:
    fit = Fit().describe(0, "sint16", "Direction", units="code").describe(1, "string", "Note")
    fit.define(
        0, RECORD, [HEART_RATE], developer=[D(0, "sint16"), D(1, "string", count=8)], big=True
    )
    fit.data(0, 90, -1, "retro").data(0, 91, None, "")
    decoded = decode_parts(fit.bytes())
    assert decoded.messages["record"].drop("_part", "_offset").to_dicts() == [
        {"heart_rate": 90, "Direction": -1, "Note": "retro"},
        {"heart_rate": 91, "Direction": None, "Note": None},
    ]
    assert [(c.column, c.units) for c in decoded.developer_columns] == [
        ("Direction", "code"), ("Note", ""),
    ]  # fmt: skip


def test_a_developer_field_says_which_field_it_stands_for() -> None:
    fit = Fit().describe(0, "float32", "Stride Rate", units="spm", native=4)
    fit.define(0, RECORD, [HEART_RATE], developer=[D(0, "float32")]).data(0, 90, 55.5)
    (column,) = decode_parts(fit.bytes()).developer_columns
    assert (column.message, column.column, column.native_column) == (
        "record",
        "Stride Rate",
        "cadence",
    )


def test_a_developer_field_does_not_replace_a_field_of_the_same_name() -> None:
    fit = Fit().describe(7, "uint8", "heart_rate", index=2)
    fit.define(0, RECORD, [HEART_RATE], developer=[D(7, "uint8", index=2)]).data(0, 90, 60)
    assert records(fit).to_dicts() == [{"heart_rate": 90, "heart_rate_dev_2_7": 60}]


def test_a_developer_field_without_description_is_kept_as_bytes() -> None:
    fit = (
        Fit().define(0, RECORD, [HEART_RATE], developer=[D(3, "uint16", index=1)]).data(0, 90, 258)
    )
    assert records(fit).to_dicts() == [{"heart_rate": 90, "unknown_dev_1_3": [2, 1]}]
    assert kinds(fit) == ["undescribed_developer_field"]


def test_each_part_describes_its_developer_fields_anew_or_takes_over_the_last_description() -> None:
    def part(type_name: str, value: object, name: str | None) -> bytes:
        fit = Fit().describe(0, type_name, name) if name else Fit()
        fit.define(0, RECORD, [HEART_RATE], developer=[D(0, type_name)])
        return fit.data(0, 90, value).bytes()

    chain = part("sint16", -7, "a") + part("sint16", -8, None) + part("float32", 0.5, "b")
    frame = decode(chain)["record"]
    assert frame["a"].to_list() == [-7, -8, None]
    assert frame["b"].to_list() == [None, None, 0.5]


def test_only_the_messages_asked_for_are_decoded() -> None:
    assert set(decode(activity(5).bytes(), only={"record", "lap"})) == {"record", "lap"}


def test_local_time_has_no_zone() -> None:
    local = decode(activity(5).bytes())["activity"]["local_timestamp"].item()
    assert local == datetime(2024, 5, 6, 9, 0, 5)  # noqa: DTZ001


def test_a_session_knows_the_name_of_its_sport_profile() -> None:
    frame = decode(session(Fit(), 0, 60, profile_name="Retro walk").bytes())["session"]
    assert frame["sport_profile_name"].item() == "Retro walk"


@pytest.mark.parametrize(
    ("data", "reason_code", "said"),
    [
        (b"", "empty_file", "no bytes"),
        (b"\x00" * 99, "unknown_format", "zero"),
        (b"\x00\x05\x16\x07" + bytes(80), "unknown_format", "AppleDouble"),
        (b"time,speed\n1,2\n3,4\n", "unknown_format", "Byte 8"),
        (b"\x0e\x10", "unknown_format", "byte 2"),
        (Fit().bytes(), "unreadable_fit", "byte 14"),
        (Fit().raw(b"\x05" * 40).bytes(), "unreadable_fit", "0x05"),
        (Fit().define(0, RECORD, [HEART_RATE]).bytes(), "unreadable_fit", "byte 14"),
    ],
)
def test_what_cannot_be_used_is_refused_with_what_stood_where(
    data: bytes, reason_code: str, said: str
) -> None:
    with pytest.raises(ExportError, match=said) as caught:
        decode(data)
    assert caught.value.reason_code == reason_code


def test_text_that_speaks_of_fit_files_is_none() -> None:
    assert is_fit(activity(1).bytes())
    assert is_fit(b"xx" + activity(1).bytes())
    assert not is_fit(b"name,file\nwalk,activity.FIT\nrun,another.FIT\n")
    assert not is_fit(b"")


def test_times_reach_to_the_end_of_the_32_bit_range() -> None:
    late = int(
        (datetime(2105, 1, 1, tzinfo=UTC) - datetime(1989, 12, 31, tzinfo=UTC)).total_seconds()
    )
    fit = Fit().define(0, RECORD, [TIMESTAMP]).data(0, late)
    assert records(fit)["timestamp"].item() == datetime(2105, 1, 1, tzinfo=UTC)
