"""What each participant's week rests on, as one hash: a different hash makes the week stale."""

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import dataframely as dy
import polars as pl

from retrowalk.exports import scored_workouts
from retrowalk.local_time import monday_expr
from retrowalk.read.registry import Registry
from retrowalk.tables import Exports
from retrowalk.walk.habits import HABIT_WEEKS

#: Adherence looks at the week itself and the seven before it (persistence over eight weeks).
HISTORY_WEEKS = 7
#: A Sunday and the Monday after it are neighbours, so adherence also looks one week ahead.
AHEAD_WEEKS = 1
#: How far back a week's row rests on exports: each of the weeks that adherence looks at was told
#: by habits of the weeks before it.
REACH_WEEKS = HISTORY_WEEKS + HABIT_WEEKS

_KEY = ["participant_id", "week_start_date"]
_WEEK = dt.timedelta(days=7)


def digest(text: str) -> str:
    """Hashes text; sixteen hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def as_text(rows: pl.DataFrame, kind: str) -> pl.DataFrame:
    """Writes each row's columns beyond the key as one text."""
    columns = [name for name in rows.columns if name not in _KEY]
    values = [pl.col(name).cast(pl.String).fill_null("-") for name in columns]
    return rows.select(*_KEY, item=pl.concat_str(pl.lit(kind), *values, separator="|"))


def touching(weeks: pl.DataFrame, rows: pl.DataFrame, first: str, last: str) -> pl.DataFrame:
    """Joins registry rows to every week that they hold in; a null ``last`` holds for ever."""
    end = pl.col("week_start_date") + pl.duration(days=6)
    return weeks.join(rows, how="cross").filter(
        pl.col(first) <= end, pl.col(last).is_null() | (pl.col(last) >= pl.col("week_start_date"))
    )


def export_items(exports: dy.DataFrame[Exports]) -> pl.DataFrame:
    """Per participant and week: the contents scored in it, and those quarantined around it."""
    lent = pl.col("labels_lent").list.eval(pl.element().struct.json_encode()).list.join(" ")
    scored = scored_workouts(exports).select(
        *_KEY, "sha256", "workout_id", "reader_version", labels_lent=lent
    )
    refused = exports.filter(pl.col("status") == "quarantined").select(
        "participant_id", "sha256", week_start_date=monday_expr(pl.col("probable_date"))
    )
    return pl.concat(
        [as_text(scored, "export"), as_text(refused.select(*_KEY, "sha256"), "refused")]
    )


def registry_items(registry: Registry, weeks: Sequence[dt.date]) -> pl.DataFrame:
    """Per participant and week: the registry's rows that hold in it."""
    frame = pl.DataFrame({"week_start_date": list(weeks)}, schema={"week_start_date": pl.Date})
    until = pl.col("valid_from_date").shift(-1).over("participant_id") - pl.duration(days=1)
    people = registry.participants.sort("participant_id", "valid_from_date").with_columns(
        until_date=until
    )
    notes = registry.annotations.with_columns(
        first_date=pl.col("started_at_utc").dt.date() - pl.duration(days=1),
        last_date=pl.col("ended_at_utc").dt.date() + pl.duration(days=1),
    )
    return pl.concat(
        [
            # A later row ends this one, which is nothing to the weeks before.
            as_text(
                touching(frame, people, "valid_from_date", "until_date").drop("until_date"),
                "participant",
            ),
            as_text(
                touching(frame, registry.prescriptions, "starts_on_date", "ends_on_date"),
                "prescription",
            ),
            as_text(touching(frame, notes, "first_date", "last_date"), "annotation"),
        ]
    )


def protocol_items(
    registry: Registry, weeks: Sequence[dt.date], protocol_versions: Mapping[str, str]
) -> pl.DataFrame:
    """Per participant and week: the protocols that a row of that week rests on.

    Those are the protocols in force in the week or in one that adherence looks back on. What they
    were before, or what others are under, is nothing to the row.
    """
    seen = sorted({week - _WEEK * back for week in weeks for back in range(HISTORY_WEEKS + 1)})
    frame = pl.DataFrame({"week_start_date": seen}, schema={"week_start_date": pl.Date})
    version = pl.col("protocol").replace_strict(protocol_versions, return_dtype=pl.String)
    held = touching(frame, registry.prescriptions, "starts_on_date", "ends_on_date")
    return (
        held.select(*_KEY, "protocol", version=version)
        .with_columns(back_n=pl.int_ranges(0, HISTORY_WEEKS + 1))
        .explode("back_n")
        .with_columns(week_start_date=pl.col("week_start_date") + pl.duration(weeks="back_n"))
        .filter(pl.col("week_start_date").is_in(list(weeks)))
        .select(*_KEY, "protocol", "version")
        .unique()
        .pipe(as_text, "protocol")
    )


def hashed(items: pl.DataFrame, name: str) -> pl.DataFrame:
    """One hash per participant and week over all its items, whatever their order."""
    return (
        items.group_by(_KEY)
        .agg(pl.col("item").sort().str.join("\n").alias(name))
        .with_columns(pl.col(name).map_elements(digest, return_dtype=pl.String))
    )


def seen_from(base: pl.DataFrame) -> pl.DataFrame:
    """Hands what a week holds on to every week whose row looks at it, as items by distance."""
    return (
        base.with_columns(back_n=pl.int_ranges(-AHEAD_WEEKS, REACH_WEEKS + 1))
        .explode("back_n")
        .select(
            "participant_id",
            week_start_date=pl.col("week_start_date") + pl.duration(weeks=pl.col("back_n")),
            item=pl.format("{}:{}", "back_n", "base"),
        )
    )


@dataclass(frozen=True, slots=True)
class Basis:
    """All that scores rest on.

    Args:
        exports: All exports.
        registry: The registry.
        rules_version: Version of the rules and settings that every score rests on.
        protocol_versions: That of each protocol, by name.
        code_version: Version of the package.
    """

    exports: dy.DataFrame[Exports]
    registry: Registry
    rules_version: str
    protocol_versions: Mapping[str, str]
    code_version: str

    def of_recordings(self, weeks: Sequence[dt.date]) -> pl.DataFrame:
        """What the recordings of each participant's week rest on; nothing of any other week.

        Returns:
            ``participant_id, week_start_date, recording_fingerprint``.
        """
        name = "recording_fingerprint"
        return hashed(self._items(weeks), name).with_columns(self._versioned(name).alias(name))

    def of_summaries(self, weeks: Sequence[dt.date]) -> pl.DataFrame:
        """Who has a row in which week, and what that row rests on.

        Returns:
            One row per participant and week of ``weeks`` who is registered or prescribed by then
            or sent something: ``participant_id, week_start_date, registry_version,
            inputs_fingerprint``. The fingerprint also covers the weeks before and the one after
            that adherence looks at, those that their habits were learned in, and the
            participant's own protocols.
        """
        offsets = range(-AHEAD_WEEKS, REACH_WEEKS + 1)
        base = hashed(
            self._items(sorted({week - _WEEK * back for week in weeks for back in offsets})), "base"
        )
        told = hashed(registry_items(self.registry, weeks), "registry_version")
        joined = pl.concat([seen_from(base), self._protocols(weeks)])
        return (
            base.filter(pl.col("week_start_date").is_in(list(weeks)))
            .select(_KEY)
            .join(told, on=_KEY, how="left")
            .join(hashed(joined, "joined"), on=_KEY, how="left")
            .with_columns(
                registry_version=pl.col("registry_version").fill_null("unregistered"),
                inputs_fingerprint=self._versioned("joined"),
            )
            .drop("joined")
            .sort("week_start_date", "participant_id")
        )

    def rules_versions(self, weeks: Sequence[dt.date]) -> dict[dt.date, str]:
        """The version of all rules that some row of each week rests on; one for the whole week.

        A protocol that nobody is under changes no version; so a week is marked, and its rows told
        to rest on other rules, only where they do.
        """
        used = (
            self._protocols(weeks).group_by("week_start_date").agg(pl.col("item").unique().sort())
        )
        items = dict(used.iter_rows())
        return {
            week: digest("\n".join([self.rules_version, *items.get(week, [])])) for week in weeks
        }

    def _protocols(self, weeks: Sequence[dt.date]) -> pl.DataFrame:
        return protocol_items(self.registry, weeks, self.protocol_versions)

    def _items(self, weeks: Sequence[dt.date]) -> pl.DataFrame:
        sent = export_items(self.exports).filter(pl.col("week_start_date").is_in(list(weeks)))
        return pl.concat([registry_items(self.registry, weeks), sent])

    def _versioned(self, name: str) -> pl.Expr:
        versions = pl.lit(f"{self.rules_version}|{self.code_version}|")
        return pl.concat_str(versions, name).map_elements(digest, return_dtype=pl.String)


def active_weeks(
    exports: dy.DataFrame[Exports], registry: Registry, running: dt.date
) -> list[dt.date]:
    """Every week in which somebody is prescribed or sent something, up to the running one."""
    prescribed = registry.prescriptions.select(
        first=monday_expr(pl.col("starts_on_date")),
        last=pl.min_horizontal(monday_expr(pl.col("ends_on_date")), pl.lit(running)).fill_null(
            running
        ),
    ).filter(pl.col("first") <= pl.col("last"))
    enrolled = prescribed.select(
        week_start_date=pl.date_ranges("first", "last", interval="1w")
    ).explode("week_start_date")
    sent = (
        export_items(exports).select("week_start_date").filter(pl.col("week_start_date") <= running)
    )
    return sorted(set(enrolled["week_start_date"]) | set(sent["week_start_date"]))


def stale_weeks(inputs: pl.DataFrame, summary: pl.DataFrame, *, running: dt.date) -> list[dt.date]:
    """Weeks whose summary is missing, rests on something else now, or was written before they ended.

    Args:
        inputs: What each row would rest on now, as :meth:`Basis.of_summaries` gives it.
        summary: The ``weekly_summary`` as it stands.
        running: The newest week that has begun; a provisional row of an older one is stale.
    """
    written = summary.select(*_KEY, "week_status", written_fingerprint="inputs_fingerprint")
    both = inputs.join(written, on=_KEY, how="full", coalesce=True)
    differs = pl.col("inputs_fingerprint").ne_missing(pl.col("written_fingerprint"))
    is_over = pl.col("week_start_date") < running - _WEEK
    was_open = pl.col("week_status").cast(pl.String) == "provisional"
    weeks = both.filter(differs | (is_over & was_open).fill_null(value=False))["week_start_date"]
    return sorted(set(weeks))
