"""Who takes part: eight kinds of participants, so that six of them already meet every case."""

from dataclasses import replace
from datetime import time

from retrowalk.simulate import routines
from retrowalk.simulate.devices import Device
from retrowalk.simulate.imu import Mounting, Sensor
from retrowalk.simulate.plans import Labelling, Outing, Recorder, Scenario
from retrowalk.simulate.terrain import Place

_BELT = Device(
    "Forerunner 255",
    product=3992,
    has_gps=False,
    altitude="none",
    logs_grade=True,
    is_zipped=True,
    is_smart=False,
    writes_profile=False,
)
_PLAIN_BELT = Device("PACE 2", manufacturer=294, product=841, has_gps=False, altitude="constant")
_MOUNTAIN = Device("fenix 6", product=3290, logs_grade=True, is_zipped=True, is_smart=False)
_OLD_WATCH = Device(
    "fenix 5",
    product=2697,
    is_enhanced=False,
    writes_profile=False,
    lap_every_m=1000.0,
)
_LOGGER = Device("walk logger", file_format="csv", is_zipped=True, is_smart=False)
_PHONE = Device(
    "phone",
    manufacturer=265,
    product=101,
    altitude="gps",
    drops_steps=True,
    writes_local_time=False,
    writes_profile=False,
)

#: A phone in a belt at the small of the back, screen outwards: its back looks forward.
_PHONE_ON_BACK = Recorder(Sensor("trunk"), Mounting("-z", "+y"))

#: In this order, round and round.
SCENARIOS = (
    Scenario(
        name="treadmill with logged incline, laps labelled by workout steps",
        protocol="general",
        time_zone="Europe/Berlin",
        place=Place(52.52, 13.40, 35.0),
        age_group="young",
        device=_BELT,
        outings=tuple(
            Outing(day, time(7, 30), routines.steady, "treadmill", Labelling("workout_step"))
            for day in (0, 2, 4)
        ),
        attendance_fraction=0.95,
        is_by_the_clock=True,
    ),
    Scenario(
        name="slow steps on a track under a sport profile that says so",
        protocol="cervical_spondylosis",
        time_zone="Asia/Tokyo",
        place=Place(35.68, 139.75, 20.0),
        age_group="old",
        device=Device("Venu 2", product=3703),
        outings=tuple(
            Outing(
                day,
                time(6, 30),
                routines.backward_only,
                "track",
                Labelling("session_name", profile_name="Retro walk"),
            )
            for day in (1, 3, 5)
        ),
        has_registered_resting_heart_rate=False,
        exports_list=True,
    ),
    Scenario(
        name="treadmill without incline, direction in a developer field, across European DST",
        protocol="lumbar_disc_herniation",
        time_zone="Europe/Madrid",
        place=Place(40.42, -3.70, 660.0),
        age_group="old",
        device=_PLAIN_BELT,
        outings=tuple(
            Outing(day, time(18, 0), routines.gentle, "treadmill", Labelling("developer_field"))
            for day in (1, 3, 6)
        ),
        unlabelled_walking="forward",
    ),
    Scenario(
        name="inclines by treadmill and by barometer, Sunday evenings that are Monday in UTC",
        protocol="fitness_incline",
        time_zone="America/Los_Angeles",
        place=Place(37.76, -122.45, 60.0),
        age_group="young",
        device=_MOUNTAIN,
        outings=(
            Outing(
                1, time(6, 45), routines.uphill_treadmill, "treadmill", Labelling("workout_step")
            ),
            Outing(3, time(17, 30), routines.hill, "hill", Labelling("workout_step")),
            Outing(6, time(20, 15), routines.forward_only, "road", Labelling("none")),
        ),
        distance_unit="mi",
    ),
    Scenario(
        name="per-second CSV with steps and a direction column, Mondays that are Sunday in UTC",
        protocol="general",
        time_zone="Pacific/Auckland",
        place=Place(-36.85, 174.76, 40.0),
        age_group="young",
        device=_LOGGER,
        outings=tuple(
            Outing(day, time(7, 0), routines.steady, "road", Labelling("csv_column"))
            for day in (0, 2, 4)
        ),
        starts_in_week_n=1,
        attendance_fraction=0.8,
    ),
    Scenario(
        name="short backward bouts noted by hand, unlabelled Sunday walks, across American DST",
        protocol="cervical_spondylosis",
        time_zone="America/New_York",
        place=Place(40.78, -73.97, 30.0),
        age_group="young",
        device=_OLD_WATCH,
        outings=(
            Outing(1, time(12, 15), routines.alternating, "road", Labelling("annotation")),
            Outing(3, time(12, 15), routines.alternating, "road", Labelling("annotation")),
            Outing(6, time(9, 0), routines.alternating, "road", Labelling("none")),
        ),
        distance_unit="mi",
    ),
    Scenario(
        name="old and slow with a phone that drops steps, never labelled, away for three weeks",
        protocol="lumbar_disc_herniation",
        time_zone="Europe/London",
        place=Place(51.51, -0.16, 25.0),
        age_group="old",
        device=_PHONE,
        outings=tuple(
            Outing(day, time(10, 0), routines.gentle, "road", Labelling("none"))
            for day in (0, 2, 4)
        ),
        unlabelled_walking="backward",
        away_week_ns=(3, 4, 5),
        second_protocol="general",
    ),
    Scenario(
        name="bouts labelled by workout steps, one walk a week with a motion sensor on the trunk",
        protocol="fitness_incline",
        time_zone="Africa/Lagos",
        place=Place(6.45, 3.40, 5.0),
        age_group="young",
        device=replace(_MOUNTAIN, writes_profile=False),
        outings=(
            Outing(0, time(6, 30), routines.alternating, "road", Labelling("workout_step")),
            Outing(3, time(6, 30), routines.alternating, "road", Labelling("workout_step")),
            Outing(
                5,
                time(8, 0),
                routines.short_bouts,
                "road",
                Labelling("none"),
                recorder=_PHONE_ON_BACK,
            ),
        ),
        attendance_fraction=0.85,
    ),
)
