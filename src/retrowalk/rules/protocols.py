"""Loads ``protocols/*.toml`` and a user's own: what each protocol asks for, with its citations.

A protocol is data. What a kind of rule means is told in the room ``adherence``; this module only
knows which keys a rule of each kind must carry, and refuses a file that says anything else.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from itertools import pairwise

from retrowalk.errors import RulesError
from retrowalk.rules.protocol_model import KINDS, Dose, Kind, Phase, Protocol, Rule, Setting
from retrowalk.rules.toml_values import (
    Problems,
    listed,
    number_of,
    refuse_unknown,
    table_of,
    tables_of,
    text_of,
    value_of,
    word_of,
)

__all__ = ["KINDS", "Dose", "Kind", "Phase", "Protocol", "Rule", "protocols", "shipped_protocols"]

_ID = re.compile(r"^[a-z][a-z0-9_]*$")
_RULE_ID = re.compile(r"^[A-Z0-9]+(-[A-Z0-9]+)*$")
_ROLES = ("scored", "warn", "info")


@cache
def shipped_protocols() -> Mapping[str, Protocol]:
    """Reads the protocols of this package, by name."""
    return _protocols(_toml_files(files("retrowalk.rules").joinpath("protocols")), known={})


def protocols(folder: Traversable | None = None) -> Mapping[str, Protocol]:
    """Reads the shipped protocols and a user's own.

    Args:
        folder: Where the user's ``*.toml`` lie; null or not there: there are none.

    Returns:
        All protocols, by name.

    Raises:
        RulesError: A file is no protocol; the message names every problem with file, rule and key,
            what stands there and what was expected.
    """
    if folder is None or not folder.is_dir():
        return shipped_protocols()
    shipped = _toml_files(files("retrowalk.rules").joinpath("protocols"))
    known = {_id_of(document): document for _, document in shipped}
    own = _protocols(_toml_files(folder), known=known)
    return dict(sorted({**shipped_protocols(), **own}.items()))


def _toml_files(folder: Traversable) -> list[tuple[str, dict[str, object]]]:
    """Every TOML file of a folder with its content, by name."""
    found = [path for path in folder.iterdir() if path.name.endswith(".toml")]
    documents = []
    for path in sorted(found, key=lambda path: path.name):
        try:
            documents.append((path.name, tomllib.loads(path.read_text(encoding="utf-8"))))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise RulesError(f"{path.name} is no TOML file in UTF-8: {error}") from error
    return documents


def _id_of(document: Mapping[str, object]) -> str:
    """The name that a file gives itself; empty where it is no text."""
    name = document.get("id")
    return name if isinstance(name, str) else ""


def _protocols(
    documents: Sequence[tuple[str, dict[str, object]]], *, known: Mapping[str, dict[str, object]]
) -> dict[str, Protocol]:
    """Builds protocols; ``known`` are those that they may borrow from but not be named after."""
    lenders = {**known, **{_id_of(document): document for _, document in documents}}
    taken: dict[str, str] = dict.fromkeys(known, "this package")
    built: dict[str, Protocol] = {}
    lines: list[str] = []
    for file, document in documents:
        problems = Problems(file)
        protocol = _protocol(document, lenders, problems)
        name = _id_of(document)
        if name in taken:
            problems.add("", f"the id '{name}' is taken by {taken[name]}; choose another.")
        if name:
            taken.setdefault(name, file)
        built[protocol.protocol_id] = protocol
        lines += problems.lines
    if lines:
        raise RulesError("\n".join(["Protocols cannot be used:", *(f"  {line}" for line in lines)]))
    return dict(sorted(built.items()))


_HEAD = ("id", "version", "title", "articles", "qualifying", "dose", "rule", "borrow")


def _protocol(
    document: Mapping[str, object],
    lenders: Mapping[str, dict[str, object]],
    problems: Problems,
) -> Protocol:
    """Builds one protocol and notes what is wrong with it."""
    refuse_unknown(document, _HEAD, "", problems)
    protocol_id = text_of(document, "id", "", problems)
    if protocol_id and not _ID.match(protocol_id):
        problems.add(
            "",
            f"id = '{protocol_id}'; expected lower-case letters, digits and underscores, such as 'my_protocol'.",
        )
    qualifying = table_of(document, "qualifying", problems)
    refuse_unknown(qualifying, ("session_min", "source"), "qualifying", problems)
    text_of(qualifying, "source", "qualifying", problems)
    written = [(raw, document) for raw in tables_of(document, "rule", problems)]
    borrowed = [
        _borrowed(raw, lenders, problems) for raw in tables_of(document, "borrow", problems)
    ]
    rules = [
        _rule(raw, home, document, problems) for raw, home in (*written, *filter(None, borrowed))
    ]
    names = [rule.rule_id for rule in rules]
    for name in sorted({name for name in names if names.count(name) > 1}):
        problems.add(f"rule {name}", "is given more than once.")
    doses = tuple(_dose(raw, problems) for raw in tables_of(document, "dose", problems))
    _refuse_overlap([(dose.from_week, dose.to_week) for dose in doses], "dose", problems)
    _refuse_baseless(rules, problems)
    if not rules:
        problems.add("", "holds no [[rule]] and no [[borrow]]; a protocol needs one.")
    return Protocol(
        protocol_id=protocol_id,
        version=text_of(document, "version", "", problems),
        title=text_of(document, "title", "", problems),
        qualifying_min=number_of(
            qualifying, Setting("session_min", above=0.0), "qualifying", problems
        ),
        doses=doses,
        rules=tuple(rules),
    )


def _refuse_baseless(rules: Sequence[Rule], problems: Problems) -> None:
    """Notes a rule on persistence without the rule that it counts."""
    has_limits = any(rule.limits_days for rule in rules)
    for rule in rules:
        if rule.kind == "persistence" and not has_limits:
            problems.add(
                f"rule {rule.rule_id}",
                "counts weeks that met a rule of kind 'days_per_week' with limits; this protocol has none.",
            )


def _borrowed(
    raw: Mapping[str, object], lenders: Mapping[str, dict[str, object]], problems: Problems
) -> tuple[dict[str, object], Mapping[str, object]] | None:
    """A rule of another protocol with this one's changes, and the protocol that it comes from."""
    name = text_of(raw, "rule", "borrow", problems)
    where = f"borrow {name or '?'}"
    lender = text_of(raw, "from", where, problems)
    text_of(raw, "because", where, problems)
    if not name or not lender:
        return None
    home = lenders.get(lender)
    if home is None:
        problems.add(where, f"from = {lender!r} is no protocol; there are {listed(lenders)}.")
        return None
    rules = home.get("rule")
    offered = {
        rule.get("id"): rule
        for rule in (rules if isinstance(rules, list) else [])
        if isinstance(rule, dict) and isinstance(rule.get("id"), str)
    }
    if name not in offered:
        problems.add(
            where, f"'{lender}' has no rule {name!r} of its own; it has {listed(offered)}."
        )
        return None
    changes = {key: value for key, value in raw.items() if key not in ("rule", "from", "because")}
    for key in ("id", "kind", "scope"):
        if changes.pop(key, None) is not None:
            problems.add(where, f"{key} cannot be changed; write a [[rule]] of your own instead.")
    return {**offered[name], **changes}, home


_RULE_KEYS = (
    *("id", "kind", "scope", "role", "role_under", "version", "article", "quote"),
    *("definition", "data_needed", "source", "note", "low", "high", "phase"),
)


def _rule(
    raw: Mapping[str, object],
    home: Mapping[str, object],
    document: Mapping[str, object],
    problems: Problems,
) -> Rule:
    """Builds one rule; ``home`` is where it was first written and its articles are listed."""
    rule_id = text_of(raw, "id", "rule", problems)
    where = f"rule {rule_id or '?'}"
    if rule_id and not _RULE_ID.match(rule_id):
        problems.add(where, "id must be capitals, digits and hyphens, such as 'MY-DUR'.")
    name = word_of(raw, "kind", tuple(KINDS), where, problems)
    kind = KINDS.get(name, Kind(("session", "day", "bout", "week"), "", "any"))
    if name:
        keys = (*_RULE_KEYS, *(setting.name for setting in kind.settings))
        refuse_unknown(raw, keys, where, problems)
    role = word_of(raw, "role", _ROLES, where, problems)
    articles = {**table_of(home, "articles", None), **table_of(document, "articles", None)}
    return Rule(
        rule_id=rule_id,
        kind=name,
        scope=word_of(raw, "scope", kind.scopes, where, problems),
        role=role,
        role_under=word_of({"role_under": role, **raw}, "role_under", _ROLES, where, problems),
        unit=kind.unit,
        version=text_of(raw, "version", where, problems),
        article=_article(raw, articles, where, problems),
        quote=text_of(raw, "quote", where, problems),
        definition=text_of(raw, "definition", where, problems),
        data_needed=text_of(raw, "data_needed", where, problems),
        source=text_of(raw, "source", where, problems),
        note=text_of({"note": "", **raw}, "note", where, problems, may_be_empty=True),
        phases=_phases(raw, kind, where, problems),
        settings=tuple(
            (setting.name, value_of(raw, setting, where, problems)) for setting in kind.settings
        ),
    )


def _article(
    raw: Mapping[str, object], articles: Mapping[str, object], where: str, problems: Problems
) -> str:
    """The citation of the rule's article."""
    name = text_of(raw, "article", where, problems)
    citation = articles.get(name)
    if name and not isinstance(citation, str):
        problems.add(
            where,
            f"article = '{name}' is not listed under [articles]; there are {listed(articles)}.",
        )
    return citation if isinstance(citation, str) else ""


def _phases(
    raw: Mapping[str, object], kind: Kind, where: str, problems: Problems
) -> tuple[Phase, ...]:
    """The limits by weeks: one open phase, or those that the rule lists."""
    if "phase" not in raw:
        return (Phase(1, None, *_limits(raw, kind, where, problems)),)
    if "low" in raw or "high" in raw:
        problems.add(where, "gives limits and phases; give low and high inside each phase.")
    if raw["phase"] == []:
        problems.add(where, "phase is empty; give one phase or more, or low and high instead.")
    phases = []
    for part in tables_of(raw, "phase", problems):
        refuse_unknown(part, ("from_week", "to_week", "low", "high"), where, problems)
        span = _weeks(part, where, problems)
        phases.append(Phase(*span, *_limits(part, kind, where, problems)))
    _refuse_overlap([(phase.from_week, phase.to_week) for phase in phases], where, problems)
    return tuple(phases)


_NEEDED = {"both": ("low", "high"), "low": ("low",), "high": ("high",), "any": (), "none": ()}
_ALLOWED = {**_NEEDED, "any": ("low", "high")}


def _limits(
    raw: Mapping[str, object], kind: Kind, where: str, problems: Problems
) -> tuple[float | None, float | None]:
    """Low and high, as far as the kind has them."""
    found: dict[str, float | None] = {"low": None, "high": None}
    for key in found:
        if key in raw and key not in _ALLOWED[kind.limits]:
            problems.add(where, f"a rule of this kind has no '{key}'; leave it out.")
        elif key in raw or key in _NEEDED[kind.limits]:
            limit = Setting(key, least=0.0, most=kind.limit_most, is_whole=kind.is_limit_whole)
            found[key] = number_of(raw, limit, where, problems)
    low, high = found["low"], found["high"]
    if low is not None and high is not None and low > high:
        problems.add(where, f"low = {low:g} is above high = {high:g}.")
    return low, high


def _dose(raw: Mapping[str, object], problems: Problems) -> Dose:
    """Builds one dose."""
    keys = ("from_week", "to_week", "sessions_per_week", "session_min", "source")
    refuse_unknown(raw, keys, "dose", problems)
    # Sessions are counted as local days with one, so a week can hold seven.
    per_week = Setting("sessions_per_week", least=1.0, most=7.0, is_whole=True)
    sessions = number_of(raw, per_week, "dose", problems)
    return Dose(
        *_weeks(raw, "dose", problems),
        sessions_per_week_n=int(sessions),
        session_min=number_of(raw, Setting("session_min", above=0.0), "dose", problems),
        source=text_of(raw, "source", "dose", problems),
    )


def _weeks(raw: Mapping[str, object], where: str, problems: Problems) -> tuple[int, int | None]:
    """First and last week of a phase or dose; without any, all weeks."""
    first, last = raw.get("from_week", 1), raw.get("to_week")
    for key, value in (("from_week", first), ("to_week", last)):
        if value is not None and (
            not isinstance(value, int) or isinstance(value, bool) or value < 1
        ):
            problems.add(where, f"{key} = {value!r}; expected a week of the prescription, from 1.")
            return 1, None
    if not isinstance(first, int) or (last is not None and not isinstance(last, int)):
        return 1, None
    if last is not None and last < first:
        problems.add(where, f"to_week = {last} lies before from_week = {first}.")
    return first, last


def _refuse_overlap(
    spans: Iterable[tuple[int, int | None]], where: str, problems: Problems
) -> None:
    """Notes weeks that two phases claim."""
    ordered = sorted(spans)
    for (first, last), (then, _) in pairwise(ordered):
        if last is None or then <= last:
            problems.add(
                where,
                f"week {then} belongs to two phases; {first} to {last or 'the end'} holds it too.",
            )
