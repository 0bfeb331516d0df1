"""How a walk begins: settings, registry, rules and inbox are read once and handed to it."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from retrowalk.lake import Lake
from retrowalk.read.registry import Registry, read_registry
from retrowalk.settings import Settings
from retrowalk.walk.inbox import Inbox
from retrowalk.walk.rulebook import Rulebook, load_rulebook
from retrowalk.walk.scan import Memory, Progress, Reader
from retrowalk.walk.stages import Walk, silent


@dataclass(frozen=True, slots=True)
class RegistryFiles:
    """Registry files that stand in the place of those in the registry folder."""

    participants: Path | None = None
    prescriptions: Path | None = None
    annotations: Path | None = None


def new_run_id(now_utc: dt.datetime) -> str:
    """Names a run by its time and four random bytes, so that two at once differ."""
    return f"{now_utc:%Y%m%dT%H%M%SZ}-{uuid.uuid4().hex[:8]}"


def load_registry(settings: Settings, rules: Rulebook, files: RegistryFiles) -> Registry:
    """Reads the registry.

    Raises:
        RegistryError: A file of it is wrong; all problems are named at once.
    """
    return read_registry(
        settings.registry_dir,
        protocols=tuple(rules.protocols),
        participants_file=files.participants,
        prescriptions_file=files.prescriptions,
        annotations_file=files.annotations,
    )


def begin_walk(
    settings: Settings,
    *,
    now_utc: dt.datetime | None = None,
    run_id: str | None = None,
    paths: Sequence[Path] | None = None,
    lake: Lake | None = None,
    registry_files: RegistryFiles | None = None,
    progress: Progress = silent,
) -> Walk:
    """Prepares a walk.

    Args:
        settings: Where things lie and what is decided when.
        now_utc: The present; null: the clock.
        run_id: Name of the run; null: a new one.
        paths: Exports to score in place of the inbox.
        lake: Where tables are kept; null: where the settings say.
        registry_files: Files that stand in for those of the registry folder.
        progress: Is told how far long tasks are.

    Raises:
        RegistryError: The registry cannot be used.
        RulesError: A protocol or dialect of the user's cannot be used.
    """
    now = now_utc or dt.datetime.now(tz=dt.UTC)
    rules = load_rulebook(settings)
    registry = load_registry(settings, rules, registry_files or RegistryFiles())
    inbox = Inbox.of_paths(paths) if paths is not None else Inbox.of_folder(settings.inbox_dir)
    return Walk(
        lake=lake or Lake(settings.lake_root),
        inbox=inbox,
        reader=Reader(registry, rules.words, Memory(settings.batch_records_n)),
        rules=rules,
        settings=settings,
        now_utc=now,
        run_id=run_id or new_run_id(now),
        progress=progress,
    )
