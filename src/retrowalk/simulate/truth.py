"""Rows about the cohort: the truth of every workout, and the registry that a clinic would keep."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

from retrowalk.simulate.people import Participant, Session, week_monday

TRUTH_HEADER = (
    "participant_id",
    "path",
    "workout_started_at_utc",
    "workout_ended_at_utc",
    "segment_n",
    "started_at_utc",
    "ended_at_utc",
    "activity",
    "direction",
    "grade_percent",
    "is_paused",
    "label_kind",
    "label_direction",
    "label_started_at_utc",
    "label_ended_at_utc",
)
PARTICIPANTS_HEADER = (
    "participant_id",
    "valid_from",
    "sex",
    "birth_year",
    "height_cm",
    "body_mass_kg",
    "resting_heart_rate_bpm",
    "time_zone",
    "distance_unit",
)
PRESCRIPTIONS_HEADER = ("participant_id", "protocol", "starts_on", "ends_on", "unlabelled_walking")
ANNOTATIONS_HEADER = ("participant_id", "started_at", "ended_at", "direction", "grade_percent")
#: The registry knows people this long before the first week.
_KNOWN_BEFORE = timedelta(weeks=2)
#: Of every eight, this one loses weight half way and this one's sex is not recorded.
_SLIMMING_N, _SEX_UNKNOWN_N, _ROUND_N = 3, 6, 8
_SLIMMED_KG = 1.5


def truth_rows(session: Session, path: str) -> Iterator[Mapping[str, object]]:
    """Tells what was done in a workout, block by block, without gap or overlap.

    Args:
        session: The workout.
        path: Path of the export that holds it, below the inbox.

    Yields:
        One row per block, by time.
    """
    borders, labels = session.trace.border_s, session.labels
    for block_n, block in enumerate(session.trace.blocks):
        said = labels.directions[block_n]
        yield {
            "participant_id": session.participant.participant_id,
            "path": path,
            "workout_started_at_utc": session.started_at_utc.isoformat(),
            "workout_ended_at_utc": session.ended_at_utc.isoformat(),
            "segment_n": block_n,
            "started_at_utc": session.at_utc(borders[block_n]).isoformat(),
            "ended_at_utc": session.at_utc(borders[block_n + 1]).isoformat(),
            "activity": block.activity,
            "direction": block.direction if block.activity == "walk" else "unknown",
            "grade_percent": f"{100.0 * block.grade_fraction:.1f}",
            "is_paused": str(block.is_paused).lower(),
            "label_kind": labels.kind if said else "none",
            "label_direction": said,
            **_label_span(session, block_n),
        }


def annotation_rows(session: Session) -> Iterator[Mapping[str, object]]:
    """Writes down by hand when somebody walked which way; nothing where nobody took notes.

    Args:
        session: The workout.

    Yields:
        One row per labelled block, in local time.
    """
    if session.labels.kind != "annotation":
        return
    zone = session.started_at.tzinfo
    for block_n, said in enumerate(session.labels.directions):
        start, end = session.labels.border_s[block_n : block_n + 2]
        if said is not None and start < end:
            yield {
                "participant_id": session.participant.participant_id,
                "started_at": session.at_utc(start).astimezone(zone).isoformat(),
                "ended_at": session.at_utc(end).astimezone(zone).isoformat(),
                "direction": said,
                "grade_percent": None,
            }


def _label_span(session: Session, block_n: int) -> dict[str, str | None]:
    if session.labels.directions[block_n] is None:
        return {"label_started_at_utc": None, "label_ended_at_utc": None}
    start, end = session.labels.border_s[block_n : block_n + 2]
    return {
        "label_started_at_utc": session.at_utc(start).isoformat(),
        "label_ended_at_utc": session.at_utc(end).isoformat(),
    }


def participant_rows(
    participants: Sequence[Participant], *, first_week: date, weeks_n: int
) -> Iterator[Mapping[str, object]]:
    """Registers people, some with gaps, some with a later change.

    Args:
        participants: The cohort.
        first_week: Monday of the first week.
        weeks_n: Number of weeks.

    Yields:
        One row per person and date from which it holds.
    """
    for participant in participants:
        place = participant.participant_n % _ROUND_N
        row = _registered(
            participant, first_week - _KNOWN_BEFORE, knows_sex=place != _SEX_UNKNOWN_N
        )
        yield row
        if place == _SLIMMING_N and weeks_n > 1:
            yield row | {
                "valid_from": week_monday(first_week, weeks_n // 2).isoformat(),
                "body_mass_kg": round(participant.person.body_mass_kg - _SLIMMED_KG, 1),
            }


def prescription_rows(
    participants: Sequence[Participant], *, first_week: date, weeks_n: int
) -> Iterator[Mapping[str, object]]:
    """Prescribes each their protocol until the end of the last week.

    Args:
        participants: The cohort.
        first_week: Monday of the first week.
        weeks_n: Number of weeks.

    Yields:
        One row per prescription.
    """
    for participant in participants:
        scenario = participant.scenario
        starts_n = min(scenario.starts_in_week_n, weeks_n - 1)
        ends_on = week_monday(first_week, weeks_n) - timedelta(days=1)
        first: dict[str, object] = {
            "participant_id": participant.participant_id,
            "protocol": scenario.protocol,
            "starts_on": week_monday(first_week, starts_n).isoformat(),
            "ends_on": ends_on.isoformat(),
            "unlabelled_walking": scenario.unlabelled_walking,
        }
        if scenario.second_protocol is None or weeks_n == 1:
            yield first
            continue
        changes_on = week_monday(first_week, weeks_n // 2)
        yield first | {"ends_on": (changes_on - timedelta(days=1)).isoformat()}
        yield first | {"starts_on": changes_on.isoformat(), "protocol": scenario.second_protocol}


def _registered(participant: Participant, since: date, *, knows_sex: bool) -> dict[str, object]:
    scenario, person = participant.scenario, participant.person
    knows_rest = scenario.has_registered_resting_heart_rate
    sex = "female" if person.is_female else "male"
    return {
        "participant_id": participant.participant_id,
        "valid_from": since.isoformat(),
        "sex": sex if knows_sex else None,
        "birth_year": person.birth_year,
        "height_cm": person.height_cm,
        "body_mass_kg": person.body_mass_kg,
        "resting_heart_rate_bpm": person.resting_heart_rate_bpm if knows_rest else None,
        "time_zone": scenario.time_zone,
        "distance_unit": scenario.distance_unit,
    }
