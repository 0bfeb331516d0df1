"""One small cohort for all tests of the simulator that only look at it."""

from pathlib import Path

import pytest

from retrowalk.simulate import simulate_cohort


@pytest.fixture(scope="session")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("cohort")
    simulate_cohort(out, participants_n=6, weeks_n=2, seed=7)
    return out


@pytest.fixture(scope="session")
def defective_cohort(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("defective")
    simulate_cohort(out, participants_n=6, weeks_n=3, seed=7, with_defects=True)
    return out
