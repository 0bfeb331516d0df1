"""Readings kept between scan and score: a new export is read once, as long as there is room."""

import polars as pl

from retrowalk.read.reading import Reading, ReadRecords, ReadWorkouts
from retrowalk.walk.scan import Memory


def reading(records_n: int) -> Reading:
    rows = pl.DataFrame({"workout_n": [0] * records_n})
    return Reading(
        format="csv",
        dialect="made",
        workouts=ReadWorkouts.create_empty(),
        records=ReadRecords.cast(
            pl.concat([ReadRecords.create_empty(), rows], how="diagonal_relaxed")
        ),
    )


def test_what_fits_is_read_once_and_what_does_not_is_read_again() -> None:
    read: list[str] = []
    memory = Memory(limit_n=5)

    def recall(key: str, records_n: int) -> int:
        def made() -> Reading:
            read.append(key)
            return reading(records_n)

        return memory.recall(key, made).records.height

    # Three records fit into five; three more do not, but two still do.
    sizes = [("a", 3), ("b", 3), ("c", 2)] * 2
    assert [recall(key, records_n) for key, records_n in sizes] == [3, 3, 2, 3, 3, 2]
    assert read == ["a", "b", "c", "b"]
