"""Writes ``docs/data-dictionary.md``: ``python -m retrowalk.tables [PATH]``."""

import sys
from pathlib import Path

from retrowalk.tables.dictionary import dictionary

if __name__ == "__main__":
    target = Path(sys.argv[1] if len(sys.argv) > 1 else "docs/data-dictionary.md")
    target.write_text(dictionary(), encoding="utf-8")
