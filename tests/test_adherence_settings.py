"""Every setting of every protocol changes something that is said, not only what is shown as asked."""

import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from importlib.resources import files
from typing import Any

import polars as pl
import pytest

from retrowalk.rules.protocols import KINDS, Protocol, Rule, protocols
from tests.builders_sessions import (
    Walk,
    at,
    backward,
    day,
    forward,
    judged,
    prescriptions,
    session,
    summary_of,
    walk,
)

_WEEKS = [day(0, week=week) for week in range(9)]
_SAID = ["rule_id", "scope_key", "week_start_date", "role", "verdict", "reason_code"]


def walked() -> list[dict[str, Any]]:
    """Nine weeks of sessions that lie on every side of every limit."""
    rows = []
    for week in range(9):
        for place, number in enumerate((0, 2, 4, 5)[: 1 + week % 4]):
            minutes = 4.0 + 5 * place + 3.5 * week
            given = {
                "unknown_direction_min": 3.0 if place == 1 else 0.0,
                "backward_cadence_median_spm": 40.0 + 12 * place,
                "backward_cadence_usable_min": minutes * (0.6 + 0.1 * place),
                "backward_speed_median_mps": 0.5 + 0.1 * (week % 4),
                "backward_speed_peak_mps": 0.8 + 0.25 * place,
                "backward_speed_usable_min": minutes * (0.6 + 0.1 * place),
                "backward_heart_rate_usable_min": minutes * (0.6 + 0.1 * place),
                "heart_rate_delta_bpm": 2.0 + 6 * place,
                "backward_level_distance_m": minutes * 42 * (0.8 + 0.05 * place),
                "bouts_n": 3,
                "bout_distance_list_m": [70.0, 90.0 + 200 * place, 550.0],
                "backward_chord_over_path_fraction": 0.9 + 0.03 * place if place else None,
            }
            rows.append(session(day(number, week=week), backward=minutes, **given))
    return rows


def said(protocol: Protocol) -> pl.DataFrame:
    """Verdicts on those weeks, and whether a speed was called critical."""
    table = judged(
        walked(),
        weeks=_WEEKS,
        prescribed=prescriptions((protocol.protocol_id, day(0), None)),
        rulebook={**protocols(), protocol.protocol_id: protocol},
    )
    return table.select(*_SAID, is_critical=pl.col("reason").str.contains("critical"))


def with_rule(protocol: Protocol, rule: Rule, **changes: Any) -> Protocol:
    """The protocol with one rule changed."""
    changed = replace(rule, **changes)
    return replace(protocol, rules=tuple(changed if r is rule else r for r in protocol.rules))


def settings_of() -> Iterator[tuple[str, str, str]]:
    """Every protocol, rule and setting."""
    for name, protocol in protocols().items():
        for rule in protocol.rules:
            phase = rule.phases[0]
            limits = {"low": phase.low, "high": phase.high}
            yield from (
                (name, rule.rule_id, key) for key, value in limits.items() if value is not None
            )
            yield from ((name, rule.rule_id, key) for key, _ in rule.settings)


def variants(rule: Rule, key: str) -> Iterator[dict[str, Any]]:
    """The rule with one setting moved far down and far up."""
    if key in ("low", "high"):
        for factor in (0.0, 1.0, 100.0):
            yield {
                "phases": tuple(
                    replace(phase, **{key: getattr(phase, key) * factor + (factor == 100.0)})
                    for phase in rule.phases
                )
            }
        return
    given = dict(rule.settings)
    value = given[key]
    others = ("none", "ceiling", "floor") if isinstance(value, str) else (0.0, 1.0, 1000.0)
    # Heart rate is judged only once a reading is chosen; its other settings then say how.
    base = {**given, "reading": "ceiling"} if "reading" in given and key != "reading" else given
    for other in others:
        yield {"settings": tuple({**base, key: other}.items())}


@pytest.mark.parametrize(("name", "rule_id", "key"), list(settings_of()))
def test_each_setting_of_each_rule_changes_a_verdict(name: str, rule_id: str, key: str) -> None:
    protocol = protocols()[name]
    rule = next(rule for rule in protocol.rules if rule.rule_id == rule_id)
    tables = [said(with_rule(protocol, rule, **changes)) for changes in variants(rule, key)]
    assert any(not table.equals(tables[0]) for table in tables[1:])


@pytest.mark.parametrize("name", list(protocols()))
def test_the_role_of_each_rule_is_that_of_its_rows(name: str) -> None:
    protocol = protocols()[name]
    for rule in protocol.rules:
        role = "info" if rule.role != "info" else "scored"
        table = said(with_rule(protocol, rule, role=role, role_under=role))
        assert set(table.filter(rule_id=rule.rule_id)["role"]) == {role}


@pytest.mark.parametrize(
    "name", [name for name, found in protocols().items() if found.frequency_rule is not None]
)
def test_the_minutes_from_which_a_session_counts_change_the_days_per_week(name: str) -> None:
    protocol = protocols()[name]
    assert not said(replace(protocol, qualifying_min=30.0)).equals(said(protocol))


@pytest.mark.parametrize(
    ("name", "rule_id"),
    [
        (name, rule.rule_id)
        for name, protocol in protocols().items()
        for rule in protocol.rules
        if rule.role_under != rule.role
    ],
)
def test_the_role_of_too_little_is_that_of_its_rows(name: str, rule_id: str) -> None:
    protocol = protocols()[name]
    (rule,) = [rule for rule in protocol.rules if rule.rule_id == rule_id]
    used = {**protocols(), name: with_rule(protocol, rule, role_under="scored")}
    slow_and_fast = [
        session(day(n), backward_cadence_median_spm=cadence)
        for n, cadence in ((0, 40.0), (2, 90.0))
    ]
    table = judged(slow_and_fast, name, rulebook=used).filter(rule_id=rule_id).sort("local_date")
    assert table["role"].to_list() == ["scored", rule.role]


@pytest.mark.parametrize(
    ("name", "rule_id"),
    [
        (name, rule.rule_id)
        for name, protocol in protocols().items()
        for rule in protocol.rules
        if any(phase.to_week is not None for phase in rule.phases)
    ],
)
@pytest.mark.parametrize("key", ["from_week", "to_week"])
def test_the_weeks_of_a_phase_say_when_its_limits_hold(name: str, rule_id: str, key: str) -> None:
    protocol = protocols()[name]
    (rule,) = [rule for rule in protocol.rules if rule.rule_id == rule_id]
    first, *_, last = (rule.phases[0], *rule.phases)
    moved = {"from_week": (first, 2), "to_week": (last, 7)}[key]
    phases = tuple(
        replace(phase, **{key: moved[1]}) if phase is moved[0] else phase for phase in rule.phases
    )
    shown = [
        judged(
            walked(),
            weeks=_WEEKS,
            prescribed=prescriptions((name, day(0), None)),
            rulebook={**protocols(), name: used},
        ).filter(rule_id=rule_id)
        for used in (protocol, with_rule(protocol, rule, phases=phases))
    ]
    weeks = {"from_week": day(0), "to_week": day(0, week=6)}
    reasons = [set(table.filter(week_start_date=weeks[key])["reason_code"]) for table in shown]
    assert [found == {"past_its_phase"} for found in reasons] == [
        key == "to_week",
        key != "to_week",
    ]


@pytest.mark.parametrize(
    "name",
    [
        name
        for name, protocol in protocols().items()
        if any(dose.to_week is not None for dose in protocol.doses)
    ],
)
@pytest.mark.parametrize("key", ["from_week", "to_week"])
def test_the_weeks_of_a_dose_say_when_it_is_owed(name: str, key: str) -> None:
    protocol = protocols()[name]
    moved: dict[str, tuple[int, Any, int]] = {"from_week": (0, 2, 0), "to_week": (-1, 7, 6)}
    place, value, week = moved[key]
    doses = list(protocol.doses)
    doses[place] = replace(doses[place], **{key: value})
    owed = [
        summary_of(
            protocol=name,
            rulebook={**protocols(), name: used},
            weeks=[day(0, week=week)],
        )["expected_sessions_n"].item()
        for used in (protocol, replace(protocol, doses=tuple(doses)))
    ]
    assert owed == ([3, None] if key == "from_week" else [None, 3])


@pytest.mark.parametrize("name", list(protocols()))
def test_the_version_of_a_protocol_stands_beside_its_verdicts(name: str) -> None:
    protocol = replace(protocols()[name], version="tried")
    rulebook = {**protocols(), name: protocol}
    table = judged([], name, rulebook=rulebook)
    assert set(table["protocol_version"]) == {"tried"}
    assert summary_of(protocol=name, rulebook=rulebook)["protocol_version"].item() == "tried"


@pytest.mark.parametrize("name", list(protocols()))
@pytest.mark.parametrize("key", ["article", "quote"])
def test_article_and_quote_of_a_rule_stand_beside_its_verdicts(name: str, key: str) -> None:
    protocol = protocols()[name]
    for rule in protocol.rules:
        given: dict[str, Any] = {key: "tried"}
        used = {**protocols(), name: with_rule(protocol, rule, **given)}
        table = judged([], name, rulebook=used).filter(rule_id=rule.rule_id)
        assert all("tried" in source for source in table["source"])


#: Key of a protocol's file -> what it decides is tried by this test.
_TRIED: dict[str, Callable[..., None]] = {
    "version": test_the_version_of_a_protocol_stands_beside_its_verdicts,
    "qualifying.session_min": test_the_minutes_from_which_a_session_counts_change_the_days_per_week,
    "rule.role": test_the_role_of_each_rule_is_that_of_its_rows,
    "rule.role_under": test_the_role_of_too_little_is_that_of_its_rows,
    "rule.article": test_article_and_quote_of_a_rule_stand_beside_its_verdicts,
    "rule.quote": test_article_and_quote_of_a_rule_stand_beside_its_verdicts,
    "rule.phase.from_week": test_the_weeks_of_a_phase_say_when_its_limits_hold,
    "rule.phase.to_week": test_the_weeks_of_a_phase_say_when_its_limits_hold,
    "dose.from_week": test_the_weeks_of_a_dose_say_when_it_is_owed,
    "dose.to_week": test_the_weeks_of_a_dose_say_when_it_is_owed,
    "borrow.role": test_the_role_of_each_rule_is_that_of_its_rows,
    "borrow.article": test_article_and_quote_of_a_rule_stand_beside_its_verdicts,
    "borrow.quote": test_article_and_quote_of_a_rule_stand_beside_its_verdicts,
}
#: Keys that name something, or that only a reader reads; which kind of rule, and where it is from.
_NAMES = ("id", "rule.id", "rule.kind", "rule.scope", "borrow.rule", "borrow.from")
_FOR_READERS = (
    *("title", "qualifying.source", "dose.source", "borrow.because"),
    *("rule.version", "rule.definition", "rule.data_needed", "rule.source", "rule.note"),
)


def _keys(table: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    """Every key of a file with its value, however deep."""
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _keys(value, f"{path}{key}.")
        elif isinstance(value, list):
            for part in value:
                yield from _keys(part, f"{path}{key}.")
        else:
            yield f"{path}{key}", value


@pytest.mark.parametrize(
    "file",
    sorted(file.name for file in files("retrowalk.rules").joinpath("protocols").iterdir()),
)
def test_every_key_of_every_protocol_is_tried_by_some_test(file: str) -> None:
    path = files("retrowalk.rules").joinpath("protocols", file)
    document = tomllib.loads(path.read_text(encoding="utf-8"))
    limits = {f"{where}{key}" for where in ("rule.", "rule.phase.") for key in ("low", "high")}
    of_kinds = {f"rule.{setting.name}" for kind in KINDS.values() for setting in kind.settings}
    by_rule = limits | of_kinds
    by_dose = {"dose.sessions_per_week", "dose.session_min"}
    known = {*by_rule, *by_dose, *_TRIED, *_NAMES, *_FOR_READERS}
    found = {key: value for key, value in _keys(document) if not key.startswith("articles.")}
    assert found.keys() <= known
    # What a test of each rule tries is really among its parameters.
    tried = {key for name, _, key in settings_of() if name == document["id"]}
    assert {key.rsplit(".")[-1] for key in found.keys() & by_rule} <= tried
    assert all(isinstance(found[key], str) for key in found.keys() & {*_FOR_READERS, *_NAMES})


def test_every_number_of_a_protocol_that_a_user_may_write_is_tried() -> None:
    rule_kinds = {rule.kind for protocol in protocols().values() for rule in protocol.rules}
    assert rule_kinds == KINDS.keys()
    tried = {key for _, _, key in settings_of()}
    assert tried == {"low", "high"} | {s.name for kind in KINDS.values() for s in kind.settings}


def _week() -> list[Walk]:
    return [
        walk(at(day(0)), forward(3), backward(20, speed=1.0)),
        walk(at(day(2)), backward(12)),
    ]


@pytest.mark.parametrize("name", list(protocols()))
@pytest.mark.parametrize(
    ("key", "value", "column"),
    [
        ("sessions_per_week_n", 7, "expected_sessions_n"),
        ("sessions_per_week_n", 7, "attendance_fraction"),
        ("session_min", 100.0, "time_adherence_fraction"),
        ("session_min", 100.0, "relative_dose_fraction"),
    ],
)
def test_the_dose_changes_what_the_week_is_held_against(
    name: str, key: str, value: Any, column: str
) -> None:
    protocol = protocols()[name]
    given: dict[str, Any] = {key: value}
    doses = tuple(replace(dose, **given) for dose in protocol.doses)
    changed = {**protocols(), name: replace(protocol, doses=doses)}
    before = summary_of(*_week(), protocol=name)[column].item()
    after = summary_of(*_week(), protocol=name, rulebook=changed)[column].item()
    assert before is not None
    assert after != before


def test_the_speed_rule_changes_the_share_of_minutes_within_it() -> None:
    protocol = protocols()["cervical_spondylosis"]
    rule = next(rule for rule in protocol.rules if rule.kind == "speed")
    slower = with_rule(protocol, rule, phases=(replace(rule.phases[0], high=0.6),))
    shares = [
        summary_of(
            *_week(),
            protocol=protocol.protocol_id,
            rulebook={**protocols(), protocol.protocol_id: used},
        )["intensity_adherence_fraction"].item()
        for used in (protocol, slower)
    ]
    # 12 of 32 backward minutes at 0.7 m/s and 20 at 1.0: all within 0.95 + 0.1, then 12 in 0.6 + 0.1.
    assert shares == [1.0, 12 / 32]
