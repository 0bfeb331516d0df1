"""Segments, windows and truth for the measurement's tests, in seconds since a start."""

from datetime import UTC, datetime, timedelta

import polars as pl

START = datetime(2026, 9, 14, 9, 0, tzinfo=UTC)


def at(second: float) -> datetime:
    return START + timedelta(seconds=second)


def spans(rows: list[dict[str, object]], **defaults: object) -> pl.DataFrame:
    """Rows with ``start`` and ``end`` in seconds; everything else as given."""
    return pl.DataFrame(
        [
            {"workout_id": "w"}
            | defaults
            | {
                "started_at_utc": at(float(row["start"])),  # type: ignore[arg-type]
                "ended_at_utc": at(float(row["end"])),  # type: ignore[arg-type]
            }
            | {name: value for name, value in row.items() if name not in ("start", "end")}
            for row in rows
        ]
    )


def blocks(*rows: dict[str, object]) -> pl.DataFrame:
    """What was done: forward walking on the level, without label, unless a row says otherwise."""
    truth = spans(
        list(rows),
        activity="walk",
        direction="forward",
        grade_fraction=0.0,
        is_paused=False,
        label_direction=None,
        regime="r",
        kind="k",
    )
    label = pl.col("label_direction").is_not_null()
    for side in ("started", "ended"):
        name = f"label_{side}_at_utc"
        if name not in truth.columns:
            truth = truth.with_columns(pl.when(label).then(f"{side}_at_utc").alias(name))
    return truth.with_columns(pl.col("label_direction").cast(pl.String))


def stated(*rows: dict[str, object]) -> pl.DataFrame:
    """Segments: walking on the level of unknown direction, unless a row says otherwise."""
    return spans(list(rows), activity="walk", direction="unknown", grade_class="level")
