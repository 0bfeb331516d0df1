"""Room ``exports``: what became of each file, decided over all files at once.

A duplicate is judged among everything that has arrived, never against what came first, so that
the order and the number of scans change nothing. Of several recordings of one walk the richest
whole one is scored; what the others state of direction counts for it.
"""

import datetime as dt
from dataclasses import dataclass

import dataframely as dy
import polars as pl

from retrowalk.local_time import with_local_time
from retrowalk.tables import Exports, Participants

#: Two recordings of one participant are one walk if they share this part of their joint time.
SAME_RECORDING_FRACTION = 0.8
#: So are two that start together, whatever their lengths: one of them was cut off.
SAME_START = dt.timedelta(seconds=60)
#: Clocks of the world lie quarters of an hour apart, at most fourteen hours from UTC.
CLOCK_STEP_S = 15 * 60
FARTHEST_CLOCK = dt.timedelta(hours=14)
#: Exports of one walk round its start to the second and its distance to a hundredth of a unit.
SHIFTED_START_S = 2
SHIFTED_DISTANCE_FRACTION = 0.02
#: A recording with at least one record in this time is a series, one with fewer a summary.
SERIES_INTERVAL_S = 60
#: How far ahead of now a recording may start before its clock is not believed.
FUTURE_LIMIT = dt.timedelta(days=1)

_PARTIAL_CODES = (
    "truncated",
    "undefined_local_message",
    "damaged_tail",
    "rows_set_aside",
    "some_workouts_out_of_range",
)
#: What reading gives for files that are no exports, or hold nothing to score.
IGNORED_CODES = (
    "not_an_export",
    "no_workouts",
    "archive_opened",
    "registry_file",
    "file_removed",
)
_NO_CONTENT_CODES = ("file_removed", "not_an_export")
_READ_CODES = ("ok", "crc_mismatch", *_PARTIAL_CODES)
_FOUND = [
    "workout_id",
    "workout_n",
    "started_at_utc",
    "ended_at_utc",
    "week_start_date",
    "sport",
    "records_n",
    "channels_n",
    "distance_m",
    "file_utc_offset_s",
    "duplicate_of_workout_id",
]
_LABEL = ["source", "started_at_utc", "ended_at_utc", "text", "direction"]


@dataclass(frozen=True, slots=True)
class ScoringRange:
    """Which times are believed.

    Args:
        first_week: Monday of the first week that can be scored.
        now_utc: The present.
    """

    first_week: dt.date
    now_utc: dt.datetime

    def holds_expr(self) -> pl.Expr:
        """Whether a workout starts within the range."""
        return (pl.col("week_start_date") >= self.first_week) & (
            pl.col("started_at_utc") <= self.now_utc + FUTURE_LIMIT
        )


def found_workouts(facts: pl.DataFrame, participants: dy.DataFrame[Participants]) -> pl.DataFrame:
    """One row per workout found in any export, with its local time."""
    return (
        facts.select(
            "export_id",
            "participant_id",
            "path",
            "sha256",
            "format",
            "read_reason_code",
            "workouts_found",
        )
        .filter(pl.col("read_reason_code").is_in(_READ_CODES))
        .explode("workouts_found", empty_as_null=False)
        .unnest("workouts_found")
        .drop("week_start_date", "duplicate_of_workout_id")
        .pipe(with_local_time, participants)
    )


def span_s(start: str, end: str) -> pl.Expr:
    """Seconds between two columns of instants."""
    return (pl.col(end) - pl.col(start)).dt.total_microseconds() / 1e6


def richest_first() -> list[pl.Expr]:
    """The order in which recordings of one walk are preferred.

    A whole one before one that holds less than four fifths of another, a series of records before
    a summary, then more channels, more records, and a tie-break.
    """
    interval_s = span_s("started_at_utc", "ended_at_utc") / pl.col("records_n")
    return [
        pl.col("is_cut"),
        ((pl.col("records_n") > 1) & (interval_s <= SERIES_INTERVAL_S)).not_(),
        pl.col("channels_n").cast(pl.Int64).neg(),
        pl.col("records_n").cast(pl.Int64).neg(),
        pl.col("sha256"),
        pl.col("path"),
    ]


def overlaps_of(workouts: pl.DataFrame) -> pl.DataFrame:
    """Every two workouts of one participant, from different exports, that share some time.

    Returns:
        Each pair both ways: ``workout_id, other_id``; the spans of both; the seconds that the
        other's whole export shares with the workout, ``shared_s``, and from the first start to
        the last end of them, ``joint_s``.
    """
    days = pl.date_ranges(pl.col("started_at_utc").dt.date(), pl.col("ended_at_utc").dt.date())
    spread = workouts.select(
        "participant_id", "export_id", "workout_id", "started_at_utc", "ended_at_utc", day=days
    ).explode("day", empty_as_null=False)
    last_start = pl.max_horizontal("started_at_utc", "started_at_utc_right")
    first_end = pl.min_horizontal("ended_at_utc", "ended_at_utc_right")
    whole = ["workout_id", "export_id_right"]
    joint = pl.max_horizontal(pl.col("ended_at_utc_right").max().over(whole), "ended_at_utc") - (
        pl.min_horizontal(pl.col("started_at_utc_right").min().over(whole), "started_at_utc")
    )
    return (
        spread.join(spread, on=["participant_id", "day"])
        .filter(pl.col("export_id") != pl.col("export_id_right"), first_end > last_start)
        .unique(["workout_id", "workout_id_right"])
        .with_columns(pair_s=(first_end - last_start).dt.total_microseconds() / 1e6)
        .with_columns(
            shared_s=pl.col("pair_s").sum().over(whole),
            joint_s=joint.dt.total_microseconds() / 1e6,
        )
        .rename({"workout_id_right": "other_id"})
    )


def named_pairs(workouts: pl.DataFrame, facts: pl.DataFrame) -> pl.DataFrame:
    """Pairs of a row of a list and each workout of the file beside the list that the row names.

    A name may lack its folder, and the file its ``.gz``: accounts are unpacked in many ways.

    Args:
        workouts: Rows of :func:`found_workouts`.
        facts: The exports, with ``files_named``.

    Returns:
        Each pair both ways: ``workout_id, other_id``.
    """
    folder = pl.col("path").str.extract(r"^(.*/)?[^/]*$", 1).fill_null("")
    rows = (
        facts.select("export_id", "participant_id", "files_named", folder=folder)
        .explode("files_named", empty_as_null=False)
        .unnest("files_named")
        .with_columns(pl.col("file_name").str.strip_suffix(".gz"))
        .with_columns(
            key=pl.concat_list(
                pl.col("folder") + pl.col("file_name"),
                pl.col("folder") + pl.col("file_name").str.extract(r"([^/]+)$", 1),
            )
        )
        .explode("key", empty_as_null=False)
        .join(
            workouts.select("export_id", "workout_n", "workout_id"), on=["export_id", "workout_n"]
        )
    )
    files = workouts.select(
        "participant_id", other_id="workout_id", key=pl.col("path").str.strip_suffix(".gz")
    )
    pairs = rows.join(files, on=["participant_id", "key"]).select("workout_id", "other_id")
    return pl.concat([pairs, pairs.select(workout_id="other_id", other_id="workout_id")]).unique()


def shifted_pairs(workouts: pl.DataFrame) -> pl.DataFrame:
    """Pairs of a walk whose wall-clock times had to be read as UTC and the same walk at its time.

    Without a registered time zone, a list's walk stands hours beside the watch's recording of it.
    It is the same one if they lie whole quarters of an hour apart, and length and distance agree.

    Args:
        workouts: Rows of :func:`found_workouts`.

    Returns:
        Each pair both ways: ``workout_id, other_id``.
    """
    length = span_s("started_at_utc", "ended_at_utc")
    walks = workouts.filter(pl.col("distance_m") > 0).select(
        "participant_id", "export_id", "workout_id", "started_at_utc", "distance_m",
        "utc_offset_source", "format", length_s=length,
        phase_s=pl.col("started_at_utc").dt.epoch("s") % CLOCK_STEP_S,
    )  # fmt: skip
    near = pl.int_ranges(
        pl.col("phase_s") - SHIFTED_START_S, pl.col("phase_s") + SHIFTED_START_S + 1
    )
    is_assumed = (pl.col("utc_offset_source") == "assumed_utc") & (pl.col("format") == "csv")
    beside = walks.filter(is_assumed).with_columns(phase_s=near)
    apart = (pl.col("started_at_utc") - pl.col("started_at_utc_right")).abs()
    alike = [
        pl.min_horizontal(c, f"{c}_right") >= share * pl.max_horizontal(c, f"{c}_right")
        for c, share in (
            ("length_s", SAME_RECORDING_FRACTION),
            ("distance_m", 1.0 - SHIFTED_DISTANCE_FRACTION),
        )
    ]
    pairs = (
        beside.explode("phase_s", empty_as_null=False)
        .with_columns(pl.col("phase_s") % CLOCK_STEP_S)
        .join(walks.filter(~is_assumed), on=["participant_id", "phase_s"])
        .filter(
            pl.col("export_id") != pl.col("export_id_right"),
            apart.is_between(SAME_START, FARTHEST_CLOCK + SAME_START),
            *alike,
        )
        .select("workout_id", other_id="workout_id_right")
    )
    return pl.concat([pairs, pairs.select(workout_id="other_id", other_id="workout_id")]).unique()


def same_walks(overlaps: pl.DataFrame, *stated: pl.DataFrame) -> pl.DataFrame:
    """Pairs that are recordings of one walk, both ways.

    They share four fifths of their joint time, or start together, or are paired by what else the
    exports state: a row that names a file, a clock that lies quarters of an hour beside.
    """
    start_gap = (pl.col("started_at_utc") - pl.col("started_at_utc_right")).abs()
    is_same = (pl.col("shared_s") >= SAME_RECORDING_FRACTION * pl.col("joint_s")) | (
        start_gap <= SAME_START
    )
    pairs = overlaps.filter(is_same).select("workout_id", "other_id")
    back = pairs.select(workout_id="other_id", other_id="workout_id")
    return pl.concat([pairs, back, *stated]).unique()


def cut_workouts(overlaps: pl.DataFrame, pairs: pl.DataFrame) -> pl.Series:
    """Workouts whose export holds less than four fifths of another recording of the walk."""
    # Of a pair, `shared_s` is what the other's export holds of the workout.
    length_s = span_s("started_at_utc", "ended_at_utc")
    lacking = overlaps.filter(pl.col("shared_s") < SAME_RECORDING_FRACTION * length_s)
    return lacking.join(pairs, on=["workout_id", "other_id"], how="semi")["other_id"].unique()


def same_recordings(workouts: pl.DataFrame, facts: pl.DataFrame) -> pl.DataFrame:
    """Says of each workout which better recording of the same walk is scored in its place.

    A recording only gives way to one that is itself scored; rounds settle chains of three and
    more. Every round settles at least the best one left, so there are never more rounds than
    recordings of one walk.

    Returns:
        ``workout_id``, ``duplicate_of_workout_id`` for those that give way.
    """
    overlaps = overlaps_of(workouts)
    pairs = same_walks(overlaps, named_pairs(workouts, facts), shifted_pairs(workouts))
    cut = cut_workouts(overlaps, pairs)
    ranked = (
        workouts.with_columns(is_cut=pl.col("workout_id").is_in(cut.implode()))
        .sort(richest_first())
        .with_row_index("rank")
        .select("workout_id", "rank")
    )
    open_pairs = (
        pairs.rename({"other_id": "better_id"})
        .join(ranked, on="workout_id")
        .join(ranked.select(better_id="workout_id", better_rank="rank"), on="better_id")
        .filter(pl.col("rank") > pl.col("better_rank"))
        .select("workout_id", "better_id", "better_rank")
    )
    settled = pl.DataFrame(schema={"workout_id": pl.String, "duplicate_of_workout_id": pl.String})
    while open_pairs.height:
        scored = open_pairs.join(open_pairs, left_on="better_id", right_on="workout_id", how="anti")
        gives_way = (
            scored.sort("better_rank")
            .group_by("workout_id", maintain_order=True)
            .agg(duplicate_of_workout_id=pl.col("better_id").first())
        )
        settled = pl.concat([settled, gives_way])
        open_pairs = open_pairs.join(gives_way, on="workout_id", how="anti").join(
            gives_way, left_on="better_id", right_on="workout_id", how="anti"
        )
    return settled


def with_same_content(facts: pl.DataFrame) -> pl.DataFrame:
    """Adds ``same_content_id``, the first copy of a participant's export, and other owners of it.

    A file that is gone is no copy: one that was renamed is still scored under its new name. Nor is
    one that holds nothing, or is no export: such files are alike without being of one recording.
    """
    copies = ["participant_id", "sha256"]
    is_content = (pl.col("size_bytes") > 0) & ~pl.col("read_reason_code").is_in(_NO_CONTENT_CODES)
    there = facts.filter(is_content)
    owners = there.group_by("sha256").agg(owners=pl.col("participant_id").unique().sort())
    first = there.group_by(copies).agg(
        first_id=pl.col("export_id").sort_by("path").first(),
        same_content_path=pl.col("path").sort_by("path").first(),
    )
    is_copy = (pl.col("first_id") != pl.col("export_id")) & is_content
    return (
        facts.join(owners, on="sha256", how="left")
        .join(first, on=copies, how="left")
        .with_columns(
            same_content_id=pl.when(is_copy).then("first_id"),
            others=pl.col("owners").list.set_difference(pl.concat_list("participant_id")),
        )
        .drop("first_id")
    )


def workouts_by_export(
    facts: pl.DataFrame, participants: dy.DataFrame[Participants], believed: ScoringRange
) -> pl.DataFrame:
    """Per export: its workouts with weeks and duplicates, and how many of them are scored."""
    is_copy = facts.filter(pl.col("same_content_id").is_not_null())
    workouts = found_workouts(facts, participants).with_columns(is_believed=believed.holds_expr())
    workouts = workouts.with_columns(week_start_date=pl.when("is_believed").then("week_start_date"))
    compared = workouts.join(is_copy, on="export_id", how="anti").filter("is_believed")
    paths = workouts.select(
        duplicate_of_workout_id="workout_id", other_export_id="export_id", other_path="path"
    ).join(is_copy.select(other_export_id="export_id"), on="other_export_id", how="anti")
    is_scored = pl.col("is_believed") & pl.col("duplicate_of_workout_id").is_null()
    return (
        workouts.join(same_recordings(compared, facts), on="workout_id", how="left")
        .join(paths, on="duplicate_of_workout_id", how="left")
        .sort("export_id", "workout_n")
        .group_by("export_id", maintain_order=True)
        .agg(
            workouts_found=pl.struct(_FOUND),
            scored_n=is_scored.sum(),
            unbelieved_n=pl.col("is_believed").not_().sum(),
            unbelieved_at_utc=pl.col("started_at_utc").filter(~pl.col("is_believed")).first(),
            same_recording_id=pl.col("other_export_id").drop_nulls().first(),
            same_recording_path=pl.col("other_path").drop_nulls().first(),
            duplicates_n=pl.col("duplicate_of_workout_id").count(),
        )
    )


#: A line of the verdict: when it holds, the status, the reason code, and the sentence.
_Line = tuple[pl.Expr, str, pl.Expr, pl.Expr]


def refusal_lines(believed: ScoringRange) -> tuple[_Line, ...]:
    """Verdicts on exports of which nothing is scored."""
    read, said = pl.col("read_reason_code"), pl.col("read_reason")
    span = f"{believed.first_week} and {believed.now_utc:%Y-%m-%d}"
    clock = pl.format(
        f"Its workouts start on {{}}, which is not between {span}; the device's clock was not set, "
        f"or the setting first_week is too late.",
        pl.col("unbelieved_at_utc").dt.strftime("%Y-%m-%d"),
    )
    copy_of = pl.format("The same content as {}.", "same_content_path")
    walk_of = pl.format(
        "The same walk as in {}, which holds more of it{}.",
        "same_recording_path",
        pl.when(pl.col("labels_found").list.len() > 0)
        .then(pl.lit("; what this one states of direction counts there"))
        .otherwise(pl.lit("")),
    )
    is_unbelieved = (pl.col("workouts_n") > 0) & (pl.col("unbelieved_n") == pl.col("workouts_n"))
    gives_way = (pl.col("scored_n") == 0) & (pl.col("duplicates_n") > 0)
    return (
        (pl.col("same_content_id").is_not_null(), "duplicate", pl.lit("same_content"), copy_of),
        (read.is_in(IGNORED_CODES), "ignored", read, said),
        (~read.is_in(_READ_CODES), "quarantined", read, said),
        (is_unbelieved, "quarantined", pl.lit("implausible_time"), clock),
        (gives_way, "duplicate", pl.lit("same_recording"), walk_of),
    )


def scoring_lines(believed: ScoringRange) -> tuple[_Line, ...]:
    """Verdicts on exports of which at least something is scored."""
    read, said = pl.col("read_reason_code"), pl.col("read_reason")
    span = f"{believed.first_week} and {believed.now_utc:%Y-%m-%d}"
    unbelieved, copies, total = (
        pl.col(name) for name in ("unbelieved_n", "duplicates_n", "workouts_n")
    )
    outside = pl.format(f"{{}} of {{}} workouts start outside {span}.", unbelieved, total)
    richer = pl.format(
        "{} of {} workouts are scored from richer exports, such as {}.",
        copies,
        total,
        "same_recording_path",
    )
    shared = pl.format(
        "Scored, but the same content also arrived for {}: it can be only one person's.",
        pl.col("others").list.join(", "),
    )
    return (
        (unbelieved > 0, "partial", pl.lit("some_workouts_out_of_range"), outside),
        (read.is_in(_PARTIAL_CODES), "partial", read, said),
        (copies > 0, "scored", pl.lit("some_workouts_duplicate"), richer),
        (pl.col("others").list.len() > 0, "scored", pl.lit("same_content_elsewhere"), shared),
        (pl.lit(value=True), "scored", read, said),
    )


def verdict_exprs(believed: ScoringRange) -> dict[str, pl.Expr]:
    """Status, reason code and sentence of each export; the first line that holds decides."""
    lines = (*refusal_lines(believed), *scoring_lines(believed))
    statuses = (pl.when(holds).then(pl.lit(status)) for holds, status, _, _ in lines)
    codes = (pl.when(holds).then(code.cast(pl.String)) for holds, _, code, _ in lines)
    reasons = (pl.when(holds).then(reason) for holds, _, _, reason in lines)
    return {
        "status": pl.coalesce(*statuses),
        "reason_code": pl.coalesce(*codes),
        "reason": pl.coalesce(*reasons),
    }


def exports_from_facts(
    facts: pl.DataFrame, participants: dy.DataFrame[Participants], believed: ScoringRange
) -> dy.DataFrame[Exports]:
    """Decides what becomes of each export.

    Args:
        facts: What reading each file gave: the columns of :class:`~retrowalk.tables.Exports`
            without status and reason; any order.
        participants: The registry; time zones are taken from here.
        believed: Which times are believed.

    Returns:
        One row per export, by participant and path.
    """
    marked = with_same_content(facts)
    found = workouts_by_export(marked, participants, believed)
    no_workouts = pl.lit([], dtype=pl.Schema(Exports)["workouts_found"])
    duplicate_of = pl.when(pl.col("status") == "duplicate").then(
        pl.coalesce("same_content_id", "same_recording_id")
    )
    return (
        marked.drop("workouts_found")
        .join(found, on="export_id", how="left")
        .with_columns(pl.col("scored_n", "unbelieved_n", "duplicates_n").fill_null(0))
        .with_columns(**verdict_exprs(believed))
        .with_columns(
            duplicate_of_export_id=duplicate_of,
            workouts_found=pl.coalesce("workouts_found", no_workouts),
        )
        .sort("participant_id", "path")
        .select(Exports.column_names())
        .pipe(Exports.validate, cast=True)
    )


def lent_labels(exports: dy.DataFrame[Exports]) -> pl.DataFrame:
    """What recordings that give way state of direction, for the workouts scored in their place.

    A label over the whole of its own recording holds over the whole of the one scored; of an
    export of several sessions, over all that share time with it.

    Returns:
        One row per workout that is lent any label: ``scored_id``, ``labels_lent``.
    """
    spans = (
        exports.select("export_id", "workouts_found")
        .explode("workouts_found", empty_as_null=False)
        .unnest("workouts_found")
        .select(
            "export_id",
            "workout_n",
            "workout_id",
            "duplicate_of_workout_id",
            own_start="started_at_utc",
            own_end="ended_at_utc",
        )
    )
    homes = spans.select(duplicate_of_workout_id="workout_id", scored_export_id="export_id")
    scored = spans.select(
        scored_export_id="export_id",
        scored_id="workout_id",
        scored_start="own_start",
        scored_end="own_end",
    )
    starts, ends = pl.col("started_at_utc"), pl.col("ended_at_utc")
    is_whole = (starts <= pl.col("own_start")) & (ends >= pl.col("own_end"))
    shares_time = (starts < pl.col("scored_end")) & (ends > pl.col("scored_start"))
    return (
        exports.select("export_id", "labels_found")
        .explode("labels_found", empty_as_null=False)
        .unnest("labels_found")
        .join(spans.drop_nulls("duplicate_of_workout_id"), on=["export_id", "workout_n"])
        .join(homes, on="duplicate_of_workout_id")
        .join(scored, on="scored_export_id")
        .filter(shares_time | (pl.col("scored_id") == pl.col("duplicate_of_workout_id")))
        .with_columns(
            started_at_utc=pl.when(is_whole).then("scored_start").otherwise("started_at_utc"),
            ended_at_utc=pl.when(is_whole).then("scored_end").otherwise("ended_at_utc"),
        )
        .select("scored_id", *_LABEL)
        .unique()
        .sort("scored_id", *_LABEL)
        .group_by("scored_id", maintain_order=True)
        .agg(labels_lent=pl.struct(_LABEL))
    )


def lent_marks(scored: pl.DataFrame) -> pl.DataFrame:
    """The labels lent to scored workouts, as readers hand on marks: one row each.

    Args:
        scored: Rows of :func:`scored_workouts`.
    """
    return (
        scored.select("workout_id", "workout_n", "labels_lent")
        .drop_nulls("labels_lent")
        .explode("labels_lent", empty_as_null=False)
        .unnest("labels_lent")
        .with_columns(grade_fraction=pl.lit(None, pl.Float64))
    )


def scored_workouts(exports: dy.DataFrame[Exports]) -> pl.DataFrame:
    """The workouts that are scored: one row each, with export, participant and week.

    ``labels_lent`` is what other recordings of the walk state of direction; null: nothing.
    """
    return (
        exports.filter(pl.col("status").is_in(["scored", "partial"]))
        .select(
            "export_id",
            "participant_id",
            "path",
            "sha256",
            "recovered_fraction",
            "reader_version",
            "workouts_found",
        )
        .explode("workouts_found", empty_as_null=False)
        .unnest("workouts_found")
        .filter(
            pl.col("duplicate_of_workout_id").is_null(), pl.col("week_start_date").is_not_null()
        )
        .join(
            lent_labels(exports),
            left_on="workout_id",
            right_on="scored_id",
            how="left",
            maintain_order="left",
        )
    )
