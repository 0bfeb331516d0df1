"""Everything that decides a score beside the data: rules, protocols, settings; and its version."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable

from retrowalk.rules.energy import EnergyRules, energy_rules
from retrowalk.rules.evidence import EvidenceRules, evidence_rules
from retrowalk.rules.motion import MotionRules, motion_rules
from retrowalk.rules.plausibility import PlausibilityRules, plausibility_rules
from retrowalk.rules.protocols import Protocol, protocols
from retrowalk.rules.recording import RecordingRules, recording_rules
from retrowalk.rules.sessions import SessionRules, session_rules
from retrowalk.rules.words import WordList, word_list
from retrowalk.settings import Settings

#: Settings that a table depends on; the others only say where things lie and how fast.
SCORING_SETTINGS = (
    "compendium_edition",
    "forward_method",
    "resting_method",
    "decide_at_probability",
    "keep_positions",
)


@dataclass(frozen=True, slots=True)
class Rulebook:
    """All rules in force.

    ``version`` hashes the rules and settings that every score rests on; a protocol, which only the
    weeks under it rest on, has a version of its own.
    """

    recording: RecordingRules
    words: WordList
    plausibility: PlausibilityRules
    evidence: EvidenceRules
    motion: MotionRules
    energy: EnergyRules
    sessions: SessionRules
    protocols: Mapping[str, Protocol]
    version: str

    @property
    def protocol_versions(self) -> dict[str, str]:
        """A hash of each protocol as it is in force, with the rules that it borrows."""
        return {name: hash_of(repr(protocol)) for name, protocol in self.protocols.items()}


def hash_of(text: str) -> str:
    """Hashes text; twelve hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def rule_files(folder: Traversable) -> list[Traversable]:
    """Every data file in and below a folder of rules but protocols, in order of its name."""
    found = []
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir() and entry.name != "protocols":
            found += rule_files(entry)
        elif entry.name.endswith((".toml", ".csv")):
            found.append(entry)
    return found


def rules_version(settings: Settings) -> str:
    """Hashes the rule files but protocols, and the settings that every score depends on."""
    shipped = [(file.name, file.read_bytes()) for file in rule_files(files("retrowalk.rules"))]
    hashed = hashlib.sha256()
    for name, content in shipped:
        hashed.update(f"{name}:{len(content)}:".encode() + content)
    for name in SCORING_SETTINGS:
        hashed.update(f"{name}={getattr(settings, name)};".encode())
    return hashed.hexdigest()[:12]


def load_rulebook(settings: Settings) -> Rulebook:
    """Reads every rule file once, and the user's own protocols from the registry.

    Raises:
        RulesError: A protocol of the user's is wrong.
    """
    own = settings.registry_dir / "protocols"
    return Rulebook(
        recording=recording_rules(),
        words=word_list(),
        plausibility=plausibility_rules(),
        evidence=evidence_rules(),
        motion=motion_rules(),
        energy=energy_rules(),
        sessions=session_rules(),
        protocols=protocols(own),
        version=rules_version(settings),
    )
