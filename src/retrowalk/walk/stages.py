"""The walk: each stage fetches whole tables, visits one room and keeps what it gives.

Every stage takes any number of weeks and replaces them in one commit per table. Workouts go
through in batches, so memory stays bounded; each workout stands for itself, so the size of a
batch changes nothing.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any, TypeVar

import dataframely as dy
import polars as pl

from retrowalk.adherence import adherence_from_sessions
from retrowalk.changes import changes_from_summaries
from retrowalk.energy import energy_from_segments
from retrowalk.errors import LakeError
from retrowalk.exports import ScoringRange, exports_from_facts, scored_workouts
from retrowalk.lake import Lake, batches
from retrowalk.local_time import running_week
from retrowalk.read.registry import Registry
from retrowalk.segments import segments_from_windows
from retrowalk.sessions import sessions_from_segments
from retrowalk.settings import Settings
from retrowalk.tables import (
    BY_NAME,
    Adherence,
    Energy,
    Exports,
    Segments,
    Sessions,
    WeeklySummary,
    Windows,
    Workouts,
    table_name,
)
from retrowalk.walk.fingerprints import (
    AHEAD_WEEKS,
    HISTORY_WEEKS,
    Basis,
    active_weeks,
    stale_weeks,
)
from retrowalk.walk.habits import both_ways, habits_of_weeks, weeks_before
from retrowalk.walk.inbox import Inbox
from retrowalk.walk.recordings import Recordings
from retrowalk.walk.rulebook import Rulebook
from retrowalk.walk.scan import Progress, Reader, scan_inbox
from retrowalk.weekly import Provenance, weekly_summary_from_adherence
from retrowalk.windows import windows_from_records
from retrowalk.windows.habits import lessons_from_windows

S = TypeVar("S", bound=dy.Schema)

_CODE_VERSION = version("retrowalk")
_READ = ("workouts", "records", "marks", "motion")
#: Rooms hold a record about twice over while they cut windows, so they take half as many at once
#: as a reader does; batches of 150 to 300 hours are also the fastest (benchmarks/bench_classify.py).
ROOM_FACTOR = 2
#: Tables that have rows wherever a workout has records.
_NEVER_EMPTY = frozenset({"records", "windows", "segments"})


def silent(done: int, total: int, what: str) -> None:
    """Tells nobody how far a task is."""
    del done, total, what


@dataclass(frozen=True, slots=True)
class Walk:
    """One run over the rooms.

    Args:
        lake: Where tables are kept.
        inbox: Which files there are.
        reader: Reads one content; holds the registry.
        rules: Everything that decides a score beside the data.
        settings: Where things lie, how large a batch is, what is decided when.
        now_utc: The present, the same for the whole run.
        run_id: Names the run in what it writes.
        progress: Is told how far long tasks are.
    """

    lake: Lake
    inbox: Inbox
    reader: Reader
    rules: Rulebook
    settings: Settings
    now_utc: dt.datetime
    run_id: str
    progress: Progress = field(default=silent)

    @property
    def registry(self) -> Registry:
        """The registry in force."""
        return self.reader.registry

    @property
    def recordings(self) -> Recordings:
        """What was recorded, from the exports on."""
        return Recordings(self.inbox, self.reader, self.rules, self.settings, self.progress)

    # --- which weeks ---------------------------------------------------------------------------

    def scan(self) -> dy.DataFrame[Exports]:
        """Looks through the inbox and keeps what became of each file; the only writer of ``exports``.

        Returns:
            The new ``exports``.
        """
        known = self._read(Exports)
        facts = scan_inbox(
            self.inbox, known, self.reader, now_utc=self.now_utc, progress=self.progress
        )
        believed = ScoringRange(self.settings.first_week, self.now_utc)
        exports = exports_from_facts(facts, self.registry.participants, believed)
        self.lake.overwrite("exports", exports)
        return exports

    def inputs(self, weeks: Sequence[dt.date]) -> pl.DataFrame:
        """What each participant's row of these weeks rests on."""
        return self._basis.of_summaries(weeks)

    def rules_versions(self, weeks: Sequence[dt.date]) -> dict[dt.date, str]:
        """The version of all rules that each of these weeks rests on."""
        return self._basis.rules_versions(weeks)

    def stale_weeks(self) -> list[dt.date]:
        """Weeks that the tables do not tell of as they should: never scored, or resting on less."""
        running = running_week(self.now_utc)
        summary = self._read(WeeklySummary)
        weeks = {*active_weeks(self._read(Exports), self.registry, running)}
        weeks |= set(summary["week_start_date"])
        return stale_weeks(self.inputs(sorted(weeks)), summary, running=running)

    def due_weeks(self) -> list[dt.date]:
        """What a nightly run scores: the running week, the last one, and every stale one."""
        return sorted({self._last_week(), running_week(self.now_utc), *self.stale_weeks()})

    def late_weeks(self) -> list[dt.date]:
        """Stale weeks that no nightly run scores of itself: older than the last one."""
        return [week for week in self.stale_weeks() if week < self._last_week()]

    def _last_week(self) -> dt.date:
        return running_week(self.now_utc) - dt.timedelta(days=7)

    # --- stages --------------------------------------------------------------------------------

    def read_exports(self, weeks: Sequence[dt.date]) -> None:
        """Exports -> workouts, records, marks, motion."""
        wanted = self._sent(weeks)
        with self.lake.rewrite(_READ, weeks) as rewrite:
            for tables in self.recordings.tables(wanted, "reading exports"):
                for table, rows in tables.items():
                    rewrite.add(table, rows)

    def windows(self, weeks: Sequence[dt.date]) -> None:
        """Workouts, records, marks, motion of these weeks and the seven before -> windows."""
        habits = self.habits(weeks)
        with self.lake.rewrite(["windows"], weeks) as rewrite:
            for batch in self._batches(_READ, weeks, "cutting windows"):
                rewrite.add("windows", self._cut(batch, habits))

    def habits(
        self, weeks: Sequence[dt.date], participants: Sequence[str] | None = None
    ) -> pl.DataFrame:
        """How participants walk, by what they labelled in the seven weeks before each week.

        Args:
            weeks: The weeks that habits are for.
            participants: Whose; null: of all who walk in these weeks and labelled both directions.

        Returns:
            One row per participant and week: columns
            :data:`~retrowalk.windows.habits.HABITS` and ``week_start_date``.
        """
        lessons = [
            lessons_from_windows(self._cut(batch), batch["workouts"], self.rules.evidence)
            for batch in self._labelled(weeks, participants)
        ]
        return habits_of_weeks(lessons, weeks, self.rules.evidence)

    def segments(self, weeks: Sequence[dt.date]) -> None:
        """Workouts, windows -> segments."""
        with self.lake.rewrite(["segments"], weeks) as rewrite:
            for batch in self._batches(("workouts", "windows"), weeks, "finding segments"):
                rows = segments_from_windows(
                    batch["windows"],
                    batch["workouts"],
                    self.registry.prescriptions,
                    evidence=self.rules.evidence,
                    plausibility=self.rules.plausibility,
                    decide_at=self.settings.decide_at_probability,
                )
                rewrite.add("segments", rows)

    def energy(self, weeks: Sequence[dt.date]) -> None:
        """Segments, workouts -> energy."""
        rows = energy_from_segments(
            self._read(Segments, weeks),
            self._read(Workouts, weeks),
            self.rules.energy,
            edition=self.settings.compendium_edition,
            forward_method=self.settings.forward_method,
            resting_method=self.settings.resting_method,
            participants=self.registry.participants,
        )
        self.lake.replace("energy", rows, weeks)

    def sessions(self, weeks: Sequence[dt.date]) -> None:
        """Segments, windows, workouts -> sessions."""
        with self.lake.rewrite(["sessions"], weeks) as rewrite:
            for batch in self._batches(
                ("workouts", "windows", "segments"), weeks, "counting sessions"
            ):
                rows = sessions_from_segments(
                    batch["segments"],
                    batch["windows"],
                    batch["workouts"],
                    self.registry.prescriptions,
                    self.rules.sessions,
                )
                rewrite.add("sessions", rows)

    def adherence(self, weeks: Sequence[dt.date]) -> None:
        """Sessions of these weeks, the seven before and the one after -> adherence."""
        rows = adherence_from_sessions(
            self._read(Sessions, self._with_history(weeks)),
            self.registry.prescriptions,
            self.registry.participants,
            self._read(Exports),
            self.rules.protocols,
            weeks=weeks,
            now_utc=self.now_utc,
        )
        self.lake.replace("adherence", rows, weeks)

    def weekly_summary(self, weeks: Sequence[dt.date]) -> None:
        """Everything of these weeks -> weekly summary, and what that changed."""
        before = self._read(WeeklySummary, weeks)
        after = weekly_summary_from_adherence(
            self._read(Adherence, weeks),
            self._read(Sessions, self._with_history(weeks)),
            self._read(Segments, weeks),
            self._read(Energy, weeks),
            self._read(Workouts, weeks),
            self._read(Exports),
            self.registry.participants,
            self.registry.prescriptions,
            self.rules.protocols,
            weeks=weeks,
            now_utc=self.now_utc,
            provenance=self._provenance(weeks),
        )
        self.lake.replace("weekly_summary", after, weeks)
        self.lake.append(
            "changes",
            changes_from_summaries(before, after, run_id=self.run_id, changed_at_utc=self.now_utc),
        )

    def forget_detail(self) -> list[dt.date]:
        """Empties records, marks, motion and windows of weeks older than the setting keeps."""
        keep = self.settings.keep_detail_weeks
        if keep is None:
            return []
        first = running_week(self.now_utc) - dt.timedelta(weeks=keep - 1)
        old = sorted(
            {
                week
                for table in (*_READ[1:], "windows")
                for week in self.lake.scan(table)
                .select("week_start_date")
                .unique()
                .collect()
                .to_series()
                if week < first
            }
        )
        for table in (*_READ[1:], "windows"):
            self.lake.replace(table, BY_NAME[table].create_empty(), old)
        return old

    def tidy(self) -> dict[str, int]:
        """Forgets detail that is no longer kept, and removes files that no table needs.

        Returns:
            Files removed per table.
        """
        self.forget_detail()
        return self.lake.compact()

    # --- parts ---------------------------------------------------------------------------------

    def _read(self, table: type[S], weeks: Sequence[dt.date] | None = None) -> dy.DataFrame[S]:
        return table.cast(self.lake.read(table_name(table), weeks))

    def _with_history(self, weeks: Sequence[dt.date]) -> list[dt.date]:
        seen = range(-AHEAD_WEEKS, HISTORY_WEEKS + 1)
        return sorted({week - dt.timedelta(weeks=n) for week in weeks for n in seen})

    def _cut(
        self, batch: dict[str, Any], habits: pl.DataFrame | None = None
    ) -> dy.DataFrame[Windows]:
        """Visits the room that cuts windows."""
        return windows_from_records(
            batch["records"],
            batch["marks"],
            batch["motion"],
            batch["workouts"],
            evidence=self.rules.evidence,
            plausibility=self.rules.plausibility,
            habits=habits,
        )

    def _labelled(
        self, weeks: Sequence[dt.date], participants: Sequence[str] | None
    ) -> Iterator[dict[str, Any]]:
        """Labelled workouts of the weeks before, in batches.

        Those whose detail the lake does not hold, since it was forgotten, its week never scored, or
        something that it rests on has changed since, are read from their exports again. So habits
        are the same whatever is kept, and no week waits for the one before it.
        """
        earlier = weeks_before(weeks)
        who = participants or self._sent(weeks)["participant_id"].unique()
        taught = self._sent(earlier).filter(
            pl.col("records_n") > 0, pl.col("participant_id").is_in(list(who))
        )
        held = self._held(taught, earlier)
        lost = taught.join(held, on="workout_id", how="anti")
        yield from self.recordings.tables(lost, "reading earlier exports again")
        labels = self._labels(earlier).join(held, on="workout_id")
        if participants is None and lost.is_empty():
            labels = labels.filter(pl.col("participant_id").is_in(both_ways(labels)))
        ids = labels["workout_id"].unique().to_list()
        if ids:
            yield from self._batches(_READ, earlier, "learning habits", only=ids)

    def _sent(self, weeks: Sequence[dt.date]) -> pl.DataFrame:
        """The workouts that exports hold of these weeks, each with what its recording rests on."""
        basis = self._basis
        return scored_workouts(basis.exports).join(
            basis.of_recordings(weeks),
            on=["participant_id", "week_start_date"],
            maintain_order="left",
        )

    def _held(self, sent: pl.DataFrame, weeks: Sequence[dt.date]) -> pl.DataFrame:
        """Those of the sent workouts whose rows in the lake rest on what holds now."""
        keys = ["workout_id", "recording_fingerprint"]
        detailed = self.lake.scan("records", weeks).select("workout_id").unique()
        kept = self.lake.scan("workouts", weeks).select(keys).join(detailed, on="workout_id")
        return sent.select(*keys, "participant_id").join(kept.collect(), on=keys)

    def _batches(
        self,
        tables: Sequence[str],
        weeks: Sequence[dt.date],
        what: str,
        only: Sequence[str] | None = None,
    ) -> Iterator[dict[str, Any]]:
        """The tables' rows of as many workouts at once as the setting allows."""
        workouts = self.lake.read("workouts", weeks).sort("workout_id")
        if only is not None:
            workouts = workouts.filter(pl.col("workout_id").is_in(list(only)))
        self._demand_detail(workouts.filter(pl.col("records_n") > 0), tables)
        groups = list(
            batches(
                workouts["workout_id"],
                workouts["records_n"],
                limit=max(self.settings.batch_records_n // ROOM_FACTOR, 1),
            )
        )
        for number, ids in enumerate(groups, start=1):
            chosen = pl.col("workout_id").is_in(ids)
            yield {
                table: BY_NAME[table].cast(self.lake.scan(table, weeks).filter(chosen).collect())
                for table in tables
            }
            self.progress(number, len(groups), what)

    def _labels(self, weeks: Sequence[dt.date]) -> pl.DataFrame:
        """Workouts of these weeks and the directions that labels in them state."""
        stated = pl.col("direction").is_not_null()
        marks = self.lake.scan("marks", weeks).filter(stated)
        return marks.select("workout_id", "direction").unique().collect()

    def _demand_detail(self, recorded: pl.DataFrame, tables: Sequence[str]) -> None:
        """Refuses to make a table anew from detail that is no longer kept: it would come out empty.

        Raises:
            LakeError: A week has recorded workouts, but no rows of them.
        """
        weeks = set(recorded["week_start_date"])
        for table in _NEVER_EMPTY.intersection(tables):
            kept = self.lake.scan(table, sorted(weeks)).select("week_start_date").unique()
            if gone := sorted(weeks - set(kept.collect().to_series())):
                raise LakeError(
                    f"Table '{table}' holds nothing of {', '.join(map(str, gone))}, though workouts "
                    f"were recorded then: detail older than keep_detail_weeks is removed. Score "
                    f"these weeks from the exports on: every table, or retrowalk run --weeks."
                )

    def _provenance(self, weeks: Sequence[dt.date]) -> Provenance:
        return Provenance(
            inputs=self.inputs(weeks).with_columns(
                inputs_fingerprint=self._fingerprint_expr(weeks)
            ),
            run_id=self.run_id,
            computed_at_utc=self.now_utc,
            code_version=_CODE_VERSION,
            rules_versions=self.rules_versions(weeks),
            compendium_edition=self.settings.compendium_edition,
        )

    def _fingerprint_expr(self, weeks: Sequence[dt.date]) -> pl.Expr:
        """What rows rest on; marked where a week that they look at is not yet as it should be.

        Such a row rests on recordings or rules that hold no more. The mark keeps it stale until it
        is scored together with, or after, that week.
        """
        seen = self._with_history(weeks)
        keys = ["week_start_date", "workout_id", "recording_fingerprint"]
        held = self.lake.scan("workouts", seen).select(keys).collect()
        once = pl.concat([self._sent(seen).select(keys), held]).filter(
            ~pl.struct(keys).is_duplicated()
        )
        behind = set(once["week_start_date"])
        waiting = [week for week in weeks if behind.intersection(self._with_history([week]))]
        fingerprint = pl.col("inputs_fingerprint")
        is_waiting = pl.col("week_start_date").is_in(waiting)
        return pl.when(is_waiting).then(pl.format("{} waiting", fingerprint)).otherwise(fingerprint)

    @property
    def _basis(self) -> Basis:
        return Basis(
            self._read(Exports),
            self.registry,
            self.rules.version,
            self.rules.protocol_versions,
            _CODE_VERSION,
        )


#: The stages in order: the tables that each one writes, and the method that does.
STAGES: tuple[tuple[tuple[str, ...], Callable[[Walk, Sequence[dt.date]], None]], ...] = (
    (_READ, Walk.read_exports),
    (("windows",), Walk.windows),
    (("segments",), Walk.segments),
    (("energy",), Walk.energy),
    (("sessions",), Walk.sessions),
    (("adherence",), Walk.adherence),
    (("weekly_summary", "changes"), Walk.weekly_summary),
)


def score(walk: Walk, weeks: Sequence[dt.date]) -> None:
    """Walks through every stage, once, in order."""
    if weeks:
        for _, stage in STAGES:
            stage(walk, weeks)
