"""Tests see the settings that they make themselves, not those of the shell that they run in."""

import os

#: How long the fuzz tests run is no setting of the pipeline.
_OF_THE_TESTS = "RETROWALK_FUZZ_EXAMPLES"

for name in [name for name in os.environ if name.startswith("RETROWALK_")]:
    if name != _OF_THE_TESTS:
        del os.environ[name]
