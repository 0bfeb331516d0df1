"""The command: simulates, measures, prints, and keeps what was printed."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from retrowalk.evaluate.cohorts import SIZES, Found, found_in_cohort
from retrowalk.evaluate.measured import Measured, measured
from retrowalk.evaluate.report import tables_of
from retrowalk.evaluate.targets import load_targets
from retrowalk.show import wide_console
from retrowalk.simulate import REGIMES

#: Held out: no value of any rule was ever chosen by looking at what these seeds give.
HELD_OUT_SEEDS = (9001, 9002, 9003)
EXIT_NOT_MET = 1


class Format(StrEnum):
    """How tables are kept."""

    PARQUET = "parquet"
    CSV = "csv"
    JSON = "json"


def write(measured: Measured, folder: Path, kind: Format) -> None:
    """Writes one file per table."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("figures", "confusion", "reliability"):
        frame = getattr(measured, name)
        path = folder / f"{name}.{kind}"
        if kind is Format.PARQUET:
            frame.write_parquet(path)
        elif kind is Format.CSV:
            frame.write_csv(path)
        else:
            frame.write_json(path)


def evaluate(
    seeds: Annotated[
        list[int] | None, typer.Option("--seed", help="Seed of a cohort; repeat for more.")
    ] = None,
    regimes: Annotated[
        list[str] | None, typer.Option("--regime", help="Kind of evidence; default: all.")
    ] = None,
    size: Annotated[str, typer.Option(help=f"One of {', '.join(SIZES)}.")] = "small",
    out: Annotated[Path | None, typer.Option(help="Folder to write the tables to.")] = None,
    kind: Annotated[Format, typer.Option("--format", help="How they are written.")] = Format.CSV,
    by_kind: Annotated[bool, typer.Option(help="Each kind of participant apart.")] = False,  # noqa: FBT002
    strict: Annotated[bool, typer.Option(help="Exit with 1 if a target is not met.")] = False,  # noqa: FBT002
) -> None:
    """Simulate cohorts with known truth, score them, and say how right the scores are.

    The default seeds are held out: they are for reporting, never for choosing a value.

    Example: `python -m retrowalk.evaluate --regime trunk_imu --size large --out out/`
    """
    console = wide_console()
    chosen = {name: value for name, value in SIZES.items() if name == size}
    unknown = sorted(set(regimes or ()) - set(REGIMES))
    if not chosen or unknown:
        names = f"regimes {', '.join(REGIMES)}" if unknown else f"sizes {', '.join(SIZES)}"
        raise typer.BadParameter(f"{', '.join(unknown) or size} is not known; {names}.")
    planned = [(regime, seed) for regime in regimes or REGIMES for seed in seeds or HELD_OUT_SEEDS]
    found: list[Found] = []
    with console.status("simulating") as status:
        for number, (regime, seed) in enumerate(planned, start=1):
            status.update(f"{number}/{len(planned)}: {regime}, seed {seed}")
            found.append(found_in_cohort(regime, seed=seed, size=chosen[size]))
    by = ("regime", "kind") if by_kind else ("regime",)
    result = measured(found, load_targets(), by)
    for table in tables_of(result):
        console.print(table)
    if out is not None:
        write(result, out, kind)
    if strict and (~result.figures["is_met"]).any():
        raise typer.Exit(EXIT_NOT_MET)


def main() -> None:
    """Runs the command."""
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(evaluate)
    app()


if __name__ == "__main__":
    main()
