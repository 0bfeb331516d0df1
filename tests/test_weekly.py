"""Room weekly: counters that reconcile, sums that can be checked, and a reason for every blank."""

import datetime as dt
from dataclasses import replace
from itertools import pairwise
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrowalk.rules.protocol_model import Phase
from retrowalk.rules.protocols import protocols
from retrowalk.weekly.verdicts import week_verdicts
from tests.builders_sessions import (
    LATER,
    MONDAY,
    Span,
    Walk,
    at,
    backward,
    day,
    export,
    forward,
    inputs_of,
    participants,
    prescriptions,
    quarantined,
    rest,
    summary_of,
    unknown,
    walk,
)


def row_of(*walks: Walk, **given: Any) -> dict[str, Any]:
    """The one row of one week."""
    table = summary_of(*walks, **given)
    assert table.height == 1
    return table.row(0, named=True)


def ordinary(week: int = 0, days: tuple[int, ...] = (0, 2, 4), **given: Any) -> list[Walk]:
    """Walks of 30 backward minutes."""
    return [walk(at(day(n, week=week)), backward(30), **given) for n in days]


def verdict_in(row: dict[str, Any], rule_id: str) -> tuple[str, str]:
    """What the summary says of one rule."""
    (found,) = [item for item in row["rule_verdicts"] if item["rule_id"] == rule_id]
    return found["verdict"], found["reason_code"]


# --- sums ---------------------------------------------------------------------------------------


def test_minutes_are_summed_by_class_over_the_weeks_workouts() -> None:
    row = row_of(
        walk(at(day(0)), forward(5), backward(20, grade="incline"), rest(2), forward(3)),
        walk(at(day(2)), backward(10, is_assumed=True), forward(4, is_assumed=True)),
        walk(
            at(day(4)), unknown(6, grade="unknown"), Span(7, "unknown", activity="run", speed=2.8)
        ),
    )
    expected = {
        "walking_min": 5 + 20 + 3 + 10 + 4 + 6,
        "backward_min": 20 + 10,
        "forward_min": 5 + 3 + 4,
        "unknown_direction_min": 6,
        "backward_assumed_min": 10,
        "forward_assumed_min": 4,
        "incline_min": 20,
        "incline_backward_min": 20,
        "unknown_grade_min": 6,
        "grade_known_min": 5 + 20 + 3 + 10 + 4,
        "direction_known_min": 5 + 20 + 3,
        "rest_min": 2,
        "run_min": 7,
        "other_min": 0,
    }
    assert {name: row[name] for name in expected} == pytest.approx(expected)
    assert row["backward_distance_m"] == pytest.approx(30 * 60 * 0.7)
    assert row["alternations_n"] == 2 + 1
    assert row["bouts_n"] == 2


def test_minutes_of_every_walking_class_can_be_told() -> None:
    spans = [
        (forward(1), backward(2), unknown(3)),
        *(
            (forward(n, grade=grade), backward(n + 1, grade=grade), unknown(n + 2, grade=grade))
            for n, grade in ((4, "incline"), (7, "decline"))
        ),
    ]
    row = row_of(*(walk(at(day(2 * n)), *of) for n, of in enumerate(spans)))
    classes = {
        "incline_forward_min": 4,
        "incline_backward_min": 5,
        "incline_unknown_min": 6,
        "decline_forward_min": 7,
        "decline_backward_min": 8,
        "decline_unknown_min": 9,
    }
    assert {name: row[name] for name in classes} == pytest.approx(classes)
    assert (row["incline_min"], row["decline_min"]) == (pytest.approx(15), pytest.approx(24))
    for word, level in (("forward", 1), ("backward", 2), ("unknown_direction", 3)):
        sloped = sum(
            classes[f"{slope}_{word.split('_')[0]}_min"] for slope in ("incline", "decline")
        )
        assert row[f"{word}_min"] - sloped == pytest.approx(level)


def test_energy_is_the_sum_of_walking_and_its_interval_that_of_the_ends() -> None:
    walks = [
        walk(at(day(0)), backward(20), rest(5)),
        walk(at(day(2)), forward(10), unknown(5)),
    ]
    apart = [row_of(item) for item in walks]
    both = row_of(*walks)
    for name in (
        "energy_gross_met_min",
        "energy_gross_kcal",
        "energy_gross_low_kcal",
        "energy_gross_high_kcal",
        "energy_net_kcal",
        "extra_over_forward_kcal",
    ):
        assert both[name] == pytest.approx(sum(row[name] for row in apart))
    assert row_of(walk(at(day(0)), backward(20)))["energy_gross_kcal"] == pytest.approx(
        apart[0]["energy_gross_kcal"]  # rest is no walking
    )


def test_one_backward_walk_at_the_compendiums_speed_can_be_checked_by_hand() -> None:
    # 10 min at 3.5 mph (1.565 m/s) level is row 17320: 6.0 MET. 6.0 x 3.5 x 70 kg / 200 = 7.35
    # kcal/min. Forward that speed is 4.8 MET (17200), 5.88 kcal/min.
    row = row_of(walk(at(day(0)), backward(10, speed=1.565)))
    assert row["energy_gross_met_min"] == pytest.approx(60.0)
    assert row["energy_gross_kcal"] == pytest.approx(73.5)
    assert row["energy_net_kcal"] == pytest.approx(73.5 - 12.25)
    assert row["extra_over_forward_kcal"] == pytest.approx(73.5 - 58.8)


def test_without_body_mass_kcal_are_null_with_a_reason_and_met_minutes_stay() -> None:
    row = row_of(walk(at(day(0)), backward(10), body_mass_kg=None, body_mass_source="none"))
    for name in ("energy_gross_kcal", "energy_gross_low_kcal", "energy_net_kcal"):
        assert row[name] is None
    assert row["energy_gross_met_min"] > 0
    assert "Body mass is unknown" in row["energy_reason"]


def test_workouts_without_walking_cost_no_energy_of_walking() -> None:
    row = row_of(walk(at(day(0)), Span(30, "unknown", activity="run", speed=3.0)))
    assert (row["workouts_n"], row["sessions_n"], row["excluded_n"]) == (1, 0, 1)
    assert row["energy_gross_kcal"] == row["walking_distance_m"] == 0.0


def test_cadence_speed_and_heart_rate_are_weighted_by_their_minutes() -> None:
    row = row_of(
        walk(at(day(0)), backward(10, cadence=60.0, speed=0.5, heart_rate=90.0)),
        walk(at(day(2)), backward(30, cadence=80.0, speed=0.9, heart_rate=110.0)),
        walk(at(day(4)), forward(40, cadence=120.0, speed=1.4, heart_rate=None)),
    )
    assert row["cadence_median_spm"] == 80.0
    assert row["cadence_usable_min"] == 40.0
    assert row["speed_mean_mps"] == pytest.approx((10 * 0.5 + 30 * 0.9) / 40)
    assert row["heart_rate_mean_bpm"] == pytest.approx((10 * 90 + 30 * 110) / 40)
    assert row["heart_rate_usable_min"] == 40.0


# --- counts and adherence -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "counts"),
    [
        ((0, 2, 4), (3, 3, 0, 0)),
        ((0, 2), (3, 2, 1, 0)),
        ((0, 2, 4, 6), (3, 3, 0, 0)),
    ],
)
def test_expected_sessions_are_done_or_missed(
    days: tuple[int, ...], counts: tuple[int, ...]
) -> None:
    row = row_of(*ordinary(days=days))
    names = ("expected", "done", "missed", "pending")
    assert tuple(row[f"{name}_sessions_n"] for name in names) == counts


@pytest.mark.parametrize(
    ("given", "pending"),
    [
        ({"now_utc": at(day(3))}, 1),
        ({"arrived": [quarantined(probable_date=day(5))]}, 1),
        ({}, 0),
    ],
)
def test_what_may_still_be_done_or_found_is_pending(given: dict[str, Any], pending: int) -> None:
    row = row_of(*ordinary(days=(0, 2)), **given)
    assert (row["missed_sessions_n"], row["pending_sessions_n"]) == (1 - pending, pending)


def test_a_session_of_unknown_direction_is_pending() -> None:
    row = row_of(*ordinary(days=(0, 2)), walk(at(day(4)), unknown(20)))
    assert row["pending_sessions_n"] == 1
    assert row["qualifying_days_n"] == 2


def test_a_silent_week_misses_nothing_for_certain() -> None:
    row = row_of()
    assert row["week_status"] == "nothing_received"
    assert (row["missed_sessions_n"], row["pending_sessions_n"]) == (0, 3)
    assert row["attendance_fraction"] is None
    assert row["time_adherence_fraction"] is None
    assert row["energy_gross_kcal"] is None
    assert row["is_interrupted"] is None
    assert row["backward_min"] == 0.0


def test_time_is_held_against_the_prescription_capped_and_uncapped() -> None:
    row = row_of(*ordinary(days=(0, 2, 4, 6)))
    assert row["time_adherence_fraction"] == 1.0
    assert row["relative_dose_fraction"] == pytest.approx(120 / 90)
    assert row["attendance_fraction"] == 1.0


def test_the_dose_of_a_trial_is_that_of_its_week() -> None:
    prescribed = prescriptions(("low_back_pain_trial", MONDAY, None))
    weeks = [day(0, week=2)]
    row = row_of(walk(at(day(0, week=2)), backward(18)), prescribed=prescribed, weeks=weeks)
    assert row["time_adherence_fraction"] == pytest.approx(18 / (3 * 18))
    assert row["attendance_fraction"] == pytest.approx(1 / 3)


def test_the_backward_share_of_walking_is_the_type() -> None:
    row = row_of(walk(at(day(0)), backward(15), forward(40), unknown(5)))
    assert row["type_adherence_fraction"] == pytest.approx(15 / 60)


def test_intensity_is_the_share_of_backward_minutes_within_the_speed_rule() -> None:
    slow_and_fast = walk(at(day(0)), backward(15, speed=0.8), backward(5, speed=1.3))
    assert row_of(slow_and_fast, protocol="cervical_spondylosis")[
        "intensity_adherence_fraction"
    ] == pytest.approx(15 / 20)
    assert row_of(slow_and_fast)["intensity_adherence_fraction"] is None


def test_intensity_follows_the_speed_rule_of_the_week() -> None:
    protocol = protocols()["cervical_spondylosis"]
    (rule,) = [rule for rule in protocol.rules if rule.kind == "speed"]
    slow_then_fast = (Phase(1, 1, None, 0.5), Phase(2, 2, None, 0.9))
    rules = tuple(replace(r, phases=slow_then_fast) if r is rule else r for r in protocol.rules)
    rulebook = {**protocols(), protocol.protocol_id: replace(protocol, rules=rules)}
    walks = [walk(at(day(0, week=n)), backward(20, speed=0.8)) for n in range(3)]
    table = summary_of(
        *walks,
        protocol=protocol.protocol_id,
        rulebook=rulebook,
        weeks=[day(0, week=n) for n in range(3)],
    )
    # 0.8 m/s against 0.5 + 0.1, against 0.9 + 0.1, and against no rule at all.
    assert table["intensity_adherence_fraction"].to_list() == [0.0, 1.0, None]


def test_minutes_of_unknown_direction_open_an_interval_of_time_and_type() -> None:
    row = row_of(
        walk(at(day(0)), backward(20), unknown(10), forward(10)),
        walk(at(day(2)), unknown(70)),
    )
    # Owed are 3 x 30 = 90 min: 20 are certain, 80 more may be backward; 110 min were walked.
    assert (row["time_adherence_fraction"], row["time_adherence_upper_fraction"]) == (
        pytest.approx(20 / 90),
        1.0,
    )
    assert row["relative_dose_fraction"] == pytest.approx(20 / 90)
    assert row["relative_dose_upper_fraction"] == pytest.approx(100 / 90)
    assert row["type_adherence_fraction"] == pytest.approx(20 / 110)
    assert row["type_adherence_upper_fraction"] == pytest.approx(100 / 110)
    # One day is certain, a second may count, the third is missed.
    assert row["attendance_fraction"] == pytest.approx(1 / 3)
    assert row["attendance_upper_fraction"] == pytest.approx(2 / 3)


def test_where_everything_is_known_both_ends_are_the_same() -> None:
    row = row_of(*ordinary(days=(0, 2)))
    for name in ("attendance", "time_adherence", "relative_dose", "type_adherence"):
        assert row[f"{name}_upper_fraction"] == row[f"{name}_fraction"]


def test_a_running_week_may_still_be_attended_in_full() -> None:
    row = row_of(*ordinary(days=(0,)), now_utc=at(day(3)))
    assert (row["attendance_fraction"], row["attendance_upper_fraction"]) == (1 / 3, 1.0)


def test_a_week_partly_under_a_protocol_owes_no_count_of_sessions() -> None:
    row = row_of(*ordinary(), prescribed=prescriptions(("general", day(1), None)))
    assert row["expected_sessions_n"] is None
    assert row["attendance_fraction"] is None
    assert row["qualifying_days_n"] == 2  # Wednesday and Friday
    assert row["protocol"] == "general"


def test_the_protocol_of_a_week_is_its_last() -> None:
    prescribed = prescriptions(("general", day(-7), day(2)), ("cervical_spondylosis", day(3), None))
    row = row_of(*ordinary(), prescribed=prescribed)
    assert row["protocol"] == "cervical_spondylosis"
    rules = {item["rule_id"] for item in row["rule_verdicts"]}
    assert {"GEN-DUR-30", "CERV-DUR"} <= rules


# --- verdicts of the week -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        ((30, 30, 30), "met"),
        ((30, 10, 30), "under"),
        ((10, 30, 50), "over"),
    ],
)
def test_the_strongest_verdict_of_the_days_stands_for_the_week(
    minutes: tuple[int, ...], said: str
) -> None:
    walks = [walk(at(day(2 * n)), backward(m)) for n, m in enumerate(minutes)]
    assert verdict_in(row_of(*walks), "GEN-DUR-30") == (said, "ok")


@pytest.mark.parametrize("is_over", [True, False])
@pytest.mark.parametrize(
    ("weaker", "stronger"),
    list(pairwise(("not_applicable", "met", "pending", "not_evaluable", "under", "over"))),
)
def test_of_two_verdicts_of_a_week_the_stronger_stands(
    weaker: str, stronger: str, *, is_over: bool
) -> None:
    key = {"participant_id": "P1", "week_start_date": MONDAY}
    same = {"rule_id": "R", "role": "info", "scope": "day", "protocol": "p", "reason_code": "ok"}
    days = [{**key, **same, "verdict": verdict} for verdict in (weaker, stronger)]
    table = pl.DataFrame(days).with_columns(scope_key=pl.Series(["2026-03-02", "2026-03-03"]))
    weeks = pl.DataFrame([{**key, "is_over": is_over}])

    ((said,),) = week_verdicts(table, weeks)["rule_verdicts"].to_list()

    is_open = stronger == "met" and not is_over
    assert said["verdict"] == ("pending" if is_open else stronger)


def test_what_was_met_so_far_is_pending_while_the_week_runs() -> None:
    row = row_of(*ordinary(days=(0,)), now_utc=at(day(3)))
    assert verdict_in(row, "GEN-DUR-30") == ("pending", "period_not_over")
    assert verdict_in(row, "ANY-BW") == ("met", "ok")
    assert row["week_status"] == "provisional"


def test_the_share_without_a_verdict_counts_scored_rules_only() -> None:
    row = row_of(walk(at(day(0)), unknown(30)), walk(at(day(2)), backward(30)))
    # Scored: GEN-DUR-30 and GEN-FREQ (1 or 2 days: under either way), GEN-ALT (no neighbours).
    assert verdict_in(row, "GEN-DUR-30")[0] == "not_evaluable"
    assert verdict_in(row, "GEN-FREQ")[0] == "under"
    assert row["not_evaluable_fraction"] == pytest.approx(1 / 3)


# --- streaks ------------------------------------------------------------------------------------


def weeks_until(week: int) -> list[dt.date]:
    """The one week."""
    return [day(0, week=week)]


def done(*counts: int | None) -> list[Walk]:
    """Weeks with so many sessions done; a null week is silent, 0 has a forward walk only."""
    walks = []
    for week, count in enumerate(counts):
        if count == 0:
            walks.append(walk(at(day(0, week=week)), forward(30)))
        walks += ordinary(week, days=(0, 2, 4)[: count or 0])
    return walks


@pytest.mark.parametrize(
    ("counts", "in_a_row", "interrupted"),
    [
        ((3, 2), 1, False),
        ((3, 0), 3, True),
        ((1, 3), 0, False),
        ((1, 1), 2, False),  # those done come first in a week
        ((1, 0), 2 + 3, True),
        ((3, 0, 0), 6, True),
        ((0, 1), 2, False),
        ((3, None), 0, None),  # silence may be three missed
        ((0, None), 0, None),
        ((3, None, 0), 3, True),
        ((1, None, 2), 1, False),
    ],
)
def test_missed_sessions_are_counted_in_a_row(
    counts: tuple[int | None, ...], in_a_row: int, *, interrupted: bool | None
) -> None:
    row = row_of(*done(*counts), weeks=weeks_until(len(counts) - 1))
    assert row["missed_in_a_row_n"] == in_a_row
    assert row["is_interrupted"] is interrupted


def test_the_running_week_neither_breaks_nor_lengthens_a_run() -> None:
    row = row_of(*done(1), weeks=weeks_until(1), now_utc=at(day(2, week=1)))
    assert (row["missed_in_a_row_n"], row["is_interrupted"]) == (2, False)  # nothing is late yet
    back = row_of(*done(0, 1), weeks=weeks_until(1), now_utc=at(day(2, week=1)))
    assert back["missed_in_a_row_n"] == 0


def test_weeks_met_count_the_last_eight_that_are_over() -> None:
    row = row_of(*done(3, 3, 1, 3, 3, 3, 3, 3, 2), weeks=weeks_until(8))
    assert (row["weeks_met_n"], row["weeks_elapsed_n"]) == (6, 8)
    young = row_of(*done(3, 1), weeks=weeks_until(1))
    assert (young["weeks_met_n"], young["weeks_elapsed_n"]) == (1, 2)


@pytest.mark.parametrize(
    ("counts", "in_a_row"),
    [
        ((3,), 1),
        ((3, 4, 3), 3),
        ((3, 1, 3, 3), 2),
        ((3, 3, 1), 0),
        ((3, None, 3), 1),  # a silent week may have met it, and may not
        ((3,) * 9, 8),  # no farther than eight weeks back
    ],
)
def test_weeks_that_met_the_rule_are_counted_in_a_row(
    counts: tuple[int | None, ...], in_a_row: int
) -> None:
    row = row_of(*done(*counts), weeks=weeks_until(len(counts) - 1))
    assert row["weeks_met_in_a_row_n"] == in_a_row


def test_a_running_week_does_not_end_the_weeks_in_a_row() -> None:
    running = row_of(*done(1, 3, 3, 1), weeks=weeks_until(3), now_utc=at(day(5, week=3)))
    assert running["weeks_met_in_a_row_n"] == 2


def test_a_week_partly_under_the_protocol_ends_the_weeks_in_a_row() -> None:
    # A pause of the prescription, from Wednesday to Friday of the second week.
    paused = prescriptions(
        ("general", MONDAY, day(1, week=1)), ("general", day(5, week=1), day(6, week=3))
    )
    row = row_of(*done(3, 3, 3, 3), weeks=weeks_until(3), prescribed=paused)
    assert (row["weeks_met_n"], row["weeks_met_in_a_row_n"]) == (3, 2)


# --- status -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({}, "nothing_received"),
        ({"now_utc": at(day(3))}, "provisional"),
        ({"arrived": [quarantined()]}, "all_quarantined"),
        (
            {
                "arrived": [
                    export(status="ignored", reason_code="no_workouts", probable_date=day(3))
                ]
            },
            "no_workouts",
        ),
        ({"prescribed": prescriptions(("general", day(7), None))}, "not_enrolled_yet"),
        ({"prescribed": prescriptions(("general", day(-30), day(-1)))}, "enrolment_ended"),
    ],
)
def test_an_empty_week_says_why(given: dict[str, Any], status: str) -> None:
    row = row_of(**given)
    assert row["week_status"] == status
    assert row["week_reason"].endswith(".")


def test_a_week_with_workouts_is_complete_once_it_is_over() -> None:
    assert row_of(*ordinary())["week_status"] == "complete"
    assert row_of(*ordinary(), now_utc=at(day(5)))["week_status"] == "provisional"


def test_a_complete_week_tells_of_what_could_not_be_read() -> None:
    row = row_of(*ordinary(), arrived=[quarantined()])
    assert row["week_status"] == "complete"
    assert row["exports_quarantined_n"] == 1
    assert "could not be read and may belong here: 1" in row["week_reason"]


def test_who_is_not_in_the_registry_is_summed_up_all_the_same() -> None:
    row = row_of(
        *ordinary(participant_id="stranger"),
        inputs=inputs_of(participants(), [MONDAY]).clear(),
    )
    assert (row["participant_id"], row["week_status"]) == ("stranger", "not_enrolled")
    assert (row["backward_min"], row["protocol"], row["rule_verdicts"]) == (90.0, None, [])
    assert row["registry_version"] == "unregistered"


def test_who_is_registered_without_a_prescription_has_minutes_and_no_verdicts() -> None:
    row = row_of(*ordinary(), prescribed=prescriptions())
    assert (row["week_status"], row["backward_min"]) == ("complete", 90.0)
    assert row["rule_verdicts"] == []
    assert row["expected_sessions_n"] is None


def test_everyone_with_inputs_has_a_row_in_every_week() -> None:
    people = participants(("P1", MONDAY, "UTC"), ("P2", MONDAY, "UTC"))
    weeks = [MONDAY, day(0, week=1)]
    table = summary_of(*ordinary(), people=people, weeks=weeks)
    assert table.select("week_start_date", "participant_id").rows() == [
        (week, name) for week in weeks for name in ("P1", "P2")
    ]


def test_provenance_is_filled_from_what_the_row_rests_on() -> None:
    row = row_of(*ordinary())
    assert len(row["export_sha256_list"]) == 3
    assert row["export_sha256_list"] == sorted(row["export_sha256_list"])
    assert (row["inputs_fingerprint"], row["registry_version"]) == ("f1", "r1")
    assert (row["rules_version"], row["code_version"], row["run_id"]) == ("v1", "0.1.0", "run-1")
    assert (row["compendium_edition"], row["computed_at_utc"]) == ("2024", LATER)


def test_no_weeks_give_no_rows() -> None:
    assert summary_of(*ordinary(), weeks=[]).height == 0


# --- laws ---------------------------------------------------------------------------------------

_SPANS = st.lists(
    st.builds(
        Span,
        minutes=st.sampled_from([3.0, 7.0, 12.0, 26.0]),
        direction=st.sampled_from(["backward", "forward", "unknown"]),
        speed=st.sampled_from([0.5, 0.7, 1.1, 1.565]),
        grade=st.sampled_from(["level", "incline", "unknown"]),
    ),
    min_size=1,
    max_size=3,
)
_WALKS = st.dictionaries(st.integers(0, 6), _SPANS, max_size=4)


def walks_of(drawn: dict[int, list[Span]]) -> list[Walk]:
    """A walk on each day drawn."""
    return [walk(at(day(number)), *spans) for number, spans in drawn.items()]


@settings(max_examples=20, deadline=None)
@given(drawn=_WALKS, more=st.sampled_from([backward(12), forward(12), unknown(12)]))
def test_more_minutes_lower_neither_attendance_nor_energy(
    drawn: dict[int, list[Span]], more: Span
) -> None:
    before = row_of(*walks_of(drawn))
    after = row_of(*walks_of(drawn), walk(at(day(3), 18), more))
    for name in (
        "attendance_fraction",
        "relative_dose_fraction",
        "energy_gross_kcal",
        "energy_gross_low_kcal",
        "energy_gross_high_kcal",
        "backward_min",
        "done_sessions_n",
    ):
        assert (after[name] or 0.0) >= (before[name] or 0.0) - 1e-6


@settings(max_examples=15, deadline=None)
@given(spans=_SPANS, cut=st.integers(1, 9))
def test_splitting_a_workout_changes_no_weekly_total(spans: list[Span], cut: int) -> None:
    # Cut in the midst of the first stretch; no pause lies between the halves.
    first = spans[0].minutes * cut / 10
    parts = (replace(spans[0], minutes=first), replace(spans[0], minutes=spans[0].minutes - first))
    start = at(day(2))
    whole = row_of(walk(start, *parts, *spans[1:]))
    halves = row_of(
        walk(start, parts[0]),
        walk(start + dt.timedelta(minutes=first), parts[1], *spans[1:]),
    )
    summed = [name for name in whole if name.endswith(("_kcal", "_met_min", "_distance_m"))]
    minutes = [name for name in whole if name.endswith("_min") and "usable" not in name]
    for name in (*summed, *minutes, "time_adherence_fraction", "relative_dose_upper_fraction"):
        assert halves[name] == pytest.approx(whole[name], abs=1e-4), name


@settings(max_examples=20, deadline=None)
@given(drawn=_WALKS)
def test_counters_reconcile_and_the_interval_holds_its_point(drawn: dict[int, list[Span]]) -> None:
    row = row_of(*walks_of(drawn))
    assert row["workouts_n"] == row["sessions_n"] + row["excluded_n"] == len(drawn)
    assert row["expected_sessions_n"] == sum(
        row[f"{name}_sessions_n"] for name in ("done", "missed", "pending")
    )
    parts = row["backward_min"] + row["forward_min"] + row["unknown_direction_min"]
    assert row["walking_min"] == pytest.approx(parts)
    if row["energy_gross_kcal"] is not None:
        low, high = row["energy_gross_low_kcal"], row["energy_gross_high_kcal"]
        assert low <= row["energy_gross_kcal"] <= high


@settings(max_examples=15, deadline=None)
@given(drawn=_WALKS, weeks=st.integers(1, 20))
def test_shifting_a_week_shifts_its_row(drawn: dict[int, list[Span]], weeks: int) -> None:
    shift = dt.timedelta(weeks=weeks)
    here = row_of(*walks_of(drawn))
    there = row_of(
        *(Walk(item.started_at_utc + shift, item.spans, item.given) for item in walks_of(drawn)),
        weeks=[MONDAY + shift],
        prescribed=prescriptions(("general", MONDAY + shift, None)),
    )
    moved = ("week_start_date", "export_sha256_list")
    assert {name: there[name] for name in there if name not in moved} == {
        name: here[name] for name in here if name not in moved
    }


def test_weeks_together_are_what_they_are_alone() -> None:
    walks = done(3, 1, None, 0, 2, 3, 3, 1, 0, 3)
    weeks = [day(0, week=week) for week in range(10)]
    together = summary_of(*walks, weeks=weeks)
    alone = pl.concat(summary_of(*walks, weeks=[week]) for week in weeks)
    assert together.equals(alone)


def test_order_of_workouts_changes_nothing() -> None:
    walks = [
        walk(at(day(n)), forward(3.1), backward(7.3, speed=0.37), unknown(2.9)) for n in range(7)
    ]
    assert summary_of(*walks).equals(summary_of(*walks[::-1]))
