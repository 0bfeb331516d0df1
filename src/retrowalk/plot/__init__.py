"""Pictures of tables: one workout on one time axis, one or more weeks of everybody.

Tables in, a figure out, and a figure written as a file; only :mod:`.fetching` reads the lake.
Nothing is computed that a table should hold.
"""

from retrowalk.plot.fetching import (
    longest_workouts,
    picture_of_weeks,
    picture_of_workout,
    workout_named,
)
from retrowalk.plot.saving import FORMATS, figure_bytes, save_figure, small_png
from retrowalk.plot.week import overview_of_weeks
from retrowalk.plot.workout import figure_of_workout

__all__ = [
    "FORMATS",
    "figure_bytes",
    "figure_of_workout",
    "longest_workouts",
    "overview_of_weeks",
    "picture_of_weeks",
    "picture_of_workout",
    "save_figure",
    "small_png",
    "workout_named",
]
