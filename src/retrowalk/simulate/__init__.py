"""A synthetic cohort with known truth: people, walks, sensors and the files they export.

Nothing here reads exports or decides anything about them; it shares no code with what does.
"""

from retrowalk.simulate.cohort import simulate_cohort
from retrowalk.simulate.regimes import REGIMES, simulate_regime

__all__ = ["REGIMES", "simulate_cohort", "simulate_regime"]
