"""Cohorts for measuring: every regime holds the evidence that it is named after, and no other."""

import gzip
import io
from pathlib import Path

import fitparse
import numpy as np
import polars as pl
import pytest

from retrowalk.errors import SettingsError
from retrowalk.simulate import REGIMES, simulate_regime


@pytest.fixture(scope="module")
def regimes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("regimes")
    for regime, kinds in REGIMES.items():
        simulate_regime(home / regime, regime=regime, participants_n=len(kinds), weeks_n=1, seed=4)
    return home


def truth_of(home: Path, regime: str) -> pl.DataFrame:
    return pl.read_csv(home / regime / "truth.csv", try_parse_dates=True)


def content_of(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


@pytest.mark.parametrize("regime", REGIMES)
def test_every_regime_walks_both_ways(regimes: Path, regime: str) -> None:
    assert {"forward", "backward"} <= set(truth_of(regimes, regime)["direction"])


def test_labels_come_in_five_kinds(regimes: Path) -> None:
    kinds = set(truth_of(regimes, "labels")["label_kind"]) - {"none"}
    assert kinds == {
        "workout_step",
        "developer_field",
        "csv_column",
        "annotation",
        "session_name",
    }


@pytest.mark.parametrize("regime", ["compass_open", "stray_imu", "one_hertz", "nothing"])
def test_backward_walking_is_never_labelled_where_it_has_to_be_found(
    regimes: Path, regime: str
) -> None:
    backward = truth_of(regimes, regime).filter(pl.col("direction") == "backward")
    assert set(backward["label_kind"]) == {"none"}


def test_history_is_labelled_for_three_weeks_and_then_no_more(tmp_path: Path) -> None:
    simulate_regime(tmp_path, regime="one_hertz_history", participants_n=1, weeks_n=4, seed=1)
    truth = pl.read_csv(tmp_path / "truth.csv", try_parse_dates=True)
    first = pl.col("started_at_utc").dt.date() < pl.date(2026, 10, 5)
    assert set(truth.filter(first)["label_kind"]) == {"workout_step"}
    assert set(truth.filter(~first)["label_kind"]) == {"none"}


def test_late_labels_lie_beside_the_truth_but_cover_it_without_gap(regimes: Path) -> None:
    labelled = truth_of(regimes, "labels").filter(
        (pl.col("participant_id") == "P01") & (pl.col("label_kind") == "workout_step")
    )
    beside = labelled.select(
        (pl.col("label_started_at_utc") - pl.col("started_at_utc")).dt.total_seconds()
    ).to_series()
    assert beside.abs().max() <= 3  # type: ignore[operator]
    assert (beside != 0).any()
    previous = pl.col("label_ended_at_utc").shift(1).over("path")
    assert labelled.filter(previous != pl.col("label_started_at_utc")).is_empty()


def test_laps_are_where_the_key_was_pressed(regimes: Path) -> None:
    truth = truth_of(regimes, "labels").filter(pl.col("participant_id") == "P01")
    path = truth["path"][0]
    fit = fitparse.FitFile(io.BytesIO(content_of(regimes / "labels" / "inbox" / path)))
    starts = [lap.get_value("start_time") for lap in fit.get_messages("lap")]
    pressed = truth.filter(pl.col("path") == path)["label_started_at_utc"]
    assert starts == [start.replace(tzinfo=None) for start in pressed]


def test_a_first_lap_alone_is_labelled_and_the_rest_is_open(regimes: Path) -> None:
    truth = truth_of(regimes, "trunk_imu_learned").filter(pl.col("participant_id") == "P01")
    path = truth["path"][0]
    fit = fitparse.FitFile(io.BytesIO(content_of(regimes / "trunk_imu_learned" / "inbox" / path)))
    names = [step.get_value("wkt_step_name") for step in fit.get_messages("workout_step")]
    assert names == ["Forward", "Open"]
    assert len(list(fit.get_messages("lap"))) == 2


def test_calibrated_samples_in_fit_feel_gravity(regimes: Path) -> None:
    path = next((regimes / "trunk_imu_learned" / "inbox" / "P01").glob("*.fit"))
    fit = fitparse.FitFile(io.BytesIO(content_of(path)), check_crc=True)
    fit.parse()
    calibration = next(
        m
        for m in fit.messages
        if m.name == "three_d_sensor_calibration" and m.get_value("sensor_type") == "accelerometer"
    )
    batch = [m for m in fit.messages if m.name == "accelerometer_data"][10:40]
    raw = np.array([[m.get_value(f"accel_{axis}") for axis in "xyz"] for m in batch], dtype=float)
    shifted = raw - calibration.get_value("level_shift")
    shifted -= np.array(calibration.get_value("offset_cal"))[None, :, None]
    scale = calibration.get_value("calibration_factor") / calibration.get_value(
        "calibration_divisor"
    )
    matrix = np.array(calibration.get_value("orientation_matrix"), dtype=float).reshape(3, 3)
    device = np.einsum("ij,bjs->bis", matrix, shifted * scale)
    # the watch's z axis points up, and gravity is 1 g
    assert device[:, 2].mean() == pytest.approx(1.0, abs=0.05)
    assert list(batch[0].get_value("sample_time_offset")) == [40 * n for n in range(25)]


def test_a_stray_sensor_does_not_say_where_it_sits(regimes: Path) -> None:
    head = content_of(next((regimes / "stray_imu" / "inbox" / "P01").iterdir()))[:200]
    assert b"# placement: unknown" in head
    assert b"forward_axis" not in head


def test_a_blind_device_records_nothing_but_the_heart(regimes: Path) -> None:
    path = next((regimes / "nothing" / "inbox" / "P01").iterdir())
    fit = fitparse.FitFile(io.BytesIO(content_of(path)))
    known = {
        field.name
        for record in fit.get_messages("record")
        for field in record.fields
        if field.value is not None
    }
    assert known == {"timestamp", "heart_rate"}
    (session,) = fit.get_messages("session")
    assert session.get_value("total_distance") is None


def test_inclines_go_up_and_down_and_stay_level(regimes: Path) -> None:
    grades = truth_of(regimes, "incline")["grade_percent"]
    assert grades.max() >= 5  # type: ignore[operator]
    assert grades.min() <= -5  # type: ignore[operator]
    assert (grades == 0).any()


def test_an_unknown_regime_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"'sonar'.*compass"):
        simulate_regime(tmp_path, regime="sonar", participants_n=1, weeks_n=1, seed=0)
