"""Values of a TOML table, each checked and every problem noted, so that a reader sees all at once."""

import math
from collections.abc import Iterable, Mapping, Sequence

from retrowalk.rules.protocol_model import Setting


class Problems:
    """Collects what is wrong with one file, so that a reader sees all of it at once."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.lines: list[str] = []

    def add(self, where: str, message: str) -> None:
        """Notes one problem."""
        self.lines.append(
            f"{self.file}: {where}: {message}" if where else f"{self.file}: {message}"
        )


def refuse_unknown(
    raw: Mapping[str, object], keys: Sequence[str], where: str, problems: Problems
) -> None:
    """Notes keys that mean nothing."""
    for key in raw:
        if key not in keys:
            problems.add(where, f"the key '{key}' means nothing here; there are {', '.join(keys)}.")


def listed(names: Iterable[object]) -> str:
    """Names for a message."""
    return ", ".join(sorted(f"'{name}'" for name in names if name)) or "none"


def text_of(
    raw: Mapping[str, object],
    key: str,
    where: str,
    problems: Problems,
    *,
    may_be_empty: bool = False,
) -> str:
    """A text that must be there."""
    value = raw.get(key)
    if key not in raw:
        problems.add(where, f"the key '{key}' is missing; give it a text.")
    elif not isinstance(value, str) or not (value.strip() or may_be_empty):
        problems.add(where, f"{key} = {value!r}; expected a text.")
    return value if isinstance(value, str) else ""


def word_of(
    raw: Mapping[str, object], key: str, words: Sequence[str], where: str, problems: Problems
) -> str:
    """One of a few words."""
    value = raw.get(key)
    if key not in raw:
        problems.add(where, f"the key '{key}' is missing; give one of {', '.join(words)}.")
    elif value not in words:
        problems.add(where, f"{key} = {value!r}; expected one of {', '.join(words)}.")
    return str(value) if value in words else ""


def number_of(raw: Mapping[str, object], setting: Setting, where: str, problems: Problems) -> float:
    """A number within its bounds."""
    value = raw.get(setting.name)
    if setting.name not in raw:
        problems.add(where, f"the key '{setting.name}' is missing; give it a number.")
        return 0.0
    if isinstance(value, bool) or not isinstance(value, int | float):
        problems.add(where, f"{setting.name} = {value!r}; expected a number.")
        return 0.0
    if not math.isfinite(value):
        problems.add(where, f"{setting.name} = {value:g}; expected a finite number.")
        return 0.0
    for wanted in _unmet(value, setting):
        problems.add(where, f"{setting.name} = {value:g}; expected {wanted}.")
    return float(value)


def _unmet(value: float, setting: Setting) -> Iterable[str]:
    """What a number should have been, for every bound that it breaks."""
    if setting.least is not None and value < setting.least:
        yield f"{setting.least:g} or more"
    if setting.above is not None and value <= setting.above:
        yield f"more than {setting.above:g}"
    if setting.most is not None and value > setting.most:
        yield f"{setting.most:g} or less"
    if setting.is_whole and value % 1:
        yield "a whole number"


def value_of(
    raw: Mapping[str, object], setting: Setting, where: str, problems: Problems
) -> float | str:
    """A setting of a rule: a word or a number."""
    if setting.words:
        return word_of(raw, setting.name, setting.words, where, problems)
    return number_of(raw, setting, where, problems)


def table_of(raw: Mapping[str, object], key: str, problems: Problems | None) -> dict[str, object]:
    """A sub-table."""
    value = raw.get(key)
    if not isinstance(value, dict):
        if problems is not None:
            problems.add("", f"the table [{key}] is missing.")
        return {}
    return value


def tables_of(raw: Mapping[str, object], key: str, problems: Problems) -> list[dict[str, object]]:
    """An array of tables; none is fine."""
    value = raw.get(key, [])
    if not isinstance(value, list) or not all(isinstance(part, dict) for part in value):
        problems.add("", f"'{key}' must be written as [[{key}]].")
        return []
    return value
