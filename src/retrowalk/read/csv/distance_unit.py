"""Decides whether an activity list counts kilometres or miles, which no such list states.

A pace that follows the distance's unit gives pace x distance = time in both; so the rows tell only
by a length in metres (step length x steps) or by a pace in the other unit.
"""

import polars as pl

from retrowalk.errors import ExportError
from retrowalk.units import METRES_PER_KILOMETRE, METRES_PER_MILE

METRES_PER: dict[str, float] = {"km": METRES_PER_KILOMETRE, "mi": METRES_PER_MILE}
#: Step length and steps are rounded and count what the distance leaves out; the two units lie 61 %
#: apart, so a tolerance of 15 % never confuses them.
STEP_TOLERANCE = 0.15
#: A pace is rounded to the second.
PACE_TOLERANCE = 0.02
#: Share of the telling rows that may contradict the others.
CONTRADICTING_FRACTION = 0.2


def metres_per_unit(rows: pl.DataFrame, distance_unit: str | None) -> tuple[float | None, str]:
    """Finds the length of a list's unit of distance.

    Args:
        rows: n rows with ``total_distance_m`` (in the unknown unit), ``timer_s``, ``pace_s`` (per
            unknown unit), ``step_length_m``, ``total_steps_n``, ``cadence_per_min``, ``line_n``.
        distance_unit: The participant's setting.

    Returns:
        Metres in one unit, null where no row has a distance or pace; and what it rests on.

    Raises:
        ExportError: ``undecidable_units`` where neither the rows nor a setting tell.
    """
    with_distance = rows.filter(pl.col("total_distance_m") > 0)
    telling = with_distance.select("line_n", vote=pl.coalesce(_by_steps_expr(), _by_pace_expr()))
    km_n, mi_n = (telling.filter(pl.col("vote") == unit).height for unit in METRES_PER)
    most, least = max(km_n, mi_n), min(km_n, mi_n)
    if most and least <= CONTRADICTING_FRACTION * (km_n + mi_n):
        unit = "km" if km_n > mi_n else "mi"
        against = (
            f", against the setting {distance_unit}" if distance_unit not in (None, unit) else ""
        )
        return METRES_PER[
            unit
        ], f"Distances are in {unit} by {most} of {km_n + mi_n} rows that tell{against}."
    if distance_unit is not None:
        return METRES_PER[
            distance_unit
        ], f"Distances are in {distance_unit} by the participant's setting."
    if with_distance.height or rows["pace_s"].is_not_null().any():
        raise ExportError("undecidable_units", _undecided(with_distance, telling))
    return None, ""


def _by_steps_expr() -> pl.Expr:
    """The unit that makes step length x steps the distance."""
    steps = pl.coalesce("total_steps_n", pl.col("cadence_per_min") * pl.col("timer_s") / 60.0)
    metres = pl.col("step_length_m") * steps / pl.col("total_distance_m")
    return pl.coalesce(
        pl.when((metres / length - 1.0).abs() < STEP_TOLERANCE).then(pl.lit(unit))
        for unit, length in METRES_PER.items()
    )


def _by_pace_expr() -> pl.Expr:
    """The unit of distance, where the pace is in the other one."""
    ratio = pl.col("pace_s") * pl.col("total_distance_m") / pl.col("timer_s")
    mile = METRES_PER_MILE / METRES_PER_KILOMETRE
    return (
        pl.when((ratio * mile - 1.0).abs() < PACE_TOLERANCE)
        .then(pl.lit("mi"))
        .when((ratio / mile - 1.0).abs() < PACE_TOLERANCE)
        .then(pl.lit("km"))
    )


def _undecided(rows: pl.DataFrame, telling: pl.DataFrame) -> str:
    votes = telling.drop_nulls("vote").sort("line_n")
    fix = "Set distance_unit of the participant in participants.csv to km or mi."
    if votes.height:
        listed = ", ".join(f"line {line} {unit}" for line, unit in votes.head(6).iter_rows())
        return f"Rows contradict each other on the unit of distance ({listed}). {fix}"
    lines = ", ".join(str(line) for line in rows["line_n"].sort().head(6))
    return (
        f"Nothing tells whether distances are kilometres or miles (lines {lines} have a distance; none has a step "
        f"length and steps). {fix}"
    )
