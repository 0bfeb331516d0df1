"""Where a run gets its walk from: the settings, read anew for each step."""

import dagster as dg

from retrowalk.settings import Settings, load_settings
from retrowalk.walk.scan import Progress
from retrowalk.walk.stages import Walk, silent
from retrowalk.walk.start import begin_walk


class Scoring(dg.ConfigurableResource[None]):
    """Hands out the walk. Everything else is said in ``retrowalk.toml`` or the environment."""

    home: str | None = None

    def settings(self) -> Settings:
        """The settings in force."""
        return load_settings(home=self.home)

    def walk(self, run_id: str, progress: Progress = silent) -> Walk:
        """A walk under the name of a Dagster run."""
        return begin_walk(self.settings(), run_id=run_id, progress=progress)
