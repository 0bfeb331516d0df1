"""Rules on minutes: their boundaries, what unknown direction does, and which day counts."""

import datetime as dt

import pytest

from tests.builders_sessions import (
    MONDAY,
    at,
    backward,
    day,
    forward,
    judged,
    measured,
    participants,
    session,
    unknown,
    verdict,
    verdicts,
    walk,
)


def clock(text: str) -> float:
    """Minutes of ``24:59``."""
    minutes, seconds = text.split(":")
    return int(minutes) + int(seconds) / 60


@pytest.mark.parametrize(
    ("time", "said"),
    [
        ("24:59", "under"),
        ("25:00", "met"),
        ("30:00", "met"),
        ("35:00", "met"),
        ("35:01", "over"),
        ("0:01", "under"),
    ],
)
def test_about_thirty_minutes_is_25_to_35_inclusive(time: str, said: str) -> None:
    assert verdict(judged([session(backward=clock(time))]), "GEN-DUR-30") == said


def test_exactly_25_minutes_of_segments_meet_the_rule() -> None:
    # 300 windows of 5 s, cut anywhere, are 1,500 s.
    table = measured(walk(at(MONDAY), backward(7 / 60), forward(3), backward(25 - 7 / 60)))
    assert verdict(judged(table.to_dicts()), "GEN-DUR-30") == "met"


@pytest.mark.parametrize("rule", ["CERV-DUR", "LUMB-DUR"])
@pytest.mark.parametrize(
    ("time", "said"),
    [
        ("17:59", "under"),
        ("18:00", "met"),
        ("20:00", "met"),
        ("30:00", "met"),
        ("32:00", "met"),
        ("32:01", "over"),
    ],
)
def test_twenty_to_thirty_minutes_forgive_the_borders_of_segments(
    rule: str, time: str, said: str
) -> None:
    protocol = {"CERV-DUR": "cervical_spondylosis", "LUMB-DUR": "lumbar_disc_herniation"}[rule]
    table = judged([session(backward=clock(time))], protocol)
    assert verdict(table, rule) == said


def test_the_tolerance_leaves_what_was_seen_and_asked_as_it_is() -> None:
    row = (
        judged([session(backward=31.0)], "cervical_spondylosis")
        .filter(rule_id="CERV-DUR")
        .row(0, named=True)
    )
    assert (row["observed"], row["observed_upper"]) == (31.0, None)
    assert (row["target_low"], row["target_high"]) == (20.0, 30.0)
    assert row["reason"] == "Observed 31 min. Asked for: 20 to 30 (give or take 2)."


@pytest.mark.parametrize(
    ("certain", "uncertain", "said"),
    [
        (26.0, 5.0, ("met", "ok")),  # 26 to 31: both ends are met
        (10.0, 2.0, ("under", "ok")),  # 10 to 12: both ends are under
        (36.0, 4.0, ("over", "ok")),  # 36 to 40: both ends are over
        (22.0, 4.0, ("not_evaluable", "direction_unknown")),  # 22 to 26 straddles 25
        (33.0, 4.0, ("not_evaluable", "direction_unknown")),  # 33 to 37 straddles 35
        (0.0, 40.0, ("not_evaluable", "direction_unknown")),
        (0.0, 4.0, ("not_evaluable", "direction_unknown")),  # none at all, or too little
    ],
)
def test_both_ends_of_the_interval_must_agree(
    certain: float, uncertain: float, said: tuple[str, str]
) -> None:
    rows = [session(backward=certain, unknown_direction_min=uncertain)]
    assert verdicts(judged(rows), "GEN-DUR-30") == [said]


@pytest.mark.parametrize(("unknown_min", "said"), [(9.0, "over"), (9.1, "not_evaluable")])
def test_more_than_a_fifth_of_unknown_direction_is_not_evaluable(
    unknown_min: float, said: str
) -> None:
    # 36 certain minutes: 9 of 45 are a fifth.
    rows = [session(backward=36.0, unknown_direction_min=unknown_min)]
    assert verdict(judged(rows), "GEN-DUR-30") == said


def test_a_little_unknown_in_a_forward_walk_may_have_been_no_attempt_at_all() -> None:
    # 5 of 45 minutes are less than a fifth, and 0 to 5 are both too little, but nothing is certain.
    rows = [session(backward=0.0, unknown_direction_min=5.0, forward_min=40.0)]
    assert verdicts(judged(rows), "GEN-DUR-30") == [("not_evaluable", "direction_unknown")]


def test_the_unknown_share_is_one_of_all_walking_forward_too() -> None:
    # 3 of 23 minutes; of the 13 that may be backward they would be more than a fifth.
    rows = [session(backward=10.0, unknown_direction_min=3.0, forward_min=10.0)]
    assert verdict(judged(rows), "GEN-DUR-30") == "under"


def test_a_running_day_without_backward_walking_may_still_bring_some() -> None:
    rows = [session(backward=0.0, forward_min=20.0)]
    said = [
        verdict(judged(rows, now_utc=at(MONDAY) + dt.timedelta(hours=hours)), "GEN-DUR-30")
        for hours in (10, 14)
    ]
    assert said == ["pending", "not_applicable"]


def test_a_running_day_of_mostly_unknown_direction_is_not_over_before_it_ends() -> None:
    rows = [session(backward=36.0, unknown_direction_min=10.0)]
    said = [
        verdicts(judged(rows, now_utc=at(MONDAY) + dt.timedelta(hours=hours)), "GEN-DUR-30")
        for hours in (10, 14)
    ]
    assert said == [[("pending", "period_not_over")], [("not_evaluable", "direction_unknown")]]


def test_the_interval_is_shown() -> None:
    row = judged([session(backward=22.0, unknown_direction_min=4.0)]).filter(rule_id="GEN-DUR-30")
    assert row["observed"].item() == 22.0
    assert row["observed_upper"].item() == 26.0
    assert row["reason"].item() == (
        "The verdict depends on walking of unknown direction. Observed 22 to 26 min. "
        "Asked for: 25 to 35."
    )


def test_a_session_without_backward_walking_is_not_judged() -> None:
    table = judged([session(backward=0.0, forward_min=40.0)], "cervical_spondylosis")
    assert verdicts(table, "CERV-DUR") == [("not_applicable", "no_backward_walking")]


def test_two_sessions_of_a_day_count_together_in_general_and_alone_elsewhere() -> None:
    rows = [session(backward=15.0, hour=8), session(backward=15.0, hour=18)]
    assert verdicts(judged(rows), "GEN-DUR-30") == [("met", "ok")]
    alone = judged(rows, "cervical_spondylosis")
    assert verdicts(alone, "CERV-DUR") == [("under", "ok"), ("under", "ok")]


def test_a_session_across_midnight_belongs_to_the_day_it_starts_on() -> None:
    table = measured(walk(at(day(2), 23, 45), backward(30)))
    found = judged(table.to_dicts()).filter(rule_id="GEN-DUR-30").row(0, named=True)
    assert found["local_date"] == day(2)
    assert (found["verdict"], found["observed"]) == ("met", 30.0)


def test_a_session_across_the_weeks_border_belongs_to_the_week_it_starts_in() -> None:
    table = measured(walk(at(day(6), 23, 45), backward(30)))
    both = judged(table.to_dicts(), weeks=[MONDAY, day(0, week=1)])
    rows = both.filter(rule_id="GEN-DUR-30").sort("week_start_date")
    assert rows["local_date"].to_list() == [day(6), None]
    assert rows["verdict"].to_list() == ["met", "not_evaluable"]


def test_local_time_decides_the_day() -> None:
    # 23:30 UTC on Sunday is 08:30 on Monday in Tokyo.
    table = measured(walk(at(day(-1), 23, 30), backward(30), utc_offset_s=9 * 3600))
    found = judged(table.to_dicts(), people=participants(("P1", day(-90), "Asia/Tokyo")))
    assert found.filter(rule_id="GEN-DUR-30")["local_date"].to_list() == [MONDAY]


@pytest.mark.parametrize(
    ("certain", "hour", "said"),
    [
        (30.0, 20, "pending"),  # the evening may bring more
        (10.0, 20, "pending"),
        (40.0, 20, "over"),  # more can only be more
        (30.0, 24, "met"),
        (10.0, 24, "under"),
    ],
)
def test_a_day_is_judged_when_it_is_over_but_too_much_at_once(
    certain: float, hour: int, said: str
) -> None:
    now = at(MONDAY) + dt.timedelta(hours=hour - 10)
    assert verdict(judged([session(backward=certain)], now_utc=now), "GEN-DUR-30") == said


def test_a_session_is_judged_at_once() -> None:
    now = at(MONDAY, 20)
    table = judged([session(backward=25.0)], "cervical_spondylosis", now_utc=now)
    assert verdict(table, "CERV-DUR") == "met"


def test_a_day_is_over_where_the_participant_lives() -> None:
    now = at(day(1), 5)  # 21:00 on Monday in Los Angeles
    here = participants(("P1", day(-90), "America/Los_Angeles"))
    assert verdict(judged([session()], now_utc=now, people=here), "GEN-DUR-30") == "pending"
    assert verdict(judged([session()], now_utc=now), "GEN-DUR-30") == "met"


@pytest.mark.parametrize(
    ("sunday", "hour_utc"),
    [
        (dt.date(2026, 3, 29), 22),  # Berlin leaves winter time: midnight is 22:00 UTC
        (dt.date(2026, 10, 25), 23),  # Berlin leaves summer time: midnight is 23:00 UTC
    ],
)
def test_on_nights_of_a_clock_change_the_day_ends_at_local_midnight(
    sunday: dt.date, hour_utc: int
) -> None:
    monday = sunday - dt.timedelta(days=6)
    people = participants(("P1", day(-90), "Europe/Berlin"))
    said = [
        verdict(
            judged(
                [session(sunday)],
                weeks=[monday],
                now_utc=at(sunday, hour_utc) + dt.timedelta(seconds=second),
                people=people,
            ),
            "GEN-DUR-30",
        )
        for second in (-1, 0)
    ]
    assert said == ["pending", "met"]


def test_assumed_direction_counts_as_certain_because_the_prescription_said_so() -> None:
    table = measured(walk(at(MONDAY), backward(30, is_assumed=True)))
    assert verdict(judged(table.to_dicts()), "GEN-DUR-30") == "met"


def test_unknown_minutes_reach_the_rule_from_the_segments() -> None:
    table = measured(walk(at(MONDAY), backward(22), unknown(4)))
    assert verdict(judged(table.to_dicts()), "GEN-DUR-30") == "not_evaluable"
