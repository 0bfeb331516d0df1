"""A synthetic cohort with known truth: people, walks, sensors and the files they export.

Nothing here reads exports or decides anything about them; it shares no code with what does.
"""

from retrowalk.simulate.cohort import FIRST_WEEK, simulate_cohort
from retrowalk.simulate.regimes import HISTORY_WEEKS_N, REGIMES, simulate_regime

__all__ = ["FIRST_WEEK", "HISTORY_WEEKS_N", "REGIMES", "simulate_cohort", "simulate_regime"]
