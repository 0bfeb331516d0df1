"""``make run``: everything that is due, once, in this process."""

from pathlib import Path

import pytest

from pipelines.__main__ import main
from retrowalk.settings import load_settings
from retrowalk.simulate import simulate_cohort
from retrowalk.walk.start import begin_walk


def test_after_one_run_every_week_rests_on_what_it_looks_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # A week looks at the Monday after it, which a week scored alone would not have seen yet.
    simulate_cohort(tmp_path, participants_n=2, weeks_n=2, seed=3)
    monkeypatch.setenv("RETROWALK_HOME", str(tmp_path))
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "dagster"))
    main()
    assert "P02" in capsys.readouterr().out
    walk = begin_walk(load_settings())
    walk.scan()
    assert walk.stale_weeks() == []
    assert walk.lake.read("weekly_summary")["participant_id"].n_unique() == 2
