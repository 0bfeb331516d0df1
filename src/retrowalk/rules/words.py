"""Loads ``words.toml``: which texts and developer fields state a direction of walking."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase of one language; ``direction`` is None for a false friend."""

    language: str
    text: str
    direction: str | None
    is_alone: bool = False
    is_spaced: bool = True


@dataclass(frozen=True, slots=True)
class Denial:
    """A word that takes the meaning of a phrase of its language away, before it or after it."""

    language: str
    text: str
    is_after: bool
    is_spaced: bool


@dataclass(frozen=True, slots=True)
class DeveloperField:
    """Names of a developer field, letters only, and what its values mean."""

    names: tuple[str, ...]
    backward: tuple[str, ...]
    forward: tuple[str, ...]
    reads_phrases: bool
    only_with: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class WordList:
    """The entries of ``words.toml``, in the order of the file."""

    phrases: tuple[Phrase, ...]
    denials: tuple[Denial, ...]
    developer_fields: tuple[DeveloperField, ...]


def phrases_of(language: dict[str, Any]) -> Iterator[Phrase]:
    """Lists a language's phrases of both directions."""
    for direction in ("backward", "forward"):
        for key, is_alone in ((direction, False), (f"{direction}_alone", True)):
            for text in language.get(key, ()):
                is_spaced = language.get("is_spaced", True)
                yield Phrase(language["code"], text, direction, is_alone, is_spaced)


def denials_of(language: dict[str, Any]) -> Iterator[Denial]:
    """Lists a language's negations and cancellations."""
    for key, is_after in (("negations", False), ("cancellations", True)):
        for text in language.get(key, ()):
            yield Denial(language["code"], text, is_after, language.get("is_spaced", True))


@cache
def word_list() -> WordList:
    """Reads the shipped list."""
    entries = tomllib.loads(
        files("retrowalk.rules").joinpath("words.toml").read_text(encoding="utf-8")
    )
    languages = entries["language"]
    friends = (Phrase("any", text, None) for text in entries["false_friends"]["phrases"])
    return WordList(
        phrases=(*friends, *(phrase for each in languages for phrase in phrases_of(each))),
        denials=tuple(denial for each in languages for denial in denials_of(each)),
        developer_fields=tuple(
            DeveloperField(
                tuple(field["names"]),
                tuple(field["backward"]),
                tuple(field["forward"]),
                field["reads_phrases"],
                tuple(field.get("only_with", {}).items()),
            )
            for field in entries["developer_field"]
        ),
    )
