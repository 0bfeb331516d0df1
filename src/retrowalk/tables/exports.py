"""Table ``exports``: every file that arrived, and what became of it."""

import dataframely as dy

from retrowalk.tables import columns as c
from retrowalk.tables.vocabulary import EXPORT_STATUSES

#: Why an export has its status. The sentence in ``reason`` gives the particulars.
REASON_CODES = (
    # scored, partial
    "ok",
    "same_content_elsewhere",
    "truncated",
    "crc_mismatch",
    "undefined_local_message",
    "damaged_tail",
    "rows_set_aside",
    "some_workouts_duplicate",
    "some_workouts_out_of_range",
    # duplicate
    "same_content",
    "same_recording",
    # ignored
    "not_an_export",
    "no_workouts",
    "file_removed",
    "archive_opened",
    "registry_file",
    # quarantined
    "empty_file",
    "unknown_format",
    "unknown_dialect",
    "unreadable_fit",
    "unreadable_csv",
    "unreadable_archive",
    "archive_refused",
    "no_timestamps",
    "implausible_time",
    "undecidable_units",
    "too_large",
    "internal_error",
)


class Exports(dy.Schema):
    """One row per file as received.

    An archive of several has a row per member and one of its own; a phone recording of several
    files is one.
    """

    export_id = c.text("Identifier, made from participant, path and content.", primary_key=True)
    participant_id = c.participant_id()
    path = c.text(
        "Path below the inbox, with forward slashes; a member of an archive follows '!/', and that "
        "of a recording of several files is its folder's, with a slash behind."
    )
    sha256 = c.text("SHA-256 of the content, hexadecimal.", regex=r"^[0-9a-f]{64}$")
    size_bytes = dy.UInt64(description="Size of the content.")
    format = c.text("What the content is: fit, csv, tcx, gpx, archive, text, or unknown.")
    dialect = c.text(
        "Which writer's form it has, e.g. canonical_per_second; null where none was recognised.",
        nullable=True,
    )
    status = dy.Enum(EXPORT_STATUSES, description="What became of it.")
    reason_code = dy.Enum(REASON_CODES, description="Why it has that status.")
    reason = c.text("The same as a sentence, with the particulars.", min_length=1)
    read_reason_code = dy.Enum(
        REASON_CODES, description="What reading it gave, before duplicates were looked for."
    )
    read_reason = c.text("The same as a sentence.", min_length=1)
    probable_date = dy.Date(
        description="Day that a file without readable times probably belongs to: the date in its "
        "name, else the day on which it was last written."
    )
    duplicate_of_export_id = c.text(
        "For a duplicate: the export that is scored instead.", nullable=True
    )
    recovered_fraction = c.fraction("Share of the content's bytes or rows that was readable.")
    workouts_n = c.count("Workouts found in it, also those that another export already holds.")
    records_n = c.count("Records read from it.")
    records_set_aside_n = c.count("Records that were there but unusable; `reason` says why.")
    workouts_found = dy.List(
        dy.Struct(
            {
                "workout_id": dy.String(),
                "workout_n": dy.UInt32(),
                "started_at_utc": dy.Datetime(time_zone="UTC", time_unit="us"),
                "ended_at_utc": dy.Datetime(time_zone="UTC", time_unit="us"),
                "week_start_date": dy.Date(nullable=True),
                "sport": dy.String(nullable=True),
                "records_n": dy.UInt32(),
                "channels_n": dy.UInt32(),
                "distance_m": dy.Float64(nullable=True),
                "file_utc_offset_s": dy.Int32(nullable=True),
                "duplicate_of_workout_id": dy.String(nullable=True),
            }
        ),
        description="The workouts found: identifier, span, week, sport, how rich each is, and "
        "which other workout holds the same recording (null: this one is scored). A workout whose "
        "time cannot be believed has no week and is not scored.",
    )
    labels_found = dy.List(
        dy.Struct(
            {
                "workout_n": dy.UInt32(),
                "source": dy.String(),
                "started_at_utc": dy.Datetime(time_zone="UTC", time_unit="us"),
                "ended_at_utc": dy.Datetime(time_zone="UTC", time_unit="us"),
                "text": dy.String(nullable=True),
                "direction": dy.String(),
            }
        ),
        description="Spans whose direction a label in it states. Those of a duplicate count for "
        "the recording that is scored in its place.",
    )
    files_named = dy.List(
        dy.Struct({"workout_n": dy.UInt32(), "file_name": dy.String()}),
        description="For a list of workouts: the file that a row names as the recording of it.",
    )
    first_seen_at_utc = c.instant("When a scan first saw this file.")
    modified_at_utc = c.instant("When the file was last written, by its file system.")
    reader_version = c.text("Version of the readers that read it; a newer one reads it again.")
