"""What a participant's weeks look like: habits, devices, and how they say which way they walked."""

from dataclasses import dataclass
from datetime import time

from retrowalk.simulate.devices import Device
from retrowalk.simulate.imu import Mounting, Sensor
from retrowalk.simulate.routines import Routine
from retrowalk.simulate.terrain import Place

#: How a workout says which way somebody walked. ``none`` says nothing.
LABEL_KINDS = (
    "workout_step",
    "session_name",
    "developer_field",
    "csv_column",
    "annotation",
    "none",
)


@dataclass(frozen=True, slots=True)
class Labelling:
    """How somebody says which way they walked.

    Args:
        kind: One of :data:`LABEL_KINDS`.
        words: What they call walking forward and walking backward.
        profile_name: Name of the sport profile that was chosen.
        first_n: How many of the walked blocks are labelled at all; None: every one.
        until_week_n: From this week on nothing is labelled any more; None: never.
        mistaken_fraction: Share of blocks that are labelled the wrong way round.
        late_sd_s: How far the label's borders lie beside the true ones.
    """

    kind: str
    words: tuple[str, str] = ("Forward", "Backward")
    profile_name: str = "Walk"
    first_n: int | None = None
    until_week_n: int | None = None
    mistaken_fraction: float = 0.0
    late_sd_s: float = 0.0

    def holds_in(self, week_n: int) -> bool:
        """Whether anything is labelled in a week."""
        before = self.until_week_n is None or week_n < self.until_week_n
        return before and self.kind != "none"


@dataclass(frozen=True, slots=True)
class Recorder:
    """A motion sensor that comes along.

    Args:
        sensor: What it is and where it is worn.
        mounting: How it is meant to sit.
        file_format: ``csv``: a phone's samples make a file of their own, and nothing else is
            recorded; ``fit``: they stand among the watch's records.
        yaw_sd_deg: How far it sits turned aside, from workout to workout.
        stated_placement: What the file says of where it was worn.
        states_axis: Whether the file says which axis points to the front.
    """

    sensor: Sensor
    mounting: Mounting
    file_format: str = "csv"
    yaw_sd_deg: float = 5.0
    stated_placement: str = "trunk"
    states_axis: bool = True


@dataclass(frozen=True, slots=True)
class Outing:
    """A habit: what is done on one day of every week.

    Args:
        weekday: 0 is Monday.
        local_time: When it starts, give or take.
        routine: What is done.
        terrain: Where (see :data:`retrowalk.simulate.terrain.TERRAINS`).
        labelling: How the direction is said.
        device: Another device than the usual one.
        recorder: A motion sensor that comes along.
    """

    weekday: int
    local_time: time
    routine: Routine
    terrain: str
    labelling: Labelling
    device: Device | None = None
    recorder: Recorder | None = None


@dataclass(frozen=True, slots=True)
class Scenario:
    """A kind of participant.

    Args:
        name: What it stands for.
        protocol: The protocol that is prescribed.
        time_zone: IANA time zone.
        place: Where walks start.
        age_group: One of :data:`retrowalk.simulate.gait.AGE_GROUPS`.
        device: The usual device.
        outings: The week's habits.
        unlabelled_walking: What the prescription takes walking without evidence for.
        attendance_fraction: Share of outings that take place.
        distance_unit: ``km`` or ``mi``.
        starts_in_week_n: First week of the prescription, from 0.
        away_week_ns: Weeks without any outing.
        second_protocol: Protocol that follows in the second half of the time.
        has_registered_resting_heart_rate: Whether the registry knows it.
        is_by_the_clock: Whether the first of this kind, if first in the cohort, keeps the first week
            to the second, to be worked out by hand.
        exports_list: Whether an activity list is exported too, once, with one workout more.
    """

    name: str
    protocol: str
    time_zone: str
    place: Place
    age_group: str
    device: Device
    outings: tuple[Outing, ...]
    unlabelled_walking: str = "unknown"
    attendance_fraction: float = 0.9
    distance_unit: str = "km"
    starts_in_week_n: int = 0
    away_week_ns: tuple[int, ...] = ()
    second_protocol: str | None = None
    has_registered_resting_heart_rate: bool = True
    is_by_the_clock: bool = False
    exports_list: bool = False
