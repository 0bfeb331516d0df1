"""What becomes of each file, judged over all files at once."""

import datetime as dt
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from retrowalk.exports import ScoringRange, exports_from_facts, lent_marks, scored_workouts
from retrowalk.tables import Participants
from retrowalk.walk.scan import FACTS

START = dt.datetime(2026, 11, 16, 6, tzinfo=dt.UTC)
NOW = dt.datetime(2026, 11, 21, tzinfo=dt.UTC)
BELIEVED = ScoringRange(dt.date(2010, 1, 4), NOW)
NOBODY = Participants.create_empty()


def fact(name: str, **changed: Any) -> dict[str, Any]:
    """One FIT file with one walk of half an hour at START, 1,800 records, 5 channels."""
    walk = {
        "workout_id": f"w-{name}",
        "workout_n": 0,
        "started_at_utc": changed.pop("started_at_utc", START),
        "ended_at_utc": changed.pop("ended_at_utc", None),
        "week_start_date": None,
        "sport": "walking",
        "records_n": changed.pop("walk_records_n", 1800),
        "channels_n": changed.pop("channels_n", 5),
        "distance_m": None,
        "file_utc_offset_s": None,
        "duplicate_of_workout_id": None,
    }
    walk["ended_at_utc"] = walk["ended_at_utc"] or walk["started_at_utc"] + dt.timedelta(minutes=30)
    found = [] if changed.pop("is_empty", False) else [walk]
    return {
        "export_id": f"e-{name}",
        "participant_id": "A",
        "path": f"A/{name}",
        "sha256": f"{abs(hash(name)):064x}"[:64],
        "size_bytes": 100,
        "format": "fit",
        "dialect": "fit_activity",
        "read_reason_code": "ok",
        "read_reason": "Read whole.",
        "probable_date": START.date(),
        "recovered_fraction": 1.0,
        "workouts_n": len(found),
        "records_n": 1800,
        "records_set_aside_n": 0,
        "workouts_found": found,
        "labels_found": changed.pop("labels_found", []),
        "files_named": [],
        "first_seen_at_utc": NOW,
        "modified_at_utc": NOW,
        "reader_version": "1",
        **changed,
    }


def verdicts(*facts: dict[str, Any]) -> dict[str, tuple[str, str, str | None]]:
    frame = pl.DataFrame(list(facts), schema=FACTS, orient="row")
    exports = exports_from_facts(frame, NOBODY, BELIEVED)
    rows = exports.select(
        "path", pl.col("status", "reason_code").cast(pl.String), "duplicate_of_export_id"
    )
    return {path.split("/")[1]: (status, code, other) for path, status, code, other in rows.rows()}


def test_a_single_walk_is_scored() -> None:
    assert verdicts(fact("a")) == {"a": ("scored", "ok", None)}


def test_the_same_content_twice_is_scored_once() -> None:
    found = verdicts(fact("b", sha256="1" * 64), fact("a", sha256="1" * 64))
    assert found["a"][0] == "scored"
    assert found["b"] == ("duplicate", "same_content", "e-a")


def test_a_renamed_file_is_scored_under_its_new_name() -> None:
    found = verdicts(
        fact("a", sha256="1" * 64, read_reason_code="file_removed"), fact("b", sha256="1" * 64)
    )
    assert {name: row[:2] for name, row in found.items()} == {
        "a": ("ignored", "file_removed"),
        "b": ("scored", "ok"),
    }


def test_the_same_content_of_two_people_is_scored_for_both_and_said() -> None:
    other = fact("b", sha256="1" * 64, participant_id="B", path="B/b")
    found = verdicts(fact("a", sha256="1" * 64), other)
    assert {row[:2] for row in found.values()} == {("scored", "same_content_elsewhere")}


def test_the_richer_recording_of_one_walk_is_scored() -> None:
    row = fact("list.csv", walk_records_n=1, channels_n=3)
    assert verdicts(row, fact("watch.fit")) == {
        "watch.fit": ("scored", "ok", None),
        "list.csv": ("duplicate", "same_recording", "e-watch.fit"),
    }


def test_walks_that_share_less_than_four_fifths_are_two() -> None:
    # 06:00-06:30 and 06:04-06:34 share 26 of 34 minutes, 0.76.
    later = fact("b", started_at_utc=START + dt.timedelta(minutes=4))
    assert {row[0] for row in verdicts(fact("a"), later).values()} == {"scored"}


def test_recordings_that_start_together_are_one_walk_and_the_whole_one_counts() -> None:
    # A watch that stopped after 12 of 30 minutes: the list's row holds all of the walk.
    cut = fact("watch.fit", ended_at_utc=START + dt.timedelta(minutes=12))
    row = fact("list.csv", walk_records_n=1, channels_n=3)
    assert verdicts(row, cut) == {
        "list.csv": ("scored", "ok", None),
        "watch.fit": ("duplicate", "same_recording", "e-list.csv"),
    }


def test_a_recording_that_ends_before_another_starts_is_a_walk_of_its_own() -> None:
    # Stopped after 20 s by mistake, started again 40 s later.
    stub = fact("stub.fit", ended_at_utc=START + dt.timedelta(seconds=20))
    again = fact("again.fit", started_at_utc=START + dt.timedelta(seconds=40))
    assert {row[0] for row in verdicts(stub, again).values()} == {"scored"}


def two_sessions() -> tuple[dict[str, Any], dict[str, Any]]:
    """A file of 06:00-06:20 and 06:22-07:00, 58 of 60 minutes, and a row over the hour."""
    both = fact("watch.fit", ended_at_utc=START + dt.timedelta(minutes=20))
    second = {
        **both["workouts_found"][0],
        "workout_id": "w-second",
        "workout_n": 1,
        "started_at_utc": START + dt.timedelta(minutes=22),
        "ended_at_utc": START + dt.timedelta(minutes=60),
    }
    both["workouts_found"].append(second)
    both["workouts_n"] = 2
    hour = START + dt.timedelta(minutes=60)
    found = {"labels_found": [label("backward", (0, 60))]}
    return both, fact("list.csv", walk_records_n=1, ended_at_utc=hour, channels_n=9, **found)


def test_a_title_over_two_sessions_is_lent_to_both() -> None:
    assert lent(*two_sessions()) == [
        ("backward", START, START + dt.timedelta(minutes=20)),
        ("backward", START + dt.timedelta(minutes=22), START + dt.timedelta(minutes=60)),
    ]


def test_a_row_over_a_file_of_two_sessions_gives_way_to_the_file() -> None:
    assert verdicts(*two_sessions()) == {
        "watch.fit": ("scored", "ok", None),
        "list.csv": ("duplicate", "same_recording", "e-watch.fit"),
    }


def test_a_series_of_records_is_richer_than_laps_with_more_channels() -> None:
    laps = fact("laps.csv", walk_records_n=6, channels_n=6)
    phone = fact("phone.zip", walk_records_n=90_000, channels_n=1)
    assert verdicts(laps, phone)["phone.zip"][0] == "scored"


def label(direction: str, minutes: tuple[int, int] = (0, 30)) -> dict[str, Any]:
    return {
        "workout_n": 0,
        "source": "session_name",
        "started_at_utc": START + dt.timedelta(minutes=minutes[0]),
        "ended_at_utc": START + dt.timedelta(minutes=minutes[1]),
        "text": f"{direction} walk",
        "direction": direction,
    }


def lent(*facts: dict[str, Any]) -> list[tuple[str, dt.datetime, dt.datetime]]:
    frame = pl.DataFrame(list(facts), schema=FACTS, orient="row")
    marks = lent_marks(scored_workouts(exports_from_facts(frame, NOBODY, BELIEVED)))
    spans = marks.select("direction", "started_at_utc", "ended_at_utc")
    return spans.sort("started_at_utc").rows()


def test_a_label_of_a_duplicate_is_lent_to_the_scored_recording_over_all_of_it() -> None:
    end = START + dt.timedelta(minutes=31)
    watch = fact("watch.fit", ended_at_utc=end)
    row = fact("list.csv", walk_records_n=1, labels_found=[label("backward")])
    assert lent(watch, row) == [("backward", START, end)]


def test_a_label_of_part_of_a_duplicate_keeps_its_span() -> None:
    part = label("backward", (5, 10))
    row = fact("list.csv", walk_records_n=1, labels_found=[part])
    assert lent(fact("watch.fit"), row) == [
        ("backward", part["started_at_utc"], part["ended_at_utc"])
    ]


def test_what_several_duplicates_say_alike_is_lent_once_and_the_scored_one_lends_nothing() -> None:
    rows = [fact(n, walk_records_n=1, labels_found=[label("backward")]) for n in ("a", "b")]
    watch = fact("watch.fit", labels_found=[label("forward")])
    assert [direction for direction, *_ in lent(watch, *rows)] == ["backward"]


def test_two_people_who_start_the_same_minute_are_no_duplicates() -> None:
    other = fact("b", participant_id="B", path="B/b")
    assert {row[0] for row in verdicts(fact("a"), other).values()} == {"scored"}


def wall_clock_row(hours: float, **changed: Any) -> dict[str, Any]:
    """A list's row of the walk, so many hours beside, as a wall clock read as UTC is."""
    row = fact(
        "list.csv",
        started_at_utc=START + dt.timedelta(hours=hours),
        walk_records_n=1,
        channels_n=3,
        format="csv",
        **changed,
    )
    row["workouts_found"][0]["ended_at_utc"] = START + dt.timedelta(hours=hours, minutes=30)
    row["workouts_found"][0]["distance_m"] = changed.get("distance_m", 1_810.0)
    return row


def watch(**changed: Any) -> dict[str, Any]:
    walk = fact("watch.fit", **changed)
    walk["workouts_found"][0] |= {"distance_m": 1_803.0, "file_utc_offset_s": 7_200}
    return walk


@pytest.mark.parametrize("hours", [-5, 1, 2, 5.75, 14])
def test_a_row_whose_wall_clock_was_read_as_utc_is_the_walk_of_the_watch(hours: float) -> None:
    # 1,803 m of the watch is 1.81 km of the list by rounding; both last 30 minutes.
    assert verdicts(wall_clock_row(hours), watch()) == {
        "watch.fit": ("scored", "ok", None),
        "list.csv": ("duplicate", "same_recording", "e-watch.fit"),
    }


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(wall_clock_row(2 + 1 / 12), id="five minutes past a quarter of an hour"),
        pytest.param(wall_clock_row(15), id="farther than any clock"),
        pytest.param({**wall_clock_row(2), "participant_id": "B"}, id="of somebody else"),
        pytest.param({**wall_clock_row(2), "format": "gpx"}, id="a format that states UTC"),
    ],
)
def test_a_row_beside_a_walk_is_another_one_where_no_clock_explains_it(row: dict[str, Any]) -> None:
    assert {status for status, *_ in verdicts(row, watch()).values()} == {"scored"}


def test_two_rows_that_were_both_read_as_utc_do_not_explain_each_other() -> None:
    noon, later = wall_clock_row(0), wall_clock_row(1)
    later |= {"export_id": "e-more.csv", "path": "A/more.csv", "sha256": "f" * 64}
    later["workouts_found"][0]["workout_id"] = "w-more.csv"
    assert {status for status, *_ in verdicts(noon, later).values()} == {"scored"}


def test_a_row_of_another_distance_or_length_is_another_walk() -> None:
    farther, longer = wall_clock_row(2), wall_clock_row(2)
    farther["workouts_found"][0]["distance_m"] = 1_850.0
    longer["workouts_found"][0]["ended_at_utc"] += dt.timedelta(minutes=10)
    for row in (farther, longer):
        assert {status for status, *_ in verdicts(row, watch()).values()} == {"scored"}


def test_in_a_registered_time_zone_a_row_two_hours_later_is_a_second_walk() -> None:
    zoned = Participants.validate(
        pl.DataFrame(
            {
                "participant_id": ["A"],
                "valid_from_date": [dt.date(2000, 1, 1)],
                "time_zone": ["UTC"],
            }
        ).select(
            pl.col(c)
            if c in ("participant_id", "valid_from_date", "time_zone")
            else pl.lit(None).alias(c)
            for c in Participants.column_names()
        ),
        cast=True,
    )
    frame = pl.DataFrame([wall_clock_row(2), watch()], schema=FACTS, orient="row")
    exports = exports_from_facts(frame, zoned, BELIEVED)
    assert set(exports["status"].cast(pl.String)) == {"scored"}


def test_in_a_chain_of_three_only_those_that_overlap_the_scored_one_give_way() -> None:
    # 06:00-06:30, 06:03-06:33 and 06:06-06:36: neighbours share 27 of 33 minutes (0.82), the
    # outer two 24 of 36 (0.67). The richest is the first, so the third is a walk of its own.
    found = verdicts(
        fact("a", channels_n=7),
        fact("b", channels_n=6, started_at_utc=START + dt.timedelta(minutes=3)),
        fact("c", channels_n=5, started_at_utc=START + dt.timedelta(minutes=6)),
    )
    assert [found[name][0] for name in "abc"] == ["scored", "duplicate", "scored"]


def test_a_clock_that_was_never_set_is_not_believed() -> None:
    early = dt.datetime(1989, 12, 31, tzinfo=dt.UTC)
    late = NOW + dt.timedelta(days=2)
    for start in (early, late):
        assert verdicts(fact("a", started_at_utc=start))["a"][:2] == (
            "quarantined",
            "implausible_time",
        )


def test_what_reading_said_stays_said() -> None:
    found = verdicts(
        fact("cut.fit", read_reason_code="truncated"),
        fact("x.fit", read_reason_code="unreadable_fit", is_empty=True),
        fact(
            "gone.fit", read_reason_code="file_removed", started_at_utc=START + dt.timedelta(days=1)
        ),
        fact("settings.fit", read_reason_code="no_workouts", is_empty=True),
    )
    assert {name: row[:2] for name, row in found.items()} == {
        "cut.fit": ("partial", "truncated"),
        "x.fit": ("quarantined", "unreadable_fit"),
        "gone.fit": ("ignored", "file_removed"),
        "settings.fit": ("ignored", "no_workouts"),
    }


@settings(max_examples=25, deadline=None)
@given(st.permutations(range(4)))
def test_the_order_in_which_files_are_found_changes_nothing(order: list[int]) -> None:
    facts = [
        fact("a", sha256="1" * 64),
        fact("b", sha256="1" * 64),
        fact("c", walk_records_n=1),
        fact("d", started_at_utc=START + dt.timedelta(days=1)),
    ]
    frame = pl.DataFrame(facts, schema=FACTS, orient="row")
    straight = exports_from_facts(frame, NOBODY, BELIEVED)
    shuffled = exports_from_facts(frame[order], NOBODY, BELIEVED)
    assert_frame_equal(shuffled, straight)
    assert sorted(scored_workouts(straight)["workout_id"]) == ["w-a", "w-d"]
