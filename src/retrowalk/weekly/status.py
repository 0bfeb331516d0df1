"""What a week's row rests on, in one word and in a sentence."""

import polars as pl

from retrowalk.weekly.totals import KEY

_SENTENCES = {
    "complete": "The week is over and scored.",
    "provisional": "The week is not over where the participant lives.",
    "no_workouts": "What was received for the week holds no workout.",
    "nothing_received": "Nothing was received for the week.",
    "all_quarantined": "What was received for the week could not be read.",
    "not_enrolled_yet": "No prescription has begun yet.",
    "enrolment_ended": "The last prescription has ended.",
    "not_enrolled": "Neither registered nor prescribed.",
}


def enrolment(
    roster: pl.DataFrame, prescriptions: pl.DataFrame, participants: pl.DataFrame
) -> pl.DataFrame:
    """Adds whether each participant is registered, and how prescriptions lie about the week."""
    spans = (
        roster.join(prescriptions, on="participant_id")
        .group_by(KEY)
        .agg(
            begins_later=(
                pl.col("starts_on_date") > pl.col("week_start_date").dt.offset_by("6d")
            ).all(),
            ended_before=(pl.col("ends_on_date") < pl.col("week_start_date"))
            .fill_null(value=False)
            .all(),
        )
    )
    registered = participants.select("participant_id").unique().with_columns(is_registered=True)
    return (
        roster.join(spans, on=KEY, how="left")
        .join(registered, on="participant_id", how="left")
        .with_columns(
            pl.col("is_registered").fill_null(value=False),
            is_prescribed=pl.col("begins_later").is_not_null(),
        )
        .with_columns(pl.col("begins_later", "ended_before").fill_null(value=False))
    )


def empty_exports(exports: pl.DataFrame) -> pl.DataFrame:
    """Exports without a workout that seem to belong to each participant's week."""
    return (
        exports.filter((pl.col("status") == "ignored") & (pl.col("reason_code") == "no_workouts"))
        .group_by("participant_id", week_start_date=pl.col("probable_date").dt.truncate("1w"))
        .agg(empty_exports_n=pl.len())
    )


def status_expr() -> pl.Expr:
    """The word."""
    is_empty = pl.col("workouts_n") == 0
    is_received = (pl.col("exports_n") > 0) | (pl.col("empty_exports_n") > 0)
    return (
        pl.when(~pl.col("is_registered") & ~pl.col("is_prescribed"))
        .then(pl.lit("not_enrolled"))
        .when("begins_later")
        .then(pl.lit("not_enrolled_yet"))
        .when("ended_before")
        .then(pl.lit("enrolment_ended"))
        .when(~pl.col("is_over"))
        .then(pl.lit("provisional"))
        .when(~is_empty)
        .then(pl.lit("complete"))
        .when(pl.col("exports_quarantined_n") > 0)
        .then(pl.lit("all_quarantined"))
        .when(is_received)
        .then(pl.lit("no_workouts"))
        .otherwise(pl.lit("nothing_received"))
    )


def week_reason_expr() -> pl.Expr:
    """The sentence, with the particulars."""
    workouts = pl.format("Workouts: {}.", "workouts_n")
    refused = pl.when(pl.col("exports_quarantined_n") > 0).then(
        pl.format(
            "Exports that could not be read and may belong here: {}.", "exports_quarantined_n"
        )
    )
    parts = (
        pl.col("week_status").replace_strict(_SENTENCES, return_dtype=pl.String),
        workouts,
        refused,
    )
    return pl.concat_str(*parts, separator=" ", ignore_nulls=True)


def energy_reason_expr() -> pl.Expr:
    """Why energy is null or what it leaves out; null where nothing is left out."""
    left_out = pl.format(
        "{} minutes of walking without a known speed are left out.", _rounded("energy_missing_min")
    )
    excess = pl.format(
        "The excess over forward walking leaves out {} minutes of unknown direction.",
        _rounded("unknown_direction_min"),
    )
    parts = (
        pl.when(pl.col("workouts_n") == 0).then(pl.lit("No workouts.")),
        pl.when(pl.col("no_mass_min") > 0).then(
            pl.lit("Body mass is unknown: kcal are null, MET-minutes stay.")
        ),
        pl.when(pl.col("energy_missing_min") > 0).then(left_out),
        pl.when((pl.col("unknown_direction_min") > 0) & (pl.col("no_mass_min") == 0)).then(excess),
    )
    said = pl.concat_str(*parts, separator=" ", ignore_nulls=True)
    return pl.when(said != "").then(said)


def _rounded(name: str) -> pl.Expr:
    """Minutes for a sentence."""
    return pl.col(name).round(1)
