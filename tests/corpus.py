"""Real files to test against, where they are at hand; tests that need them are skipped elsewhere."""

from pathlib import Path

import pytest

CORPUS = Path(__file__).resolve().parents[2] / "shared" / "corpus"
FIT_FILES = sorted(path for path in (CORPUS / "fit").glob("*") if path.suffix.lower() == ".fit")
CSV_FILES = sorted((CORPUS / "csv").glob("**/*.csv"))

needs_corpus = pytest.mark.skipif(
    not FIT_FILES, reason="no corpus of real files beside the project"
)
