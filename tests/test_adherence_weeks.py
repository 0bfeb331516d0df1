"""Rules on whole weeks: days per week, alternate days and the cap, with all that leaves them open."""

import datetime as dt

import polars as pl
import pytest

from retrowalk.errors import RulesError
from retrowalk.rules.protocols import protocols
from tests.builders_sessions import (
    MONDAY,
    at,
    day,
    judged,
    participants,
    prescriptions,
    quarantined,
    session,
    verdict,
    verdicts,
)


@pytest.mark.parametrize(
    ("days", "said"),
    [
        ((0, 2), "under"),
        ((0, 2, 4), "met"),
        ((0, 2, 4, 6), "met"),
        ((0, 1, 2, 4, 6), "over"),
    ],
)
def test_three_to_four_days_a_week(days: tuple[int, ...], said: str) -> None:
    assert verdict(judged([session(day(n)) for n in days]), "GEN-FREQ") == said


def test_a_week_with_workouts_and_no_backward_walking_is_under() -> None:
    row = judged([session(backward=0.0, forward_min=40.0)]).filter(rule_id="GEN-FREQ")
    assert row["verdict"].item() == "under"
    assert row["observed"].item() == 0.0


def test_a_week_of_which_nothing_was_received_is_never_under() -> None:
    table = judged([])
    for rule in ("GEN-FREQ", "GEN-ALT", "GEN-DUR-30", "ANY-BW", "GEN-CAP", "PROG-START"):
        assert verdicts(table, rule) == [("not_evaluable", "no_sessions")]
    reason = table.filter(rule_id="GEN-FREQ")["reason"].item()
    assert reason.startswith("Nothing was received for the week")


def test_two_sessions_of_a_day_are_one_day() -> None:
    rows = [session(day(n), hour=hour) for n in (0, 2) for hour in (8, 18)]
    row = judged(rows).filter(rule_id="GEN-FREQ")
    assert row["observed"].item() == 2.0
    assert row["verdict"].item() == "under"


@pytest.mark.parametrize(("minutes", "said"), [(9.99, "under"), (10.0, "met")])
def test_a_session_counts_from_ten_backward_minutes(minutes: float, said: str) -> None:
    rows = [session(day(0)), session(day(2)), session(day(4), backward=minutes)]
    assert verdict(judged(rows), "GEN-FREQ") == said


def test_two_short_sessions_of_a_day_do_not_make_a_qualifying_one() -> None:
    rows = [session(day(0)), session(day(2))]
    rows += [session(day(4), backward=6.0, hour=hour) for hour in (8, 18)]
    assert verdict(judged(rows), "GEN-FREQ") == "under"


@pytest.mark.parametrize(
    ("certain", "perhaps", "said"),
    [
        ((0, 2), (4,), ("not_evaluable", "direction_unknown")),  # 2 or 3 days
        ((0, 2, 4), (6,), ("met", "ok")),  # 3 or 4
        ((0, 2, 4, 6), (1,), ("not_evaluable", "direction_unknown")),  # 4 or 5
        ((0,), (4,), ("under", "ok")),  # 1 or 2
    ],
)
def test_days_of_unknown_direction_open_an_interval(
    certain: tuple[int, ...], perhaps: tuple[int, ...], said: tuple[str, str]
) -> None:
    rows = [session(day(n)) for n in certain]
    rows += [session(day(n), backward=0.0, unknown_direction_min=20.0) for n in perhaps]
    assert verdicts(judged(rows), "GEN-FREQ") == [said]


@pytest.mark.parametrize(
    ("days", "said"),
    [
        ((0,), ("under", "ok")),  # one more day would still be too few
        ((0, 2), ("not_evaluable", "export_quarantined")),
        ((0, 2, 4), ("met", "ok")),
        ((0, 2, 4, 6), ("not_evaluable", "export_quarantined")),
        ((0, 1, 2, 4, 6), ("over", "ok")),
    ],
)
def test_a_quarantined_export_may_hold_one_more_day(
    days: tuple[int, ...], said: tuple[str, str]
) -> None:
    table = judged([session(day(n)) for n in days], arrived=[quarantined(probable_date=day(5))])
    assert verdicts(table, "GEN-FREQ") == [said]


def test_a_quarantined_export_of_another_week_or_person_leaves_the_verdict() -> None:
    others = [
        quarantined("P1/x.fit", probable_date=day(0, week=1)),
        quarantined("P2/x.fit", probable_date=day(5), participant_id="P2"),
    ]
    assert (
        verdict(judged([session(day(0)), session(day(2))], arrived=others), "GEN-FREQ") == "under"
    )


def test_a_week_of_quarantined_exports_only_is_not_evaluable() -> None:
    table = judged([], arrived=[quarantined()])
    for rule in ("GEN-FREQ", "GEN-ALT", "GEN-DUR-30", "ANY-BW"):
        assert verdicts(table, rule) == [("not_evaluable", "export_quarantined")]


# --- when a week is over ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "said"),
    [((), "pending"), ((0, 2), "pending"), ((0, 2, 4), "pending"), ((0, 1, 2, 3, 4), "over")],
)
def test_a_running_week_is_pending_unless_it_is_over_already(
    days: tuple[int, ...], said: str
) -> None:
    table = judged([session(day(n)) for n in days], now_utc=at(day(5)))
    assert verdict(table, "GEN-FREQ") == said


@pytest.mark.parametrize(
    ("zone", "last_pending"),
    [
        ("UTC", dt.datetime(2026, 3, 8, 23, 59, 59, tzinfo=dt.UTC)),
        ("Pacific/Auckland", dt.datetime(2026, 3, 8, 10, 59, 59, tzinfo=dt.UTC)),  # UTC+13
        # Los Angeles moves its clock on this very Sunday: the week ends at UTC-7.
        ("America/Los_Angeles", dt.datetime(2026, 3, 9, 6, 59, 59, tzinfo=dt.UTC)),
    ],
)
def test_a_week_is_over_at_local_midnight(zone: str, last_pending: dt.datetime) -> None:
    people = participants(("P1", day(-90), zone))
    rows = [session(day(n)) for n in (0, 2)]
    said = [
        verdict(judged(rows, people=people, now_utc=now), "GEN-FREQ")
        for now in (last_pending, last_pending + dt.timedelta(seconds=1))
    ]
    assert said == ["pending", "under"]


def test_who_moves_is_judged_by_the_zone_of_the_weeks_end() -> None:
    moved = participants(("P1", day(-90), "Asia/Tokyo"), ("P1", day(3), "America/Los_Angeles"))
    stayed = participants(("P1", day(-90), "Asia/Tokyo"))
    now = at(day(0, week=1), 3)  # Monday noon in Tokyo, Sunday evening in Los Angeles
    rows = [session(day(n)) for n in (0, 2)]
    assert verdict(judged(rows, people=moved, now_utc=now), "GEN-FREQ") == "pending"
    assert verdict(judged(rows, people=stayed, now_utc=now), "GEN-FREQ") == "under"


def test_who_has_no_zone_is_judged_by_the_default() -> None:
    people = participants(("P1", day(-90), None))
    rows = [session(day(n)) for n in (0, 2)]
    now = at(day(6), 20)
    assert verdict(judged(rows, people=people, now_utc=now), "GEN-FREQ") == "pending"
    in_tokyo = judged(rows, people=people, now_utc=now, default_time_zone="Asia/Tokyo")
    assert verdict(in_tokyo, "GEN-FREQ") == "under"


def test_week_53_is_a_week_like_any_other() -> None:
    monday = dt.date(2026, 12, 28)
    assert monday.isocalendar().week == 53
    days = [monday + dt.timedelta(days=n) for n in (0, 2, 4)]  # the last is the first of January
    assert days[-1] == dt.date(2027, 1, 1)
    table = judged([session(date) for date in days], weeks=[monday])
    assert verdict(table, "GEN-FREQ") == "met"


# --- alternate days -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "pairs"),
    [((0, 2, 4, 6), 0), ((0, 1), 1), ((0, 1, 2), 2), ((0, 1, 3, 4), 2), ((3,), 0)],
)
def test_neighbouring_days_are_counted_in_pairs(days: tuple[int, ...], pairs: int) -> None:
    row = judged([session(day(n)) for n in days]).filter(rule_id="GEN-ALT")
    assert row["observed"].item() == pairs
    assert row["verdict"].item() == ("over" if pairs else "met")


def test_sunday_and_monday_are_neighbours_in_both_their_weeks() -> None:
    rows = [session(day(6)), session(day(0, week=1))]
    weeks = [MONDAY, day(0, week=1), day(0, week=2)]
    table = judged([*rows, session(day(3, week=2))], weeks=weeks).filter(rule_id="GEN-ALT")
    assert table.sort("week_start_date")["observed"].to_list() == [1.0, 1.0, 0.0]


def test_monday_wednesday_friday_sunday_bars_the_next_monday() -> None:
    rows = [session(day(n)) for n in (0, 2, 4, 6)]
    assert verdict(judged([*rows, session(day(1, week=1))]), "GEN-ALT") == "met"
    assert verdict(judged([*rows, session(day(0, week=1))]), "GEN-ALT") == "over"


def test_a_week_whose_sunday_was_walked_is_open_until_monday_is_over() -> None:
    rows = [session(day(n)) for n in (2, 4, 6)]
    monday = day(0, week=1)
    said = [
        verdict(judged(rows, now_utc=now), "GEN-ALT")
        for now in (at(monday, 23, 59), at(monday + dt.timedelta(days=1), 0))
    ]
    assert said == ["pending", "met"]


def test_a_week_whose_sunday_was_not_walked_is_judged_on_monday() -> None:
    table = judged([session(day(5))], now_utc=at(day(0, week=1)))
    assert verdict(table, "GEN-ALT") == "met"


def test_days_under_different_protocols_are_no_pair() -> None:
    prescribed = prescriptions(
        ("general", day(0), day(1)), ("lumbar_disc_herniation", day(2), None)
    )
    table = judged([session(day(1)), session(day(2))], prescribed=prescribed)
    assert verdicts(table, "GEN-ALT") == [("met", "ok"), ("met", "ok")]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([session(day(0)), session(day(1), 0.0, unknown_direction_min=20.0)], "direction_unknown"),
        (
            [
                session(day(0)),
                session(day(3), utc_offset_source="assumed_utc", is_near_midnight=True),
            ],
            "local_time_uncertain",
        ),
    ],
)
def test_a_pair_that_may_be_none_is_not_evaluable(rows: list[dict[str, object]], said: str) -> None:
    assert verdicts(judged(rows), "GEN-ALT") == [("not_evaluable", said)]


def test_a_pair_for_certain_is_one_whatever_else_is_uncertain() -> None:
    rows = [
        session(day(0)),
        session(day(1)),
        session(day(4), utc_offset_source="assumed_utc", is_near_midnight=True),
        session(day(6), 0.0, unknown_direction_min=20.0),
    ]
    assert verdicts(judged(rows), "GEN-ALT") == [("over", "ok")]


@pytest.mark.parametrize(
    ("source", "near"), [("assumed_utc", False), ("registry", True), ("file", True)]
)
def test_a_known_offset_or_a_time_far_from_midnight_is_certain(source: str, *, near: bool) -> None:
    rows = [
        session(day(0)),
        session(day(3), utc_offset_source=source, is_near_midnight=near),
    ]
    assert verdict(judged(rows), "GEN-ALT") == "met"


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (30.0, ("not_evaluable", "local_time_uncertain")),  # Tuesday, or the days beside it
        (5.0, ("met", "ok")),  # too short to count on any day
    ],
)
def test_a_neighbour_near_midnight_without_a_local_time_is_no_pair_for_certain(
    minutes: float, said: tuple[str, str]
) -> None:
    unsure = {"utc_offset_source": "assumed_utc", "is_near_midnight": True}
    rows = [session(day(1), backward=minutes, **unsure), session(day(2))]
    assert verdicts(judged(rows), "GEN-ALT") == [said]


def test_an_uncertain_sunday_leaves_the_next_week_open_too() -> None:
    rows = [
        session(day(6), utc_offset_source="assumed_utc", is_near_midnight=True),
        session(day(2, week=1)),
    ]
    table = judged(rows, weeks=[day(0, week=1)])
    assert verdicts(table, "GEN-ALT") == [("not_evaluable", "local_time_uncertain")]


def test_an_uncertain_monday_leaves_the_week_before_open_too() -> None:
    rows = [
        session(day(2)),
        session(day(0, week=1), utc_offset_source="assumed_utc", is_near_midnight=True),
    ]
    assert verdicts(judged(rows), "GEN-ALT") == [("not_evaluable", "local_time_uncertain")]


@pytest.mark.parametrize("short", [day(0), day(1)])
def test_a_session_too_short_to_count_is_nobodys_neighbour(short: dt.date) -> None:
    rows = [session(date, backward=5.0 if date == short else 30.0) for date in (day(0), day(1))]
    assert verdict(judged(rows), "GEN-ALT") == "met"


def test_a_quarantined_export_may_be_a_neighbour() -> None:
    table = judged([session(day(0))], arrived=[quarantined(probable_date=day(5))])
    assert verdicts(table, "GEN-ALT") == [("not_evaluable", "export_quarantined")]


@pytest.mark.parametrize(
    ("walked", "lost", "said"),
    [
        (day(6), day(1, week=1), "not_evaluable"),  # a Sunday, and the week after
        (day(0), day(-2), "not_evaluable"),  # a Monday, and the week before
        (day(5), day(1, week=1), "met"),  # a Saturday has both its neighbours in its own week
        (day(6), day(-2), "met"),
        (day(0), day(1, week=1), "met"),
    ],
)
def test_a_quarantined_export_of_the_week_beside_may_be_the_neighbour_of_its_edge(
    walked: dt.date, lost: dt.date, said: str
) -> None:
    table = judged([session(walked)], arrived=[quarantined(probable_date=lost)])
    assert verdict(table, "GEN-ALT") == said


# --- the cap ------------------------------------------------------------------------------------


def test_the_cap_warns_of_five_days_or_of_a_long_one() -> None:
    five = judged([session(day(n)) for n in range(5)])
    long = judged([session(day(0), backward=36.1)])
    fine = judged([session(day(0), backward=36.0)])
    assert [verdict(table, "GEN-CAP") for table in (five, long, fine)] == ["over", "over", "met"]
    said = long.filter(rule_id="GEN-CAP")
    assert said["role"].item() == "warn"
    assert "The longest day holds 36.1 backward minutes" in said["reason"].item()


def test_four_days_are_within_the_cap_and_one_that_may_be_the_fifth_leaves_it_open() -> None:
    four = [session(day(n)) for n in range(4)]
    assert verdict(judged(four), "GEN-CAP") == "met"
    perhaps = session(day(4), backward=5.0, unknown_direction_min=6.0)
    assert verdicts(judged([*four, perhaps]), "GEN-CAP") == [("not_evaluable", "direction_unknown")]


def test_a_quarantined_export_may_hold_too_much() -> None:
    table = judged([session(day(0))], arrived=[quarantined(probable_date=day(0))])
    assert verdicts(table, "GEN-CAP") == [("not_evaluable", "export_quarantined")]


def test_the_cap_is_open_where_direction_is() -> None:
    table = judged([session(day(0), backward=30.0, unknown_direction_min=7.0)])
    assert verdicts(table, "GEN-CAP") == [("not_evaluable", "direction_unknown")]


# --- prescriptions ------------------------------------------------------------------------------


def test_a_change_on_wednesday_lets_each_protocol_judge_its_own_days() -> None:
    prescribed = prescriptions(
        ("cervical_spondylosis", day(-7), day(1)), ("lumbar_disc_herniation", day(2), None)
    )
    rows = [session(day(n), backward=25.0) for n in (0, 2, 4)]
    table = judged(rows, prescribed=prescribed)
    dates = {
        rule: table.filter(rule_id=rule)["local_date"].to_list()
        for rule in ("CERV-DUR", "LUMB-DUR")
    }
    assert dates == {"CERV-DUR": [day(0)], "LUMB-DUR": [day(2), day(4)]}
    # Neither was in force for a whole week, so neither says how many days it should have had.
    assert verdicts(table, "GEN-FREQ") == [("not_applicable", "partly_in_force")] * 2


@pytest.mark.parametrize(("first", "said"), [(day(0), "met"), (day(1), "not_applicable")])
def test_one_day_without_the_protocol_leaves_the_week_without_a_verdict_on_its_days(
    first: dt.date, said: str
) -> None:
    rows = [session(day(n)) for n in (2, 4, 6)]
    table = judged(rows, prescribed=prescriptions(("general", first, None)))
    assert verdict(table, "GEN-FREQ") == said


def test_who_enrols_in_mid_week_owes_no_days_of_that_week() -> None:
    prescribed = prescriptions(("general", day(3), None))
    table = judged([session(day(1)), session(day(4))], prescribed=prescribed)
    assert verdicts(table, "GEN-FREQ") == [("not_applicable", "partly_in_force")]
    # What was walked before is not judged.
    assert table.filter(rule_id="GEN-DUR-30")["local_date"].to_list() == [day(4)]


def test_of_two_prescriptions_on_a_day_the_one_that_began_last_holds() -> None:
    prescribed = prescriptions(
        ("lumbar_disc_herniation", day(0), None), ("general", day(-14), day(30))
    )
    table = judged([session(day(0))], prescribed=prescribed)
    assert set(table["protocol"]) == {"lumbar_disc_herniation"}


def test_the_last_day_of_a_prescription_is_part_of_it() -> None:
    rows = [session(day(n)) for n in (2, 4, 6)]
    to_sunday = judged(rows, prescribed=prescriptions(("general", day(0), day(6))))
    to_saturday = judged(rows, prescribed=prescriptions(("general", day(0), day(5))))
    assert verdict(to_sunday, "GEN-FREQ") == "met"
    assert verdicts(to_saturday, "GEN-FREQ") == [("not_applicable", "partly_in_force")]
    judged_days = to_saturday.filter(rule_id="GEN-DUR-30")["local_date"]
    assert judged_days.to_list() == [day(2), day(4)]


def test_a_week_outside_every_prescription_has_no_rows() -> None:
    prescribed = prescriptions(("general", day(0, week=1), day(6, week=1)))
    weeks = [MONDAY, day(0, week=1), day(0, week=2)]
    table = judged([session(day(0))], prescribed=prescribed, weeks=weeks)
    assert table["week_start_date"].unique().to_list() == [day(0, week=1)]


@pytest.mark.parametrize("protocol", list(protocols()))
def test_every_rule_of_a_running_week_without_a_log_is_pending(protocol: str) -> None:
    table = judged([], protocol, now_utc=at(day(3)))
    assert set(table.select("verdict", "reason_code").rows()) == {("pending", "period_not_over")}


def test_every_rule_of_the_protocol_has_a_row_in_every_week() -> None:
    weeks = [MONDAY, day(0, week=1)]
    for protocol in (
        "general",
        "cervical_spondylosis",
        "lumbar_disc_herniation",
        "fitness_incline",
    ):
        table = judged([session(day(0))], protocol, weeks=weeks)
        counts = table.group_by("week_start_date").agg(pl.col("rule_id").n_unique())
        assert counts["rule_id"].n_unique() == 1


def test_a_prescription_of_an_unknown_protocol_stops_with_what_there_is() -> None:
    with pytest.raises(
        RulesError, match=r"that are not there: cervcal\. There are cervical_spondy"
    ):
        judged([], prescribed=prescriptions(("cervcal", MONDAY, None)))


def test_no_weeks_give_no_rows() -> None:
    assert judged([session()], weeks=[]).height == 0


def test_weeks_together_say_what_they_say_alone() -> None:
    rows = [
        session(
            day(number, week=week), backward=12.0 + week, backward_speed_median_mps=0.5 + week / 20
        )
        for week in range(12)
        for number in (0, 2, 4)[: 1 + week % 3]
    ]
    weeks = [day(0, week=week) for week in range(12)]
    for protocol in (
        "general",
        "cervical_spondylosis",
        "lumbar_disc_herniation",
        "low_back_pain_trial",
    ):
        together = judged(rows, protocol, weeks=weeks)
        alone = [
            judged(
                [
                    row
                    for row in rows
                    if week - dt.timedelta(weeks=7)
                    <= row["week_start_date"]
                    <= week + dt.timedelta(weeks=1)
                ],
                protocol,
                weeks=[week],
            )
            for week in weeks
        ]
        assert pl.concat(alone).sort(together.columns[:6]).equals(together)
