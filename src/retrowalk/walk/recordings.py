"""From exports to what was recorded: the tables workouts, records, marks and motion."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import polars as pl

from retrowalk.exports import lent_marks
from retrowalk.lake import batches
from retrowalk.local_time import with_local_time
from retrowalk.marks import marks_from_readings
from retrowalk.motion import motion_from_samples
from retrowalk.read.reading import Reading
from retrowalk.records import records_from_readings
from retrowalk.settings import Settings
from retrowalk.walk.inbox import Inbox
from retrowalk.walk.rulebook import Rulebook
from retrowalk.walk.scan import Progress, Reader
from retrowalk.workouts import workouts_from_readings

_FRAMES = ("workouts", "records", "marks", "samples")


def frames_of(reading: Reading) -> dict[str, pl.DataFrame]:
    """The four frames of a reading, by name."""
    return {name: getattr(reading, name) for name in _FRAMES}


@dataclass(frozen=True, slots=True)
class Recordings:
    """Reads the exports of wanted workouts and visits the rooms that describe them.

    Args:
        inbox: Which files there are.
        reader: Reads one content; holds the registry.
        rules: How channels, texts and motion are understood.
        settings: How large a batch is, whether places are kept.
        progress: Is told how far reading is.
    """

    inbox: Inbox
    reader: Reader
    rules: Rulebook
    settings: Settings
    progress: Progress

    def tables(self, wanted: pl.DataFrame, what: str) -> Iterator[dict[str, Any]]:
        """Reads the exports of wanted workouts, as many at once as the setting allows."""
        files = (
            wanted.group_by("path", maintain_order=True).agg(pl.col("records_n").sum()).sort("path")
        )
        done = 0
        limit = self.settings.batch_records_n
        for paths in batches(files["path"], files["records_n"], limit=limit):
            chosen = wanted.filter(pl.col("path").is_in(paths))
            yield self._described(self._placed(self._read(chosen), chosen))
            done += len(paths)
            self.progress(done, files.height, what)

    def _read(self, wanted: pl.DataFrame) -> dict[str, pl.DataFrame]:
        """The raw frames of all wanted workouts, with the labels that another export lends them."""
        parts: dict[str, list[pl.DataFrame]] = {name: [] for name in _FRAMES}
        for (path,), found in wanted.group_by("path", maintain_order=True):
            row = found.row(0, named=True)
            reading = self.reader.read(self.inbox.content(str(path)), row["participant_id"])
            keys = found.select("workout_n", "workout_id")
            for name, frame in frames_of(reading).items():
                parts[name].append(
                    frame.join(keys, on="workout_n", how="inner", maintain_order="left")
                )
        frames = {name: pl.concat(part) for name, part in parts.items()}
        marks = frames["marks"]
        lent = lent_marks(wanted).select(marks.columns).cast(marks.schema)
        return {**frames, "marks": pl.concat([marks, lent])}

    def _placed(
        self, frames: dict[str, pl.DataFrame], wanted: pl.DataFrame
    ) -> dict[str, pl.DataFrame]:
        """Says whose each workout is, from which export, and in which week."""
        facts = wanted.select(
            "workout_id",
            "export_id",
            "participant_id",
            "recovered_fraction",
            "recording_fingerprint",
        )
        local = (
            frames["workouts"]
            .join(facts, on="workout_id")
            .pipe(with_local_time, self.reader.registry.participants)
        )
        weeks = local.select("workout_id", "week_start_date")
        others = {
            name: frame.join(weeks, on="workout_id", maintain_order="left").drop("workout_n")
            for name, frame in frames.items()
            if name != "workouts"
        }
        return {"workouts": local, **others}

    def _described(self, frames: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
        """Visits the rooms that turn readings into tables."""
        workouts = workouts_from_readings(
            frames["workouts"],
            frames["records"],
            frames["marks"],
            self.reader.registry.participants,
            self.rules.recording,
            max_gap_s=self.rules.plausibility.max_gap_s,
        )
        sensors = frames["workouts"].select("workout_id", "placement", "forward_axis")
        return {
            "workouts": workouts.sort("workout_id"),
            "records": records_from_readings(
                frames["records"], workouts, keep_positions=self.settings.keep_positions
            ),
            "marks": marks_from_readings(
                frames["marks"], workouts, self.reader.registry.annotations, self.rules.words
            ),
            "motion": motion_from_samples(frames["samples"], sensors, self.rules.motion),
        }
