"""What comes out of archives, and what is refused."""

import gzip
import io
import stat
import struct
import tracemalloc
import zipfile
import zlib
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrowalk.errors import ExportError
from retrowalk.read.archive import (
    FREE_BYTES,
    MAX_RATIO,
    MAX_UNPACKED_BYTES,
    Archive,
    is_archive,
    unpacked_limit_bytes,
)

MEGABYTE = 2**20


def zipped(members: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def members_from_archive(data: bytes, name: str) -> list[tuple[str, bytes]]:
    archive = Archive(io.BytesIO(data), name)
    return [(member, archive.read(member)) for member in archive.names()]


def refusal(data: bytes, name: str = "logs.zip") -> ExportError:
    with pytest.raises(ExportError) as caught:
        members_from_archive(data, name)
    return caught.value


def test_a_gzip_holds_one_file_of_the_same_name() -> None:
    assert members_from_archive(gzip.compress(b"walk"), "walk.fit.gz") == [("walk.fit", b"walk")]


def test_the_streams_of_a_gzip_are_one_file_and_bytes_behind_them_padding() -> None:
    data = gzip.compress(b"back") + gzip.compress(b"ward") + bytes(512)
    assert members_from_archive(data, "a.gz") == [("a", b"backward")]


def test_a_zip_holds_its_files_in_order_without_folders_and_side_files() -> None:
    data = zipped(
        {
            "b/": b"",
            "b/walk.fit": b"1",
            "__MACOSX/b/._walk.fit": b"x",
            "b/._walk.fit": b"x",
            ".DS_Store": b"x",
            "a.csv": b"2",
        }
    )
    assert members_from_archive(data, "logs.zip") == [("b/walk.fit", b"1"), ("a.csv", b"2")]


def test_an_empty_zip_holds_nothing() -> None:
    assert members_from_archive(zipped({}), "logs.zip") == []


def test_a_zip_of_gzips_is_unpacked_and_keeps_the_names_its_tables_refer_to() -> None:
    data = zipped({"activities.csv": b"c", "activities/1.fit.gz": gzip.compress(b"f")})
    assert members_from_archive(data, "export.zip") == [
        ("activities.csv", b"c"),
        ("activities/1.fit.gz", b"f"),
    ]


def test_a_zip_of_zips_is_unpacked_once() -> None:
    inner = zipped({"1.fit": b"a", "2.fit": b"b"})
    assert members_from_archive(zipped({"part_1.zip": inner}), "account.zip") == [
        ("part_1.zip!/1.fit", b"a"),
        ("part_1.zip!/2.fit", b"b"),
    ]


@pytest.mark.parametrize(
    "nested",
    [
        zipped({"b.zip": zipped({"c.zip": zipped({"d.fit": b"x"})})}),
        zipped({"b.zip": zipped({"c.fit.gz": gzip.compress(b"x")})}),
        gzip.compress(gzip.compress(gzip.compress(b"x"))),
    ],
    ids=["zip-zip-zip", "zip-zip-gz", "gz-gz-gz"],
)
def test_an_archive_in_an_archive_in_an_archive_is_refused(nested: bytes) -> None:
    error = refusal(nested)
    assert error.reason_code == "archive_refused"
    assert "in an archive in an archive" in error.reason


@pytest.mark.parametrize(
    "name",
    [
        "../walk.fit",
        "a/../../walk.fit",
        "/etc/walk.fit",
        "C:\\walk.fit",
        "..\\walk.fit",
        "\\\\h\\w",
    ],
)
def test_a_name_that_leads_out_of_the_archive_is_refused(name: str) -> None:
    error = refusal(zipped({"fine.fit": b"1", name: b"2"}))
    assert error.reason_code == "archive_refused"
    assert "leads out" in error.reason


def test_dots_in_a_name_are_no_way_out() -> None:
    data = zipped({"2024..05/my..walk.fit": b"1"})
    assert members_from_archive(data, "logs.zip") == [("2024..05/my..walk.fit", b"1")]


def test_a_link_is_refused() -> None:
    link = zipfile.ZipInfo("walk.fit")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(link, "/etc/passwd")
    assert "is a link" in refusal(buffer.getvalue()).reason


def test_an_encrypted_member_is_refused() -> None:
    data = bytearray(zipped({"walk.fit": b"secret"}))
    for header, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        flags = data.index(header) + at
        data[flags] |= 1
    error = refusal(bytes(data))
    assert error.reason_code == "archive_refused"
    assert "encrypted" in error.reason


def test_a_method_that_cannot_be_unpacked_in_steps_is_refused() -> None:
    assert "unusual" in refusal(zipped({"walk.fit": bytes(9_999)}, zipfile.ZIP_BZIP2)).reason


def test_what_unpacks_to_too_much_is_refused_without_unpacking_it() -> None:
    bomb = zlib.compressobj(9, zlib.DEFLATED, 31)
    data = b"".join(bomb.compress(bytes(MEGABYTE)) for _ in range(200)) + bomb.flush()
    assert len(data) * MAX_RATIO < 200 * MEGABYTE
    for bombs in (data, zipped({"walk.fit": bytes(64 * MEGABYTE)})):
        tracemalloc.start()
        error = refusal(bombs)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert error.reason_code == "archive_refused"
        assert peak < 4 * (unpacked_limit_bytes(len(bombs)) + len(bombs))


def test_many_members_share_one_limit() -> None:
    part = bytes(MEGABYTE)
    data = zipped({f"{i}.fit": part for i in range(24)})
    assert "limit" in refusal(data).reason


def test_a_small_archive_may_be_well_packed() -> None:
    data = gzip.compress(bytes(8 * MEGABYTE))
    assert len(members_from_archive(data, "walk.csv.gz")[0][1]) == 8 * MEGABYTE


def test_the_limit_grows_with_the_archive_up_to_an_end() -> None:
    assert unpacked_limit_bytes(10) == FREE_BYTES
    assert unpacked_limit_bytes(MEGABYTE) == MAX_RATIO * MEGABYTE
    assert unpacked_limit_bytes(2**40) == MAX_UNPACKED_BYTES


def test_a_size_that_the_archive_states_is_not_believed() -> None:
    data = bytearray(zipped({"walk.fit": b"x" * 100}))
    at = data.index(b"PK\x01\x02") + 24
    data[at : at + 4] = struct.pack("<I", 0xFFFFFFF0)
    assert members_from_archive(bytes(data), "logs.zip") == [("walk.fit", b"x" * 100)]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"walk",
        b"\x1f\x8b\x08\x00",
        gzip.compress(b"walk" * 100)[:-9],
        zipped({"walk.fit": b"walk" * 100})[:60],
        zipped({"walk.fit": b"walk" * 100}, zipfile.ZIP_STORED).replace(
            b"walkwalk", b"runnwalk", 1
        ),
    ],
    ids=["empty", "text", "gz-header", "gz-cut", "zip-cut", "zip-wrong-crc"],
)
def test_what_is_corrupt_or_no_archive_is_said_so(data: bytes) -> None:
    assert refusal(data).reason_code == "unreadable_archive"


def test_archives_are_known_by_their_first_bytes() -> None:
    assert is_archive(gzip.compress(b""))
    assert is_archive(zipped({}))
    assert not is_archive(b"PKfit")
    assert not is_archive(b"")


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(st.sampled_from(["a.fit", "b/c.fit", "d.zip"]), st.binary(max_size=60)),
    st.data(),
)
def test_mutated_archives_raise_nothing_but_the_two_refusals(
    members: dict[str, bytes], data: st.DataObject
) -> None:
    whole = bytearray(data.draw(st.sampled_from([zipped(members), gzip.compress(b"walk" * 9)])))
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    try:
        members_from_archive(bytes(whole), "mutated")
    except ExportError as error:
        assert error.reason_code in {"archive_refused", "unreadable_archive"}  # noqa: PT017
