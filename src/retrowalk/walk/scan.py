"""The scan: what each file in the inbox holds, read once per content and version of the readers."""

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import dataframely as dy
import polars as pl

from retrowalk.errors import ExportError
from retrowalk.marks import directions_of_marks
from retrowalk.read.content import Payload, format_of, reading_of, sha256_of
from retrowalk.read.reading import Reading, ReadMarks
from retrowalk.read.registry import Registry
from retrowalk.rules.words import WordList
from retrowalk.tables import Exports
from retrowalk.walk.inbox import CLUTTER, Arrival, Content, Inbox, short_hash

#: Raised whenever a reader hands on something else for the same bytes.
READER_VERSION = "4"
#: Tells how far a long task is: done, of how many, and of what.
Progress = Callable[[int, int, str], None]

_DATE_IN_NAME = re.compile(r"(20\d{2})[-_.]?(0[1-9]|1[0-2])[-_.]?(0[1-9]|[12]\d|3[01])(?!\d)")
_DECIDED = ("status", "reason_code", "reason", "duplicate_of_export_id")
_CHANNELS = [
    "speed_mps",
    "distance_m",
    "cadence_per_min",
    "heart_rate_bpm",
    "altitude_m",
    "grade_fraction",
    "heading_deg",
    "latitude_deg",
]
#: Columns of a label, as ``exports.labels_found`` keeps it.
LABEL = ["workout_n", "source", "started_at_utc", "ended_at_utc", "text", "direction"]
ACCOUNT_DATA = "Data of the account beside Strava's list of activities; it holds no workout."
FACTS = pl.Schema(
    {name: dtype for name, dtype in pl.Schema(Exports).items() if name not in _DECIDED}
)

Facts = dict[str, Any]
#: An export and what is known of it.
Row = tuple[Content, Facts]


def size_of(reading: Reading) -> int:
    """Records and raw samples of a reading."""
    return reading.records.height + reading.samples.height


@dataclass(slots=True)
class Memory:
    """Readings kept between the scan and the scoring of one run, up to a number of records.

    Args:
        limit_n: Records and samples that are kept at most.
    """

    limit_n: int
    _readings: dict[str, Reading] = field(default_factory=dict)
    _kept_n: int = 0

    def recall(self, key: str, read: Callable[[], Reading]) -> Reading:
        """The reading by that key; read, and kept where there is room, if it is not known."""
        if key in self._readings:
            return self._readings[key]
        reading = read()
        if self._kept_n + size_of(reading) <= self.limit_n:
            self._readings[key] = reading
            self._kept_n += size_of(reading)
        return reading


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads exports as their owners' registry rows ask for.

    Args:
        registry: Zones, units of distance and dialects are taken from here.
        words: What a text says of direction.
        memory: Keeps readings, so that a new export is read once; changes speed, never a result.
    """

    registry: Registry
    words: WordList
    memory: Memory = field(default_factory=lambda: Memory(0), repr=False, compare=False)
    _versions: dict[str, str] = field(default_factory=dict, repr=False, compare=False)

    def version(self, participant_id: str) -> str:
        """Changes whenever the same bytes of this participant could be read otherwise."""
        if participant_id not in self._versions:
            zone, unit = self.registry.zone_and_unit(participant_id)
            self._versions[participant_id] = short_hash(
                READER_VERSION, zone, unit, self.registry.dialects, self.words
            )
        return self._versions[participant_id]

    def read(self, payload: Payload, participant_id: str) -> Reading:
        """Reads one export.

        Raises:
            ExportError: It cannot be used.
        """
        zone, unit = self.registry.zone_and_unit(participant_id)
        key = short_hash(sha256_of(payload), zone, unit)
        dialects = self.registry.dialects
        return self.memory.recall(
            key, lambda: reading_of(payload, time_zone=zone, distance_unit=unit, dialects=dialects)
        )


def probable_date(found: Arrival) -> dt.date:
    """The day in a file's name, else the day on which it was last written.

    A name that holds the digits of no calendar day, such as 20260231, names none.
    """
    for match in _DATE_IN_NAME.finditer(found.path):
        try:
            return dt.date(*map(int, match.groups()))
        except ValueError:
            continue
    return found.modified_at_utc.date()


def workout_id(participant_id: str, sha256: str, workout_n: int) -> str:
    """Identifies a workout by whose it is, the content it came in, and its place there."""
    return short_hash(participant_id, sha256, workout_n)


def workouts_of(reading: Reading, participant_id: str, sha256: str) -> list[Facts]:
    """The workouts of one reading, as ``exports.workouts_found`` keeps them."""
    counts = reading.records.group_by("workout_n").agg(
        pl.len().alias("n"),
        pl.sum_horizontal(pl.col(name).is_not_null().any() for name in _CHANNELS).alias("c"),
    )
    rows = (
        reading.workouts.join(counts, on="workout_n", how="left")
        .join(reading.samples.group_by("workout_n").agg(s=pl.len()), on="workout_n", how="left")
        .sort("workout_n")
        .with_columns(
            records_n=pl.max_horizontal(pl.col("n"), pl.col("s")).fill_null(0),
            channels_n=pl.col("c").fill_null(0) + pl.col("s").is_not_null(),
        )
        .select(
            "workout_n",
            "started_at_utc",
            "ended_at_utc",
            "sport",
            "records_n",
            "channels_n",
            "file_utc_offset_s",
            distance_m="total_distance_m",
        )
    )
    unknown = {"week_start_date": None, "duplicate_of_workout_id": None}
    return [
        {**row, **unknown, "workout_id": workout_id(participant_id, sha256, row["workout_n"])}
        for row in rows.iter_rows(named=True)
    ]


def labels_found(marks: list[pl.DataFrame], words: WordList) -> list[list[Facts]]:
    """What the labels of each export state of direction, as ``exports.labels_found`` keeps it.

    Args:
        marks: The marks of each export; read all at once, since the words are the same.
        words: What a text says of direction.
    """
    numbered = [frame.with_columns(export_n=number) for number, frame in enumerate(marks)]
    workout = pl.format("{}:{}", "export_n", "workout_n")
    stated = (
        directions_of_marks(pl.concat(numbered).with_columns(workout_id=workout), words)
        .sort("export_n", "workout_n", maintain_order=True)
        .select("export_n", *LABEL)
        .unique(maintain_order=True)
        .partition_by("export_n", as_dict=True, include_key=False)
    )
    return [
        stated[number,].to_dicts() if (number,) in stated else [] for number in range(len(marks))
    ]


def facts_of(content: Content, reading: Reading) -> Facts:
    """One row of facts of an export that could be read; its marks are still to be understood."""
    owner = content.arrival.participant_id
    found = workouts_of(reading, owner, content.sha256)
    set_aside = int(reading.workouts["records_set_aside_n"].sum())
    code, reason = reading.reason_code, reading.reason
    if not found:
        code, reason = "no_workouts", f"It holds no workout: {reason}"
    return {
        "format": reading.format,
        "dialect": reading.dialect,
        "read_reason_code": code,
        "read_reason": reason,
        "recovered_fraction": reading.recovered_fraction,
        "workouts_n": len(found),
        "records_n": size_of(reading),
        "records_set_aside_n": set_aside,
        "workouts_found": found,
        "marks": reading.marks,
        "files_named": [
            {"workout_n": number, "file_name": name} for number, name in reading.files_named.items()
        ],
    }


def facts_of_refused(form: str, error: ExportError) -> Facts:
    """One row of facts of a file that could not be read."""
    return {
        "format": form,
        "dialect": None,
        "read_reason_code": error.reason_code,
        "read_reason": error.reason,
        "recovered_fraction": 0.0,
        "workouts_n": 0,
        "records_n": 0,
        "records_set_aside_n": 0,
        "workouts_found": [],
        "marks": ReadMarks.create_empty(),
        "files_named": [],
    }


def identity(content: Content, reader: Reader, now_utc: dt.datetime) -> Facts:
    """What is known of a file without reading it."""
    found = content.arrival
    return {
        "export_id": short_hash(found.participant_id, content.path, content.sha256),
        "participant_id": found.participant_id,
        "path": content.path,
        "sha256": content.sha256,
        "size_bytes": content.size_bytes,
        "probable_date": probable_date(found),
        "first_seen_at_utc": now_utc,
        "modified_at_utc": found.modified_at_utc,
        "reader_version": reader.version(found.participant_id),
    }


def facts_of_payload(content: Content, payload: Payload, inbox: Inbox, reader: Reader) -> Facts:
    """Reads one export; whatever goes wrong becomes its reason."""
    form = "unknown"
    try:
        form = format_of(payload)
        reading = reader.read(payload, content.arrival.participant_id)
        return facts_of(content, reading)
    except ExportError as error:
        is_strange = error.reason_code in ("unknown_format", "unknown_dialect")
        if is_strange and inbox.is_account_data(content.path):
            return facts_of_refused(form, ExportError("not_an_export", ACCOUNT_DATA))
        return facts_of_refused(form, error)
    except Exception as error:  # noqa: BLE001 - one bad export never stops a run
        told = ExportError(
            "internal_error",
            f"The reader failed on it ({type(error).__name__}: {error}); please report this file.",
        )
        return facts_of_refused(form, told)


def facts_of_export(path: str, found: Arrival, inbox: Inbox, reader: Reader) -> Row:
    """Unpacks and reads one export; a member that cannot be unpacked costs only itself.

    Raises:
        ExportError: The archive around it is refused as a whole.
    """
    try:
        payload = inbox.content(path)
    except ExportError as error:
        if error.reason_code == "archive_refused":
            raise
        return Content.of(found, path, b""), facts_of_refused("unknown", error)
    content = Content.of(found, path, payload)
    return content, facts_of_payload(content, payload, inbox, reader)


def facts_of_file(path: str, inbox: Inbox, reader: Reader) -> list[Row]:
    """Reads one file: a row per export, and for an archive of several one of its own."""
    found = inbox.arrivals[path]
    if found.location.name in CLUTTER:
        told = ExportError("not_an_export", "Left behind by a file system; it is no export.")
        return [(inbox.whole(path), facts_of_refused("unknown", told))]
    try:
        exports = inbox.exports_in(path)
        rows = [facts_of_export(export, found, inbox, reader) for export in exports]
    except ExportError as error:
        return [(inbox.whole(path), facts_of_refused("archive", error))]
    except OSError as error:
        told = ExportError("internal_error", f"The file cannot be opened ({error}).")
        return [(Content.of(found, path, b""), facts_of_refused("unknown", told))]
    if len(exports) == 1:
        return rows
    told = ExportError(
        "archive_opened", f"An archive of {len(exports)} exports, each of which has its own row."
    )
    return [(inbox.whole(path), facts_of_refused("archive", told)), *rows]


def still_true(known: dy.DataFrame[Exports], inbox: Inbox, reader: Reader) -> pl.DataFrame:
    """Known rows whose file and way of being read are as they were, in the columns of facts."""
    owners = {found.participant_id for found in inbox.arrivals.values()}
    versions = {owner: reader.version(owner) for owner in owners}
    arrived = pl.DataFrame(
        [
            (found.path, found.modified_at_utc, versions[found.participant_id])
            for found in inbox.arrivals.values()
        ],
        schema={
            "file": pl.String,
            "file_modified_at_utc": pl.Datetime("us", "UTC"),
            "version_now": pl.String,
        },
        orient="row",
    )
    return (
        known.with_columns(file=pl.col("path").str.split("!/").list.first())
        .join(arrived, on="file", how="inner")
        .filter(
            pl.col("modified_at_utc") == pl.col("file_modified_at_utc"),
            pl.col("reader_version") == pl.col("version_now"),
            pl.col("read_reason_code") != "file_removed",
        )
        .select(FACTS.names())
        .cast(FACTS)
    )


def removed(known: dy.DataFrame[Exports], inbox: Inbox) -> pl.DataFrame:
    """Known rows whose file is gone; they stay, but nothing of them is scored any more."""
    is_gone = ~pl.col("path").str.split("!/").list.first().is_in(list(inbox.arrivals))
    reason = pl.lit("The file is no longer in the inbox; put it back to have it scored again.")
    return (
        known.filter(is_gone)
        .select(FACTS.names())
        .cast(FACTS)
        .with_columns(
            read_reason_code=pl.lit("file_removed", FACTS["read_reason_code"]), read_reason=reason
        )
    )


def scan_inbox(
    inbox: Inbox,
    known: dy.DataFrame[Exports],
    reader: Reader,
    *,
    now_utc: dt.datetime,
    progress: Progress,
) -> pl.DataFrame:
    """Finds what has arrived and what each file holds; files that are known are not read again.

    Args:
        inbox: All files there are now.
        known: What the last scan found.
        reader: Reads one content.
        now_utc: When a new file counts as first seen.
        progress: Is told after every file that was read.

    Returns:
        Facts of every file, those that are gone included, by participant and path.
    """
    kept = still_true(known, inbox, reader)
    done = set(kept["path"].str.split("!/").list.first())
    new = [path for path in inbox.arrivals if path not in done]
    rows: list[Facts] = []
    for number, path in enumerate(new, start=1):
        rows.extend(
            {**identity(content, reader, now_utc), **facts}
            for content, facts in facts_of_file(path, inbox, reader)
        )
        progress(number, len(new), "reading new exports")
    labels = labels_found([row.pop("marks") for row in rows], reader.words) if rows else []
    seen = known.select("export_id", seen_at_utc="first_seen_at_utc")
    read = (
        pl.DataFrame(
            [{**row, "labels_found": found} for row, found in zip(rows, labels, strict=True)],
            schema=FACTS,
            orient="row",
        )
        .join(seen, on="export_id", how="left")
        .with_columns(first_seen_at_utc=pl.coalesce("seen_at_utc", "first_seen_at_utc"))
        .drop("seen_at_utc")
    )
    return pl.concat([kept, removed(known, inbox), read]).sort("participant_id", "path")
