"""The cohort's people and what each of them did, day by day."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from retrowalk.simulate import routines
from retrowalk.simulate.devices import Device, Recording, recording_from_trace
from retrowalk.simulate.gait import Person, draw_person
from retrowalk.simulate.labels import Labels, labels_of
from retrowalk.simulate.plans import Outing, Scenario
from retrowalk.simulate.series import Rng
from retrowalk.simulate.terrain import Ground, ground_from_trace
from retrowalk.simulate.walks import Trace, trace_from_blocks

#: Streams of chance, so that no draw for one purpose moves another.
_PERSON_STREAM, _SESSION_STREAM = 1, 2
#: People are this punctual.
_LATEST_MIN = 25
#: Week and outing of the workout that only an activity list knows.
_LISTED_WEEK_N, _LISTED_OUTING_N = 3, 2


@dataclass(frozen=True, slots=True)
class Participant:
    """One member of the cohort."""

    participant_n: int
    participant_id: str
    scenario: Scenario
    person: Person

    @property
    def keeps_exact_first_week(self) -> bool:
        """The first participant's first week goes by the clock, to be worked out by hand."""
        return self.scenario.is_by_the_clock and self.participant_n == 0


@dataclass(frozen=True, slots=True)
class Session:
    """One workout, with its truth and what the device kept of it."""

    participant: Participant
    week_n: int
    outing_n: int
    outing: Outing
    device: Device
    started_at: datetime
    trace: Trace
    ground: Ground
    recording: Recording
    labels: Labels
    #: Whether no file holds it but an activity list.
    is_only_listed: bool

    @property
    def started_at_utc(self) -> datetime:
        """Start in UTC."""
        return self.started_at.astimezone(UTC)

    @property
    def ended_at_utc(self) -> datetime:
        """End in UTC, exclusive."""
        return self.at_utc(self.trace.elapsed_s)

    @property
    def is_indoors(self) -> bool:
        """Whether there is neither sky nor slope."""
        return self.outing.terrain == "treadmill"

    def at_utc(self, second: float) -> datetime:
        """The instant so many seconds after the start."""
        return self.started_at_utc + timedelta(seconds=float(second))


def participant_of(
    participant_n: int, scenario: Scenario, *, participants_n: int, seed: int, year: int
) -> Participant:
    """Draws one member; the same whatever the size of the cohort, but for the width of the name.

    Args:
        participant_n: Place in the cohort, from 0.
        scenario: What kind of participant it is.
        participants_n: Size of the cohort.
        seed: Seed of the cohort.
        year: Year in which the cohort walks.

    Returns:
        The member.
    """
    rng = np.random.default_rng([seed, _PERSON_STREAM, participant_n])
    person = draw_person(rng, scenario.age_group, this_year=year)
    if scenario.is_by_the_clock and participant_n == 0:
        person = replace(
            person,
            is_female=False,
            birth_year=year - 40,
            height_cm=175,
            body_mass_kg=70.0,
            resting_heart_rate_bpm=60,
        )
    width = max(2, len(str(participants_n)))
    return Participant(participant_n, f"P{participant_n + 1:0{width}d}", scenario, person)


def sessions_of(
    participant: Participant, *, weeks_n: int, seed: int, first_week: date
) -> Iterator[Session]:
    """Follows one member through the weeks.

    Args:
        participant: Who.
        weeks_n: Number of weeks.
        seed: Seed of the cohort.
        first_week: Monday of the first week.

    Yields:
        The outings that took place, by time.
    """
    scenario = participant.scenario
    for week_n in range(min(scenario.starts_in_week_n, weeks_n - 1), weeks_n):
        if week_n in scenario.away_week_ns:
            continue
        for outing_n in range(len(scenario.outings)):
            stream = [seed, _SESSION_STREAM, participant.participant_n, week_n, outing_n]
            rng = np.random.default_rng(stream)
            is_only_listed = scenario.exports_list and (week_n, outing_n) == (
                min(_LISTED_WEEK_N, weeks_n - 1),
                _LISTED_OUTING_N,
            )
            is_exact = participant.keeps_exact_first_week and week_n == 0
            takes_place = rng.random() < scenario.attendance_fraction
            if takes_place or is_only_listed or is_exact or outing_n == 0:
                yield _session(
                    participant,
                    (week_n, outing_n),
                    first_week,
                    rng,
                    is_exact=is_exact,
                    is_only_listed=is_only_listed,
                )


def _session(
    participant: Participant,
    place_in_plan: tuple[int, int],
    first_week: date,
    rng: Rng,
    *,
    is_exact: bool,
    is_only_listed: bool,
) -> Session:
    scenario = participant.scenario
    week_n, outing_n = place_in_plan
    outing = scenario.outings[outing_n]
    device = outing.device or scenario.device
    routine = outing.routine
    if is_exact:
        routine = routines.steady_by_the_clock
        device = replace(device, is_smart=False, is_zipped=False)
    late_s = 0 if is_exact else int(rng.integers(0, _LATEST_MIN * 60))
    started_at = _start(first_week, week_n, outing, late_s, scenario.time_zone)
    trace = trace_from_blocks(routine(rng, week_n), participant.person, rng, is_exact=is_exact)
    ground = ground_from_trace(trace, outing.terrain, scenario.place, rng)
    recording = recording_from_trace(
        trace, ground, device, scenario.place, rng, is_indoors=outing.terrain == "treadmill"
    )
    return Session(
        participant=participant,
        week_n=week_n,
        outing_n=outing_n,
        outing=outing,
        device=device,
        started_at=started_at,
        trace=trace,
        ground=ground,
        recording=recording,
        labels=labels_of(trace, outing.labelling, week_n, rng),
        is_only_listed=is_only_listed,
    )


def _start(first_week: date, week_n: int, outing: Outing, late_s: int, time_zone: str) -> datetime:
    day = first_week + timedelta(weeks=week_n, days=outing.weekday)
    planned = datetime.combine(day, outing.local_time) + timedelta(seconds=late_s)
    return planned.replace(tzinfo=ZoneInfo(time_zone))


def week_monday(first_week: date, week_n: int) -> date:
    """Monday of a week of the cohort.

    Args:
        first_week: Monday of the first.
        week_n: Number of the week, from 0.

    Returns:
        The day.
    """
    return first_week + timedelta(weeks=week_n)
