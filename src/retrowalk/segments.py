"""Room ``segments``: cells become longest runs of one activity, direction and grade class.

Here probabilities become statements: a direction is stated where the evidence carries, assumed
where the prescription says so, and unknown otherwise.
"""

import dataframely as dy
import polars as pl

from retrowalk.rules.evidence import EvidenceRules
from retrowalk.rules.plausibility import PlausibilityRules
from retrowalk.tables import Prescriptions, Segments, Windows, Workouts
from retrowalk.units import SECONDS_PER_MINUTE

_MEASURED = ("compass", "imu", "gait")
_CLASS = (
    "activity",
    "direction",
    "direction_evidence",
    "is_direction_assumed",
    "grade_class",
)
_DURATION_S = pl.col("cell_s")


def run_expr(*columns: str) -> pl.Expr:
    """Numbers runs of rows that follow one another with equal values of all columns."""
    changes = [pl.col(column).ne_missing(pl.col(column).shift()) for column in columns]
    return pl.any_horizontal(changes).fill_null(value=True).cum_sum()


def span_s_expr() -> pl.Expr:
    """Length of a span in seconds."""
    return (pl.col("ended_at_utc") - pl.col("started_at_utc")).dt.total_microseconds() / 1e6


def ordered_cells(windows: pl.DataFrame) -> pl.DataFrame:
    """Windows by workout and time, with their length and the gap-free stretch that they lie in."""
    follows = (pl.col("started_at_utc") == pl.col("ended_at_utc").shift()) & (
        pl.col("workout_id") == pl.col("workout_id").shift()
    )
    return windows.sort("workout_id", "started_at_utc").with_columns(
        pl.col("activity", "grade_source", "label_direction", "label_source").cast(pl.String),
        cell_s=span_s_expr(),
        stretch_n=(~follows).fill_null(value=True).cum_sum(),
    )


def absorbed(
    cells: pl.DataFrame, column: str, within: tuple[str, ...], least_s: float
) -> pl.DataFrame:
    """Gives short runs of a value the value on both sides, if that is the same and not short.

    Args:
        cells: Cells in order of time.
        column: The value; runs of it shorter than ``least_s`` are absorbed.
        within: Columns whose changes no run reaches across, nor does any absorption.
        least_s: Least duration of a run that stands, in seconds.
    """
    runs = (
        cells.with_columns(run_n=run_expr(*within, column))
        .group_by("run_n", maintain_order=True)
        .agg(pl.col(*within, column).first(), pl.col("cell_s").sum())
        .with_columns(area_n=run_expr(*within))
    )
    before, after = (pl.col(column).shift(step).over("area_n") for step in (1, -1))
    stand = pl.all_horizontal(
        (pl.col("cell_s") >= least_s).shift(step).over("area_n") for step in (1, -1)
    )
    is_short = (pl.col("cell_s") < least_s) & stand & (before == after)
    filled = runs.select("run_n", pl.when(is_short).then(before).otherwise(column).alias(column))
    return (
        cells.with_columns(run_n=run_expr(*within, column))
        .drop(column)
        .join(filled, on="run_n", how="left", maintain_order="left")
        .drop("run_n")
    )


def decided_expr(decide_at: float) -> pl.Expr:
    """The direction that the probability states; unknown where it carries neither."""
    backward = pl.col("backward_probability")
    return (
        pl.when(backward >= decide_at)
        .then(pl.lit("backward"))
        .when(backward <= 1.0 - decide_at)
        .then(pl.lit("forward"))
        .otherwise(pl.lit("unknown"))
    )


def with_split_borders(
    cells: pl.DataFrame, within: tuple[str, ...], least_s: float
) -> pl.DataFrame:
    """Gives short unknown runs between the two directions, cell by cell, to the likelier one.

    That the direction changes there is certain; only when is not, and the likelier side of each
    cell errs by less than the run is long.

    Args:
        cells: Cells in order of time, with ``direction`` and ``backward_probability``.
        within: Columns whose changes no run reaches across.
        least_s: Unknown runs of this length and longer stand, in seconds.
    """
    area, run = run_expr(*within), run_expr(*within, "direction")
    runs = (
        cells.with_columns(area_n=area, run_n=run)
        .group_by("run_n", maintain_order=True)
        .agg(pl.col("area_n", "direction").first(), pl.col("cell_s").sum())
    )
    before, after = (pl.col("direction").shift(step).over("area_n") for step in (1, -1))
    is_between = (before == "forward") & (after == "backward") | (before == "backward") & (
        after == "forward"
    )
    is_split = (pl.col("direction") == "unknown") & (pl.col("cell_s") < least_s) & is_between
    backward = pl.col("backward_probability")
    likelier = (
        pl.when(backward > 0.5)
        .then(pl.lit("backward"))
        .when(backward < 0.5)
        .then(pl.lit("forward"))
        .otherwise("direction")
    )
    return (
        cells.with_columns(run_n=run)
        .join(
            runs.select("run_n", is_split=is_split.fill_null(value=False)),
            on="run_n",
            how="left",
            maintain_order="left",
        )
        .with_columns(direction=pl.when("is_split").then(likelier).otherwise("direction"))
        .drop("run_n", "is_split")
    )


def with_direction(cells: pl.DataFrame, *, decide_at: float, least_s: float) -> pl.DataFrame:
    """Adds ``direction`` of walking cells, after short runs without a label are absorbed."""
    is_walk = pl.col("activity") == "walk"
    within = ("stretch_n", "activity", "label_direction")
    return (
        cells.with_columns(
            direction=pl.when(is_walk).then(decided_expr(decide_at)).otherwise(pl.lit("unknown"))
        )
        .pipe(absorbed, "direction", within, least_s)
        .pipe(with_split_borders, within, least_s)
    )


def strongest_source_expr(sums: dict[str, pl.Expr]) -> pl.Expr:
    """The source that speaks loudest for the stated direction; null where none speaks for it."""
    sign = pl.when(pl.col("direction") == "backward").then(1.0).otherwise(-1.0)
    spoken = {name: (total * sign).fill_null(0.0) for name, total in sums.items()}
    loudest = pl.max_horizontal(spoken.values())
    return pl.coalesce(
        *(
            pl.when((total == loudest) & (loudest > 0)).then(pl.lit(name))
            for name, total in spoken.items()
        )
    )


def with_evidence(cells: pl.DataFrame) -> pl.DataFrame:
    """Adds ``direction_evidence``: the label that states the direction, else the loudest source.

    Loudness is summed over the run of cells of one direction; where nothing in the run speaks for
    it, over the workout, from which the probability was carried over.
    """
    nats = {name: pl.col(f"{name}_log_likelihood_ratio_nats") for name in _MEASURED}
    marked = cells.with_columns(
        is_stated=(pl.col("label_direction") == pl.col("direction")).fill_null(value=False)
    ).with_columns(
        direction_run_n=run_expr("stretch_n", "activity", "direction", "is_stated", "label_source")
    )
    loudest = pl.coalesce(
        strongest_source_expr({name: pl.col(name) for name in _MEASURED}),
        strongest_source_expr({name: pl.col(name).sum().over("workout_id") for name in _MEASURED}),
        pl.lit("gait"),
    )
    runs = (
        marked.group_by("direction_run_n", maintain_order=True)
        .agg(
            pl.col("workout_id", "direction", "is_stated", "label_source").first(),
            **{name: total.sum() for name, total in nats.items()},
        )
        .select(
            "direction_run_n",
            direction_evidence=pl.when(pl.col("direction") == "unknown")
            .then(pl.lit("none"))
            .when("is_stated")
            .then("label_source")
            .otherwise(loudest),
        )
    )
    return marked.join(runs, on="direction_run_n", how="left", maintain_order="left")


def assumed_directions(
    workouts: pl.DataFrame, prescriptions: dy.DataFrame[Prescriptions]
) -> pl.DataFrame:
    """What the prescription in force on each workout's day takes unlabelled walking for.

    Of several prescriptions in force the one that began last counts.
    """
    in_force = (pl.col("local_date") >= pl.col("starts_on_date")) & (
        pl.col("ends_on_date").is_null() | (pl.col("local_date") <= pl.col("ends_on_date"))
    )
    return (
        workouts.select("workout_id", "participant_id", "local_date")
        .join(prescriptions, on="participant_id")
        .filter(in_force)
        .sort("starts_on_date", "protocol")
        .group_by("workout_id")
        .agg(assumed_direction=pl.col("unlabelled_walking").last().cast(pl.String))
    )


def with_assumption(cells: pl.DataFrame, assumed: pl.DataFrame) -> pl.DataFrame:
    """Lets the prescription decide walking of unknown direction, and says that it did."""
    is_assumed = (
        (pl.col("activity") == "walk")
        & (pl.col("direction") == "unknown")
        & pl.col("assumed_direction").is_in(["backward", "forward"])
    ).fill_null(value=False)
    return (
        cells.join(assumed, on="workout_id", how="left", maintain_order="left")
        .with_columns(is_direction_assumed=is_assumed)
        .with_columns(
            direction=pl.when("is_direction_assumed")
            .then("assumed_direction")
            .otherwise("direction"),
            direction_evidence=pl.when("is_direction_assumed")
            .then(pl.lit("assumption"))
            .otherwise("direction_evidence"),
        )
    )


def switch_expr(is_on: pl.Expr, is_off: pl.Expr) -> pl.Expr:
    """A switch with hysteresis: on from ``is_on`` to ``is_off``, as it was in between."""
    state = pl.when(is_on).then(pl.lit(value=True)).when(is_off).then(pl.lit(value=False))
    return state.forward_fill().over("grade_stretch_n").fill_null(value=False)


def with_grade_class(cells: pl.DataFrame, rules: PlausibilityRules) -> pl.DataFrame:
    """Adds ``grade_class``: incline and decline with hysteresis, else level; unknown without grade.

    A barometric incline or decline that is shorter than ``rules.incline_least_m`` is level: the fit
    does not resolve it. What a person or a treadmill states is taken as it stands.
    """
    grade, on, off = pl.col("grade_fraction"), rules.incline_on_fraction, rules.incline_off_fraction
    slope = (
        pl.when(grade.is_null())
        .then(pl.lit("unknown"))
        .when(switch_expr(grade >= on, grade < off))
        .then(pl.lit("incline"))
        .when(switch_expr(grade <= -on, grade > -off))
        .then(pl.lit("decline"))
        .otherwise(pl.lit("level"))
    )
    is_short = (
        (pl.col("grade_source") == "barometer")
        & pl.col("grade_class").is_in(["incline", "decline"])
        & (pl.col("distance_m").sum().over("grade_run_n") < rules.incline_least_m)
    )
    return (
        cells.with_columns(has_grade=grade.is_not_null())
        .with_columns(grade_stretch_n=run_expr("stretch_n", "has_grade"))
        .with_columns(grade_class=slope)
        .with_columns(grade_run_n=run_expr("grade_stretch_n", "grade_class"))
        .with_columns(grade_class=pl.when(is_short).then(pl.lit("level")).otherwise("grade_class"))
    )


def walking_class_expr() -> pl.Expr:
    """Direction and slope in one word; level and unknown grade go unsaid."""
    is_sloped = pl.col("grade_class").is_in(["incline", "decline"])
    return (
        pl.when(pl.col("activity") != "walk")
        .then(pl.lit("not_walking"))
        .when(is_sloped)
        .then(pl.format("{}_{}", "grade_class", "direction"))
        .otherwise("direction")
    )


def mean_expr(column: str) -> pl.Expr:
    """Time-weighted mean over the cells that have a value; null without one."""
    known_s = _DURATION_S.filter(pl.col(column).is_not_null()).sum()
    return pl.when(known_s > 0).then((pl.col(column) * _DURATION_S).sum() / known_s)


def sum_expr(column: str) -> pl.Expr:
    """Sum over the cells that have a value; null without one."""
    return pl.when(pl.col(column).count() > 0).then(pl.col(column).sum())


def usable_cadence_expr() -> pl.Expr:
    """Cadence of a cell; a zero in walking or running is missing, not measured."""
    is_gait = pl.col("activity").is_in(["walk", "run"])
    is_missing = is_gait & (pl.col("cadence_mean_spm") == 0)
    return pl.when(~is_missing.fill_null(value=False)).then("cadence_mean_spm")


def median_cadences(cells: pl.DataFrame) -> pl.DataFrame:
    """Time-weighted median cadence of each segment: half of the time lies at or below it."""
    passed_s = _DURATION_S.cum_sum().over("segment_row")
    return (
        cells.filter(pl.col("usable_cadence_spm").is_not_null())
        .sort("segment_row", "usable_cadence_spm")
        .filter(passed_s >= _DURATION_S.sum().over("segment_row") / 2.0)
        .group_by("segment_row")
        .agg(cadence_median_spm=pl.col("usable_cadence_spm").first())
    )


def probability_expr() -> pl.Expr:
    """Probability of the stated direction; of the likelier one where it is unknown."""
    backward = mean_expr("backward_probability")
    direction = pl.col("direction").first()
    return (
        pl.when(pl.col("is_direction_assumed").first() | (pl.col("activity").first() != "walk"))
        .then(None)
        .when(direction == "backward")
        .then(backward)
        .when(direction == "forward")
        .then(1.0 - backward)
        .otherwise(pl.max_horizontal(backward, 1.0 - backward))
    )


def doubted_expr() -> pl.Expr:
    """Time with a heart rate that is doubted; null without any heart rate."""
    doubted = _DURATION_S.filter(pl.col("heart_rate_doubt").is_not_null()).sum()
    return pl.when(pl.col("heart_rate_mean_bpm").is_not_null().any()).then(doubted)


def summed_up(cells: pl.DataFrame) -> pl.DataFrame:
    """One row per segment from its cells."""
    steps = pl.col("usable_cadence_spm") / SECONDS_PER_MINUTE * _DURATION_S
    has_both = pl.col("usable_cadence_spm").is_not_null() & pl.col("speed_mean_mps").is_not_null()
    walked = (pl.col("speed_mean_mps") * _DURATION_S).filter(has_both).sum()
    stepped = steps.filter(has_both).sum()
    is_graded = pl.col("grade_class").first() != "unknown"
    return cells.group_by("segment_row", maintain_order=True).agg(
        pl.col(
            "week_start_date",
            "workout_id",
            "participant_id",
            "started_at_utc",
            "habits_version",
            *_CLASS,
        ).first(),
        pl.col("ended_at_utc").last(),
        direction_probability=probability_expr(),
        is_label_contradicted=pl.col("is_label_contradicted").any(),
        distance_m=sum_expr("distance_m"),
        speed_mean_mps=mean_expr("speed_mean_mps"),
        cadence_usable_s=_DURATION_S.filter(pl.col("usable_cadence_spm").is_not_null()).sum(),
        heart_rate_mean_bpm=mean_expr("heart_rate_mean_bpm"),
        heart_rate_usable_s=_DURATION_S.filter(pl.col("heart_rate_mean_bpm").is_not_null()).sum(),
        heart_rate_doubted_s=doubted_expr(),
        step_length_mean_m=pl.when(stepped > 0).then(walked / stepped),
        grade_mean_fraction=pl.when(is_graded).then(mean_expr("grade_fraction")),
        grade_source=pl.col("grade_source").first(),
    )


def segments_from_windows(
    windows: dy.DataFrame[Windows],
    workouts: dy.DataFrame[Workouts],
    prescriptions: dy.DataFrame[Prescriptions],
    *,
    evidence: EvidenceRules,
    plausibility: PlausibilityRules,
    decide_at: float | None = None,
) -> dy.DataFrame[Segments]:
    """Joins cells to longest runs of one activity, direction, evidence and grade class.

    A segment never spans a hole or pause, and a label's border always ends one if the direction
    changes there. Runs without a label that are shorter than ``plausibility.flicker_s`` are taken
    for what surrounds them.

    Args:
        windows: Cells of any number of workouts, any order.
        workouts: The workouts they belong to.
        prescriptions: What unlabelled walking is taken for, by participant and day.
        evidence: From which probability on a direction is stated.
        plausibility: Least lengths, and the grades at which incline begins and ends.
        decide_at: Overrides the probability of ``evidence``; above one half, up to 1.

    Returns:
        One row per segment, by workout and time, numbered from 0 within its workout. Durations
        add up to those of the cells.
    """
    cells = (
        windows.pipe(ordered_cells)
        .join(
            workouts.select("workout_id", "participant_id"), on="workout_id", maintain_order="left"
        )
        .pipe(
            with_direction,
            decide_at=decide_at or evidence.decide_at_probability,
            least_s=plausibility.flicker_s,
        )
        .pipe(with_evidence)
        .pipe(with_assumption, assumed_directions(workouts, prescriptions))
        .pipe(with_grade_class, plausibility)
        .with_columns(
            segment_row=run_expr("stretch_n", *_CLASS), usable_cadence_spm=usable_cadence_expr()
        )
    )
    return (
        summed_up(cells)
        .join(median_cadences(cells), on="segment_row", how="left", maintain_order="left")
        .with_columns(
            segment_n=pl.int_range(pl.len()).over("workout_id"),
            walking_class=walking_class_expr(),
            duration_s=span_s_expr(),
        )
        .select(Segments.column_names())
        .pipe(Segments.validate, cast=True)
    )
