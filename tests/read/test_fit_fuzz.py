"""Hostile input: only the documented errors, in linear time, within a stated bound of memory.

``RETROWALK_FUZZ_EXAMPLES`` makes the run longer.
"""

import os
import struct
import time
import tracemalloc
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from retrowalk.errors import ExportError
from retrowalk.read.fit import decode_parts, reading_from_fit
from retrowalk.read.fit.frames import CELLS_PER_BYTE, FREE_CELLS, MAX_COLUMNS, MAX_MESSAGES
from tests.builders_fit import TIMESTAMP, D, F, Fit, activity
from tests.corpus import FIT_FILES

EXAMPLES = int(os.environ.get("RETROWALK_FUZZ_EXAMPLES", "60"))
DOCUMENTED = {"empty_file", "unknown_format", "unreadable_fit", "no_timestamps"}
#: A cell is 8 bytes, and is held as raw value, as number and as mask while it is made.
BYTES_PER_CELL = 32
#: The smallest real files, where there are any, and a generated one.
SEEDS = [activity(40).bytes(), activity(5).bytes() + activity(9).bytes()] + [
    path.read_bytes() for path in sorted(FIT_FILES, key=lambda path: path.stat().st_size)[:16]
]

fuzzed = settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A file with some bytes changed, some taken out, some doubled, some put in."""
    data = bytearray(draw(st.sampled_from(SEEDS)))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, max(0, min(len(data), 3_000) - 1)))
        length = draw(st.integers(1, 40))
        match draw(st.sampled_from(["change", "take out", "double", "put in"])):
            case "change":
                data[at : at + 1] = bytes([draw(st.integers(0, 255))])
            case "take out":
                del data[at : at + length]
            case "double":
                data[at:at] = data[at : at + length]
            case _:
                data[at:at] = draw(st.binary(min_size=1, max_size=40))
    return bytes(data)


def assert_only_documented(data: bytes) -> None:
    for read in (decode_parts, reading_from_fit):
        try:
            found = read(data)
            recovered = found.recovered_fraction
        except ExportError as error:
            recovered = 0.0 if error.reason_code in DOCUMENTED else -1.0
        assert 0.0 <= recovered <= 1.0


@fuzzed
@given(mutated())
def test_a_mutated_file_is_read_or_refused_with_a_documented_reason(data: bytes) -> None:
    assert_only_documented(data)


@fuzzed
@given(st.binary(max_size=400))
def test_noise_behind_a_header_is_read_or_refused_with_a_documented_reason(noise: bytes) -> None:
    assert_only_documented(Fit().raw(noise).bytes())
    assert_only_documented(noise)


def kinds_of_message(n: int) -> bytes:
    """A kind of message for every number."""
    fit = Fit()
    for i in range(n):
        fit.define(0, i, [F(1, "uint8")]).data(0, 1)
    return fit.bytes()


def shapes_of_one_message(n: int) -> bytes:
    """A message whose every row has a field that no other row has."""
    fit = Fit()
    for i in range(n):
        fit.define(0, 20, [F(i % 250, "byte", 1 + i // 250)]).data(0, b"\x01")
    return fit.bytes()


def wide_definitions(n: int) -> bytes:
    """Definitions of 255 fields over and over."""
    fit = Fit()
    for i in range(n):
        fit.define(0, 20, [F(i % 7 + k, "uint8") for k in range(240)]).data(0, *[1] * 240)
    return fit.bytes()


def empty_messages(n: int) -> bytes:
    """Messages of nothing but a header byte."""
    return Fit().define(0, 20, []).define(1, 21, []).raw(b"\x00\x01\x01" * n).bytes()


def tiny_parts(n: int) -> bytes:
    """A chain of files of one message."""
    return Fit(header_bytes=12).define(0, 20, [F(3, "uint8")]).data(0, 99).bytes() * n


def descriptions(n: int) -> bytes:
    """Developer fields described again and again, and used."""
    fit = Fit()
    for i in range(n):
        fit.describe(i % 250, "uint32", f"field {i}", index=i % 11)
    fit.define(0, 20, [TIMESTAMP], developer=[D(i, "uint32", index=i % 11) for i in range(200)])
    return fit.data(0, *[1] * 201).bytes()


def columns_of_arrays(n: int) -> bytes:
    """Kinds of message of 100 short arrays each, which take the longest to make."""
    fit = Fit()
    for i in range(n):
        fit.define(0, i % 500, [F(k, "uint8", 2) for k in range(100)])
        fit.data(0, *[[1, 2]] * 100)
    return fit.bytes()


HOSTILE = [
    kinds_of_message, shapes_of_one_message, wide_definitions,
    empty_messages, tiny_parts, descriptions, columns_of_arrays,
]  # fmt: skip


def seconds_per_byte(data: bytes) -> float:
    """Time to read, the best of three."""
    best = float("inf")
    for _ in range(3):
        start = time.perf_counter()
        assert_only_documented(data)
        best = min(best, time.perf_counter() - start)
    return best / len(data)


@pytest.mark.parametrize("build", HOSTILE, ids=lambda build: build.__name__)
def test_memory_stays_within_the_stated_bound_and_time_is_linear(
    build: Callable[[int], bytes],
) -> None:
    data, larger = build(400), build(1_600)
    # Time per byte; a square would make that of the larger one 4 times that of the smaller.
    assert seconds_per_byte(larger) < 3 * seconds_per_byte(data) + 1e-6
    tracemalloc.start()
    assert_only_documented(larger)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    bound_cells = FREE_CELLS + CELLS_PER_BYTE * len(larger)
    assert peak < BYTES_PER_CELL * bound_cells


def test_more_kinds_of_message_than_any_file_has_are_left_out_and_said() -> None:
    decoded = decode_parts(kinds_of_message(MAX_MESSAGES + 5))
    assert len(decoded.messages) == MAX_MESSAGES
    assert [trap.kind for trap in decoded.traps] == ["oversized"]


def test_more_columns_than_any_file_has_are_left_out_and_said() -> None:
    decoded = decode_parts(columns_of_arrays(300))
    assert sum(frame.width - 2 for frame in decoded.messages.values()) <= MAX_COLUMNS
    assert len(decoded.messages) == MAX_COLUMNS // 100
    assert {trap.kind for trap in decoded.traps} == {"oversized"}


def test_a_table_that_would_be_the_square_of_its_file_is_left_out_and_said() -> None:
    data = shapes_of_one_message(4_000)
    with pytest.raises(ExportError, match="rows of message 20") as caught:
        decode_parts(data)
    assert caught.value.reason_code == "unreadable_fit"
    decoded = decode_parts(data + activity(5).bytes())
    assert "oversized" in [trap.kind for trap in decoded.traps]
    assert "session" in decoded.messages


def test_a_header_that_promises_four_gigabytes_costs_nothing() -> None:
    data = bytearray(activity(50).bytes())
    data[4:8] = struct.pack("<I", 0xFFFFFF00)
    tracemalloc.start()
    decoded = decode_parts(bytes(data))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert decoded.messages["record"].height == 50
    assert peak < 2**20
