"""FIT files: two independent readers must find in them what was written."""

import gzip
import io
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import fitdecode
import fitparse
import numpy as np
import pytest

from retrowalk.simulate.fit_writer import FitActivity, FitLap, fit_bytes

STARTED_AT = datetime(2026, 9, 14, 5, 30, tzinfo=UTC)
#: Four records in six seconds, with a pause in the fourth and fifth.
ACTIVITY = FitActivity(
    started_at=STARTED_AT,
    elapsed_s=6,
    utc_offset_s=7200,
    records={
        "elapsed_s": np.array([0.0, 1.0, 2.0, 5.0]),
        "distance_m": np.array([0.0, 1.0, 2.0, 3.0]),
        "speed_mps": np.array([1.0, 1.0, 1.0, np.nan]),
        "cadence_spm": np.array([109.0, 108.0, 0.0, np.nan]),
        "heart_rate_bpm": np.array([90.0, 91.0, 92.0, np.nan]),
        "altitude_m": np.array([35.0, 35.2, -3.4, np.nan]),
        "grade_fraction": np.array([0.05, -0.05, 0.0, np.nan]),
        "latitude_deg": np.array([52.5, 52.5, -36.8, np.nan]),
        "longitude_deg": np.array([13.4, -122.4, 174.8, np.nan]),
    },
    laps=[FitLap(0, 2, 2, 2.0, 2, 1), FitLap(2, 6, 2, 2.0, 1, 0)],
    profile_name="Retro walk",
    step_names=("Forward", "Rückwärts"),
    workout_name="Intervals",
    pauses=[(3, 5)],
    developer_text=("walking_direction", ["backward", "backward", "", "forward"]),
    product_name="test watch",
    is_female=True,
    height_m=1.68,
    body_mass_kg=68.9,
    resting_heart_rate_bpm=58.0,
)


def parsed(content: bytes) -> fitparse.FitFile:
    return fitparse.FitFile(io.BytesIO(content), check_crc=True)


def rows(activity: FitActivity, message: str) -> list[dict[str, object]]:
    return [m.get_values() for m in parsed(fit_bytes(activity)).get_messages(message)]


def test_both_checksums_are_right() -> None:
    with fitdecode.FitReader(
        io.BytesIO(fit_bytes(ACTIVITY)),
        check_crc=fitdecode.CrcCheck.RAISE,
        error_handling=fitdecode.ErrorHandling.RAISE,
    ) as reader:
        frames = list(reader)
    assert frames[-1].matched
    assert frames[0].crc_matched


def test_records_come_back_in_physical_units() -> None:
    first, second, third, _ = rows(ACTIVITY, "record")
    assert first["timestamp"] == datetime(2026, 9, 14, 5, 30)  # noqa: DTZ001
    assert [first["distance"], second["distance"]] == [0.0, 1.0]
    assert first["enhanced_speed"] == 1.0
    # 109 steps/min are 54.5 strides/min: 54 and a half of 128
    assert (first["cadence"], first["fractional_cadence"]) == (54, 0.5)
    assert (second["cadence"], second["fractional_cadence"]) == (54, 0.0)
    assert third["cadence"] == 0
    assert [r["heart_rate"] for r in (first, second)] == [90, 91]
    assert third["enhanced_altitude"] == pytest.approx(-3.4)
    assert [first["grade"], second["grade"]] == [5.0, -5.0]
    assert third["position_lat"] == pytest.approx(-36.8 * 2**31 / 180, abs=1)
    assert second["position_long"] == pytest.approx(-122.4 * 2**31 / 180, abs=1)


def test_what_is_absent_is_invalid_and_not_zero() -> None:
    last = rows(ACTIVITY, "record")[-1]
    for name in ("enhanced_speed", "cadence", "heart_rate", "enhanced_altitude", "grade"):
        assert last[name] is None, name


def test_an_older_device_writes_the_narrow_fields() -> None:
    first = rows(replace(ACTIVITY, is_enhanced=False), "record")[0]
    assert first["speed"] == 1.0
    assert first["altitude"] == pytest.approx(35.0)


def test_laps_point_to_their_workout_steps() -> None:
    laps = rows(ACTIVITY, "lap")
    steps = {s["message_index"]: s["wkt_step_name"] for s in rows(ACTIVITY, "workout_step")}
    assert [steps[lap["wkt_step_index"]] for lap in laps] == ["Rückwärts", "Forward"]
    assert [lap["total_elapsed_time"] for lap in laps] == [2.0, 4.0]
    assert [lap["total_timer_time"] for lap in laps] == [2.0, 2.0]


def test_the_session_sums_up() -> None:
    (session,) = rows(ACTIVITY, "session")
    assert session["sport"] == "walking"
    assert session["total_elapsed_time"] == 6.0
    assert session["total_timer_time"] == 4.0
    assert session["total_distance"] == 4.0
    assert session["total_strides"] == 3


def test_the_profile_name_stands_in_sport_and_session() -> None:
    assert rows(ACTIVITY, "sport")[0]["name"] == "Retro walk"
    assert rows(ACTIVITY, "session")[0]["unknown_110"] == "Retro walk"


def test_local_time_gives_the_offset() -> None:
    (activity,) = rows(ACTIVITY, "activity")
    assert (activity["local_timestamp"] - activity["timestamp"]).total_seconds() == 7200  # type: ignore[operator]


def test_a_device_that_knows_no_local_time_writes_none() -> None:
    (activity,) = rows(replace(ACTIVITY, utc_offset_s=None), "activity")
    assert "local_timestamp" not in activity


def test_pauses_stop_and_start_the_timer() -> None:
    events = [(e["event_type"], e["timestamp"].second) for e in rows(ACTIVITY, "event")]  # type: ignore[attr-defined]
    assert events == [("start", 0), ("stop_all", 3), ("start", 5), ("stop_all", 6)]


def test_a_developer_field_carries_its_name_and_text() -> None:
    texts = [r["walking_direction"] for r in rows(ACTIVITY, "record")]
    assert texts[:2] == ["backward", "backward"]
    assert texts[3] == "forward"
    assert not texts[2]


def test_the_owner_is_described() -> None:
    (profile,) = rows(ACTIVITY, "user_profile")
    assert profile["gender"] == "female"
    assert profile["height"] == pytest.approx(1.68)
    assert profile["weight"] == pytest.approx(68.9)
    assert profile["resting_heart_rate"] == 58


def test_messages_stand_in_the_order_of_time() -> None:
    names = [m.name for m in parsed(fit_bytes(ACTIVITY)).get_messages()]
    recording = [n for n in names if n in ("record", "lap", "event")]
    # start, 2 records, lap at 2 s, record, stop at 3 s, start at 5 s, record, stop and lap at 6 s
    assert recording == [
        *("event", "record", "record", "lap", "record", "event", "event", "record"),
        *("event", "lap"),
    ]


def test_a_value_that_does_not_fit_its_field_is_refused() -> None:
    records = {**ACTIVITY.records, "heart_rate_bpm": np.array([90.0, 300.0, 90.0, 90.0])}
    with pytest.raises(ValueError, match="cannot hold 300"):
        fit_bytes(replace(ACTIVITY, records=records))


def test_every_file_of_a_cohort_is_read_whole_by_both_readers(cohort: Path) -> None:
    paths = sorted((cohort / "inbox").rglob("*.fit*"))
    assert len(paths) > 20
    for path in paths[::4]:
        content = path.read_bytes()
        content = gzip.decompress(content) if path.suffix == ".gz" else content
        ours = len(list(parsed(content).get_messages("record")))
        with fitdecode.FitReader(io.BytesIO(content), check_crc=fitdecode.CrcCheck.RAISE) as reader:
            theirs = sum(
                f.frame_type == fitdecode.FIT_FRAME_DATA and f.name == "record" for f in reader
            )
        assert ours == theirs > 100
