"""Small sessions, prescriptions and exports, made in memory. Each default is plain and valid."""

import datetime as dt
import hashlib
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import dataframely as dy
import polars as pl

from retrowalk.adherence import adherence_from_sessions
from retrowalk.energy import energy_from_segments
from retrowalk.rules.energy import energy_rules
from retrowalk.rules.protocols import Protocol, protocols
from retrowalk.rules.sessions import session_rules
from retrowalk.sessions import sessions_from_segments
from retrowalk.tables import (
    Adherence,
    Exports,
    Participants,
    Prescriptions,
    Segments,
    Sessions,
    WeeklySummary,
    Windows,
    Workouts,
)
from retrowalk.weekly import Provenance, weekly_summary_from_adherence

MONDAY = dt.date(2026, 3, 2)
#: Long after every week of the tests.
LATER = dt.datetime(2027, 6, 1, tzinfo=dt.UTC)


def at(date: dt.date, hour: int = 10, minute: int = 0) -> dt.datetime:
    """An instant in UTC."""
    return dt.datetime(date.year, date.month, date.day, hour, minute, tzinfo=dt.UTC)


def day(number: int, *, week: int = 0) -> dt.date:
    """A day of a week: 0 is Monday; weeks count from the week of MONDAY."""
    return MONDAY + dt.timedelta(days=7 * week + number)


def session(date: dt.date = MONDAY, backward: float = 30.0, **given: Any) -> dict[str, Any]:
    """A session of backward walking only, at 10:00 UTC."""
    unknown, forward = given.get("unknown_direction_min", 0.0), given.get("forward_min", 0.0)
    walking = backward + unknown + forward
    row = {
        "week_start_date": date - dt.timedelta(days=date.weekday()),
        "workout_id": f"{given.get('participant_id', 'P1')}-{date}-{given.get('hour', 10):02d}",
        "participant_id": "P1",
        "started_at_utc": at(date, given.get("hour", 10)),
        "ended_at_utc": at(date, given.get("hour", 10)) + dt.timedelta(minutes=walking),
        "local_date": date,
        "utc_offset_source": "registry",
        "is_near_midnight": False,
        "is_session": walking > 0,
        "exclusion_code": "is_session" if walking > 0 else "no_walking",
        "environment": "outdoor",
        "protocol": None,
        "walking_min": walking,
        "backward_min": backward,
        "forward_min": 0.0,
        "unknown_direction_min": 0.0,
        "backward_assumed_min": 0.0,
        "incline_min": 0.0,
        "incline_backward_min": 0.0,
        "decline_min": 0.0,
        "unknown_grade_min": 0.0,
        "walking_distance_m": walking * 42.0,
        "backward_distance_m": backward * 42.0,
        "backward_level_distance_m": backward * 42.0,
        "backward_known_grade_distance_m": backward * 42.0,
        "bouts_n": 1 if backward else 0,
        "bout_distance_list_m": [backward * 42.0] if backward else [],
        "alternations_n": 0,
        "backward_cadence_median_spm": 64.0,
        "backward_cadence_usable_min": backward,
        "backward_speed_median_mps": 0.7,
        "backward_speed_peak_mps": 0.8,
        "backward_speed_usable_min": backward,
        "backward_heart_rate_median_bpm": 95.0,
        "backward_heart_rate_usable_min": max(backward - 2.0, 0.0),
        "resting_heart_rate_bpm": 65.0,
        "resting_heart_rate_grade": "A",
        "heart_rate_delta_bpm": 30.0,
        "backward_chord_over_path_fraction": 0.98,
    }
    given.pop("hour", None)
    return {**row, **given}


def sessions(rows: Iterable[dict[str, Any]] = ()) -> dy.DataFrame[Sessions]:
    """A table of sessions."""
    return Sessions.validate(
        pl.DataFrame(list(rows), schema=pl.Schema(Sessions), orient="row"), cast=True
    )


def prescriptions(
    *rows: tuple[str, dt.date, dt.date | None], participant_id: str = "P1"
) -> dy.DataFrame[Prescriptions]:
    """Prescriptions of one participant: protocol, first day, last day."""
    return Prescriptions.validate(
        pl.DataFrame(
            [
                {
                    "participant_id": participant_id,
                    "starts_on_date": starts,
                    "ends_on_date": ends,
                    "protocol": protocol,
                    "unlabelled_walking": "unknown",
                }
                for protocol, starts, ends in rows
            ],
            schema=pl.Schema(Prescriptions),
        ),
        cast=True,
    )


def participants(
    *rows: tuple[str, dt.date, str | None],
) -> dy.DataFrame[Participants]:
    """Participants: name, from when, time zone."""
    rows = rows or (("P1", dt.date(2020, 1, 1), "UTC"),)
    return Participants.validate(
        pl.DataFrame(
            [
                {"participant_id": name, "valid_from_date": since, "time_zone": zone}
                for name, since, zone in rows
            ],
            schema=pl.Schema(Participants),
        ),
        cast=True,
    )


def export(path: str = "P1/a.fit", **given: Any) -> dict[str, Any]:
    """An export that was read whole."""
    row = {
        "export_id": path,
        "participant_id": "P1",
        "path": path,
        "sha256": hashlib.sha256(path.encode()).hexdigest(),
        "size_bytes": 1000,
        "format": "fit",
        "dialect": "fit_activity",
        "status": "scored",
        "reason_code": "ok",
        "reason": "Read whole.",
        "read_reason_code": "ok",
        "read_reason": "Read whole.",
        "probable_date": MONDAY,
        "duplicate_of_export_id": None,
        "recovered_fraction": 1.0,
        "workouts_n": 1,
        "records_n": 1000,
        "records_set_aside_n": 0,
        "workouts_found": [],
        "labels_found": [],
        "files_named": [],
        "first_seen_at_utc": at(dt.date(2026, 12, 1)),
        "modified_at_utc": at(dt.date(2026, 12, 1)),
        "reader_version": "1",
    }
    return {**row, **given}


def quarantined(path: str = "P1/broken.fit", **given: Any) -> dict[str, Any]:
    """An export that could not be read."""
    return export(
        path, status="quarantined", reason_code="unreadable_fit", reason="No header.", **given
    )


def exports(*rows: dict[str, Any]) -> dy.DataFrame[Exports]:
    """A table of exports."""
    return Exports.validate(pl.DataFrame(list(rows), schema=pl.Schema(Exports)), cast=True)


def judged(
    rows: Iterable[dict[str, Any]],
    protocol: str = "general",
    *,
    weeks: Sequence[dt.date] = (MONDAY,),
    now_utc: dt.datetime = LATER,
    prescribed: dy.DataFrame[Prescriptions] | None = None,
    people: dy.DataFrame[Participants] | None = None,
    arrived: Sequence[dict[str, Any]] = (),
    rulebook: Mapping[str, Protocol] | None = None,
    default_time_zone: str = "UTC",
) -> dy.DataFrame[Adherence]:
    """Adherence of sessions under one protocol that has long been in force."""
    if prescribed is None:
        prescribed = prescriptions((protocol, MONDAY, None))
    return adherence_from_sessions(
        sessions(rows),
        prescribed,
        participants() if people is None else people,
        exports(*arrived),
        protocols() if rulebook is None else rulebook,
        weeks=weeks,
        now_utc=now_utc,
        default_time_zone=default_time_zone,
    )


def verdicts(table: pl.DataFrame, rule_id: str) -> list[tuple[str, str]]:
    """Verdict and reason code of every row of one rule, in order."""
    rows = table.filter(pl.col("rule_id") == rule_id).sort("week_start_date", "scope_key")
    return list(rows.select("verdict", "reason_code").cast(pl.String).iter_rows())


def verdict(table: pl.DataFrame, rule_id: str) -> str:
    """The one verdict of one rule."""
    ((said, _),) = verdicts(table, rule_id)
    return said


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a walk, alike from end to end."""

    minutes: float
    direction: str = "backward"
    speed: float | None = 0.7
    activity: str = "walk"
    grade: str = "level"
    cadence: float | None = 64.0
    heart_rate: float | None = 95.0
    is_assumed: bool = False
    course_deg: float | None = 90.0


def backward(minutes: float, **given: Any) -> Span:
    return Span(minutes, **given)


def forward(minutes: float, **given: Any) -> Span:
    return Span(minutes, "forward", **{"speed": 1.2, "cadence": 110.0, **given})


def unknown(minutes: float, **given: Any) -> Span:
    return Span(minutes, "unknown", **given)


def rest(minutes: float, **given: Any) -> Span:
    return Span(minutes, "unknown", activity="rest", **{"speed": 0.0, "cadence": None, **given})


@dataclass(frozen=True, slots=True)
class Walk:
    """One workout: its spans one after the other; a number between two is a pause in minutes."""

    started_at_utc: dt.datetime
    spans: tuple[Span | float, ...]
    given: dict[str, Any]


def walk(started_at_utc: dt.datetime, *spans: Span | float, **given: Any) -> Walk:
    """A workout of P1 in UTC, but for what is given of its row in ``workouts``."""
    return Walk(started_at_utc, spans, given)


def _walking_class(span: Span) -> str:
    if span.activity != "walk":
        return "not_walking"
    return (
        f"{span.grade}_{span.direction}" if span.grade in ("incline", "decline") else span.direction
    )


def _workout_row(item: Walk, ended_at_utc: dt.datetime) -> dict[str, Any]:
    offset_s = int(item.given.get("utc_offset_s", 0))
    local = (item.started_at_utc + dt.timedelta(seconds=offset_s)).date()
    who = item.given.get("participant_id", "P1")
    name = f"{who}-{item.started_at_utc:%Y%m%dT%H%M%S}"
    row = {
        "week_start_date": local - dt.timedelta(days=local.weekday()),
        "workout_id": name,
        "export_id": f"{who}/{name}.fit",
        "participant_id": who,
        "workout_n": 0,
        "started_at_utc": item.started_at_utc,
        "ended_at_utc": ended_at_utc,
        "utc_offset_s": offset_s,
        "utc_offset_source": "registry",
        "local_date": local,
        "environment": "outdoor",
        "grain": "record",
        "elapsed_s": (ended_at_utc - item.started_at_utc).total_seconds(),
        "moving_s": 60.0 * sum(part.minutes for part in item.spans if isinstance(part, Span)),
        "records_n": 1000,
        "records_set_aside_n": 0,
        "cadence_factor_source": "column_name",
        "altitude_source": "none",
        "resting_heart_rate_bpm": 65.0,
        "resting_heart_rate_grade": "A",
        "body_mass_kg": 70.0,
        "body_mass_source": "registry",
        "recording_fingerprint": "0",
        "age_at_start_year": 40.0,
    }
    return dict.fromkeys(Workouts.column_names()) | row | item.given


def _segment_row(
    span: Span, number: int, start: dt.datetime, workout: dict[str, Any]
) -> dict[str, Any]:
    seconds = span.minutes * 60.0
    is_walk = span.activity == "walk"
    return dict.fromkeys(Segments.column_names()) | {
        "week_start_date": workout["week_start_date"],
        "workout_id": workout["workout_id"],
        "segment_n": number,
        "participant_id": workout["participant_id"],
        "started_at_utc": start,
        "ended_at_utc": start + dt.timedelta(seconds=seconds),
        "activity": span.activity,
        "direction": span.direction if is_walk else "unknown",
        "grade_class": span.grade,
        "walking_class": _walking_class(span),
        "direction_evidence": "lap_name" if span.direction != "unknown" else "none",
        "is_direction_assumed": span.is_assumed,
        "is_label_contradicted": False,
        "duration_s": seconds,
        "distance_m": None if span.speed is None else span.speed * seconds,
        "speed_mean_mps": span.speed,
        "cadence_median_spm": span.cadence,
        "cadence_usable_s": seconds if span.cadence else 0.0,
        "heart_rate_mean_bpm": span.heart_rate,
        "heart_rate_usable_s": seconds if span.heart_rate else 0.0,
        "grade_mean_fraction": {"level": 0.0, "incline": 0.05, "decline": -0.05}.get(span.grade),
        "grade_source": "none" if span.grade == "unknown" else "barometer",
    }


def _window_rows(
    span: Span, segment: dict[str, Any], at_m: tuple[float, float]
) -> tuple[list[dict[str, Any]], tuple[float, float]]:
    """The cells of a span, and the position at its end."""
    rows, (east, north) = [], at_m
    start, end = segment["started_at_utc"], segment["ended_at_utc"]
    while start < end:
        till = min(end, start + dt.timedelta(seconds=5))
        seconds = (till - start).total_seconds()
        metres = (span.speed or 0.0) * seconds
        course = math.radians(span.course_deg or 0.0)
        step = metres * math.sin(course), metres * math.cos(course)
        has_place = span.course_deg is not None
        rows.append(
            dict.fromkeys(Windows.column_names())
            | {
                "week_start_date": segment["week_start_date"],
                "workout_id": segment["workout_id"],
                "started_at_utc": start,
                "ended_at_utc": till,
                "records_n": 5,
                "distance_m": None if span.speed is None else metres,
                "speed_mean_mps": span.speed,
                "cadence_mean_spm": span.cadence,
                "heart_rate_mean_bpm": span.heart_rate,
                "east_mean_m": east + step[0] / 2 if has_place else None,
                "north_mean_m": north + step[1] / 2 if has_place else None,
                "grade_fraction": segment["grade_mean_fraction"],
                "grade_source": segment["grade_source"],
                "activity": span.activity,
                "is_label_contradicted": False,
            }
        )
        east, north, start = east + step[0], north + step[1], till
    return rows, (east, north)


@dataclass(frozen=True, slots=True)
class Logs:
    """What the rooms before sessions give for some walks."""

    workouts: dy.DataFrame[Workouts]
    segments: dy.DataFrame[Segments]
    windows: dy.DataFrame[Windows]


def logs(*walks: Walk) -> Logs:
    """The tables of some walks."""
    workouts, segments, windows = [], [], []
    for item in walks:
        length = sum(part.minutes if isinstance(part, Span) else part for part in item.spans)
        workout = _workout_row(item, item.started_at_utc + dt.timedelta(minutes=length))
        workouts.append(workout)
        start, at_m, number = item.started_at_utc, (0.0, 0.0), 0
        for part in item.spans:
            if isinstance(part, Span):
                segment = _segment_row(part, number, start, workout)
                cells, at_m = _window_rows(part, segment, at_m)
                segments.append(segment)
                windows += cells
                number += 1
            start += dt.timedelta(minutes=part.minutes if isinstance(part, Span) else part)
    return Logs(
        Workouts.validate(_frame(workouts, Workouts), cast=True),
        Segments.validate(_frame(segments, Segments), cast=True),
        Windows.validate(_frame(windows, Windows), cast=True),
    )


def _frame(rows: list[dict[str, Any]], table: type[dy.Schema]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=pl.Schema(table))


def measured(
    *walks: Walk, prescribed: dy.DataFrame[Prescriptions] | None = None
) -> dy.DataFrame[Sessions]:
    """The sessions of some walks."""
    made = logs(*walks)
    return sessions_from_segments(
        made.segments,
        made.windows,
        made.workouts,
        prescriptions() if prescribed is None else prescribed,
        session_rules(),
    )


def summary_of(
    *walks: Walk,
    protocol: str = "general",
    weeks: Sequence[dt.date] = (MONDAY,),
    now_utc: dt.datetime = LATER,
    prescribed: dy.DataFrame[Prescriptions] | None = None,
    people: dy.DataFrame[Participants] | None = None,
    arrived: Sequence[dict[str, Any]] = (),
    inputs: pl.DataFrame | None = None,
    rulebook: Mapping[str, Protocol] | None = None,
    run_id: str = "run-1",
    since: dt.date = MONDAY,
) -> dy.DataFrame[WeeklySummary]:
    """The weekly summary of some walks, through sessions, energy and adherence."""
    made = logs(*walks)
    prescribed = prescriptions((protocol, since, None)) if prescribed is None else prescribed
    people = participants() if people is None else people
    known = protocols() if rulebook is None else rulebook
    received = exports(
        *(
            export(
                row["export_id"], participant_id=row["participant_id"], workouts_found=[found(row)]
            )
            for row in made.workouts.iter_rows(named=True)
        ),
        *arrived,
    )
    counted = measured(*walks, prescribed=prescribed)
    in_weeks = pl.col("week_start_date").is_in(list(weeks))
    segments = Segments.cast(made.segments.filter(in_weeks))
    workouts = Workouts.cast(made.workouts.filter(in_weeks))
    judgements = adherence_from_sessions(
        counted, prescribed, people, received, known, weeks=weeks, now_utc=now_utc
    )
    return weekly_summary_from_adherence(
        judgements,
        counted,
        segments,
        energy_from_segments(segments, workouts, energy_rules(), edition="2024"),
        workouts,
        received,
        people,
        prescribed,
        known,
        weeks=weeks,
        now_utc=now_utc,
        provenance=provenance(
            inputs_of(people, weeks) if inputs is None else inputs, weeks, run_id
        ),
    )


def found(workout: dict[str, Any]) -> dict[str, Any]:
    """A workout as ``exports.workouts_found`` keeps it."""
    names = (
        "workout_id",
        "workout_n",
        "started_at_utc",
        "ended_at_utc",
        "week_start_date",
        "sport",
    )
    return {name: workout[name] for name in names} | {
        "records_n": 1000,
        "channels_n": 3,
        "distance_m": None,
        "file_utc_offset_s": None,
        "duplicate_of_workout_id": None,
    }


def inputs_of(people: pl.DataFrame, weeks: Sequence[dt.date]) -> pl.DataFrame:
    """Everyone registered has a row in every week."""
    return (
        people.select("participant_id")
        .unique()
        .join(pl.DataFrame({"week_start_date": list(weeks)}), how="cross")
        .with_columns(registry_version=pl.lit("r1"), inputs_fingerprint=pl.lit("f1"))
    )


def provenance(inputs: pl.DataFrame, weeks: Sequence[dt.date], run_id: str = "run-1") -> Provenance:
    """Where rows come from."""
    return Provenance(
        inputs=inputs,
        run_id=run_id,
        computed_at_utc=LATER,
        code_version="0.1.0",
        rules_versions=dict.fromkeys(weeks, "v1"),
        compendium_edition="2024",
    )
