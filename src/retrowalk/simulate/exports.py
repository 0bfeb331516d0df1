"""Turns a session into the files that its device, phone or portal would export."""

import gzip
from dataclasses import replace
from datetime import timedelta

import numpy as np

from retrowalk.simulate.csv_writer import garmin_list_row, imu_csv, per_second_csv
from retrowalk.simulate.devices import lap_edges_every
from retrowalk.simulate.fit_writer import FitActivity, FitLap, FitSensor, fit_bytes
from retrowalk.simulate.imu import Samples, samples_from_trace
from retrowalk.simulate.people import Session
from retrowalk.simulate.plans import Recorder
from retrowalk.simulate.series import Rng

#: Name of the developer field that states the direction.
DEVELOPER_FIELD = "walking_direction"
#: What a step is called that says nothing of a direction.
_OTHER_STEP_NAMES = {"walk": "Open", "rest": "Rest", "run": "Run", "other": "Transfer"}
_ROLL_SD_DEG = 3.0
_STANDARD_GRAVITY_MPS2 = 9.80665
_GAUSS_PER_UT = 0.01


def export_name(session: Session) -> str:
    """Names a session's file after its local start, as portals do.

    Args:
        session: The session.

    Returns:
        File name without folder.
    """
    recorder = session.outing.recorder
    suffix = session.device.file_format if recorder is None else recorder.file_format
    zipped = ".gz" if session.device.is_zipped else ""
    return f"{session.started_at:%Y-%m-%d-%H%M%S}.{suffix}{zipped}"


def export_bytes(session: Session, rng: Rng) -> bytes:
    """Writes a session as its device exports it.

    Args:
        session: The session.
        rng: Where chance comes from, for motion sensors.

    Returns:
        Content of the file.
    """
    recorder = session.outing.recorder
    if recorder is not None and recorder.file_format == "csv":
        content = _motion_bytes(session, recorder, rng)
    elif recorder is not None or session.device.file_format == "fit":
        content = fit_bytes(_fit_activity(session, rng))
    else:
        content = per_second_bytes(session, with_direction=session.labels.kind == "csv_column")
    return gzip.compress(content, compresslevel=6, mtime=0) if session.device.is_zipped else content


def per_second_bytes(session: Session, *, with_direction: bool) -> bytes:
    """Writes a session as canonical per-second CSV, cadence in steps.

    Args:
        session: The session.
        with_direction: Whether a column states the direction.

    Returns:
        Content of the file.
    """
    rows_n = session.recording.elapsed_s.size
    texts: dict[str, list[str | None]] = {"sport": ["walking"] * rows_n}
    if session.is_indoors:
        texts["sub_sport"] = ["treadmill"] * rows_n
    if with_direction:
        texts["direction"] = _stated(session)
    return per_second_csv(
        session.started_at, session.recording.elapsed_s, session.recording.columns, texts=texts
    )


def list_row(session: Session) -> dict[str, str]:
    """Sums a session up as a row of an activity list.

    Args:
        session: The session.

    Returns:
        Cells by column.
    """
    trace = session.trace
    return garmin_list_row(
        session.started_at.replace(tzinfo=None),
        title=_profile_name(session),
        distance_m=float(trace.distance_m[-1]),
        timer_s=int((~trace.is_paused).sum()),
        elapsed_s=trace.elapsed_s,
        heart_rate_bpm=trace.heart_rate_bpm,
        cadence_spm=np.rint(trace.cadence_spm),
    )


def _stated(session: Session) -> list[str | None]:
    """What the label says, record by record."""
    labels = session.labels
    return [labels.directions[n] for n in labels.block_n_at(session.recording.elapsed_s).tolist()]


def _samples(session: Session, recorder: Recorder, rng: Rng) -> Samples:
    """Wears the sensor, never quite straight."""
    aside = replace(
        recorder.mounting,
        yaw_deg=recorder.mounting.yaw_deg + rng.normal(0.0, recorder.yaw_sd_deg),
        roll_deg=recorder.mounting.roll_deg + rng.normal(0.0, _ROLL_SD_DEG),
    )
    return samples_from_trace(
        session.trace,
        session.participant.person,
        session.ground.heading_deg,
        recorder.sensor,
        aside,
        rng=rng,
    )


def _motion_bytes(session: Session, recorder: Recorder, rng: Rng) -> bytes:
    samples = _samples(session, recorder, rng)
    columns = {"seconds_elapsed": samples.seconds}
    columns |= {f"acc_{axis}_mps2": samples.acceleration_mps2[:, n] for n, axis in enumerate("xyz")}
    if samples.magnetic_ut is not None:
        columns |= {f"mag_{axis}_ut": samples.magnetic_ut[:, n] for n, axis in enumerate("xyz")}
    return imu_csv(
        session.started_at,
        columns,
        placement=recorder.stated_placement,
        forward_axis=recorder.mounting.forward_axis if recorder.states_axis else None,
    )


def _sensors(session: Session, rng: Rng) -> list[FitSensor]:
    """Motion sensors of a watch, in the units that FIT gives them."""
    recorder = session.outing.recorder
    if recorder is None:
        return []
    samples = _samples(session, recorder, rng)
    rate_hz = recorder.sensor.rate_hz
    sensors = [
        FitSensor(
            "accelerometer_data",
            samples.acceleration_mps2 / _STANDARD_GRAVITY_MPS2,
            rate_hz,
            offset_counts=(12, -7, 30),
        )
    ]
    if samples.magnetic_ut is not None:
        gauss = samples.magnetic_ut * _GAUSS_PER_UT
        sensors.append(FitSensor("magnetometer_data", gauss, rate_hz))
    return sensors


def _fit_activity(session: Session, rng: Rng) -> FitActivity:
    device, person = session.device, session.participant.person
    offset = session.started_at.utcoffset() or timedelta(0)
    step_names = _step_names(session)
    knows_owner = device.writes_profile
    return FitActivity(
        started_at=session.started_at,
        elapsed_s=session.trace.elapsed_s,
        utc_offset_s=int(offset.total_seconds()) if device.writes_local_time else None,
        records={"elapsed_s": session.recording.elapsed_s.astype(np.float64)}
        | session.recording.columns,
        laps=_laps(session, step_names),
        sub_sport={"treadmill": "treadmill", "track": "track"}.get(
            session.outing.terrain, "generic"
        ),
        profile_name=_profile_name(session),
        step_names=tuple(dict.fromkeys(step_names)),
        workout_name="Intervals" if step_names else "",
        pauses=_pauses(session),
        developer_text=_developer_text(session),
        sensors=_sensors(session, rng),
        manufacturer=device.manufacturer,
        product=device.product,
        product_name=device.product_name,
        is_enhanced=device.is_enhanced,
        is_female=person.is_female if knows_owner else None,
        height_m=person.height_cm / 100.0,
        body_mass_kg=person.body_mass_kg,
        resting_heart_rate_bpm=person.resting_heart_rate_bpm,
    )


def _profile_name(session: Session) -> str:
    is_named = session.labels.kind == "session_name"
    return session.outing.labelling.profile_name if is_named else "Walk"


def _developer_text(session: Session) -> tuple[str, list[str]] | None:
    if session.labels.kind != "developer_field":
        return None
    return (DEVELOPER_FIELD, [text or "" for text in _stated(session)])


def _step_names(session: Session) -> list[str]:
    """Names of the steps that the blocks carry out; empty: no workout was loaded."""
    if session.labels.kind != "workout_step":
        return []
    forward, backward = session.outing.labelling.words
    words = {"forward": forward, "backward": backward}
    return [
        words[said] if said else _OTHER_STEP_NAMES[block.activity]
        for said, block in zip(session.labels.directions, session.trace.blocks, strict=True)
    ]


def _pauses(session: Session) -> list[tuple[int, int]]:
    borders = session.trace.border_s.tolist()
    return [
        (borders[n], borders[n + 1])
        for n, block in enumerate(session.trace.blocks)
        if block.is_paused
    ]


def _laps(session: Session, step_names: list[str]) -> list[FitLap]:
    """A lap for every labelled step; else one every so many metres; else one."""
    trace, labels = session.trace, session.labels
    unique = list(dict.fromkeys(step_names))
    if step_names:
        inner = labels.border_s[1 : labels.labelled_n + 1].tolist()
    else:
        every_m = session.device.lap_every_m
        inner = [] if every_m is None else lap_edges_every(trace, every_m)
    edges = sorted({0, *inner, trace.elapsed_s})
    begins = labels.block_n_at(np.array(edges[:-1])).tolist()
    running = np.concatenate([[0], np.cumsum(~trace.is_paused)])
    # what the device does not know it does not sum up either
    known = 1.0 if session.device.has_movement else np.nan
    strides = known * np.rint(session.recording.strides_n)
    distance = known * trace.distance_m
    return [
        FitLap(
            start_s=start,
            end_s=end,
            timer_s=int(running[end] - running[start]),
            distance_m=float(distance[end] - distance[start]),
            strides_n=float(strides[end] - strides[start]),
            step_n=unique.index(step_names[block_n]) if step_names else None,
            is_automatic=not step_names and end < trace.elapsed_s,
        )
        for start, end, block_n in zip(edges[:-1], edges[1:], begins, strict=True)
    ]
