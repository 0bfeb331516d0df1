"""Reads the workouts of a FIT file.

What a text means, what cadence counts and which week a workout belongs to is decided later.
"""

from typing import cast

import dataframely as dy
import polars as pl

from retrowalk.errors import ExportError
from retrowalk.read.fit.decode import Decoded, decode_parts
from retrowalk.read.fit.frames import OFFSET
from retrowalk.read.fit.marks import marks_from_messages
from retrowalk.read.fit.messages import WANTED, Messages
from retrowalk.read.fit.records import records_from_messages
from retrowalk.read.fit.samples import SENSORS, samples_from_messages
from retrowalk.read.fit.spans import assigned, done_records, widened, workout_spans
from retrowalk.read.fit.traps import LOSSES, Trap
from retrowalk.read.fit.workouts import workouts_from_messages
from retrowalk.read.reading import Reading, ReadMarks, ReadRecords, ReadSamples, ReadWorkouts


def reading_from_fit(data: bytes) -> Reading:
    """Reads the workouts of a FIT file.

    Args:
        data: The file.

    Returns:
        A workout per session, in order of time within each part of the file, and one per part
        that has records but no session; with their records, marks and raw motion samples. No
        workout at all where the file holds none (settings, a planned workout, monitoring).

    Raises:
        ExportError: ``empty_file``, ``unknown_format``, ``unreadable_fit``, or
            ``no_timestamps``: there are records, and none of them says when.
    """
    decoded = decode_parts(data, only=WANTED)
    messages = Messages(decoded)
    done = done_records(messages)
    spans = workout_spans(messages, done)
    if spans.is_empty() and not done.is_empty():
        raise ExportError("no_timestamps", _why_no_time(decoded, done.height))
    records = assigned(done, spans)
    spans = widened(spans, records)
    workouts, read_records, marks = pl.collect_all(
        [
            workouts_from_messages(messages, spans, done),
            records_from_messages(messages, records),
            marks_from_messages(messages, spans, records),
        ],
        # Of a few rows, planning costs more than it saves.
        optimizations=pl.QueryOptFlags.none(),
    )
    samples = samples_from_messages(messages, spans)
    reason_code, reason = _outcome(decoded.traps)
    return Reading(
        format="fit",
        dialect=_dialect(messages),
        workouts=cast("dy.DataFrame[ReadWorkouts]", workouts),
        reason_code=reason_code,
        reason=reason,
        recovered_fraction=decoded.recovered_fraction,
        records=cast("dy.DataFrame[ReadRecords]", read_records),
        marks=cast("dy.DataFrame[ReadMarks]", marks),
        samples=samples,
        traps=(*(str(trap) for trap in decoded.traps), *_unused_samples(decoded, samples)),
    )


def _outcome(traps: tuple[Trap, ...]) -> tuple[str, str]:
    """Gives the reason code of the worst thing met, and its sentence."""
    reasons = {**LOSSES, "crc_mismatch": "crc_mismatch"}
    for kind, reason_code in reasons.items():
        for trap in traps:
            if trap.kind == kind:
                return reason_code, f"Byte {trap.offset:,}: {trap.sentence}"
    return "ok", "Read whole."


def _dialect(messages: Messages) -> str:
    """Names the form by the type that the file states; a file without one is an activity."""
    kinds = messages["file_id"].get_column("type").drop_nulls().to_list()
    return f"fit_{(kinds or ['activity'])[0]}"


def _why_no_time(decoded: Decoded, records_n: int) -> str:
    records = decoded.messages["record"]
    what = (
        "times that count from the device's start, and no timestamp_correlation message"
        if "timestamp_since_device_start_s" in records.columns
        else "no timestamp at all"
    )
    at = int(records.get_column(OFFSET)[0])
    return f"The {records_n:,} records, the first at byte {at:,}, have {what}; expected UTC."


def _unused_samples(decoded: Decoded, samples: dy.DataFrame[ReadSamples]) -> list[str]:
    """Tells which raw sensors gave nothing: no calibration, no time, or no workout to belong to."""
    return [
        f"unused_samples: {decoded.messages[sensor.message].height:,} messages "
        f"{sensor.message} without calibration, UTC time or workout."
        for sensor in SENSORS
        if sensor.message in decoded.messages
        and samples.select(pl.all_horizontal(pl.col(sensor.columns).is_null().all())).item()
    ]
