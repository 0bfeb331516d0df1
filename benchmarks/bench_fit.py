"""Decodes the same FIT files with every reader at hand, in one run, and says how fast each was.

The task is the same for all: bytes in, a Polars frame of all record fields in physical units out.
What each makes of it differs; :data:`WORK` says how. The best of many runs counts, as a night reads
many files of the same devices; the first run on each file, which knows nothing of its definitions
yet, is summed up apart.
Readers that are not installed are left out (``requirements/bench.in`` lists them).

    python benchmarks/bench_fit.py [folder of FIT files]

Without a folder the corpus beside the project is read, where there is one, and generated files.
"""

import importlib.util
import io
import math
import resource
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

ROOT = Path(__file__).resolve().parents[1]
# By path: some readers install a package called `tests`, which would stand before ours.
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "tests")]

from builders_fit import T0, TIMESTAMP, D, F, Fit  # noqa: E402

from retrowalk.errors import ExportError  # noqa: E402
from retrowalk.read.fit import (  # noqa: E402
    decode,
    definitions,
    developer,
    plans,
    reading_from_fit,
)

CORPUS = ROOT.parent / "shared" / "corpus" / "fit"
#: Each reader runs at least so often and so long on a file; the best time counts.
LEAST_RUNS, LEAST_SECONDS, MOST_RUNS = 2, 0.15, 60
#: Below this a file holds minutes, and fixed costs decide.
SMALL_BYTES = 20_000
GENERATED = "generated"
TARGETS = {"fitparse": 300.0, "fitfast": 3.0}
MOST_MEMORY = 6.0
#: Time per byte of the large file may be so many times that of its quarter.
MOST_GROWTH = 1.5
GAP_S = 30

Reader = Callable[[bytes], pl.DataFrame]


def ours(data: bytes) -> pl.DataFrame:
    return decode(data, only={"record"})["record"]


def fitparse(data: bytes) -> pl.DataFrame:
    from fitparse import FitFile  # noqa: PLC0415
    from fitparse.records import DEV_TYPES  # noqa: PLC0415

    DEV_TYPES.clear()
    return frame(m.get_values() for m in FitFile(data, check_crc=False).get_messages("record"))


def fitdecode(data: bytes) -> pl.DataFrame:
    import fitdecode as reader  # noqa: PLC0415

    found = reader.FitReader(io.BytesIO(data), check_crc=reader.CrcCheck.DISABLED)
    return frame(
        {field.name: field.value for field in message.fields}
        for message in found
        if isinstance(message, reader.FitDataMessage) and message.name == "record"
    )


def garmin_fit_sdk(data: bytes) -> pl.DataFrame:
    from garmin_fit_sdk import Decoder, Stream  # noqa: PLC0415

    messages, errors = Decoder(Stream.from_byte_array(bytearray(data))).read()
    if errors:
        raise ValueError(errors)
    return frame({str(k): v for k, v in row.items()} for row in messages["record_mesgs"])


def fitfast(data: bytes) -> pl.DataFrame:
    import fitfast as reader  # noqa: PLC0415

    return pl.DataFrame(reader.records(data))


def fitfast_same_form(data: bytes) -> pl.DataFrame:
    import fitfast as reader  # noqa: PLC0415

    columns = dict(reader.records(data))
    if "timestamp" in columns:
        times = pl.Series(columns["timestamp"] * 1e6).cast(pl.Int64, strict=False)
        columns["timestamp"] = times.cast(pl.Datetime("us", "UTC"))
    return pl.DataFrame(columns, nan_to_null=True)


#: Reader -> what stands in its frame.
WORK = {
    "ours": "all fields, with arrays, text, developer fields and fields inside fields; nulls, types of "
    "their own, UTC instants, names of enumerations",
    "fitfast": "its columns as they come: all numbers floats, NaN for absent, times as Unix seconds; "
    "no names, arrays, text or fields inside fields",
    "fitfast+": "the same with nulls for NaN and UTC instants, the least to be of use beside ours",
    "garmin_fit_sdk": "all messages, since it cannot be asked for records alone; rows as dictionaries",
    "fitdecode": "an object per field; rows as dictionaries",
    "fitparse": "an object per field; rows as dictionaries",
}
READERS: dict[str, Reader] = {
    "ours": ours,
    "fitfast": fitfast,
    "fitfast+": fitfast_same_form,
    "garmin_fit_sdk": garmin_fit_sdk,
    "fitdecode": fitdecode,
    "fitparse": fitparse,
}


def frame(rows: Any) -> pl.DataFrame:
    """Makes a frame of rows as dictionaries; a column of mixed values becomes objects."""
    columns: dict[str, list[Any]] = {}
    n = 0
    for row in rows:
        for name, value in row.items():
            values = columns.setdefault(name, [])
            values.extend([None] * (n - len(values)))
            values.append(value)
        n += 1
    for values in columns.values():
        values.extend([None] * (n - len(values)))
    return pl.DataFrame({name: pl.Series(name, v, strict=False) for name, v in columns.items()})


@dataclass(frozen=True)
class File:
    """A file to read: its name, bytes, and how long a recording it holds."""

    name: str
    data: bytes
    hours: float


def file_from(name: str, data: bytes) -> File | None:
    """Makes a file, or None where it holds no timed records."""
    try:
        times = decode(data, only={"record"})["record"].get_column("timestamp").drop_nulls().sort()
    except (ExportError, KeyError, pl.exceptions.ColumnNotFoundError):
        return None
    seconds = times.diff().dt.total_milliseconds().drop_nulls() / 1000
    return File(name, data, float(seconds.filter(seconds <= GAP_S).sum()) / 3600)


def recording(seconds: int, *, accelerometer_s: int = 0) -> bytes:
    """A walk at 1 Hz with two developer fields, and maybe raw acceleration at 100 Hz."""
    fit = Fit().describe(0, "float32", "stride_length", units="m").describe(1, "uint8", "direction")
    fields = [F(0, "sint32"), F(1, "sint32"), F(5, "uint32"), F(6, "uint16"), F(2, "uint16")]
    fit.define(
        0, 20, [TIMESTAMP, *fields, F(4, "uint8"), F(3, "uint8")],
        developer=[D(0, "float32"), D(1, "uint8")],
    )  # fmt: skip
    samples = [F(i, "uint16", 30) for i in (1, 2, 3, 4)]
    fit.define(1, 165, [TIMESTAMP, F(0, "uint16"), *samples])
    fit.message(
        167, (F(0, "enum"), 0), (F(1, "uint32"), 1), (F(2, "uint32"), 1_000),
        (F(3, "uint32"), 32_768), (F(4, "sint32", 3), [0, 0, 0]),
    )  # fmt: skip
    offsets = [10 * i for i in range(30)]
    for i in range(seconds):
        place = (570_000_000 + 90 * i, 110_000_000 - 40 * i)
        fit.data(
            0, T0 + i, *place, 110 * i, 1_100 + i % 7, 2_600 + i % 9, 55, 95 + i % 30, 0.62, i % 2
        )
        first, last = -(-i * 100 // 30), -(-(i + 1) * 100 // 30)
        for k in range(first, last if i < accelerometer_s else first):
            axis = [32_768 + (k * 37 + j * 11) % 900 for j in range(30)]
            fit.data(1, T0 + i, (k * 300) % 1000, offsets, axis, axis[::-1], axis)
    return fit.bytes()


def files(folder: Path) -> list[File]:
    """Gives the files of a folder, and generated ones of one hour and of four."""
    found = [(path.name, path.read_bytes()) for path in sorted(folder.glob("*")) if path.is_file()]
    found += [(f"{GENERATED}, {h} h", recording(3_600 * h)) for h in (1, 4)]
    made = (file_from(name, data) for name, data in found)
    return [file for file in made if file is not None]


@dataclass(frozen=True)
class Took:
    """Seconds that a reader took for a file: at best, and the first time."""

    best: float
    first: float


def time_to_read(reader: Reader, data: bytes) -> Took | None:
    """Times several runs; None where the reader refuses the file."""
    runs: list[float] = []
    while len(runs) < LEAST_RUNS or (sum(runs) < LEAST_SECONDS and len(runs) < MOST_RUNS):
        start = time.perf_counter()
        try:
            reader(data)
        except Exception:  # noqa: BLE001  (what a reader raises over a bad file is its own affair)
            return None
        runs.append(time.perf_counter() - start)
    return Took(min(runs), runs[0])


Times = dict[str, dict[str, Took]]


def compare(found: list[File]) -> None:
    """Prints a row per file and a summary per reader."""
    readers = {name: r for name, r in READERS.items() if is_installed(name)}
    print("What each reader puts into its frame:")
    for name, reader in readers.items():
        print(f"  {name:15} {WORK[name]}")
        time_to_read(reader, recording(20))  # so that no file pays for imports
    print(
        f"\n{'file':44} {'kB':>6} {'hours':>6}  "
        + "  ".join(f"{n:>15}" for n in readers)
        + "   (ms)"
    )
    times: Times = {name: {} for name in readers}
    for file in found:
        forget()
        row = []
        for name, reader in readers.items():
            took = time_to_read(reader, file.data)
            if took is not None:
                times[name][file.name] = took
            row.append("refused" if took is None else f"{1000 * took.best:.2f}")
        print(
            f"{file.name[-44:]:44} {len(file.data) / 1000:6.0f} {file.hours:6.2f}  "
            + "  ".join(f"{cell:>15}" for cell in row),
            flush=True,
        )
    summarise(found, times)


def forget() -> None:
    """Lets our decoder forget what it keeps of files read before, as at the start of a night."""
    for module in (definitions, developer, plans):
        for kept in vars(module).values():
            if hasattr(kept, "cache_clear") and kept.__module__ == module.__name__:
                kept.cache_clear()


def is_installed(name: str) -> bool:
    return name == "ours" or importlib.util.find_spec(name.removesuffix("+")) is not None


def summarise(found: list[File], times: Times) -> None:
    """Prints MB/s, hours/s and the geometric mean of the ratios, over files that both read.

    Files of minutes are apart too: they cost every reader its fixed costs, ours the most.
    """
    real = [file for file in found if not file.name.startswith(GENERATED)]
    classes = {
        "all real files": real,
        f"real files of {SMALL_BYTES // 1000} kB and more": [
            f for f in real if len(f.data) >= SMALL_BYTES
        ],
        f"real files below {SMALL_BYTES // 1000} kB": [
            f for f in real if len(f.data) < SMALL_BYTES
        ],
        "generated files": [f for f in found if f not in real],
    }
    for title, chosen in classes.items():
        if not chosen:
            continue
        print(f"\n{title}: {len(chosen)}")
        for name, took in times.items():
            read = [file for file in chosen if file.name in took]
            seconds = sum(took[file.name].best for file in read) or math.nan
            print(
                f"  {name:15} read {len(read):3}   {sum(len(f.data) for f in read) / seconds / 1e6:8.1f} MB/s"
                f"   {sum(f.hours for f in read) / seconds:10.0f} hours of recording a second"
                + ("" if name == "ours" else f"   {ratio_said(read, took, times['ours'], name)}")
            )


def ratio_said(
    read: list[File], took: dict[str, Took], ours_took: dict[str, Took], name: str
) -> str:
    """Says how many times as fast ours is, at best and the first time."""
    both = [file.name for file in read if file.name in ours_took]
    best = geometric_mean([took[f].best / ours_took[f].best for f in both])
    first = geometric_mean([took[f].first / ours_took[f].first for f in both])
    said = f"ours is {best:7.1f} x as fast (geometric mean; {first:.1f} x the first time)"
    target = TARGETS.get(name.removesuffix("+"))
    return said if target is None else f"{said}   target {target:.0f}: {verdict(best >= target)}"


def geometric_mean(ratios: list[float]) -> float:
    return math.exp(sum(map(math.log, ratios)) / len(ratios)) if ratios else math.nan


def verdict(is_met: bool) -> str:  # noqa: FBT001
    return "met" if is_met else "not met"


def large() -> None:
    """Prints time and peak memory of a large file and of its parts."""
    print("\n24 h at 1 Hz with developer fields and 2 h of 100 Hz acceleration, all messages:")
    rates, peaks = [], []
    for share in (0.25, 0.5, 1.0):
        data = recording(round(86_400 * share), accelerometer_s=round(7_200 * share))
        took = time_to_read(lambda content: decode(content)["record"], data)
        seconds = took.best if took else math.nan
        rates.append(len(data) / seconds / 1e6)
        peaks.append(peak_of(data))
        print(
            f"  {len(data) / 1e6:6.2f} MB   {1000 * seconds:7.1f} ms   {rates[-1]:6.0f} MB/s"
            f"   {24 * share / seconds:7.0f} hours of recording a second"
            f"   peak memory {peaks[-1]:.1f} x the file",
            flush=True,
        )
    print(f"  linear in size: {verdict(rates[0] / rates[-1] <= MOST_GROWTH)}")
    print(f"  peak memory under {MOST_MEMORY:.0f} x the file: {verdict(max(peaks) < MOST_MEMORY)}")
    start = time.perf_counter()
    reading = reading_from_fit(data)
    print(
        f"  workouts, {reading.records.height:,} records and {reading.samples.height:,} samples of it:"
        f" {time.perf_counter() - start:.2f} s"
    )


def readings(found: list[File]) -> None:
    """Prints what a whole reading costs: workouts, records, marks and samples, validated."""
    times = [took.best for file in found if (took := time_to_read(read_whole, file.data))]
    print(
        f"\nWhole readings of {len(times)} files: {1000 * geometric_mean(times):.1f} ms each "
        f"(geometric mean), {1000 * min(times):.1f} to {1000 * max(times):.1f} ms"
    )


def read_whole(data: bytes) -> pl.DataFrame:
    return reading_from_fit(data).records


def peak_of(data: bytes) -> float:
    """Measures in a process of its own how often its size a file takes in memory at most."""
    with tempfile.NamedTemporaryFile(suffix=".fit") as file:
        file.write(data)
        file.flush()
        command = [sys.executable, __file__, "--peak", file.name]
        return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def peak(path: Path) -> None:
    """Prints how often its size a file took in memory at most, itself included."""
    decode(recording(50, accelerometer_s=20))
    data = path.read_bytes()
    before = resident_bytes()
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # forget the peak so far
    decode(data)
    print((peak_bytes() - before + len(data)) / len(data))


def resident_bytes() -> int:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize()


def peak_bytes() -> int:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return 1024 * int(status.split("VmHWM:")[1].split()[0])


def main() -> None:
    """Runs the comparison, then whole readings, then the large file."""
    if sys.argv[1:2] == ["--peak"]:
        peak(Path(sys.argv[2]))
        return
    warnings.simplefilter("ignore")
    found = files(Path(sys.argv[1]) if len(sys.argv) > 1 else CORPUS)
    compare(found)
    readings(found)
    large()


if __name__ == "__main__":
    main()
