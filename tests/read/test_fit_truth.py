"""Real files, field by field, against fitparse and, where only that reads on, fitdecode."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from retrowalk.read.fit import decode
from retrowalk.read.fit.profile import message_fields
from tests.corpus import FIT_FILES, needs_corpus
from tests.fit_reference import (
    REASONS,
    RECORD,
    differences,
    fitdecode_messages,
    fitparse_messages,
    plain,
    same,
)

#: Files that fitparse does not read to the end.
GIVEN_UP = (
    "dtcooper+python-fitparse__activity-settings-corruptheader.fit",
    "dtcooper+python-fitparse__activity-settings-nodata.fit",
    "dtcooper+python-fitparse__activity-unexpected-eof.fit",
    "dtcooper+python-fitparse__coros-pace-2-cycling-misaligned-fields.fit",
    "dtcooper+python-fitparse__nick.fit",
    "dtcooper+python-fitparse__strava-android-app-201.10-b1218918.fit",
)


@dataclass(frozen=True)
class Comparison:
    """What comparing a file with fitparse gave: (reason, place) of differences; its records."""

    differences: tuple[tuple[str | None, str], ...]
    records_n: int
    is_whole: bool


@cache
def _compared(path: Path) -> Comparison:
    data = path.read_bytes()
    theirs, is_whole = fitparse_messages(data)
    found = tuple(differences(decode(data), theirs, is_whole=is_whole))
    return Comparison(found, len(theirs.get(RECORD, [])), is_whole)


@needs_corpus
@pytest.mark.parametrize("path", FIT_FILES, ids=lambda path: path.stem[-32:])
def test_every_value_equals_fitparse_or_differs_for_a_listed_reason(path: Path) -> None:
    assert [place for reason, place in _compared(path).differences if reason is None] == []


@needs_corpus
def test_every_listed_reason_is_met_somewhere() -> None:
    met = {reason for path in FIT_FILES for reason, _ in _compared(path).differences}
    assert met == set(REASONS)


@needs_corpus
@pytest.mark.parametrize("path", FIT_FILES, ids=lambda path: path.stem[-32:])
def test_no_reader_gets_more_records_out_of_a_file(path: Path) -> None:
    data = path.read_bytes()
    by_fitparse = _compared(path).records_n
    by_fitdecode = len(fitdecode_messages(data)["record"])
    assert decode(data)["record"].height >= max(by_fitparse, by_fitdecode)


@needs_corpus
def test_fitparse_gives_up_on_these_files_only() -> None:
    assert {path.name for path in FIT_FILES if not _compared(path).is_whole} == set(GIVEN_UP)


@needs_corpus
@pytest.mark.parametrize("name", GIVEN_UP)
def test_where_fitparse_gives_up_records_equal_those_of_fitdecode(name: str) -> None:
    data = (FIT_FILES[0].parent / name).read_bytes()
    ours = decode(data)["record"].to_dicts()
    theirs = fitdecode_messages(data)["record"]
    assert theirs
    for row, frame in zip(ours, theirs, strict=False):
        for field in frame.fields:
            known = message_fields(RECORD).get(field.def_num)
            column = field.name if field.field or not known else known.name
            assert same(plain(row[column]), plain(field.value)), column
