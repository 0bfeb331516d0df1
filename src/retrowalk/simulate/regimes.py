"""Cohorts to measure a classifier on, one per kind of evidence that the data hold.

Every cohort is harder than life in its own way: labels are pressed late or wrong, compasses are
off, sensors turn and drop out, steps get lost, and people walk forward as if it were backward.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import time
from pathlib import Path
from typing import Any

from retrowalk.errors import SettingsError
from retrowalk.simulate import routines
from retrowalk.simulate.cohort import simulate_cohort
from retrowalk.simulate.devices import Device
from retrowalk.simulate.imu import Mounting, Sensor
from retrowalk.simulate.plans import Labelling, Outing, Recorder, Scenario
from retrowalk.simulate.routines import Routine
from retrowalk.simulate.terrain import Place

_NOTHING_SAID = Labelling("none")
#: Only the first stretch is said to be forward; everything after has to be found out.
_FIRST_N = 1
_HOME = Place(52.52, 13.40, 35.0)
_WATCH = Device("Forerunner 255", product=3992, is_smart=False)
_SMART_WATCH = Device("fenix 6", product=3290)
_BELT_WATCH = replace(_WATCH, has_gps=False, altitude="none")
_LOGGER = Device("walk logger", file_format="csv", is_smart=False)
_COMPASS = replace(_LOGGER, compass="body", is_compass_aligned=False)


def _walker(
    name: str,
    labelling: Labelling,
    device: Device,
    *outings: Outing,
    age_group: str = "young",
) -> Scenario:
    """Somebody who never misses a day and labels every outing alike."""
    return Scenario(
        name=name,
        protocol="general",
        time_zone="Europe/Berlin",
        place=_HOME,
        age_group=age_group,
        device=device,
        outings=tuple(replace(outing, labelling=labelling) for outing in outings),
        attendance_fraction=1.0,
    )


def _outings(
    routine: Routine, terrain: str = "road", recorder: Recorder | None = None
) -> tuple[Outing, ...]:
    """The same outing on Monday, Wednesday and Friday."""
    return tuple(
        Outing(day, time(9, 0), routine, terrain, _NOTHING_SAID, recorder=recorder)
        for day in (0, 2, 4)
    )


def _late(kind: str, **habits: Any) -> Labelling:
    """Presses the key a second or two beside the border."""
    return replace(Labelling(kind, late_sd_s=1.5), **habits)


_ALTERNATING = _outings(routines.alternating)
_GENTLE = _outings(routines.gentle, "treadmill")

_LABELS = (
    _walker(
        "German workout steps, now and then the wrong one",
        _late("workout_step", words=("Vorwärts", "Rückwärts"), mistaken_fraction=0.03),
        _WATCH,
        *_ALTERNATING,
    ),
    _walker("developer field", Labelling("developer_field"), _SMART_WATCH, *_ALTERNATING),
    _walker("direction column", _late("csv_column"), _LOGGER, *_ALTERNATING),
    _walker(
        "notes by hand, of an old person on a treadmill",
        _late("annotation", late_sd_s=3.0),
        _BELT_WATCH,
        *_GENTLE,
        age_group="old",
    ),
    _walker(
        "Spanish sport profile",
        Labelling("session_name", profile_name="Caminar hacia atrás"),
        _WATCH,
        *_outings(routines.backward_only, "track"),
        age_group="old",
    ),
    _walker(
        "French workout steps on a hill",
        _late("workout_step", words=("En avant", "Marche arrière")),
        _SMART_WATCH,
        *_outings(routines.hill, "hill"),
    ),
)

_COMPASSES = (
    _walker(
        "compass on the body, first stretch labelled forward",
        Labelling("csv_column", first_n=_FIRST_N),
        _COMPASS,
        *_ALTERNATING,
    ),
    _walker(
        "compass on the body, a hurried forward start",
        _NOTHING_SAID,
        _COMPASS,
        *_outings(routines.brisk_then_alternating),
    ),
    _walker(
        "compass of an old person, first stretch labelled forward",
        Labelling("csv_column", first_n=_FIRST_N),
        _COMPASS,
        *_outings(routines.alternating),
        age_group="old",
    ),
    _walker(
        "compass on a hill, first stretch labelled forward",
        Labelling("csv_column", first_n=_FIRST_N),
        _COMPASS,
        *_outings(routines.hill, "hill"),
    ),
)

_OPEN_COMPASSES = (
    _walker("compass that nothing anchors", _NOTHING_SAID, _COMPASS, *_ALTERNATING),
    _walker(
        "compass that reads where the body faces, which nobody says",
        _NOTHING_SAID,
        replace(_COMPASS, is_compass_aligned=True),
        *_ALTERNATING,
    ),
    _walker(
        "compass on a swinging wrist",
        Labelling("csv_column", first_n=_FIRST_N),
        replace(_COMPASS, compass="wrist"),
        *_ALTERNATING,
    ),
)


def _phone(placement: str, rate_hz: int, **habits: Any) -> Recorder:
    """A phone whose file says where and how it was worn."""
    sensor = replace(Sensor(placement, rate_hz=rate_hz), **habits)
    return Recorder(sensor, Mounting("-z", "+y"), yaw_sd_deg=10.0, stated_placement=placement)


def _watch_on_belt(rate_hz: int, *, has_magnetometer: bool = False) -> Recorder:
    """A watch clipped to the belt any way round: its file says nothing of that."""
    sensor = Sensor(
        "waist", rate_hz=rate_hz, jitter_fraction=0.0, has_magnetometer=has_magnetometer
    )
    return Recorder(
        sensor,
        Mounting("+x", "+z", yaw_deg=180.0),
        file_format="fit",
        yaw_sd_deg=20.0,
        stated_placement="unknown",
        states_axis=False,
    )


_TRUNKS = (
    _walker(
        "phone at the small of the back, 50 Hz",
        _NOTHING_SAID,
        _LOGGER,
        *_outings(routines.alternating, recorder=_phone("trunk", 50)),
    ),
    _walker(
        "phone at the waist of an old person, 25 Hz, jitter and gaps",
        _NOTHING_SAID,
        _LOGGER,
        *_outings(
            routines.alternating,
            recorder=_phone("waist", 25, jitter_fraction=0.2, gaps_per_hour=40.0),
        ),
        age_group="old",
    ),
    _walker(
        "phone on the trunk, 100 Hz, noisy, on a treadmill",
        _NOTHING_SAID,
        _LOGGER,
        *_outings(routines.alternating, "treadmill", recorder=_phone("trunk", 100, noise_mps2=0.2)),
    ),
    _walker(
        "phone on the trunk, forward only, now slow, now slower",
        _NOTHING_SAID,
        _LOGGER,
        *_outings(routines.cautious_forward, recorder=_phone("trunk", 50)),
    ),
)

_NOTED_START = Labelling("annotation", first_n=_FIRST_N, late_sd_s=1.5)


def _unstated(placement: str, rate_hz: int, **habits: Any) -> Recorder:
    """A phone whose file says where it was worn, but not which way round."""
    return replace(_phone(placement, rate_hz, **habits), yaw_sd_deg=90.0, states_axis=False)


_LEARNED_TRUNKS = (
    _walker(
        "phone at the waist any way round, first stretch noted forward",
        _NOTED_START,
        _LOGGER,
        *_outings(routines.alternating, recorder=_unstated("waist", 50)),
    ),
    _walker(
        "phone on an old trunk any way round, 25 Hz, first stretch noted forward",
        _NOTED_START,
        _LOGGER,
        *_outings(
            routines.alternating,
            recorder=_unstated("trunk", 25, jitter_fraction=0.2, gaps_per_hour=40.0),
        ),
        age_group="old",
    ),
)


def _stray(placement: str, **habits: Any) -> Recorder:
    """A phone or watch worn where its signal does not tell, and whose file does not say where."""
    return Recorder(
        replace(Sensor(placement), **habits),
        Mounting("+y", "+z"),
        yaw_sd_deg=90.0,
        stated_placement="unknown",
        states_axis=False,
    )


_STRAYS = (
    _walker(
        "wrist",
        _NOTHING_SAID,
        _LOGGER,
        *_outings(routines.alternating, recorder=_stray("wrist")),
    ),
    _walker(
        "wrist, hands on the waist",
        _NOTHING_SAID,
        _LOGGER,
        *_outings(routines.alternating, recorder=_stray("wrist", has_hands_on_waist=True)),
    ),
    _walker(
        "pocket",
        _NOTHING_SAID,
        _LOGGER,
        *_outings(routines.alternating, recorder=_stray("pocket")),
    ),
    _walker(
        "foot",
        _NOTHING_SAID,
        _LOGGER,
        *_outings(routines.alternating, recorder=_stray("foot")),
    ),
    _walker(
        "wrist that its file calls a trunk",
        _NOTHING_SAID,
        _LOGGER,
        *_outings(
            routines.alternating,
            recorder=replace(_stray("wrist"), stated_placement="trunk", states_axis=True),
        ),
    ),
    _walker(
        "pocket, as its file states, with the axis",
        _NOTHING_SAID,
        _LOGGER,
        *_outings(
            routines.alternating,
            recorder=replace(
                _stray("pocket"), yaw_sd_deg=20.0, stated_placement="pocket", states_axis=True
            ),
        ),
    ),
    _walker(
        "watch on the belt, mounting unknown, first lap labelled forward",
        Labelling("workout_step", first_n=_FIRST_N),
        _WATCH,
        *_outings(routines.alternating, recorder=_watch_on_belt(25, has_magnetometer=True)),
    ),
    _walker(
        "watch on the wrist, first lap labelled forward",
        Labelling("workout_step", first_n=_FIRST_N),
        _WATCH,
        *_outings(
            routines.alternating,
            recorder=replace(_stray("wrist", rate_hz=25, jitter_fraction=0.0), file_format="fit"),
        ),
    ),
    _walker(
        "watch on the wrist, hands on the waist, first lap labelled forward",
        Labelling("workout_step", first_n=_FIRST_N),
        _WATCH,
        *_outings(
            routines.alternating,
            recorder=replace(
                _stray("wrist", rate_hz=25, jitter_fraction=0.0, has_hands_on_waist=True),
                file_format="fit",
            ),
        ),
    ),
)


def _one_hertz(labelling: Labelling) -> tuple[Scenario, ...]:
    """Everyday watches: speed, cadence and heart rate and nothing else to go by."""
    return (
        _walker("bouts on a road", labelling, _WATCH, *_ALTERNATING),
        _walker("an old person's bouts", labelling, _WATCH, *_ALTERNATING, age_group="old"),
        _walker(
            "gentle steps on a treadmill, many of them lost",
            labelling,
            replace(_BELT_WATCH, drops_steps=True),
            *_GENTLE,
            age_group="old",
        ),
        _walker(
            "hands on the waist: no step is counted backward",
            labelling,
            replace(_SMART_WATCH, misses_backward_steps=True),
            *_ALTERNATING,
        ),
        _walker(
            "forward only, cautiously", labelling, _WATCH, *_outings(routines.cautious_forward)
        ),
        _walker(
            "forward only, cautiously and old",
            labelling,
            _SMART_WATCH,
            *_outings(routines.cautious_forward),
            age_group="old",
        ),
        _walker(
            "forward only, uphill", labelling, _WATCH, *_outings(routines.uphill_forward, "hill")
        ),
        _walker(
            "forward only, with a run and a bus",
            labelling,
            _WATCH,
            *_outings(routines.run_and_ride),
        ),
        _walker("steady half hours backward", labelling, _WATCH, *_outings(routines.steady)),
    )


_BLIND = (
    _walker(
        "heart rate and nothing else",
        _NOTHING_SAID,
        replace(_BELT_WATCH, has_movement=False),
        *_outings(routines.alternating, "treadmill"),
    ),
)

_INCLINES = (
    _walker("hill by barometer", _late("workout_step"), _WATCH, *_outings(routines.hill, "hill")),
    _walker(
        "hill by barometer, forward, old",
        _NOTHING_SAID,
        _WATCH,
        *_outings(routines.uphill_forward, "hill"),
        age_group="old",
    ),
    _walker("flat ground by barometer", _NOTHING_SAID, _WATCH, *_ALTERNATING),
    _walker(
        "flat ground by barometer, slow",
        _NOTHING_SAID,
        _SMART_WATCH,
        *_outings(routines.cautious_forward),
        age_group="old",
    ),
    _walker(
        "treadmill that logs its incline",
        _late("workout_step"),
        replace(_BELT_WATCH, logs_grade=True),
        *_outings(routines.uphill_treadmill, "treadmill"),
    ),
    _walker(
        "treadmill that does not",
        _late("workout_step"),
        replace(_BELT_WATCH, altitude="constant"),
        *_outings(routines.uphill_treadmill, "treadmill"),
    ),
    _walker(
        "hill by GPS altitude",
        _NOTHING_SAID,
        replace(_WATCH, altitude="gps"),
        *_outings(routines.hill, "hill"),
    ),
)

#: Weeks of labelled history that come before what is to be found out.
HISTORY_WEEKS_N = {"one_hertz_history": 3}

#: Evidence regime -> kinds of participants, taken in turn.
REGIMES: dict[str, tuple[Scenario, ...]] = {
    "labels": _LABELS,
    "compass": _COMPASSES,
    "compass_open": _OPEN_COMPASSES,
    "trunk_imu": _TRUNKS,
    "trunk_imu_learned": _LEARNED_TRUNKS,
    "stray_imu": _STRAYS,
    "one_hertz": _one_hertz(_NOTHING_SAID),
    "one_hertz_history": _one_hertz(
        Labelling("workout_step", until_week_n=HISTORY_WEEKS_N["one_hertz_history"])
    ),
    "nothing": _BLIND,
    "incline": _INCLINES,
}


def simulate_regime(
    out: Path,
    *,
    regime: str,
    participants_n: int,
    weeks_n: int,
    seed: int,
    progress: Callable[[int, int], None] | None = None,
) -> None:
    """Writes a cohort whose direction has to be found from one kind of evidence.

    Args:
        out: Folder to write to; laid out as by :func:`~retrowalk.simulate.cohort.simulate_cohort`.
        regime: Key of :data:`REGIMES`. In those of :data:`HISTORY_WEEKS_N` the first weeks are labelled
            and the later ones are not.
        participants_n: Number of participants; the regime's kinds are taken in turn.
        weeks_n: Number of weeks, three workouts each.
        seed: Seed.
        progress: Called with the number of participants done and their total.

    Raises:
        SettingsError: The regime is not known, or as for a cohort.
    """
    if regime not in REGIMES:
        raise SettingsError(f"regime {regime!r} is not known; choose from {', '.join(REGIMES)}.")
    simulate_cohort(
        out,
        participants_n=participants_n,
        weeks_n=weeks_n,
        seed=seed,
        scenarios=REGIMES[regime],
        progress=progress,
    )
