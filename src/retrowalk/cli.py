"""The command line: scores files, runs the nightly work, and shows what is there."""

import datetime as dt
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import polars as pl
import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)

from retrowalk import calibration, show
from retrowalk.errors import LakeError, RetrowalkError
from retrowalk.inspect import describe
from retrowalk.lake import Lake, weeks_between
from retrowalk.local_time import monday_of
from retrowalk.query import answer
from retrowalk.read.registry import registry_dialects
from retrowalk.settings import load_settings
from retrowalk.simulate import simulate_cohort
from retrowalk.tables import BY_NAME
from retrowalk.walk.due import reasons_due
from retrowalk.walk.habits import weeks_before
from retrowalk.walk.stages import Walk, score
from retrowalk.walk.start import RegistryFiles, begin_walk

app = typer.Typer(
    name="retrowalk",
    help="Scores workout logs of people who walk backward.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
)
out = show.wide_console()
err = Console(stderr=True)

EXIT_QUARANTINED = 1
EXIT_USAGE = 2

HomeOption = Annotated[
    Path | None, typer.Option(help="Folder with inbox/, registry/ and lake/; default: data.")
]
StrictOption = Annotated[
    bool, typer.Option("--strict", help="Exit with 1 if a file was quarantined.")
]


class Format(StrEnum):
    """How an answer is written."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    PARQUET = "parquet"


#: What a formula begins with in some spreadsheet, also in full width and behind a line break.
_FORMULA = "^[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]"


@contextmanager
def progress_bar() -> Iterator[Callable[[int, int, str], None]]:
    """A bar on the error stream, so that what is printed can be piped."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=err, transient=True) as bar:
        tasks: dict[str, TaskID] = {}

        def told(done: int, total: int, what: str) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=total)
            bar.update(tasks[what], completed=done, total=total)

        yield told


def recorded_s(walk: Walk, weeks: list[dt.date]) -> float:
    """Seconds of recording in the workouts of these weeks: records times their usual distance."""
    length = (pl.col("records_n") * pl.col("median_interval_s")).sum()
    return float(walk.lake.scan("workouts", weeks).select(length).collect().item())


def finish(walk: Walk, *, strict: bool) -> None:
    """Leaves with 1 if files were quarantined and that was asked for."""
    refused = walk.lake.read("exports").filter(pl.col("status") == "quarantined").height
    if strict and refused:
        err.print(f"[red]{refused} files were quarantined[/] (--strict).")
        raise typer.Exit(EXIT_QUARANTINED)


def scored_weeks(walk: Walk) -> list[dt.date]:
    """Scans, then scores every week that any export or prescription touches."""
    walk.scan()
    weeks = walk.stale_weeks()
    score(walk, weeks)
    return weeks


def inner_home(paths: list[Path]) -> Path | None:
    """A single folder that holds an inbox and a registry is a home of its own."""
    is_home = len(paths) == 1 and (paths[0] / "inbox").is_dir()
    return paths[0] if is_home else None


def write_parquet(lake: Lake, folder: Path) -> None:
    """Writes each table as one Parquet file, words as plain text."""
    folder.mkdir(parents=True, exist_ok=True)
    for table in BY_NAME:
        words = pl.selectors.by_dtype(pl.Enum).cast(pl.String)
        lake.read(table).with_columns(words).write_parquet(folder / f"{table}.parquet")


@app.command("score")
def score_command(
    paths: Annotated[
        list[Path], typer.Argument(help="FIT or CSV exports, or folders of them.", exists=True)
    ],
    participants: Annotated[
        Path | None, typer.Option(help="participants.csv", exists=True, dir_okay=False)
    ] = None,
    prescriptions: Annotated[
        Path | None, typer.Option(help="prescriptions.csv", exists=True, dir_okay=False)
    ] = None,
    annotations: Annotated[
        Path | None, typer.Option(help="annotations.csv", exists=True, dir_okay=False)
    ] = None,
    home: Annotated[Path | None, typer.Option(help="Folder whose registry/ is used.")] = None,
    out_dir: Annotated[
        Path | None, typer.Option("--out", help="Write each table here as <table>.parquet.")
    ] = None,
    strict: StrictOption = False,  # noqa: FBT002
) -> None:
    """Score files or folders without Dagster and print the weekly table.

    A folder may hold a sub-folder per participant; a file outside one belongs to `unassigned`.

    Example: `retrowalk score sample_data --out tables/`
    """
    own = inner_home(paths)
    base = home or own
    settings = load_settings(home=base, registry=base and base / "registry")
    files = RegistryFiles(participants, prescriptions, annotations)
    begun = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="retrowalk-") as folder, progress_bar() as told:
        walk = begin_walk(
            settings if base else settings.model_copy(update={"registry": Path(folder) / "none"}),
            paths=[own / "inbox"] if own else paths,
            lake=Lake(folder),
            registry_files=files,
            progress=told,
        )
        weeks = scored_weeks(walk)
        show.print_result(out, walk.lake.read("exports"), walk.lake.read("weekly_summary"))
        if out_dir:
            write_parquet(walk.lake, out_dir)
            out.print(f"Tables: {out_dir}/<table>.parquet")
        out.print(show.speed_line(recorded_s(walk, weeks), time.perf_counter() - begun))
        finish(walk, strict=strict)


def parsed_weeks(text: str) -> list[dt.date]:
    """Reads ``A..B`` or one date; any day stands for its week.

    Raises:
        typer.BadParameter: It is neither.
    """
    try:
        first, _, last = text.partition("..")
        days = dt.date.fromisoformat(first), dt.date.fromisoformat(last or first)
    except ValueError as error:
        message = f"'{text}' is not of the form 2026-09-14..2026-11-02 or 2026-09-14"
        raise typer.BadParameter(message) from error
    if days[1] < days[0]:
        message = f"{days[1]} lies before {days[0]}"
        raise typer.BadParameter(message)
    return weeks_between(monday_of(days[0]), monday_of(days[1]))


@app.command()
def run(
    home: HomeOption = None,
    weeks: Annotated[str | None, typer.Option(help="Score these weeks: A..B, or one date.")] = None,
    strict: StrictOption = False,  # noqa: FBT002
) -> None:
    """Do what the nightly run does: scan the inbox, score the running week, the last and stale ones.

    Example: `retrowalk run --home data --weeks 2026-09-14..2026-11-02`
    """
    chosen = parsed_weeks(weeks) if weeks else None
    settings = load_settings(home=home)
    begun = time.perf_counter()
    with progress_bar() as told:
        walk = begin_walk(settings, progress=told)
        walk.scan()
        due = chosen or walk.due_weeks()
        reasons = reasons_due(walk, due)
        score(walk, due)
        walk.forget_detail()
    show.print_result(out, walk.lake.read("exports"), walk.lake.read("weekly_summary", due))
    for line in show.due_lines(reasons):
        out.print(f"Scored anew, {line}", markup=False, highlight=False)
    out.print(f"Tables: {settings.lake_root}   Weeks scored: {len(due)}")
    out.print(show.speed_line(recorded_s(walk, due), time.perf_counter() - begun))
    finish(walk, strict=strict)


@app.command()
def tidy(home: HomeOption = None) -> None:
    """Remove detail older than `keep_detail_weeks`, and files that no table needs any more.

    Example: `retrowalk tidy --home data`
    """
    for table, removed_n in begin_walk(load_settings(home=home)).tidy().items():
        out.print(f"{table}: {removed_n} files removed")


@app.command()
def sql(
    query: Annotated[str, typer.Argument(help="One SELECT over the tables.")],
    home: HomeOption = None,
    form: Annotated[
        Format, typer.Option("--format", help="How to write the answer.")
    ] = Format.TABLE,
) -> None:
    """Query the tables, read-only; also while a run writes.

    Example: `retrowalk sql "SELECT participant_id, sum(backward_min) FROM weekly_summary GROUP BY ALL"`
    """
    settings = load_settings(home=home)
    if not Path(settings.lake_root).is_dir():
        err.print(
            f"There are no tables in {settings.lake_root} yet: score something first (retrowalk run)."
        )
        raise typer.Exit(EXIT_USAGE)
    write_answer(answer(Lake(settings.lake_root), query), form)


def write_answer(rows: pl.DataFrame, form: Format) -> None:
    """Writes an answer to standard output."""
    if form is Format.PARQUET:
        rows.write_parquet(sys.stdout.buffer)
    elif form is Format.JSON:
        out.file.write(rows.write_json() + "\n")
    elif form is Format.CSV:
        out.file.write(safe_text(rows).write_csv())
    else:
        with pl.Config(
            tbl_rows=-1,
            tbl_cols=-1,
            tbl_hide_dataframe_shape=True,
            tbl_width_chars=out.width,
            fmt_str_lengths=60,
        ):
            out.file.write(f"{rows}\n")


def safe_text(rows: pl.DataFrame) -> pl.DataFrame:
    """Defuses text that a spreadsheet would run as a formula, and writes nested columns as JSON.

    Headers are text too. Parquet and JSON need none of it: no spreadsheet runs what stands there,
    and a changed text would be another one.
    """
    nested = [name for name, dtype in rows.schema.items() if dtype.is_nested()]
    words = pl.selectors.categorical() | pl.selectors.enum()
    flat = rows.with_columns(
        words.cast(pl.String),
        *(pl.struct(name).struct.json_encode().alias(name) for name in nested),
    )
    text = pl.selectors.string()
    risky = text.str.contains(_FORMULA)
    defused = flat.with_columns(pl.when(risky).then(pl.lit("'") + text).otherwise(text).name.keep())
    return defused.rename(lambda name: f"'{name}" if re.match(_FORMULA, name) else name)


@app.command()
def tables(
    name: Annotated[str | None, typer.Argument(help="One table; default: all.")] = None,
) -> None:
    """Print the data dictionary.

    Example: `retrowalk tables weekly_summary`
    """
    if name is not None and name not in BY_NAME:
        raise typer.BadParameter(f"'{name}' is none of {', '.join(BY_NAME)}")
    for table in [name] if name else BY_NAME:
        out.print(show.dictionary_table(table))


@app.command()
def inspect(
    file: Annotated[
        Path, typer.Argument(help="One export, or the folder of a recording.", exists=True)
    ],
    home: HomeOption = None,
) -> None:
    """Show what is in one export: channels, messages, labels, and the traps that were met.

    A CSV may be of a dialect of the home's own registry.

    Example: `retrowalk inspect walk.fit`
    """
    for part in describe(file, registry_dialects(load_settings(home=home).registry_dir)):
        out.print(part, markup=False, highlight=False, soft_wrap=isinstance(part, str))


@app.command()
def simulate(
    out_dir: Annotated[
        Path, typer.Option("--out", help="Folder to write inbox/, registry/ and truth.csv to.")
    ],
    participants: Annotated[int, typer.Option(min=1, help="How many people.")] = 6,
    weeks: Annotated[int, typer.Option(min=1, help="How many weeks.")] = 4,
    seed: Annotated[int, typer.Option(help="Same seed, same bytes.")] = 1,
) -> None:
    """Write a synthetic cohort of FIT and CSV exports with its registry and its truth.

    Example: `retrowalk simulate --participants 20 --weeks 4 --seed 7 --out cohort/`
    """
    with progress_bar() as told:
        simulate_cohort(
            out_dir,
            participants_n=participants,
            weeks_n=weeks,
            seed=seed,
            progress=lambda done, total: told(done, total, "writing exports"),
        )
    out.print(f"Score it: retrowalk score {out_dir}")


@app.command()
def plot(
    out_file: Annotated[
        Path, typer.Option("--out", "-o", help="File to write: .png, .svg or .html.")
    ],
    workout: Annotated[
        str | None, typer.Argument(help="Identifier of a workout, or the beginning of it.")
    ] = None,
    weeks: Annotated[
        int | None, typer.Option(min=1, help="In place of a workout: the newest weeks, everybody.")
    ] = None,
    home: HomeOption = None,
) -> None:
    """Draw one workout on one time axis, or the newest weeks of everybody.

    Example: `retrowalk plot 3f9a -o walk.html` or `retrowalk plot --weeks 4 -o weeks.png`
    """
    # Imported here: drawing is slow to load, and no other command needs it.
    from retrowalk import plot as pictures  # noqa: PLC0415

    if (workout is None) == (weeks is None):
        raise typer.BadParameter("say either a workout or --weeks")
    if out_file.suffix.lstrip(".").lower() not in pictures.FORMATS:
        endings = ", ".join(f".{form}" for form in pictures.FORMATS)
        raise typer.BadParameter(f"'{out_file}' must end in one of {endings}")
    if not out_file.parent.is_dir():
        raise typer.BadParameter(f"there is no folder '{out_file.parent}'")
    settings = load_settings(home=home)
    lake = Lake(settings.lake_root)
    if workout is not None:
        row = pictures.workout_named(lake, workout)
        decide_at = settings.decide_at_probability
        figure = pictures.picture_of_workout(lake, row, decide_at=decide_at)
    else:
        figure = pictures.picture_of_weeks(lake, weeks or 1)
    pictures.save_figure(figure, out_file)
    out.print(f"Wrote {out_file}", markup=False, highlight=False, soft_wrap=True)


def next_week_of(walk: Walk, participant_id: str) -> dt.date:
    """The week after the participant's newest workout: all that was labelled by then counts.

    Raises:
        LakeError: No workout of theirs was scored.
    """
    own = walk.lake.scan("workouts").filter(pl.col("participant_id") == participant_id)
    newest = own.select(pl.col("week_start_date").max()).collect().item()
    if newest is None:
        raise LakeError(
            f"No workout of '{participant_id}' is in {walk.lake.root}. Participants are named as "
            f"their inbox folders; score something first (retrowalk run)."
        )
    following: dt.date = newest + dt.timedelta(days=7)
    return following


@app.command()
def calibrate(
    participant: Annotated[str, typer.Argument(help="Whose labelled sessions.")],
    week: Annotated[
        str | None, typer.Option(help="Habits for the week of this day; default: the next one.")
    ] = None,
    home: HomeOption = None,
) -> None:
    """Show what a participant's labelled sessions taught, and what signs of gait may say with it.

    Example: `retrowalk calibrate P01`
    """
    settings = load_settings(home=home)
    with progress_bar() as told:
        walk = begin_walk(settings, progress=told)
        following = next_week_of(walk, participant)
        asked = parsed_weeks(week)[0] if week else following
        habits = walk.habits([asked], [participant])
    evidence, window_s = walk.rules.evidence, walk.rules.plausibility.cell_length_s
    row = habits.row(0, named=True) if habits.height else None
    earlier = weeks_before([asked])
    head = calibration.heading(participant, asked, earlier, habits, evidence)
    out.print(head, markup=False, highlight=False)
    out.print(calibration.taught_table(row, window_s))
    decide_at = settings.decide_at_probability
    for sentence in calibration.cap_sentences(
        habits, evidence, decide_at=decide_at, window_s=window_s
    ):
        out.print(sentence, markup=False, highlight=False, soft_wrap=True)
    own = pl.col("participant_id") == participant
    out.print(calibration.versions_table(walk.lake.scan("segments").filter(own).collect()))


def main() -> None:
    """Runs the command line; errors of this package end in one clear message."""
    try:
        app()
    except RetrowalkError as error:
        err.print(str(error), style="red", markup=False, highlight=False, soft_wrap=True)
        raise SystemExit(EXIT_USAGE) from error
