"""Reason codes as sentences, with what was seen and what was asked for."""

import polars as pl

#: What each reason code says; `ok` says what was seen and asked for.
SENTENCES = {
    "ok": "",
    "period_not_over": "The day or week is not over where the participant lives.",
    "no_sessions": "No session in the week.",
    "nothing_received": "Nothing was received for the week: not walking cannot be told from not uploading.",
    "direction_unknown": "The verdict depends on walking of unknown direction.",
    "no_cadence": "Cadence covers too little of the backward walking.",
    "no_speed": "Speed covers too little of the backward walking.",
    "no_heart_rate": "Heart rate covers too little of the backward walking.",
    "no_resting_heart_rate": "No measured resting heart rate (grade A or B).",
    "no_distance": "The distance is not known.",
    "no_grade": "The verdict depends on walking of unknown grade.",
    "no_position": "No positions on a stretch long enough to judge.",
    "local_time_uncertain": "A session near midnight has no known local time.",
    "export_quarantined": "An export that could not be read may belong to the week.",
    "too_little_history": "There is too little history yet.",
    "wrong_environment": "The rule says nothing of this environment.",
    "no_long_bout": "No bout is long enough to judge.",
    "no_environment": "The environment is not known.",
    "reading_not_chosen": "The article can be read as a floor or as a ceiling; the protocol does not say which.",
    "no_backward_walking": "No backward walking.",
    "shown_only": "Shown, not judged.",
    "past_its_phase": "The protocol sets nothing for this week of the prescription.",
    "partly_in_force": "The protocol was in force on fewer than 7 days of the week.",
}


def number_expr(name: str) -> pl.Expr:
    """A number as a reader writes it, with at most two decimals."""
    return pl.col(name).round(2).cast(pl.String).str.strip_suffix(".0")


def seen_expr() -> pl.Expr:
    """What was seen, as a sentence; empty where nothing was."""
    span = pl.format("{} to {}", number_expr("observed"), number_expr("observed_upper"))
    value = pl.coalesce(span, number_expr("observed"))
    return pl.coalesce(pl.format("Observed {} {}.", value, "unit"), pl.lit(""))


def asked_expr() -> pl.Expr:
    """What was asked for, as a sentence; empty where nothing was."""
    low, high = number_expr("target_low"), number_expr("target_high")
    wanted = pl.coalesce(
        pl.when(pl.col("target_low") == pl.col("target_high")).then(low),
        pl.format("{} to {}", low, high),
        pl.format("at least {}", low),
        pl.format("at most {}", high),
    )
    share = pl.format(" (give or take {} %)", (pl.col("tolerance_fraction") * 100).round(0))
    leeway = (
        pl.when(pl.col("tolerance") > 0)
        .then(pl.format(" (give or take {})", number_expr("tolerance")))
        .when(pl.col("tolerance_fraction") > 0)
        .then(share.str.replace(".0 %", " %", literal=True))
    )
    return pl.coalesce(pl.format("Asked for: {}{}.", wanted, leeway.fill_null("")), pl.lit(""))


def reason_expr() -> pl.Expr:
    """The reason code as a sentence, then the particulars."""
    is_silent = (pl.col("reason_code") == "no_sessions") & (pl.col("verdict") == "not_evaluable")
    code = pl.when(is_silent).then(pl.lit("nothing_received")).otherwise("reason_code")
    parts = (
        code.replace_strict(SENTENCES, return_dtype=pl.String),
        seen_expr(),
        asked_expr(),
        pl.col("note").fill_null(""),
    )
    return pl.concat_str(parts, separator=" ").str.replace_all(r"\s+", " ").str.strip_chars()
