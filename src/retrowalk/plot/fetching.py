"""Fetches what a picture shows from the lake, and says what is missing."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl
from matplotlib.figure import Figure

from retrowalk.errors import LakeError
from retrowalk.lake import Lake
from retrowalk.plot.week import overview_of_weeks
from retrowalk.plot.workout import figure_of_workout
from retrowalk.tables import Marks, Records, Segments, WeeklySummary, Windows

#: Most workouts that an error names.
_NAMED_N = 8


def workout_named(lake: Lake, name: str) -> dict[str, Any]:
    """Finds a workout by its identifier or the beginning of it.

    Args:
        lake: Where tables are kept.
        name: A ``workout_id``, or as much of its beginning as no other shares.

    Returns:
        Its row of the table ``workouts``, by column name.

    Raises:
        LakeError: There is no such workout, or several.
    """
    fits = lake.scan("workouts").filter(pl.col("workout_id").str.starts_with(name))
    found = fits.sort("started_at_utc", "workout_id").collect()
    exact = found.filter(pl.col("workout_id") == name)
    chosen = exact if exact.height else found
    if not name or chosen.is_empty():
        raise LakeError(
            f"There is no workout '{name}' in {lake.root}. The table workouts lists them: "
            "retrowalk sql 'FROM workouts SELECT workout_id, participant_id, started_at_utc'"
        )
    if chosen.height > 1:
        listed = chosen.head(_NAMED_N).select("workout_id", "participant_id", "local_date").rows()
        lines = [f"  {workout} ({who}, {day})" for workout, who, day in listed]
        more = [f"  and {chosen.height - _NAMED_N} more"] if chosen.height > _NAMED_N else []
        raise LakeError(
            "\n".join([f"{chosen.height} workouts begin with '{name}'; say more:", *lines, *more])
        )
    return chosen.row(0, named=True)


def picture_of_workout(
    lake: Lake,
    workout: Mapping[str, Any],
    *,
    decide_at: float | None = None,
    shows_texts: bool = True,
) -> Figure:
    """Draws a workout from the tables as they stand.

    Args:
        lake: Where tables are kept.
        workout: Its row of the table ``workouts``, as from :func:`workout_named`.
        decide_at: Probability from which a direction is stated.
        shows_texts: Whether labels stand as a person wrote them; else what they state.

    Raises:
        LakeError: The windows of its week are not kept any more.
    """
    week = [workout["week_start_date"]]
    if lake.scan("windows", week).head(1).collect().is_empty():
        raise LakeError(
            f"Windows of the week of {week[0]} are not there: its detail was forgotten, as the "
            f"setting keep_detail_weeks says, or never scored. Raise the setting and score the "
            f"week again: retrowalk run --weeks {week[0]}"
        )
    text = pl.col("text") if shows_texts else pl.lit(None, pl.String).alias("text")
    own = pl.col("workout_id") == workout["workout_id"]
    return figure_of_workout(
        workout,
        Records.cast(lake.scan("records", week).filter(own).collect()),
        Windows.cast(lake.scan("windows", week).filter(own).collect()),
        Segments.cast(lake.scan("segments", week).filter(own).collect()),
        Marks.cast(lake.scan("marks", week).filter(own).with_columns(text).collect()),
        decide_at=decide_at,
    )


def longest_workouts(lake: Lake, weeks: Sequence[date], most_n: int) -> list[dict[str, Any]]:
    """The longest workouts of some weeks that have windows, as rows of the table ``workouts``."""
    drawn = lake.scan("windows", weeks).select("workout_id").unique()
    found = lake.scan("workouts", weeks).join(drawn, on="workout_id", how="semi")
    longest = found.sort("elapsed_s", "workout_id", descending=[True, False]).head(most_n)
    return longest.collect().to_dicts()


def picture_of_weeks(lake: Lake, weeks_n: int) -> Figure:
    """Draws the minutes of walking of everybody, in weeks up to the newest with a workout.

    Args:
        lake: Where tables are kept.
        weeks_n: How many weeks.

    Raises:
        LakeError: Nothing was scored yet.
    """
    summary = lake.read("weekly_summary")
    if summary.is_empty():
        raise LakeError(f"There is no weekly summary in {lake.root} yet: retrowalk run")
    walked = summary.filter(pl.col("workouts_n") > 0)
    newest = (walked if walked.height else summary)["week_start_date"].max()
    weeks = summary["week_start_date"].unique().sort()
    shown = weeks.filter(weeks <= newest).tail(weeks_n)
    of_weeks = pl.col("week_start_date").is_in(shown.to_list())
    return overview_of_weeks(WeeklySummary.cast(summary.filter(of_weeks)))
