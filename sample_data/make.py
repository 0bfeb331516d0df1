"""Makes this folder's inbox, registry and truth anew: ``python sample_data/make.py``."""

import shutil
from pathlib import Path

from retrowalk.simulate import simulate_cohort

HERE = Path(__file__).parent
PARTICIPANTS_N = 8
WEEKS_N = 8
SEED = 20260914


def make(out: Path) -> None:
    """Simulates the sample cohort, defects included.

    Args:
        out: Folder to write to.
    """
    simulate_cohort(
        out, participants_n=PARTICIPANTS_N, weeks_n=WEEKS_N, seed=SEED, with_defects=True
    )


if __name__ == "__main__":
    for folder in ("inbox", "registry"):
        shutil.rmtree(HERE / folder, ignore_errors=True)
    make(HERE)
    print(f"Wrote {sum(1 for path in HERE.rglob('*') if path.is_file())} files to {HERE}")
