"""Every setting of every protocol changes something that is said, not only what is shown as asked."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import polars as pl
import pytest

from retrowalk.rules.protocols import Protocol, Rule, protocols
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
