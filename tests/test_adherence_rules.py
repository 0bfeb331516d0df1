"""The other rules: cadence, speed, heart rate, bouts, route, progress, persistence, what is shown."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from retrowalk.rules.protocols import Protocol, protocols
from tests.builders_sessions import (
    at,
    day,
    judged,
    prescriptions,
    quarantined,
    session,
    verdict,
    verdicts,
)

CERVICAL, LUMBAR = "cervical_spondylosis", "lumbar_disc_herniation"


def said_of(rule: str, protocol: str = CERVICAL, **given: Any) -> tuple[str, str]:
    """Verdict and reason code of one session."""
    ((said, code),) = verdicts(judged([session(**given)], protocol), rule)
    return said, code


# --- cadence and speed --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cadence", "said", "role"),
    [
        (49.9, "under", "info"),
        (50.0, "met", "warn"),
        (70.0, "met", "warn"),
        (70.1, "over", "warn"),
        (110.0, "over", "warn"),
    ],
)
def test_around_sixty_steps_warns_of_the_fast_side_only(
    cadence: float, said: str, role: str
) -> None:
    table = judged([session(backward_cadence_median_spm=cadence)], CERVICAL)
    row = table.filter(rule_id="CAD-60").row(0, named=True)
    assert (row["verdict"], row["role"]) == (said, role)


@pytest.mark.parametrize(("usable", "code"), [(21.0, "ok"), (20.9, "no_cadence")])
def test_cadence_must_cover_seven_tenths_of_the_backward_minutes(usable: float, code: str) -> None:
    assert said_of("CAD-60", backward_cadence_usable_min=usable)[1] == code


def test_no_cadence_is_not_evaluable_and_never_slow() -> None:
    given: dict[str, Any] = {
        "backward_cadence_median_spm": None,
        "backward_cadence_usable_min": 0.0,
    }
    assert said_of("CAD-60", **given) == ("not_evaluable", "no_cadence")


@pytest.mark.parametrize(
    ("peak", "said"), [(0.95, "met"), (1.05, "met"), (1.06, "over"), (1.52, "over")]
)
def test_too_fast_is_above_the_fastest_trial(peak: float, said: str) -> None:
    assert said_of("SPD-MAX", backward_speed_peak_mps=peak)[0] == said


@pytest.mark.parametrize(("peak", "critical"), [(1.51, False), (1.52, True)])
def test_a_critical_speed_is_called_so(peak: float, *, critical: bool) -> None:
    table = judged([session(backward_speed_peak_mps=peak)], CERVICAL)
    assert ("critical" in table.filter(rule_id="SPD-MAX")["reason"].item()) is critical


@pytest.mark.parametrize("rule", ["CAD-60", "SPD-MAX", "ROUTE-FLAT", "ROUTE-STRAIGHT", "BOUT-LEN"])
def test_a_rule_on_backward_walking_does_not_apply_without_any(rule: str) -> None:
    forward_only: dict[str, Any] = {"backward": 0.0, "forward_min": 30.0}
    assert said_of(rule, **forward_only) == ("not_applicable", "no_backward_walking")
    perhaps: dict[str, Any] = {"backward": 0.0, "unknown_direction_min": 30.0}
    assert said_of(rule, **perhaps) == ("not_evaluable", "direction_unknown")


def test_no_speed_is_not_evaluable() -> None:
    given: dict[str, Any] = {"backward_speed_peak_mps": None, "backward_speed_usable_min": 0.0}
    assert said_of("SPD-MAX", **given) == ("not_evaluable", "no_speed")
    assert said_of("SPD-MAX", backward_speed_usable_min=20.9) == ("not_evaluable", "no_speed")


# --- heart rate ---------------------------------------------------------------------------------


def test_the_rise_of_heart_rate_is_shown_and_not_judged() -> None:
    row = judged([session(heart_rate_delta_bpm=38.0)], LUMBAR).filter(rule_id="HR-10")
    assert row["observed"].item() == 38.0
    assert row["role"].item() == "info"
    assert row.select("verdict", "reason_code").row(0) == ("not_evaluable", "reading_not_chosen")


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"heart_rate_delta_bpm": None}, "no_resting_heart_rate"),
        ({"backward_heart_rate_median_bpm": None}, "no_heart_rate"),
        ({"backward_heart_rate_usable_min": 20.9}, "no_heart_rate"),
        ({"backward": 7.0, "backward_heart_rate_usable_min": 4.9}, "no_heart_rate"),
        ({"backward": 7.0, "backward_heart_rate_usable_min": 5.0}, "reading_not_chosen"),
    ],
)
def test_heart_rate_needs_minutes_and_a_measured_rest(given: dict[str, Any], code: str) -> None:
    assert said_of("HR-10", LUMBAR, **given) == ("not_evaluable", code)


def with_reading(reading: str) -> dict[str, Protocol]:
    """The protocols, but for how the lumbar one reads its sentence on the pulse."""
    lumbar = protocols()[LUMBAR]
    rules = [
        replace(rule, settings=tuple({**dict(rule.settings), "reading": reading}.items()))
        if rule.rule_id == "HR-10"
        else rule
        for rule in lumbar.rules
    ]
    return {**protocols(), LUMBAR: replace(lumbar, rules=tuple(rules))}


@pytest.mark.parametrize(
    ("reading", "delta_bpm", "said"),
    [
        ("ceiling", 3.0, "met"),
        ("ceiling", 15.0, "met"),  # 10 beats/min and 5 of tolerance
        ("ceiling", 15.1, "over"),
        ("floor", 4.9, "under"),
        ("floor", 5.0, "met"),
        ("floor", 38.0, "met"),
    ],
)
def test_a_protocol_that_says_which_reading_has_the_rise_judged(
    reading: str, delta_bpm: float, said: str
) -> None:
    rows = [session(heart_rate_delta_bpm=delta_bpm)]
    found = judged(rows, LUMBAR, rulebook=with_reading(reading)).filter(rule_id="HR-10")

    limits = {"ceiling": (None, 10.0), "floor": (10.0, None)}[reading]
    assert found.select("target_low", "target_high").row(0) == limits
    assert found["verdict"].item() == said


# --- bouts and route ----------------------------------------------------------------------------


def test_every_bout_has_its_own_verdict_with_a_fifth_of_tolerance() -> None:
    lengths = [79.0, 80.0, 100.0, 500.0, 600.0, 601.0, None]
    table = judged([session(bout_distance_list_m=lengths, bouts_n=7)], CERVICAL)
    rows = table.filter(rule_id="BOUT-LEN").sort("scope_key")
    assert rows["verdict"].to_list() == [
        *("under", "met", "met", "met", "met", "over"),
        "not_evaluable",
    ]
    assert rows["scope_key"].to_list()[0] == "P1-2026-03-02-10#1"
    assert rows["reason_code"].to_list()[-1] == "no_distance"
    assert "give or take 20 %" in rows["reason"].to_list()[0]


@pytest.mark.parametrize("rule", ["BOUT-LEN", "ROUTE-FLAT", "ROUTE-STRAIGHT"])
@pytest.mark.parametrize("environment", ["treadmill", "indoor"])
def test_rules_on_the_way_do_not_apply_indoors(rule: str, environment: str) -> None:
    said = said_of(rule, environment=environment)
    assert said == ("not_applicable", "wrong_environment")


def test_a_track_has_bends_on_purpose() -> None:
    assert said_of("ROUTE-STRAIGHT", environment="track")[1] == "wrong_environment"
    assert said_of("ROUTE-FLAT", environment="track") == ("met", "ok")


@pytest.mark.parametrize(
    ("level", "known", "said"),
    [
        (900.0, 1000.0, ("met", "ok")),
        (899.0, 1000.0, ("under", "ok")),
        (900.0, 900.0, ("met", "ok")),  # the unknown tenth changes nothing
        (850.0, 900.0, ("not_evaluable", "no_grade")),  # 0.85 to 0.95
        (700.0, 850.0, ("under", "ok")),  # 0.70 to 0.85
        (0.0, 0.0, ("not_evaluable", "no_grade")),
        (None, None, ("not_evaluable", "no_distance")),
    ],
)
def test_nine_tenths_of_the_way_must_be_level(
    level: float | None, known: float | None, said: tuple[str, str]
) -> None:
    given: dict[str, Any] = {
        "backward_distance_m": None if level is None else 1000.0,
        "backward_level_distance_m": level,
        "backward_known_grade_distance_m": known,
    }
    assert said_of("ROUTE-FLAT", **given) == said


@pytest.mark.parametrize(
    ("ratio", "bouts", "said"),
    [
        (0.95, [300.0], ("met", "ok")),
        (0.94, [300.0], ("under", "ok")),
        (None, [300.0], ("not_evaluable", "no_position")),
        (None, [None], ("not_evaluable", "no_distance")),
        (None, [60.0], ("not_applicable", "no_long_bout")),
        (None, [60.0, None], ("not_evaluable", "no_distance")),  # the other may be a long one
        (None, [99.9], ("not_applicable", "no_long_bout")),
        (0.98, [100.0], ("met", "ok")),
    ],
)
def test_a_straight_way_has_a_chord_almost_as_long_as_its_path(
    ratio: float | None, bouts: list[float | None], said: tuple[str, str]
) -> None:
    given: dict[str, Any] = {
        "backward_chord_over_path_fraction": ratio,
        "bout_distance_list_m": bouts,
    }
    assert said_of("ROUTE-STRAIGHT", **given) == said


# --- progress -----------------------------------------------------------------------------------


def weeks_of_speed(*speeds: float, per_week: int = 3) -> list[dict[str, Any]]:
    """Sessions with one speed in each week."""
    return [
        session(day(2 * number, week=week), backward_speed_median_mps=speed)
        for week, speed in enumerate(speeds)
        for number in range(per_week)
    ]


@pytest.mark.parametrize(("speed", "said"), [(0.7, "met"), (0.71, "over")])
def test_the_first_three_sessions_are_slow(speed: float, said: str) -> None:
    table = judged(weeks_of_speed(speed), "fitness_incline")
    row = table.filter(rule_id="PROG-START").row(0, named=True)
    assert (row["verdict"], row["observed"], row["target_high"]) == (said, speed, 0.7)


def test_the_third_session_is_one_of_the_first_three() -> None:
    rows = [
        session(day(2 * n), backward_speed_median_mps=speed)
        for n, speed in enumerate((0.5, 0.8, 0.8))
    ]
    row = judged(rows, "fitness_incline").filter(rule_id="PROG-START").row(0, named=True)
    assert (row["verdict"], row["observed"]) == ("over", 0.8)


def test_a_prescription_given_anew_starts_anew() -> None:
    rows = [
        *(session(day(n - 7), backward_speed_median_mps=0.5) for n in (0, 2, 4)),
        *(session(day(n), backward_speed_median_mps=0.9) for n in (0, 2, 4)),
    ]
    prescribed = prescriptions(("general", day(-7), day(-1)), ("general", day(0), None))
    row = judged(rows, prescribed=prescribed).filter(rule_id="PROG-START").row(0, named=True)
    assert (row["verdict"], row["observed"], row["target_high"]) == ("over", 0.9, 0.7)


def test_a_start_that_lies_farther_back_than_is_looked_is_not_judged() -> None:
    # The first sessions seen are in the tenth week; nobody knows whether they are the first.
    rows = [session(day(n, week=9), backward_speed_median_mps=0.9) for n in (0, 2, 4)]
    table = judged(rows, weeks=[day(0, week=9)])
    assert verdicts(table, "PROG-START") == [("pending", "too_little_history")]


@pytest.mark.parametrize(("week", "said"), [(7, "met"), (8, "pending")])
def test_progress_looks_no_farther_back_than_seven_weeks(week: int, said: str) -> None:
    rows = [
        *(session(day(n), backward=20.0) for n in (0, 2, 4)),
        *(session(day(n, week=week), backward=25.0) for n in (0, 2, 4)),
    ]
    asked = [day(0, week=n) for n in range(week + 1)]
    table = judged(rows, LUMBAR, weeks=asked).filter(week_start_date=day(0, week=week))
    assert verdict(table, "PROG-GRAD") == said


def test_fewer_than_three_sessions_are_too_few_to_tell() -> None:
    table = judged(weeks_of_speed(0.9, per_week=2))
    assert verdicts(table, "PROG-START") == [("pending", "too_little_history")]


@pytest.mark.parametrize(("second", "said"), [(0.74, "met"), (0.75, "over")])
def test_speed_rises_by_half_a_kilometre_an_hour_a_week(second: float, said: str) -> None:
    table = judged(weeks_of_speed(0.6, second), weeks=[day(0, week=1)])
    assert verdict(table, "PROG-START") == said


def test_a_week_without_sessions_spreads_the_rise_over_both() -> None:
    rows = [
        *weeks_of_speed(0.6),
        *(session(day(n, week=2), backward_speed_median_mps=0.88) for n in (0, 2)),
    ]
    row = judged(rows, weeks=[day(0, week=2)]).filter(rule_id="PROG-START").row(0, named=True)
    assert row["observed"] == pytest.approx(0.14)
    assert row["verdict"] == "met"


def test_progress_of_a_week_without_backward_walking_is_not_judged() -> None:
    table = judged([session(backward=0.0, forward_min=30.0)])
    assert verdicts(table, "PROG-START") == [("not_applicable", "no_backward_walking")]


def test_progress_needs_speed() -> None:
    rows = [session(day(n), backward_speed_median_mps=None) for n in (0, 2, 4)]
    assert verdicts(judged(rows), "PROG-START") == [("not_evaluable", "no_speed")]


def test_a_running_week_is_no_progress_yet() -> None:
    table = judged(weeks_of_speed(0.6, 0.9), weeks=[day(0, week=1)], now_utc=at(day(5, week=1)))
    assert verdicts(table, "PROG-START") == [("pending", "period_not_over")]


@pytest.mark.parametrize(
    ("second", "unknown_min", "said"),
    [
        (20.0, 0.0, ("met", "ok")),  # 15 to 20: 5 more
        (20.1, 0.0, ("over", "ok")),
        (12.0, 0.0, ("met", "ok")),  # less is no haste
        (18.0, 4.0, ("not_evaluable", "direction_unknown")),  # 3 to 7 more
    ],
)
def test_minutes_grow_by_five_a_week(
    second: float, unknown_min: float, said: tuple[str, str]
) -> None:
    rows = [session(day(n), backward=15.0) for n in (0, 2, 4)]
    rows += [
        session(day(n, week=1), backward=second, unknown_direction_min=unknown_min)
        for n in (0, 2, 4)
    ]
    assert verdicts(judged(rows, LUMBAR, weeks=[day(0, week=1)]), "PROG-GRAD") == [said]


@pytest.mark.parametrize(
    ("last", "this", "said"),
    [
        ((10.0, 4.0), (17.0, 0.0), "not_evaluable"),  # 10 to 14, then 17: 3 to 7 more
        ((10.0, 4.0), (14.0, 2.0), "not_evaluable"),  # 10 to 14, then 14 to 16: 0 to 6 more
        ((10.0, 4.0), (12.0, 3.0), "met"),  # 2 less to 5 more
        ((10.0, 4.0), (19.1, 1.0), "over"),  # 5.1 to 10.1 more
        ((30.0, 0.0), (0.0, 20.0), "not_evaluable"),  # perhaps no backward walking at all
    ],
)
def test_growth_is_an_interval_where_either_week_holds_unknown_direction(
    last: tuple[float, float], this: tuple[float, float], said: str
) -> None:
    rows = [
        session(day(n, week=week), backward=certain, unknown_direction_min=unknown)
        for week, (certain, unknown) in enumerate((last, this))
        for n in (0, 2, 4)
    ]
    assert verdict(judged(rows, LUMBAR, weeks=[day(0, week=1)]), "PROG-GRAD") == said


def test_walks_without_backward_walking_do_not_thin_the_mean_out() -> None:
    rows = [
        *(session(day(n), backward=20.0) for n in (0, 2, 4)),
        *(session(day(n, week=1), backward=26.0) for n in (0, 2, 4)),
        *(session(day(n, week=1), backward=0.0, forward_min=30.0) for n in (1, 3, 5)),
    ]
    row = judged(rows, LUMBAR, weeks=[day(0, week=1)]).filter(rule_id="PROG-GRAD")
    assert row.select("verdict", "observed").row(0) == ("over", pytest.approx(6.0))


def test_the_first_week_has_nothing_to_grow_from() -> None:
    assert verdicts(judged([session()], LUMBAR), "PROG-GRAD") == [("pending", "too_little_history")]


# --- persistence --------------------------------------------------------------------------------


def eight_weeks(met: str) -> list[dict[str, Any]]:
    """Sessions of weeks that met three days a week (x) or had only one (.)."""
    return [
        session(day(number, week=week))
        for week, mark in enumerate(met)
        for number in ((0, 2, 4) if mark == "x" else (0,))
    ]


def test_persistence_counts_the_weeks_that_met_the_frequency() -> None:
    rows = eight_weeks("xx.xxx.x")
    table = judged(rows, CERVICAL, weeks=[day(0, week=7)]).filter(rule_id="PERSIST-8W")
    assert table["observed"].item() == 6 / 8
    assert table.select("verdict", "reason_code").row(0) == ("not_applicable", "shown_only")
    assert "longest run of such weeks is 3" in table["reason"].item()


@pytest.mark.parametrize(("met", "run"), [("x.......", 1), ("........", 0), (".xx.xxxx", 4)])
def test_the_longest_run_is_one_of_weeks_that_met_it(met: str, run: int) -> None:
    table = judged(eight_weeks(met), CERVICAL, weeks=[day(0, week=7)])
    (reason,) = table.filter(rule_id="PERSIST-8W")["reason"]
    assert f"longest run of such weeks is {run}." in reason


def test_a_week_partly_under_the_protocol_ends_the_run() -> None:
    paused = prescriptions(
        (CERVICAL, day(0), day(1, week=3)), (CERVICAL, day(4, week=3), day(6, week=7))
    )
    table = judged(eight_weeks("xxxxxxxx"), weeks=[day(0, week=7)], prescribed=paused)
    (reason,) = table.filter(rule_id="PERSIST-8W")["reason"]
    assert "longest run of such weeks is 4." in reason  # the fifth week to the eighth


def test_persistence_of_a_running_week_is_pending() -> None:
    table = judged(
        eight_weeks("xxxxxxxx"), CERVICAL, weeks=[day(0, week=7)], now_utc=at(day(5, week=7))
    )
    assert verdicts(table, "PERSIST-8W") == [("pending", "period_not_over")]


def test_persistence_is_pending_before_eight_weeks() -> None:
    rows = eight_weeks("xxxxxxx")
    table = judged(rows, CERVICAL, weeks=[day(0, week=6)])
    assert verdicts(table, "PERSIST-8W") == [("pending", "too_little_history")]


def test_a_silent_week_leaves_persistence_an_interval() -> None:
    rows = [row for row in eight_weeks("xxxxxxxx") if row["week_start_date"] != day(0, week=3)]
    table = judged(rows, CERVICAL, weeks=[day(0, week=7)]).filter(rule_id="PERSIST-8W")
    assert (table["observed"].item(), table["observed_upper"].item()) == (7 / 8, 1.0)


def test_a_week_partly_under_the_protocol_does_not_count_for_persistence() -> None:
    rows = eight_weeks("xxxxxxxx")
    prescribed = prescriptions((CERVICAL, day(1), None))
    table = judged(rows, CERVICAL, weeks=[day(0, week=7)], prescribed=prescribed)
    assert verdicts(table, "PERSIST-8W") == [("pending", "too_little_history")]


# --- what is shown ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("environment", "observed", "code"),
    [
        ("treadmill", 1.0, "shown_only"),
        ("indoor", 1.0, "shown_only"),
        ("track", 1.0, "shown_only"),
        ("outdoor", 0.0, "shown_only"),
        ("unknown", None, "no_environment"),
    ],
)
def test_a_safer_place_is_shown(environment: str, observed: float | None, code: str) -> None:
    row = judged([session(environment=environment)]).filter(rule_id="ENV-SAFE")
    assert row["observed"].item() == observed
    assert row["reason_code"].item() == code


def test_uphill_minutes_are_shown() -> None:
    rows = [session(day(n), incline_backward_min=4.0, incline_min=6.0) for n in (0, 2)]
    row = judged(rows, "fitness_incline").filter(rule_id="INCL-5")
    assert row["observed"].item() == 8.0
    assert row["reason_code"].item() == "shown_only"


def test_uphill_minutes_without_any_grade_are_not_zero() -> None:
    row = judged([session(unknown_grade_min=30.0)], "fitness_incline").filter(rule_id="INCL-5")
    assert row["observed"].item() is None
    assert row["reason_code"].item() == "no_grade"


def test_a_week_of_workouts_without_walking_has_no_backward_share() -> None:
    table = judged([session(backward=0.0)], "fitness_incline")
    assert verdicts(table, "MIX") == [("not_applicable", "no_sessions")]


def test_the_backward_share_and_the_changes_of_direction_are_shown() -> None:
    rows = [session(backward=10.0, forward_min=25.0, unknown_direction_min=5.0, alternations_n=6)]
    row = judged(rows, "fitness_incline").filter(rule_id="MIX").row(0, named=True)
    assert (row["observed"], row["observed_upper"]) == (10 / 40, 15 / 40)
    assert "Direction changed 6 times" in row["reason"]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([session(backward=0.5)], ("met", "ok")),
        ([session(backward=0.0, forward_min=30.0)], ("under", "ok")),
        (
            [session(backward=0.0, unknown_direction_min=30.0)],
            ("not_evaluable", "direction_unknown"),
        ),
    ],
)
def test_any_backward_walking_at_all(rows: list[dict[str, Any]], said: tuple[str, str]) -> None:
    assert verdicts(judged(rows), "ANY-BW") == [said]


def test_a_quarantined_export_may_hold_backward_walking() -> None:
    table = judged([session(backward=0.0, forward_min=30.0)], arrived=[quarantined()])
    assert verdicts(table, "ANY-BW") == [("not_evaluable", "export_quarantined")]


def test_days_per_week_of_the_cervical_article_are_shown() -> None:
    row = judged([session(day(n)) for n in range(5)], CERVICAL).filter(rule_id="CERV-FREQ")
    assert row["observed"].item() == 5.0
    assert row["reason_code"].item() == "shown_only"


# --- phases -------------------------------------------------------------------------------------


def test_a_trials_dose_moves_with_the_weeks_and_ends_with_them() -> None:
    rows = [session(day(0, week=week), backward=10.0 + 4 * week) for week in range(8)]
    weeks = [day(0, week=week) for week in range(8)]
    table = judged(rows, "low_back_pain_trial", weeks=weeks).filter(rule_id="LBP-DUR")
    said = table.sort("week_start_date")
    assert said["target_high"].to_list() == [10, 14, 18, 22, 26, 30, None, None]
    assert said["verdict"].to_list() == ["met"] * 6 + ["not_applicable"] * 2
    assert said["reason_code"].to_list()[-1] == "past_its_phase"


def test_weeks_of_a_prescription_count_from_the_week_in_which_it_starts() -> None:
    prescribed = prescriptions(("low_back_pain_trial", day(4), None))
    rows = [session(day(5), backward=10.0), session(day(0, week=1), backward=14.0)]
    table = judged(rows, prescribed=prescribed, weeks=[day(0), day(0, week=1)])
    assert verdicts(table, "LBP-DUR") == [("met", "ok"), ("met", "ok")]


def test_three_weekly_sessions_of_a_trial_are_three_and_no_more() -> None:
    rows = [session(day(n), backward=10.0) for n in (0, 1, 2, 3)]
    assert verdict(judged(rows, "knee_osteoarthritis_trial"), "KOA-FREQ") == "over"


def test_reasons_are_sentences_without_gaps() -> None:
    rows = [session(day(n), backward_chord_over_path_fraction=None) for n in (0, 2)]
    for protocol in ("general", CERVICAL, LUMBAR, "fitness_incline"):
        reasons = judged(rows, protocol, now_utc=at(day(3)) + dt.timedelta(days=9))["reason"]
        assert reasons.str.strip_chars().eq(reasons).all()
        assert reasons.str.ends_with(".").all()
        assert not reasons.str.contains("  ").any()
