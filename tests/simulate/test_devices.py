"""What devices make of a walk: the right values, the right gaps, the right noise."""

from datetime import UTC, datetime

import numpy as np
import polars as pl
import pytest

from retrowalk.simulate.csv_writer import garmin_list_row, imu_csv, per_second_csv
from retrowalk.simulate.devices import (
    Device,
    Recording,
    lap_edges_every,
    recording_from_trace,
)
from retrowalk.simulate.terrain import Place, ground_from_trace
from retrowalk.simulate.walks import Block, Trace
from tests.builders_walks import rng, there_and_back, trace

HOME = Place(52.5, 13.4, 35.0)
PAUSE = Block(60, activity="rest", is_paused=True)


def recorded(walk: Trace, device: Device, *, terrain: str = "road") -> Recording:
    ground = ground_from_trace(walk, terrain, HOME, rng())
    return recording_from_trace(
        walk, ground, device, HOME, rng(1), is_indoors=terrain == "treadmill"
    )


def test_a_plain_device_records_every_second_but_pauses() -> None:
    walk = trace(Block(100), PAUSE, Block(100))
    recording = recorded(walk, Device("watch", is_smart=False))
    assert recording.elapsed_s.tolist() == [*range(100), *range(160, 260)]


def test_a_smart_device_records_now_and_then_and_at_every_border() -> None:
    walk = trace(Block(100), PAUSE, Block(100))
    seconds = recorded(walk, Device("watch", is_smart=True)).elapsed_s
    assert {0, 99, 160, 259} <= set(seconds.tolist())
    assert 30 < seconds.size < 120
    assert np.diff(seconds[seconds < 100]).max() <= 7


def test_distance_stands_still_in_a_pause() -> None:
    walk = trace(Block(100), PAUSE, Block(100))
    recording = recorded(walk, Device("watch", is_smart=False))
    before, after = recording.columns["distance_m"][[99, 100]]
    assert after - before == pytest.approx(walk.speed_mps[99])


def test_a_treadmill_has_neither_place_nor_height() -> None:
    channels = recorded(there_and_back(), Device("watch"), terrain="treadmill").columns
    assert not {"latitude_deg", "altitude_m", "grade_fraction"} & channels.keys()


def test_a_treadmill_writes_its_incline_if_it_logs_it() -> None:
    walk = trace(Block(60, grade_fraction=0.05))
    device = Device("watch", logs_grade=True)
    indoors = recorded(walk, device, terrain="treadmill").columns
    assert set(indoors["grade_fraction"].tolist()) == {0.05}
    assert "grade_fraction" not in recorded(walk, device, terrain="hill").columns


def test_a_constant_altitude_says_nothing_of_the_grade() -> None:
    walk = trace(Block(60, grade_fraction=0.05))
    channels = recorded(walk, Device("watch", altitude="constant"), terrain="treadmill").columns
    assert np.ptp(channels["altitude_m"]) == 0


def test_a_barometer_steps_by_a_fifth_of_a_metre_with_a_quarter_metre_of_noise() -> None:
    walk = trace(Block(3000))
    altitude = recorded(walk, Device("watch", is_smart=False)).columns["altitude_m"]
    assert altitude * 5 == pytest.approx(np.rint(altitude * 5))
    drifting = np.polyval(np.polyfit(np.arange(3000), altitude, 1), np.arange(3000))
    assert (altitude - drifting).std() == pytest.approx(0.25, rel=0.2)


def test_gps_altitude_is_far_noisier_than_a_barometer() -> None:
    walk = trace(Block(1000))
    spreads = [
        recorded(walk, Device("watch", altitude=kind)).columns["altitude_m"].std()
        for kind in ("barometer", "gps")
    ]
    assert spreads[1] > 5 * spreads[0]


def test_slow_steps_are_dropped_and_read_zero() -> None:
    walk = trace(Block(600, speed_mps=0.35), Block(600, speed_mps=1.2))
    kept = recorded(walk, Device("watch", is_smart=False)).columns["cadence_spm"]
    lost = recorded(walk, Device("watch", is_smart=False, drops_steps=True)).columns["cadence_spm"]
    assert (kept > 0).all()
    assert (lost[:600] == 0).mean() > 0.5
    assert (lost[605:] > 0).all()


def test_hands_on_the_waist_hide_backward_steps_only() -> None:
    walk = there_and_back()
    device = Device("watch", is_smart=False, misses_backward_steps=True)
    cadence = recorded(walk, device).columns["cadence_spm"]
    assert (cadence[:120] > 0).all()
    assert (cadence[120:] == 0).all()


def test_a_compass_is_off_by_one_angle_in_a_whole_workout() -> None:
    walk = there_and_back(600)
    device = Device("logger", is_smart=False, compass="body", is_compass_aligned=False)
    ground = ground_from_trace(walk, "road", HOME, rng())
    heading = recorded(walk, device).columns["heading_deg"]
    off = np.exp(1j * np.radians(heading - ground.heading_deg))
    assert ((heading >= 0) & (heading < 360)).all()
    # 10 degrees of iron and 8 of unrest leave the mean direction sharp
    assert abs(off.mean()) > 0.95
    assert abs(np.angle(off.mean())) > 0.05


def test_a_device_without_movement_knows_the_heart_only() -> None:
    device = Device("strap", has_movement=False, has_gps=False, altitude="none")
    assert set(recorded(there_and_back(), device).columns) == {"heart_rate_bpm"}


def test_automatic_laps_end_after_each_kilometre() -> None:
    walk = trace(Block(2500, speed_mps=1.0), is_exact=True)
    assert lap_edges_every(walk, 1000.0) == [1000, 2000]


def test_per_second_csv_keeps_local_time_and_leaves_absent_cells_empty() -> None:
    start = datetime.fromisoformat("2026-09-21T07:01:16+12:00")
    content = per_second_csv(
        start,
        np.array([0, 61]),
        {"speed_mps": np.array([1.0, np.nan]), "grade_fraction": np.array([0.05, 0.0])},
        texts={"direction": ["backward", None]},
    )
    assert content.decode().splitlines() == [
        "timestamp,speed_mps,grade_percent,direction",
        "2026-09-21T07:01:16+12:00,1.0,5.0,backward",
        "2026-09-21T07:02:17+12:00,,0.0,",
    ]


def test_motion_csv_states_its_facts_first() -> None:
    content = imu_csv(
        datetime(2026, 9, 26, 7, 0, tzinfo=UTC),
        {"seconds_elapsed": np.array([0.0, 0.02]), "acc_x_mps2": np.array([0.1, 0.2])},
        placement="waist",
        forward_axis="-z",
        lap_at_s=[60.0],
    )
    assert content.decode().splitlines()[:5] == [
        "# started_at: 2026-09-26T07:00:00+00:00",
        "# placement: waist",
        "# forward_axis: -z",
        "# lap_at: 60",
        "seconds_elapsed,acc_x_mps2",
    ]


def test_motion_csv_is_silent_on_an_unknown_axis() -> None:
    content = imu_csv(
        datetime(2026, 9, 26, 7, 0, tzinfo=UTC),
        {"seconds_elapsed": np.array([0.0])},
        placement="unknown",
        forward_axis=None,
    )
    assert b"forward_axis" not in content


def test_a_list_row_sums_up_in_kilometres_and_minutes_per_kilometre() -> None:
    row = garmin_list_row(
        datetime(2026, 10, 10, 6, 30),  # noqa: DTZ001
        title="Retro walk",
        distance_m=1200.0,
        timer_s=1500,
        elapsed_s=1560,
        heart_rate_bpm=np.array([80.0, 90.0]),
        cadence_spm=np.full(1500, 60.0),
    )
    # 1500 s / 1.2 km = 1250 s = 20 min 50 s; 1500 s at 60 steps/min = 1500 steps of 0.80 m
    assert row["Avg Pace"] == "20:50"
    assert row["Distance"] == "1.20"
    assert (row["Steps"], row["Avg Stride Length"]) == ("1,500", "0.80")
    assert (row["Time"], row["Elapsed Time"]) == ("00:25:00", "00:26:00")
    assert row["Total Ascent"] == "--"


def test_a_list_is_read_as_a_table(cohort: object) -> None:
    path = f"{cohort}/inbox/P02/Activities.csv"
    titles = pl.read_csv(path, infer_schema=False)["Title"].unique().to_list()
    assert titles == ["Retro walk"]
