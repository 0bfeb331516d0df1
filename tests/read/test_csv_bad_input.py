"""What is wrong with a CSV is told in words of its own, and what is whole in it is read."""

import polars as pl
import pytest

from retrowalk.errors import ExportError
from retrowalk.read.content import reading_of
from retrowalk.read.csv import shipped_dialects
from retrowalk.read.reading import Reading
from tests.builders_csv import per_second_csv, stamp

LONG = 900_000


def read(data: bytes) -> Reading:
    return reading_of(data, time_zone=None, distance_unit=None, dialects=shipped_dialects())


def long_csv(last: bytes = b"") -> bytes:
    """A canonical CSV of 1,000,000 rows, the speeds of the last 100,000 written as a word."""
    seconds = pl.int_range(1_000_000, eager=True)
    epoch = pl.datetime(2026, 1, 1, time_unit="us") + pl.duration(seconds=pl.col("n"))
    rows = seconds.to_frame("n").select(
        timestamp=epoch.dt.to_string("%Y-%m-%dT%H:%M:%SZ"),
        speed_mps=pl.when(pl.col("n") < LONG).then(pl.lit("1.25")).otherwise(pl.lit("fast")),
        heart_rate_bpm=90 + pl.col("n") % 50,
    )
    return rows.write_csv().encode() + last


#: Each defect, and the words that tell of it and of no other.
REFUSED = [
    pytest.param(b"", "empty_file", "0 bytes", id="empty"),
    pytest.param(b" \r\n\r\n", "empty_file", "all blank", id="blank"),
    pytest.param(
        b"timestamp,speed_mps\r\n", "no_timestamps", "a header and no row", id="header only"
    ),
    pytest.param(bytes(range(256)) * 40, "unknown_format", "first bytes are 00 01", id="binary"),
    pytest.param(
        b"timestamp,speed_mps\n2026-11-16T08:00:00Z;1\n2026-11-16T08:00:01Z;1\n",
        "no_timestamps",
        "not cells split by ',' like the header",
        id="mixed delimiters",
    ),
    pytest.param(b"timestamp,speed_mps\nsoon,1\n", "no_timestamps", "'soon'", id="no time"),
    pytest.param(b"a;b;c\n1;2;3\n", "unknown_dialect", "'a', 'b', 'c'", id="unknown header"),
]


@pytest.mark.parametrize(("data", "reason_code", "words"), REFUSED)
def test_a_file_of_no_use_says_why_in_words_of_its_own(
    data: bytes, reason_code: str, words: str
) -> None:
    with pytest.raises(ExportError) as refused:
        read(data)
    assert refused.value.reason_code == reason_code
    assert words in refused.value.reason


def test_no_two_defects_are_told_in_the_same_words() -> None:
    told = []
    for case in REFUSED:
        with pytest.raises(ExportError) as refused:
            read(case.values[0])  # type: ignore[arg-type]
        told.append(refused.value.reason)
    assert len(set(told)) == len(REFUSED)


def test_rows_of_another_delimiter_are_named_and_the_others_read() -> None:
    data = per_second_csv({"speed_mps": [1.0, 1.1]}) + b"2026-11-16T08:00:02+01:00;1.2\n"
    reading = read(data)
    assert reading.records["speed_mps"].to_list() == [1.0, 1.1]
    assert reading.workouts["records_set_aside_n"].to_list() == [1]
    assert "line 4" in reading.reason
    assert "split by ','" in reading.reason


def test_a_column_that_turns_to_text_at_row_900_000_costs_its_cells_and_no_row() -> None:
    half_a_row = b"2026-01-12T13:46:40Z,1."
    reading = read(long_csv(half_a_row))
    assert reading.records.height == 1_000_000
    assert reading.records["speed_mps"].null_count() == 100_000
    assert reading.records["heart_rate_bpm"].null_count() == 0
    # The header is line 1, so the row behind 900,000 others stands on line 900,002.
    assert "100000 cells left out: line 900002, column 'speed_mps' holds 'fast'" in reading.reason
    assert "line 1000002, column 'timestamp' holds 'half a row'" in reading.reason
    assert reading.workouts["records_set_aside_n"].sum() == 1


def test_half_a_row_is_set_aside_even_if_its_number_could_be_read() -> None:
    # `1.` may have been 1.25: half a number is another number.
    data = per_second_csv({"speed_mps": [1.0], "heart_rate_bpm": [90]})
    reading = read(data + f"{stamp(1)},1.".encode())
    assert reading.records["speed_mps"].to_list() == [1.0]
    assert "holds 'half a row', not a whole row" in reading.reason


def test_ten_thousand_columns_are_read_and_those_left_unread_are_counted() -> None:
    extra = ",".join(f"x{n}" for n in range(9_998))
    data = f"timestamp,speed_mps,{extra}\n{stamp(0)},1.5{',1' * 9_998}\n".encode()
    reading = read(data)
    assert reading.records["speed_mps"].to_list() == [1.5]
    assert "and 9986 more" in reading.traps[0]


def test_ten_thousand_unknown_columns_are_refused_in_a_short_sentence() -> None:
    header = ",".join(f"x{n}" for n in range(10_000))
    with pytest.raises(ExportError) as refused:
        read(f"{header}\n{','.join(['1'] * 10_000)}\n".encode())
    assert refused.value.reason_code == "unknown_dialect"
    assert "and 9988 more" in refused.value.reason
    assert len(refused.value.reason) < 1_000
