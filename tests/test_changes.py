"""Room changes: what a re-run altered, why, and that nothing new is nothing at all."""

import datetime as dt
from typing import Any

import dataframely as dy
import polars as pl
import pytest

from retrowalk.changes import PROVENANCE, changes_from_summaries
from retrowalk.tables import Changes, WeeklySummary
from tests.builders_sessions import (
    LATER,
    MONDAY,
    Walk,
    at,
    backward,
    day,
    inputs_of,
    participants,
    quarantined,
    summary_of,
    walk,
)


def three() -> list[Walk]:
    """A plain week."""
    return [walk(at(day(n)), backward(30)) for n in (0, 2, 4)]


def compared(before: pl.DataFrame, after: dy.DataFrame[WeeklySummary]) -> dy.DataFrame[Changes]:
    """What altered."""
    return changes_from_summaries(before, after, run_id="run-2", changed_at_utc=LATER)


def with_values(table: pl.DataFrame, **values: Any) -> dy.DataFrame[WeeklySummary]:
    """The same rows with some columns changed."""
    changed = table.with_columns(**{name: pl.lit(value) for name, value in values.items()})
    return WeeklySummary.validate(changed, cast=True)


def inputs(fingerprint: str = "f2", registry: str = "r1") -> pl.DataFrame:
    """What rows rest on, with other versions."""
    return inputs_of(participants(), [MONDAY]).with_columns(
        inputs_fingerprint=pl.lit(fingerprint), registry_version=pl.lit(registry)
    )


def test_scoring_again_with_nothing_new_is_no_change() -> None:
    before = summary_of(*three(), run_id="run-1")
    after = summary_of(*three(), run_id="run-2")
    assert compared(before, after).height == 0


def test_the_first_score_is_no_change() -> None:
    after = summary_of(*three())
    assert compared(after.clear(), after).height == 0


def test_nothing_compared_with_nothing_is_nothing() -> None:
    empty = WeeklySummary.create_empty()
    assert compared(empty, empty).height == 0


def test_a_late_export_tells_each_column_that_it_altered() -> None:
    before = summary_of(*three()[:2])
    after = summary_of(*three(), inputs=inputs())
    table = compared(before, after)
    assert set(table["cause"]) == {"late_export"}
    said = {row["column"]: (row["old_value"], row["new_value"]) for row in table.to_dicts()}
    assert said["backward_min"] == ("60.0", "90.0")
    assert said["sessions_n"] == ("2", "3")
    assert said["missed_sessions_n"] == ("1", "0")
    assert "GEN-FREQ under ok" in str(said["rule_verdicts"][0])
    assert "GEN-FREQ met ok" in str(said["rule_verdicts"][1])
    assert not said.keys() & set(PROVENANCE)
    assert said.keys().isdisjoint({"forward_min", "week_status", "protocol"})


def test_a_change_names_both_runs_and_its_time() -> None:
    table = compared(summary_of(*three()[:2], run_id="run-1"), summary_of(*three()))
    assert table.select("old_run_id", "new_run_id", "changed_at_utc").unique().rows() == [
        ("run-1", "run-2", LATER)
    ]


@pytest.mark.parametrize(
    ("changed", "cause"),
    [
        ({"registry_version": "r2", "inputs_fingerprint": "f2"}, "registry"),
        ({"rules_version": "v2", "inputs_fingerprint": "f2"}, "rules"),
        ({"code_version": "0.2.0", "inputs_fingerprint": "f2"}, "code"),
        ({"inputs_fingerprint": "f2"}, "late_export"),  # a week that it looks back on
        ({}, "period_over"),
        ({"rules_version": "v2"}, "period_over"),  # of a protocol that only others are under
        ({"registry_version": "r2", "rules_version": "v2"}, "registry"),
    ],
)
def test_the_cause_is_what_differs_in_the_inputs(changed: dict[str, str], cause: str) -> None:
    before = summary_of(*three())
    after = with_values(before, energy_net_kcal=1.0, **changed)
    assert compared(before, after).select("column", "cause").rows() == [("energy_net_kcal", cause)]


def test_other_versions_that_alter_no_score_are_no_change() -> None:
    before = summary_of(*three())
    after = with_values(before, code_version="0.2.0", rules_version="v2", inputs_fingerprint="f2")
    assert compared(before, after).height == 0


def test_a_week_that_ends_changes_because_time_has_passed() -> None:
    walks = three()[:2]
    table = compared(summary_of(*walks, now_utc=at(day(5))), summary_of(*walks))
    assert set(table["cause"]) == {"period_over"}
    row = table.filter(column="week_status").row(0, named=True)
    assert (row["old_value"], row["new_value"]) == ("provisional", "complete")


def test_a_quarantined_export_is_late_even_though_nothing_rests_on_it() -> None:
    after = summary_of(*three(), arrived=[quarantined()], inputs=inputs())
    table = compared(summary_of(*three()), after)
    assert "exports_quarantined_n" in table["column"].to_list()
    assert set(table["cause"]) == {"late_export"}


def test_null_and_a_value_differ_and_null_and_null_do_not() -> None:
    before = with_values(summary_of(*three()), cadence_median_spm=None, speed_mean_mps=None)
    after = with_values(before, cadence_median_spm=61.0)
    row = compared(before, after).row(0, named=True)
    assert (row["column"], row["old_value"], row["new_value"]) == (
        "cadence_median_spm",
        None,
        "61.0",
    )


def test_a_row_that_is_gone_is_one_change_of_its_status() -> None:
    before = summary_of(*three())
    (row,) = compared(before, WeeklySummary.create_empty()).to_dicts()
    assert (row["column"], row["old_value"], row["new_value"]) == ("week_status", "complete", None)
    assert row["cause"] == "registry"


def test_participants_and_weeks_are_compared_with_themselves() -> None:
    weeks = [MONDAY, MONDAY + dt.timedelta(weeks=1)]
    before = summary_of(*three(), weeks=weeks)
    late = walk(at(day(1, week=1)), backward(20))
    after = summary_of(*three(), late, weeks=weeks)
    assert set(compared(before, after)["week_start_date"]) == {weeks[1]}


def test_every_column_that_is_a_score_is_compared() -> None:
    before = summary_of(*three())
    keys = {"participant_id", "week_start_date", *PROVENANCE}
    numbers = [
        name
        for name, column in WeeklySummary.columns().items()
        if name not in keys and isinstance(column, dy.Float64) and column.nullable
    ]
    for name in numbers:
        value = 0.123 if before[name].item() is None else None
        # Rules on several columns hold only together, so the table is not validated here.
        after = before.with_columns(pl.lit(value, dtype=pl.Float64).alias(name))
        table = changes_from_summaries(
            before, WeeklySummary.cast(after), run_id="run-2", changed_at_utc=LATER
        )
        assert table["column"].to_list() == [name]
