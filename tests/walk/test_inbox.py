"""What becomes of files as they lie in an inbox: folders, archives, accounts, clutter, notes."""

import datetime as dt
import gzip
import io
import shutil
import zipfile
from collections.abc import Mapping
from pathlib import Path

import polars as pl
import pytest

from retrowalk.inspect import describe
from retrowalk.settings import load_settings
from retrowalk.walk.inbox import Inbox
from retrowalk.walk.stages import Walk, score
from retrowalk.walk.start import begin_walk
from tests.builders_csv import garmin_csv, garmin_row
from tests.builders_fit import START, activity
from tests.builders_xml import tcx, tcx_lap, tcx_point

NOW = dt.datetime(2027, 1, 5, tzinfo=dt.UTC)
CLOCK = f'"event","experiment time","system time","system time text"\n"START",0.0,{START.timestamp()},"x UTC+01:00"\n'
MOTION = (
    '"Time (s)","Acceleration x (m/s^2)","Acceleration y (m/s^2)","Acceleration z (m/s^2)"\n'
    + "".join(f"{n / 50},0.1,0.2,9.8\n" for n in range(500))
)
PHONE = {
    "Accelerometer.csv": MOTION.encode(),
    "meta/time.csv": CLOCK.encode(),
    "meta/device.csv": b'"property","value"\n"a","b"\n',
}
STRAVA_HEAD = (
    "Activity ID,Activity Date,Activity Name,Activity Type,Elapsed Time,Distance,Filename,"
    "Elapsed Time,Moving Time,Distance\n"
)


def strava_row(start: dt.datetime, title: str, seconds: int, file: str) -> str:
    day = f"{start:%b %d, %Y, %I:%M:%S %p}"
    return f'1,"{day}",{title},Walk,{seconds},1.0,{file},{seconds},{seconds},{seconds}\n'


def account(title: str, *, seconds: int = 1200, fit_s: int = 1200) -> dict[str, bytes]:
    """A Strava account with one walk of 1 m/s whose file has no label."""
    row = strava_row(START, title, seconds, "activities/1.fit.gz")
    return {
        "activities.csv": (STRAVA_HEAD + row).encode(),
        "activities/1.fit.gz": gzip.compress(activity(fit_s).bytes()),
        "bikes.csv": b"Bike Name,Brand\nOld one,Peugeot\n",
        "media/1.jpg": b"\xff\xd8\xff\xe0picture",
    }


def zipped(members: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def laid(home: Path, files: Mapping[str, bytes]) -> Path:
    for name, content in files.items():
        path = home / "inbox" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return home


def walk_of(home: Path) -> Walk:
    return begin_walk(load_settings(home=home), now_utc=NOW, run_id="run")


def scanned(home: Path) -> dict[str, tuple[str, str]]:
    """Path -> status and reason code."""
    rows = walk_of(home).scan().select("path", pl.col("status", "reason_code").cast(pl.String))
    return {path: (status, code) for path, status, code in rows.iter_rows()}


def scored(home: Path) -> Walk:
    walk = walk_of(home)
    walk.scan()
    score(walk, walk.stale_weeks())
    return walk


def minutes(walk: Walk) -> tuple[float, float, float]:
    """Backward, unknown and all walking minutes of all weeks."""
    summary = walk.lake.read("weekly_summary")
    columns = ["backward_min", "unknown_direction_min", "walking_min"]
    backward, unknown, walking = summary.select(pl.col(columns).sum()).row(0)
    return backward, unknown, walking


# --- phone recordings ------------------------------------------------------------------------------


def test_a_phone_recording_is_one_export_as_a_zip_and_as_a_folder(tmp_path: Path) -> None:
    home = laid(
        tmp_path,
        {"A/walk.zip": zipped(PHONE), **{f"B/monday/{name}": data for name, data in PHONE.items()}},
    )
    exports = walk_of(home).scan()
    wanted = ["path", "participant_id", "dialect", "status", "workouts_n", "records_n"]
    rows = exports.select(wanted).cast({"status": pl.String}).rows()
    assert rows == [
        ("A/walk.zip", "A", "phyphox", "scored", 1, 500),
        ("B/monday/", "B", "phyphox", "scored", 1, 500),
    ]
    assert exports["size_bytes"].to_list() == [sum(map(len, PHONE.values()))] * 2
    assert exports["sha256"].n_unique() == 1
    assert scored(home).lake.read("motion").height > 0


def test_a_folder_of_a_recording_lies_beside_other_exports(tmp_path: Path) -> None:
    files = {f"A/{name}": data for name, data in PHONE.items()}
    files["A/walk.fit"] = activity(300).bytes()
    found = scanned(laid(tmp_path, files))
    assert set(found) == {"A/", "A/walk.fit"}
    both = zipped({**{f"phone/{n}": d for n, d in PHONE.items()}, "w.fit": activity(60).bytes()})
    found = scanned(laid(tmp_path / "zip", {"A/two.zip": both}))
    assert set(found) == {"A/two.zip", "A/two.zip!/phone/", "A/two.zip!/w.fit"}


def test_a_part_that_comes_later_has_the_recording_read_again(tmp_path: Path) -> None:
    files = {f"A/r/{name}": data for name, data in PHONE.items()}
    home = laid(tmp_path, files)
    first = walk_of(home).scan()["sha256"].to_list()
    gyroscope = MOTION.replace("Acceleration", "Gyroscope").replace("m/s^2", "rad/s")
    laid(home, {"A/r/Gyroscope.csv": gyroscope.encode()})
    exports = walk_of(home).scan().filter(pl.col("reason_code") != "file_removed")
    assert exports["path"].to_list() == ["A/r/"]
    assert exports["sha256"].to_list() != first


def test_a_part_that_cannot_be_read_costs_itself_and_is_named(tmp_path: Path) -> None:
    parts = PHONE | {"Light.csv": b'"Time (s)","Illuminance (lx)"\n0,5\n'}
    parts["Gyroscope.csv"] = b'"Time (s)","Gyroscope x (rad/s)"\n'
    exports = walk_of(laid(tmp_path, {"A/walk.zip": zipped(parts)})).scan()
    assert exports.select("reason_code").cast(pl.String).item() == "rows_set_aside"
    reason = exports["reason"].item()
    assert "Light.csv is left unread: No dialect fits" in reason
    assert "Gyroscope.csv is left unread: it has a header and no row" in reason
    assert exports["records_n"].item() == 500


# --- accounts --------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["zip", "folder", "zip_with_folder"])
def test_a_title_in_stravas_list_labels_the_file_that_its_row_names(
    form: str, tmp_path: Path
) -> None:
    members = account("Backward walk 20 min")
    if form == "zip_with_folder":
        members = {f"export_7/{name}": data for name, data in members.items()}
    files = {f"A/strava/{name}": data for name, data in members.items()}
    home = laid(tmp_path, files if form == "folder" else {"A/strava.zip": zipped(members)})
    walk = scored(home)
    exports = walk.lake.read("exports").filter(pl.col("status") != "ignored")
    fit, row = (
        exports.filter(pl.col("path").str.ends_with(end)).row(0, named=True)
        for end in ("1.fit.gz", "activities.csv")
    )
    assert (fit["status"], fit["reason_code"]) == ("scored", "ok")
    assert (row["status"], row["reason_code"]) == ("duplicate", "same_recording")
    assert row["duplicate_of_export_id"] == fit["export_id"]
    assert "counts there" in row["reason"]
    backward, unknown, walking = minutes(walk)
    # 1,200 s of walking, once, all of it backward by the title.
    assert (backward, unknown, walking) == (20.0, 0.0, 20.0)


def berlin_row(**cells: str) -> bytes:
    """A Garmin list with the walk of 20 minutes, by the wall clock of Berlin in summer."""
    walk = {
        "Date": f"{START + dt.timedelta(hours=2):%Y-%m-%d %H:%M:%S}", "Title": "Backward walk",
        "Distance": "1.20", "Time": "00:20:00", "Moving_Time": "00:20:00",
        "Elapsed_Time": "00:20:00", "Steps": "2000", "Avg_Stride_Length": "0.60",
        "Avg_Pace": "16:40", "Avg_Run_Cadence": "100",
    }  # fmt: skip
    return garmin_csv(garmin_row(**{**walk, **cells}))


@pytest.mark.parametrize("zone", ["Europe/Berlin", ""])
def test_a_walk_as_fit_as_a_row_and_in_a_strava_zip_is_one_workout(
    tmp_path: Path, zone: str
) -> None:
    (tmp_path / "registry").mkdir()
    (tmp_path / "registry/participants.csv").write_text(
        "participant_id,valid_from,sex,birth_year,height_cm,body_mass_kg,"
        f"resting_heart_rate_bpm,time_zone,distance_unit\nA,2020-01-01,,,,,,{zone},\n",
        encoding="utf-8",
    )
    # The watch's own file and the one in the account differ by a second of recording.
    files = {
        "A/watch.fit": activity(1201).bytes(),
        "A/Activities.csv": berlin_row(),
        "A/strava.zip": zipped(account("Morning Walk")),
    }
    walk = scored(laid(tmp_path, files))
    exports = walk.lake.read("exports")
    kept = exports.filter(pl.col("status") == "scored")
    assert kept["path"].to_list() == ["A/watch.fit"]
    others = exports.filter(pl.col("status") == "duplicate")
    assert sorted(others["path"]) == [
        "A/Activities.csv", "A/strava.zip!/activities.csv", "A/strava.zip!/activities/1.fit.gz",
    ]  # fmt: skip
    assert set(others["duplicate_of_export_id"]) == {kept["export_id"].item()}
    # One walk of 1,201 s; the row's title says that it was backward.
    assert minutes(walk) == pytest.approx((1201 / 60, 0.0, 1201 / 60))


def test_what_else_an_account_holds_is_ignored_and_said(tmp_path: Path) -> None:
    found = scanned(laid(tmp_path, {"A/s.zip": zipped(account("Walk"))}))
    assert found["A/s.zip!/bikes.csv"] == ("ignored", "not_an_export")
    assert found["A/s.zip!/media/1.jpg"] == ("ignored", "not_an_export")
    assert found["A/s.zip"] == ("ignored", "archive_opened")


def test_a_row_whose_file_cannot_be_read_is_scored_itself(tmp_path: Path) -> None:
    members = account("Backward walk") | {"activities/1.fit.gz": gzip.compress(b"broken" * 9)}
    walk = scored(laid(tmp_path, {"A/s.zip": zipped(members)}))
    found = {path: status for path, (status, _) in scanned(tmp_path).items()}
    assert found["A/s.zip!/activities.csv"] == "scored"
    assert found["A/s.zip!/activities/1.fit.gz"] == "quarantined"
    assert minutes(walk)[0] == 20.0


def test_a_row_and_a_file_that_lost_most_of_the_walk_are_one_walk(tmp_path: Path) -> None:
    # The list says 40 min; the file holds the first 20.
    walk = scored(laid(tmp_path, {"A/s.zip": zipped(account("Retro walk", seconds=2400))}))
    exports = walk.lake.read("exports")
    status = dict(exports.select("path", pl.col("status").cast(pl.String)).iter_rows())
    assert status["A/s.zip!/activities.csv"] == "scored"
    assert status["A/s.zip!/activities/1.fit.gz"] == "duplicate"
    assert minutes(walk)[2] == 40.0


def test_a_cropped_activity_is_still_the_walk_of_its_file(tmp_path: Path) -> None:
    # Cropped to its last 12 of 20 minutes: 12 / 20 = 0.6 shared, and another start.
    members = account("Backward walk")
    late = strava_row(START + dt.timedelta(minutes=8), "Backward walk", 720, "activities/1.fit.gz")
    members["activities.csv"] = (STRAVA_HEAD + late).encode()
    walk = scored(laid(tmp_path, {"A/s.zip": zipped(members)}))
    assert minutes(walk) == (20.0, 0.0, 20.0)


def test_a_title_that_changes_makes_its_week_stale(tmp_path: Path) -> None:
    files = {f"A/strava/{name}": data for name, data in account("Morning walk").items()}
    walk = scored(laid(tmp_path, files))
    assert minutes(walk)[0] == 0.0
    later = account("Backward walk")["activities.csv"] + b"\n"
    laid(tmp_path, {"A/strava/activities.csv": later})
    assert minutes(scored(tmp_path))[0] == 20.0


def test_the_folder_of_an_account_given_by_itself_belongs_to_one_person(tmp_path: Path) -> None:
    laid(tmp_path, account("Walk"))
    inbox = Inbox.of_paths([tmp_path / "inbox"])
    assert {found.participant_id for found in inbox.arrivals.values()} == {"unassigned"}


# --- labels of other recordings --------------------------------------------------------------------


def test_labels_of_a_poorer_recording_count_for_the_richer_one(tmp_path: Path) -> None:
    rows = [
        f"{(START + dt.timedelta(seconds=n)).isoformat()},{'backward' if n < 600 else 'forward'}"
        for n in range(1200)
    ]
    table = "\n".join(["timestamp,direction", *rows]) + "\n"
    files = {"A/watch.fit": activity(1200).bytes(), "A/notes.csv": table.encode()}
    walk = scored(laid(tmp_path, files))
    assert scanned(tmp_path) == {
        "A/notes.csv": ("duplicate", "same_recording"),
        "A/watch.fit": ("scored", "ok"),
    }
    backward, unknown, walking = minutes(walk)
    assert (backward, unknown, walking) == (10.0, 0.0, 20.0)


# --- clutter, notes, broken archives ---------------------------------------------------------------


def test_notes_pictures_and_clutter_are_ignored_and_no_copies_of_each_other(tmp_path: Path) -> None:
    files = {
        "A/.gitkeep": b"",
        "B/.gitkeep": b"",
        "A/.DS_Store": b"",
        "A/README.txt": b"Hi, here are the walks of May.\nThe first one, on Monday, was short.\n",
        "A/note.md": b"Dear all,\n\nplease find it attached.\n",
        "A/scan.png": b"\x89PNG\r\n\x1a\n....",
    }
    found = scanned(laid(tmp_path, files))
    assert set(found.values()) == {("ignored", "not_an_export")}
    assert len(found) == len(files)


def test_an_instant_that_the_clock_repeats_is_marked_in_the_exports_own_row(tmp_path: Path) -> None:
    (tmp_path / "registry").mkdir()
    (tmp_path / "registry/participants.csv").write_text(
        "participant_id,valid_from,sex,birth_year,height_cm,body_mass_kg,"
        "resting_heart_rate_bpm,time_zone,distance_unit\nA,2020-01-01,,,,,,Europe/Berlin,\n",
        encoding="utf-8",
    )
    # On 2025-10-26 the hour from 02:00 came twice in Berlin.
    table = b"timestamp,speed_mps\n2025-10-26T02:30:00,1\n2025-10-26T02:30:01,1\n"
    exports = walk_of(laid(tmp_path, {"A/w.csv": table})).scan()
    assert exports["reason"].item() == (
        "Read whole: 2 rows. 2 times fall in the hour that the clock repeats "
        "(first 2025-10-26 02:30:00): the earlier is taken."
    )


def test_two_empty_files_are_two_problems(tmp_path: Path) -> None:
    found = scanned(laid(tmp_path, {"A/a.csv": b"", "A/b.csv": b""}))
    assert set(found.values()) == {("quarantined", "empty_file")}


@pytest.mark.parametrize(
    "data",
    [
        b"when,how_fast\n2026-11-16 08:00,1.2\n",
        b"tid;fart\n08:00:01;1,2\n08:00:02;1,3\n",
        b"a,b\nleft,right\n",
        b"2026-11-16T08:00:00Z 1.2 98\n2026-11-16T08:00:01Z 1.3 98\n",
    ],
)
def test_a_table_of_no_known_form_is_quarantined_and_not_taken_for_a_note(
    data: bytes, tmp_path: Path
) -> None:
    found = scanned(laid(tmp_path, {"A/x.txt": data}))
    assert found["A/x.txt"][0] == "quarantined"


def test_a_member_that_is_corrupt_costs_only_itself(tmp_path: Path) -> None:
    fit = activity(300).bytes()
    data = bytearray(zipped({"good.fit": fit, "bad.fit": bytes(reversed(fit))}))
    at = data.index(b"bad.fit") + 40
    data[at : at + 20] = bytes(20)
    found = scanned(laid(tmp_path, {"A/w.zip": bytes(data)}))
    assert found == {
        "A/w.zip": ("ignored", "archive_opened"),
        "A/w.zip!/good.fit": ("scored", "ok"),
        "A/w.zip!/bad.fit": ("quarantined", "unreadable_archive"),
    }


def test_a_folder_may_be_called_like_an_archive(tmp_path: Path) -> None:
    home = laid(tmp_path, {"A/go!/walk.fit": activity(60).bytes()})
    assert scanned(home) == {"A/go%21/walk.fit": ("scored", "ok")}
    assert scanned(home) == {"A/go%21/walk.fit": ("scored", "ok")}
    shutil.rmtree(home / "inbox/A")
    assert scanned(home) == {"A/go%21/walk.fit": ("ignored", "file_removed")}


def test_an_archive_stays_open_for_all_its_members(tmp_path: Path) -> None:
    members = {f"{n}.fit": activity(30 + n).bytes() for n in range(40)}
    home = laid(tmp_path, {"A/w.zip": zipped(members)})
    inbox = walk_of(home).inbox
    paths = inbox.exports_in("A/w.zip")
    opened = inbox._opened["A/w.zip"].archive  # noqa: SLF001 - the one way to see it is not opened anew
    for path in paths:
        inbox.content(path)
        assert inbox._opened["A/w.zip"].archive is opened  # noqa: SLF001
    assert [inbox.content(path) for path in paths] == list(members.values())


# --- inspect ---------------------------------------------------------------------------------------


def told(path: Path) -> str:
    return "\n".join(part for part in describe(path) if isinstance(part, str))


def test_inspecting_tells_of_recordings_accounts_and_xml(tmp_path: Path) -> None:
    home = laid(
        tmp_path,
        {
            "phone.zip": zipped(PHONE),
            "s.zip": zipped(account("Walk")),
            "w.tcx": tcx(tcx_lap(0, 60, [tcx_point(0), tcx_point(1)])),
            **{f"r/{name}": data for name, data in PHONE.items()},
            "note.txt": b"Hello, this is a note.\n",
        },
    )
    inbox = home / "inbox"
    for path in (inbox / "phone.zip", inbox / "r"):
        assert "one recording of 3 files: Accelerometer.csv, meta/" in told(path)
        assert "500 raw motion samples" in told(path)
    assert "1 rows name the file that holds their recording" in told(inbox / "s.zip")
    assert "s.zip!/activities/1.fit.gz: " in told(inbox / "s.zip")
    assert "dialect tcx; ok" in told(inbox / "w.tcx")
    assert "It would be ignored: not_an_export" in told(inbox / "note.txt")
