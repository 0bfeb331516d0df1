"""Measures the rooms on simulated cohorts whose truth is known.

A cohort is simulated and walked like any inbox (:mod:`.cohorts`), what was stated is laid over what
was done (:mod:`.pieces`, :mod:`.changes`, :mod:`.slopes`), and figures are taken (:mod:`.figures`)
and held against targets (:mod:`.targets`). Figures and tables are pure; only :mod:`.cohorts` and
the command touch files. Nothing here decides a direction, and nothing here is read by a room.
"""

from retrowalk.evaluate.cohorts import SIZES, Size, found_in_cohort
from retrowalk.evaluate.measured import Measured, measured

__all__ = ["SIZES", "Measured", "Size", "found_in_cohort", "measured"]
