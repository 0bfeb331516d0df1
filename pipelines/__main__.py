"""``python -m pipelines``: the nightly work, once, through Dagster, in this process."""

import datetime as dt
import logging
import os
import shutil
import time
import warnings
from pathlib import Path

warnings.filterwarnings("ignore")
logging.getLogger("dagster").setLevel(logging.ERROR)

import dagster as dg  # noqa: E402 - after its warnings are silenced
import polars as pl  # noqa: E402
from rich.console import Console  # noqa: E402
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: E402

from pipelines.assets import ACROSS_WEEKS, WITHIN_WEEKS  # noqa: E402
from pipelines.definitions import defs  # noqa: E402
from retrowalk import show  # noqa: E402
from retrowalk.lake import Lake  # noqa: E402
from retrowalk.settings import Settings, load_settings  # noqa: E402
from retrowalk.walk.start import begin_walk  # noqa: E402

SAMPLE = Path("sample_data")


def seed_home(settings: Settings, console: Console) -> None:
    """Puts the sample data into an inbox that is empty, so that there is something to see."""
    if settings.inbox_dir.exists() or not SAMPLE.is_dir():
        return
    for name, target in (("inbox", settings.inbox_dir), ("registry", settings.registry_dir)):
        shutil.copytree(SAMPLE / name, target, dirs_exist_ok=True)
    console.print(f"The inbox was empty: sample data are in {settings.inbox_dir} now.")


def own_instance(settings: Settings) -> dg.DagsterInstance:
    """Dagster's instance below the home, with the project's ``dagster.yaml``."""
    home = Path(os.environ.setdefault("DAGSTER_HOME", str((settings.home / "dagster").resolve())))
    home.mkdir(parents=True, exist_ok=True)
    if not (home / "dagster.yaml").exists() and Path("dagster.yaml").exists():
        shutil.copy("dagster.yaml", home)
    return dg.DagsterInstance.get()


def score_week(
    instance: dg.DagsterInstance, week: dt.date, rooms: tuple[dg.AssetsDefinition, ...]
) -> bool:
    """One run of the job for one week and some of the rooms."""
    job = defs.resolve_job_def("score_weeks")
    return job.execute_in_process(
        instance=instance,
        partition_key=week.isoformat(),
        asset_selection=[key for room in rooms for key in room.keys],
        raise_on_error=False,
        run_config={"loggers": {"console": {"config": {"log_level": "ERROR"}}}},
    ).success


def main() -> None:
    """Seeds, scans, scores every week that is due, and prints the weekly table."""
    console = show.wide_console()
    settings = load_settings()
    seed_home(settings, console)
    begun = time.perf_counter()
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with (
        Progress(*columns, console=console, transient=True) as bar,
        own_instance(settings) as instance,
    ):
        looking = bar.add_task("scanning the inbox", total=None)
        walk = begin_walk(settings)
        walk.scan()
        weeks = walk.due_weeks()
        bar.remove_task(looking)
        scoring = bar.add_task("scoring weeks through Dagster", total=2 * len(weeks))
        failed = set()
        for rooms in (WITHIN_WEEKS, ACROSS_WEEKS):
            for week in weeks:
                if not score_week(instance, week, rooms):
                    failed.add(week)
                bar.advance(scoring)
    elapsed_s = time.perf_counter() - begun
    lake = Lake(settings.lake_root)
    show.print_result(console, lake.read("exports"), lake.read("weekly_summary"))
    recorded = (
        lake.scan("workouts", weeks)
        .select((pl.col("records_n") * pl.col("median_interval_s")).sum())
        .collect()
        .item()
    )
    console.print(show.speed_line(float(recorded), elapsed_s))
    console.print(f"Tables: {settings.lake_root}/<table>, Delta Lake. Query them:")
    console.print('  .venv/bin/retrowalk sql "SELECT * FROM weekly_summary"')
    console.print("Dagster's UI: make ui, then http://127.0.0.1:3000/asset-groups")
    if failed:
        console.print(
            f"[red]Weeks that failed: {', '.join(map(str, sorted(failed)))}[/]; their runs in the UI say why."
        )
        raise SystemExit(1)


if __name__ == "__main__":
    main()
