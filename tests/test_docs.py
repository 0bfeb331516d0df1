"""What the documentation says is true: its queries run and agree, its words are all there."""

import datetime as dt
import re
import shutil
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from retrowalk.lake import Lake
from retrowalk.query import answer as answer_of
from retrowalk.settings import Settings, load_settings
from retrowalk.tables import vocabulary
from retrowalk.walk.stages import score
from retrowalk.walk.start import begin_walk

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs/querying.md").read_text(encoding="utf-8")
QUERIES = re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> str:
    home = tmp_path_factory.mktemp("home")
    for name in ("P01", "P03"):
        shutil.copytree(ROOT / "sample_data/inbox" / name, home / "inbox" / name)
    shutil.copytree(ROOT / "sample_data/registry", home / "registry")
    walk = begin_walk(load_settings(home=home), now_utc=dt.datetime(2026, 11, 21, tzinfo=dt.UTC))
    walk.scan()
    score(walk, walk.stale_weeks())
    return walk.lake.root


def run_block(block: str, **names: Any) -> dict[str, Any]:
    scope: dict[str, Any] = {"pl": pl, **names}
    exec(block, scope)  # noqa: S102 - the page is ours, and that it runs is the point
    return scope


@pytest.mark.parametrize("number", range(5))
def test_sql_and_polars_give_the_same_answer(lake: str, number: int) -> None:
    by_sql = answer_of(Lake(lake), QUERIES[number])
    by_polars = run_block(BLOCKS[number], lake=lake)["answer"]
    assert by_sql.height > 0
    assert_frame_equal(by_sql, by_polars, check_dtypes=False, abs_tol=0.002)


def test_duckdb_answers_all_five(lake: str) -> None:
    answers = run_block(BLOCKS[5], lake=lake, queries=QUERIES)["answers"]
    assert len(answers) == 5
    for query, rows in zip(QUERIES, answers, strict=True):
        assert_frame_equal(rows, answer_of(Lake(lake), query))


@pytest.mark.parametrize(
    "words",
    [
        "WEEK_STATUSES",
        "VERDICTS",
        "DIRECTION_EVIDENCE",
        "EXPORT_STATUSES",
        "ACTIVITIES",
        "GRADE_CLASSES",
    ],
)
def test_the_glossary_explains_every_word(words: str) -> None:
    glossary = (ROOT / "docs/glossary.md").read_text(encoding="utf-8")
    assert [word for word in getattr(vocabulary, words) if word not in glossary] == []


def test_every_setting_is_documented() -> None:
    page = (ROOT / "docs/settings.md").read_text(encoding="utf-8")
    missing = [
        name
        for name in Settings.model_fields
        if f"`{name}`" not in page or f"`RETROWALK_{name.upper()}`" not in page
    ]
    assert missing == []
