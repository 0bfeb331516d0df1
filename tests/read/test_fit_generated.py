"""Files of random shape: whatever is written comes back, and fitparse reads the same."""

from dataclasses import dataclass
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from retrowalk.errors import ExportError
from retrowalk.read.fit import decode, decode_parts
from retrowalk.read.fit.profile import FieldProfile, message_fields
from tests.builders_fit import T0, TIMESTAMP, TYPES, D, F, Fit
from tests.fit_reference import differences, fitparse_messages

MESSAGES = (18, 19, 20, 21, 65_281)
#: Fields that count on; fitparse forgets what a row states whole. They have tests of their own.
COUNTING = (8, 18, 28)
BASE_OF = {"date_time": "uint32", "local_date_time": "uint32", "bool": "enum"}

bounded = settings(max_examples=40, deadline=None)


def values_of(field: F) -> st.SearchStrategy[Any]:
    """Values of a field, sentinels among them."""
    if field == TIMESTAMP:  # not so late that a compressed one passes 32 bits
        return st.none() | st.integers(0, 0xFFFFFF00)
    if field.type == "string":
        return st.binary(min_size=field.count, max_size=field.count)
    if field.type == "byte":
        return st.lists(st.integers(0, 255), min_size=field.count, max_size=field.count)
    one = st.none() | _number(field.type)
    return one if field.count == 1 else st.lists(one, min_size=field.count, max_size=field.count)


def _number(type_name: str) -> st.SearchStrategy[Any]:
    code = TYPES[type_name][1]
    if code in "fd":
        return st.floats(width=32 if code == "f" else 64, allow_nan=False)
    bits = 8 * {"b": 1, "h": 2, "i": 4, "q": 8}[code.lower()]
    return (
        st.integers(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
        if code.islower()
        else st.integers(0, 2**bits - 1)
    )


@st.composite
def fields_of(draw: st.DrawFn, message: int) -> F:
    """A field of a message, in the type of the profile where more depends on it than a number."""
    number = draw(st.integers(0, 252).filter(lambda n: message != 20 or n not in COUNTING))
    known = message_fields(message).get(number)
    if known is not None and _has_fixed_type(known):
        return F(number, BASE_OF.get(known.type_name, _base_of(known)))
    type_name = draw(st.sampled_from(sorted(TYPES)))
    return F(number, type_name, draw(st.integers(1, 4)))


def _has_fixed_type(known: FieldProfile) -> bool:
    return bool(known.components or known.subfields or known.names or known.type_name in BASE_OF)


def _base_of(known: FieldProfile) -> str:
    if known.type_name in TYPES:
        return known.type_name
    return "uint16" if known.names and max(known.names) > 0xFF else "enum"


@dataclass(frozen=True)
class Shape:
    """A definition: local type, message, byte order, fields, developer fields."""

    local: int
    message: int
    big: bool
    fields: tuple[F, ...]
    developer: tuple[D, ...]


@st.composite
def fit_files(draw: st.DrawFn) -> bytes:
    """One FIT file: up to four local types, messages of them in any order."""
    fit = Fit(header_bytes=draw(st.sampled_from([12, 14])))
    described = draw(st.lists(st.sampled_from(sorted(TYPES)), max_size=3))
    own = [D(i, name, count=draw(st.integers(1, 3))) for i, name in enumerate(described)]
    for d in own:
        fit.describe(d.number, d.type, f"developer {d.number}", units="u")
    messages = draw(st.lists(st.sampled_from(MESSAGES), min_size=1, max_size=4))
    known = {
        m: draw(st.lists(fields_of(m), max_size=6, unique_by=lambda f: f.number)) for m in messages
    }
    shapes = [draw(shapes_of(local, m, known[m], own)) for local, m in enumerate(messages)]
    for shape in shapes:
        fit.define(
            shape.local, shape.message, shape.fields, developer=shape.developer, big=shape.big
        )
    for shape in draw(st.lists(st.sampled_from(shapes), min_size=1, max_size=30)):
        values = [draw(values_of(f)) for f in (*shape.fields, *(d.field for d in shape.developer))]
        # fitparse gives a full and a compressed time of an unknown message under two names.
        is_clear = TIMESTAMP not in shape.fields or shape.message < 65_280
        if is_clear and draw(st.booleans()):
            fit.compressed(shape.local, draw(st.integers(0, 31)), *values)
        else:
            fit.data(shape.local, *values)
    return fit.bytes()


@st.composite
def shapes_of(draw: st.DrawFn, local: int, message: int, known: list[F], own: list[D]) -> Shape:
    fields = draw(st.lists(st.sampled_from([TIMESTAMP, *known]), max_size=6, unique=True))
    developer = draw(st.lists(st.sampled_from(own), unique=True)) if own else []
    return Shape(local, message, draw(st.booleans()), tuple(fields), tuple(developer))


@bounded
@given(fit_files())
def test_every_value_equals_that_of_fitparse(data: bytes) -> None:
    theirs, is_whole = fitparse_messages(data)
    assert is_whole
    unexplained = [
        place
        for reason, place in differences(decode(data), theirs, is_whole=True)
        if reason is None
    ]
    assert unexplained == []


@bounded
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(1, 80)), max_size=12), st.integers(0, 40))
def test_no_message_is_lost_or_taken_twice_however_the_kinds_take_turns(
    turns: list[tuple[int, int]], pairs: int
) -> None:
    kinds = (
        [kind for kind, count in turns for _ in range(count)] + [0, 1] * pairs + [2, 1, 0] * pairs
    )
    fit = Fit()
    for local, message in enumerate((20, 78, 65_281)):
        # Three sizes: 5, 7 and 12 bytes with the header byte.
        fit.define(local, message, [F(1, "uint32"), *[F(2, "uint8")] * [0, 2, 7][local]])
    for i, kind in enumerate(kinds):
        fit.data(kind, i, *[0] * [0, 2, 7][kind])
    if not kinds:
        return
    frames = decode(fit.bytes())
    found = {
        kind: frames[name].get_column(column).to_list()
        for kind, name, column in (
            (0, "record", "position_long"),
            (1, "hrv", "unknown_1"),
            (2, "unknown_65281", "unknown_1"),
        )
        if name in frames
    }
    expected = {kind: [i for i, k in enumerate(kinds) if k == kind] for kind in sorted(set(kinds))}
    assert found == expected


@bounded
@given(fit_files(), fit_files())
def test_a_chain_holds_the_rows_of_its_parts(first: bytes, second: bytes) -> None:
    rows = [
        {name: frame.height for name, frame in decode(data).items()}
        for data in (first, second, first + second)
    ]
    names = rows[0].keys() | rows[1].keys()
    assert rows[2] == {name: rows[0].get(name, 0) + rows[1].get(name, 0) for name in names}


@bounded
@given(fit_files(), st.floats(0, 1))
def test_cutting_a_file_off_keeps_a_beginning_of_its_rows(data: bytes, share: float) -> None:
    whole = decode_parts(data)
    cut = data[: max(60, round(share * len(data)))]
    try:
        kept = decode_parts(cut)
    except ExportError:  # cut off before the first whole message
        return
    for name, frame in kept.messages.items():
        before = whole.messages[name].head(frame.height)
        assert frame.get_column("_offset").to_list() == before.get_column("_offset").to_list()
    assert kept.recovered_fraction <= 1.0
    assert kept.recovered_fraction == 1.0 or kept.traps


def test_generated_rows_keep_their_order() -> None:
    fit = Fit().define(0, 20, [TIMESTAMP])
    for i in range(10_000):
        fit.data(0, T0 + i)
    assert decode(fit.bytes())["record"].get_column("timestamp").is_sorted()
    assert isinstance(decode(fit.bytes())["record"], pl.DataFrame)
