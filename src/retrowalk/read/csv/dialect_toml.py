"""Reads dialects from TOML and says what is wrong with one; ``docs/csv-dialects.md`` has the keys."""

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from retrowalk.errors import RegistryError
from retrowalk.read.csv.dialect import (
    CHANNELS,
    STATED,
    UNITLESS,
    UNITS,
    Column,
    Dialect,
    NumberStyle,
    Preamble,
    RowsAre,
    TimeForm,
    Zone,
    header_key,
)

Texts = Annotated[list[str], Field(min_length=1)]


class _File(BaseModel):
    """Keys of a table that must all be known."""

    model_config = ConfigDict(extra="forbid", strict=True)


class ColumnFile(_File):
    """One entry of ``[[columns]]``."""

    channel: str
    names: Texts | dict[str, Texts]
    unit: str = ""
    occurrence: int = Field(default=1, ge=1)
    ignored_zero: bool = False
    is_increment: bool = False


class TimeFile(_File):
    """The table ``[time]``."""

    formats: Texts
    zone: Zone
    months: list[Texts] = []


class DialectFile(_File):
    """A dialect's TOML file."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    title: str
    source: str = ""
    rows_are: RowsAre
    requires: Texts
    any_of: list[str] = []
    columns: Annotated[list[ColumnFile], Field(min_length=1)]
    time: TimeFile
    number_style: NumberStyle = "dot"
    missing: list[str] = [""]
    preamble: Preamble = "none"
    stated: dict[str, Texts] = {}
    pause_begins: list[str] = []
    pause_ends: list[str] = []
    sport: str | None = None


def dialect_from_toml(text: str, source: str) -> Dialect:
    """Reads one dialect.

    Args:
        text: Content of a TOML file.
        source: Name of the file, for messages.

    Returns:
        The dialect.

    Raises:
        RegistryError: One line for each key that cannot be used.
    """
    try:
        found = DialectFile.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise RegistryError([f"{source}: not readable as TOML: {error}"]) from error
    except ValidationError as error:
        raise RegistryError([f"{source}: {problem}" for problem in _shape(error)]) from error
    if problems := [f"{source}: {problem}" for problem in _contradictions(found)]:
        raise RegistryError(problems)
    return Dialect(
        name=found.name,
        title=found.title,
        rows_are=found.rows_are,
        requires=tuple(found.requires),
        any_of=tuple(found.any_of),
        columns=tuple(map(_column, found.columns)),
        time=TimeForm(
            formats=tuple(found.time.formats),
            zone=found.time.zone,
            months=tuple(map(tuple, found.time.months)),
        ),
        number_style=found.number_style,
        missing=tuple(word.casefold() for word in found.missing),
        preamble=found.preamble,
        stated={key: tuple(map(header_key, names)) for key, names in found.stated.items()},
        pause_begins=tuple(found.pause_begins),
        pause_ends=tuple(found.pause_ends),
        sport=found.sport,
    )


@cache
def shipped_dialects() -> tuple[Dialect, ...]:
    """Reads the dialects that come with the package, in order of name."""
    folder = resources.files("retrowalk.read.csv") / "dialects"
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".toml")), key=lambda f: f.name)
    return tuple(dialect_from_toml(f.read_text(encoding="utf-8"), f.name) for f in files)


def _column(found: ColumnFile) -> Column:
    by_language = found.names if isinstance(found.names, Mapping) else {"": found.names}
    names = [header_key(name) for names in by_language.values() for name in names]
    return Column(
        channel=found.channel,
        names=tuple(dict.fromkeys(names)),
        unit=found.unit or CHANNELS[found.channel],
        occurrence=found.occurrence,
        ignored_zero=found.ignored_zero,
        is_increment=found.is_increment,
    )


def _shape(error: ValidationError) -> Iterable[str]:
    """Words what does not have the shape of a dialect."""
    for problem in error.errors():
        place = ".".join(str(n + 1) if isinstance(n, int) else n for n in problem["loc"])
        if problem["type"] == "missing":
            yield f"key {place} is missing; add it"
        elif problem["type"] == "extra_forbidden":
            yield f"key {place} is not known; rename or remove it"
        else:
            yield f"key {place}: {problem['msg']}; found {problem['input']!r}"


def _contradictions(found: DialectFile) -> Iterable[str]:
    """Words what has the shape of a dialect and makes no sense."""
    for n, column in enumerate(found.columns, start=1):
        kind = CHANNELS.get(column.channel)
        if kind is None:
            known = ", ".join(CHANNELS)
            yield f"columns.{n}: channel {column.channel!r} is not known; known are {known}"
        elif not (kind in UNITLESS and not column.unit) and (
            column.unit not in UNITS or UNITS[column.unit][0] != kind
        ):
            fitting = ", ".join(unit for unit, (measures, _) in UNITS.items() if measures == kind)
            yield f"columns.{n}: unit {column.unit!r} of {column.channel}; allowed are {fitting}"
    channels = {column.channel for column in found.columns}
    for channel in dict.fromkeys([*found.requires, *found.any_of]):
        if channel not in channels:
            yield f"{channel!r} is required, but no entry of columns has that channel"
    for key in found.stated:
        if key not in STATED:
            yield f"stated.{key} is not known; known are {', '.join(STATED)}"
