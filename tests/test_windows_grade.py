"""Grade from altitude over distance."""

import math
import random

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders_records import marks, pause, records, windows_of, workouts


def hill(
    grade: float, *, seconds: int = 300, speed: float = 1.0, noise_m: float = 0.0, seed: int = 0
) -> pl.DataFrame:
    """Windows of a steady climb with a barometer."""
    noise = random.Random(seed)  # noqa: S311
    scatter, altitude = 0.0, []
    for n in range(seconds):
        scatter = 0.9 * scatter + math.sqrt(1 - 0.81) * noise.gauss(0.0, noise_m)
        exact = 200.0 + grade * speed * n + scatter
        altitude.append(round(exact / 0.2) * 0.2 if noise_m else exact)
    return windows_of(
        records(range(seconds), speed_mps=speed, altitude_m=altitude),
        of=workouts(altitude_source="barometer"),
    )


@pytest.mark.parametrize("grade", [-0.08, 0.0, 0.03, 0.10])
def test_a_steady_climb_has_its_grade_everywhere(grade: float) -> None:
    windows = hill(grade)

    assert windows["grade_fraction"].to_list() == pytest.approx([grade] * 60, abs=1e-4)
    assert set(windows["grade_source"]) == {"barometer"}


@pytest.mark.parametrize("source", ["gps", "constant", "unknown", "none"])
def test_altitude_that_is_not_barometric_gives_no_grade(source: str) -> None:
    windows = windows_of(
        records(range(300), speed_mps=1.0, altitude_m=[0.05 * n for n in range(300)]),
        of=workouts(altitude_source=source),
    )

    assert windows["grade_fraction"].null_count() == windows.height
    assert set(windows["grade_source"]) == {"none"}


def test_less_than_thirty_metres_give_no_grade() -> None:
    assert hill(0.05, seconds=25)["grade_fraction"].null_count() == 5
    assert hill(0.05, seconds=35)["grade_fraction"].null_count() == 0


def test_no_slope_is_fitted_across_a_pause() -> None:
    altitude = [100.0] * 100 + [103.0] * 100
    windows = windows_of(
        records([*range(100), *range(700, 800)], speed_mps=1.0, altitude_m=altitude),
        marks(pause(99, 700)),
        of=workouts(altitude_source="barometer"),
    )

    assert windows["grade_fraction"].to_list() == pytest.approx([0.0] * windows.height)


def test_no_slope_is_fitted_across_a_jump_of_altitude() -> None:
    altitude = [100.0] * 100 + [110.0] * 100
    windows = windows_of(
        records(range(200), speed_mps=1.0, altitude_m=altitude),
        of=workouts(altitude_source="barometer"),
    )

    assert windows["grade_fraction"].to_list() == pytest.approx([0.0] * 40)


def test_standing_still_has_the_grade_of_where_one_stands() -> None:
    speed = [1.0] * 100 + [0.0] * 60 + [1.0] * 100
    climbed = [sum(speed[:n]) * 0.05 for n in range(len(speed))]
    windows = windows_of(
        records(range(260), speed_mps=speed, altitude_m=climbed),
        of=workouts(altitude_source="barometer"),
    )

    assert windows["grade_fraction"].to_list() == pytest.approx([0.05] * 52, abs=1e-4)


def test_a_reported_grade_wins_over_the_barometer_and_zero_is_level() -> None:
    windows = windows_of(
        records(
            range(100),
            speed_mps=1.0,
            altitude_m=[0.05 * n for n in range(100)],
            grade_fraction=0.0,
        ),
        of=workouts(altitude_source="barometer"),
    )

    assert windows.select("grade_fraction", "grade_source").unique().rows() == [(0.0, "reported")]


def test_a_treadmill_without_a_logged_grade_has_none() -> None:
    windows = windows_of(
        records(range(100), speed_mps=1.0, altitude_m=120.0),
        of=workouts(altitude_source="constant", environment="treadmill"),
    )

    assert set(windows["grade_source"]) == {"none"}


def test_barometer_noise_stays_within_eight_tenths_of_a_point() -> None:
    # Noise 0.25 m, AR(1) 0.9 a second, steps of 0.2 m: the simulation that the 50 m rest on.
    grades = pl.concat(
        [
            hill(0.0, seconds=600, speed=speed, noise_m=0.25, seed=seed)["grade_fraction"]
            for seed in range(6)
            for speed in (0.5, 1.0)
        ]
    )

    assert math.sqrt((grades**2).mean()) <= 0.009  # type: ignore[arg-type]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.floats(0.3, 2.0), st.floats(-0.1, 0.1)), min_size=150, max_size=150))
def test_the_slope_is_that_of_least_squares(track: list[tuple[float, float]]) -> None:
    way = [sum(v for v, _ in track[:n]) for n in range(len(track))]
    altitude = [round(300.0 + sum(v * g for v, g in track[:n]), 1) for n in range(len(track))]
    windows = windows_of(
        records(range(150), speed_mps=[v for v, _ in track], altitude_m=altitude),
        of=workouts(altitude_source="barometer"),
    )
    cell = 14  # seconds 70 to 75, at least 20 m from either end
    centre = (way[70] + way[75]) / 2
    low = max(min(centre - 25.0, way[-1] - 50.0), 0.0)
    near = [n for n in range(150) if low - 1e-3 <= way[n] <= low + min(50.0, way[-1]) + 1e-3]
    mean_x, mean_y = (sum(side[n] for n in near) / len(near) for side in (way, altitude))
    slope = sum((way[n] - mean_x) * (altitude[n] - mean_y) for n in near) / sum(
        (way[n] - mean_x) ** 2 for n in near
    )

    assert windows["grade_fraction"][cell] == pytest.approx(slope, abs=0.004)
