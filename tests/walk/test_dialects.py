"""The same walk gives the same week whichever dialect brought it, within the dialect's rounding."""

import datetime as dt
import tempfile
from pathlib import Path

import polars as pl
import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from retrowalk.settings import load_settings
from retrowalk.walk.stages import score
from retrowalk.walk.start import begin_walk
from tests.builders_dialects import WRITERS, SteadyWalk

NOW = dt.datetime(2026, 12, 1, tzinfo=dt.UTC)
PEOPLE = "participant_id,valid_from,sex,birth_year,height_cm,body_mass_kg,resting_heart_rate_bpm,time_zone,distance_unit\n"
WALKS = st.builds(
    SteadyWalk,
    speed_cmps=st.integers(40, 130),
    minutes_n=st.integers(5, 12),
    beats=st.integers(80, 140),
    direction=st.sampled_from(["forward", "backward"]),
)


def weeks_by_dialect(walk: SteadyWalk, home: Path) -> pl.DataFrame:
    """Each dialect's weekly summary: one participant per dialect, one run for all."""
    (home / "registry").mkdir()
    rows = (f"{name},2026-01-01,female,1960,165,62,60,Europe/Berlin,km\n" for name in WRITERS)
    (home / "registry/participants.csv").write_text(PEOPLE + "".join(rows), encoding="utf-8")
    for name, (writer, _) in WRITERS.items():
        folder = home / "inbox" / name
        folder.mkdir(parents=True)
        (folder / "walk").write_bytes(writer(walk))
    run = begin_walk(load_settings(home=home), now_utc=NOW, run_id="run")
    exports = run.scan()
    # Each file is read as the dialect that wrote it: else nothing below would be told.
    assert exports["dialect"].to_list() == exports["participant_id"].to_list()
    score(run, [dt.date(2026, 11, 16)])
    return run.lake.read("weekly_summary")


def near(value: float | None, share: float) -> object:
    """What a number may be that is off by a share; none stays none."""
    return None if value is None else pytest.approx(value, rel=share + 1e-9)


@settings(max_examples=3, deadline=None, derandomize=True, phases=[Phase.explicit, Phase.generate])
@given(WALKS)
@example(SteadyWalk(speed_cmps=83, minutes_n=7, beats=101, direction="backward"))
def test_every_dialect_gives_the_week_that_the_canonical_one_gives(walk: SteadyWalk) -> None:
    with tempfile.TemporaryDirectory() as folder:
        weeks = weeks_by_dialect(walk, Path(folder))
    by_name = {row["participant_id"]: row for row in weeks.iter_rows(named=True)}
    canonical = by_name["canonical_per_second"]
    assert canonical["walking_min"] == pytest.approx(walk.minutes_n)
    for name, (_, rounding) in WRITERS.items():
        found = by_name[name]
        share = rounding(walk) / walk.speed_mps
        # Times are written to the second or better by all.
        for minutes in ("walking_min", "backward_min", "forward_min", "direction_known_min"):
            assert found[minutes] == pytest.approx(canonical[minutes], abs=1e-6), (name, minutes)
        for metres in ("walking_distance_m", "backward_distance_m"):
            assert found[metres] == near(canonical[metres], share), (name, metres)
        assert found["speed_mean_mps"] == near(canonical["speed_mean_mps"], share), name
        # Whole beats, as written.
        assert found["heart_rate_mean_bpm"] == pytest.approx(walk.beats), name
        if share == 0.0:
            for kcal in ("energy_gross_kcal", "energy_net_kcal", "extra_over_forward_kcal"):
                assert found[kcal] == near(canonical[kcal], 0.0), (name, kcal)
        # Energy has steps where the Compendium's bands of speed meet, and on a treadmill, as the
        # log says it was, bands of its own: what rounds the speed stays in the interval.
        low, high = (canonical[f"energy_gross_{end}_kcal"] for end in ("low", "high"))
        assert low <= found["energy_gross_kcal"] <= high, name
