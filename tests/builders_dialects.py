"""One steady walk, written by every dialect that can carry it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from tests.builders_csv import at, garmin_csv, garmin_row, per_second_csv
from tests.builders_xml import gpx, gpx_point, tcx, tcx_lap, tcx_point

FIT_EPOCH_S = 631_065_600
EARTH_RADIUS_M = 6_371_008.8


@dataclass(frozen=True)
class SteadyWalk:
    """A walk at one speed, heart rate and direction, from the builders' start.

    Args:
        speed_cmps: Speed in cm/s.
        minutes_n: Whole minutes.
        beats: Heart rate.
        direction: ``forward`` or ``backward``.
    """

    speed_cmps: int
    minutes_n: int
    beats: int
    direction: str

    @property
    def speed_mps(self) -> float:
        return self.speed_cmps / 100

    @property
    def seconds_n(self) -> int:
        return 60 * self.minutes_n

    @property
    def distance_m(self) -> float:
        return self.speed_mps * self.seconds_n

    @property
    def title(self) -> str:
        return f"{self.direction} walk"

    @property
    def clock(self) -> str:
        return f"{timedelta(seconds=self.seconds_n)}".zfill(8)

    @property
    def kmh(self) -> str:
        return f"{3.6 * self.speed_mps:.2f}"


def canonical(walk: SteadyWalk) -> bytes:
    n = walk.seconds_n
    return per_second_csv(
        {
            "speed_mps": [walk.speed_mps] * n,
            "heart_rate_bpm": [walk.beats] * n,
            "direction": [walk.direction] * n,
            "sport": ["walking"] * n,
        }
    )


def polar(walk: SteadyWalk) -> bytes:
    head = (
        "Name,Sport,Date,Start time,Duration,Total distance (km),Average heart rate (bpm),Notes,\n"
        f"A Person,WALKING,16-11-2026,08:00:00,{walk.clock},0,0,{walk.title},\n"
        "Sample rate,Time,HR (bpm),Speed (km/h),Pace (min/km),Cadence,Altitude (m),"
        "Stride length (m),Distances (m),Temperatures (C),Power (W),\n"
    )
    rows = (
        f"1,{timedelta(seconds=n)},{walk.beats},{walk.kmh},,,,,,,,\n" for n in range(walk.seconds_n)
    )
    return (head + "".join(rows)).encode()


def fit_csv_tool(walk: SteadyWalk) -> bytes:
    start_s = int(at(0).timestamp()) - FIT_EPOCH_S
    end_s = start_s + walk.seconds_n
    lines = [
        "Type,Local Number,Message," + ",".join(f"Field {n},Value {n},Units {n}" for n in (1, 2, 3))
    ]
    lines += [f'Data,1,workout_step,message_index,"0",,wkt_step_name,"{walk.title}",']
    lines += [
        f'Data,2,record,timestamp,"{start_s + n}",s,speed,"{walk.speed_mps}",m/s,heart_rate,"{walk.beats}",bpm'
        for n in range(walk.seconds_n)
    ]
    lines += [
        f'Data,3,lap,start_time,"{start_s}",,timestamp,"{end_s}",s,wkt_step_index,"0",',
        f'Data,4,session,start_time,"{start_s}",,sport,"11",,,,',
    ]
    return ("\n".join(lines) + "\n").encode()


def tcx_file(walk: SteadyWalk) -> bytes:
    points = [tcx_point(n, speed=walk.speed_mps, beats=walk.beats) for n in range(walk.seconds_n)]
    notes = f"<Notes>{walk.title}</Notes>"
    return tcx(tcx_lap(0, walk.seconds_n, points), sport="Walking", extra=notes)


def gpx_file(walk: SteadyWalk) -> bytes:
    """Due north from 52.5 N, seven decimals of a degree."""
    per_m = 57.29577951308232 / EARTH_RADIUS_M
    points = [
        gpx_point(
            n, (round(52.5 + walk.speed_mps * n * per_m, 7), 13.4), extensions={"hr": walk.beats}
        )
        for n in range(walk.seconds_n)
    ]
    return gpx(points, head=f"<name>{walk.title}</name><type>walking</type>")


def garmin_list(walk: SteadyWalk) -> bytes:
    kilometres = f"{walk.distance_m / 1000:.2f}"
    pace_s = round(walk.seconds_n / (walk.distance_m / 1000))
    row = garmin_row(
        Date="2026-11-16 08:00:00", Title=walk.title, Distance=kilometres, Time=walk.clock,
        Moving_Time=walk.clock, Elapsed_Time=walk.clock, Avg_HR=walk.beats, Steps="--",
        Avg_Pace=f"{pace_s // 60}:{pace_s % 60:02}", Avg_Stride_Length="--", Avg_Run_Cadence="--",
        Max_Run_Cadence="--",
    )  # fmt: skip
    return garmin_csv(row)


def garmin_laps(walk: SteadyWalk) -> bytes:
    length = f"{walk.minutes_n:02}:00.0"
    return (
        "# started_at: 2026-11-16T08:00:00+01:00\n# sport: walking\n"
        "Laps,Step Type,Time,Cumulative Time,Distance km,Avg Pace min/km,Avg HR bpm\n"
        f'1,{walk.title},"{length}","{length}","{walk.distance_m / 1000:.2f}","",{walk.beats}\n'
    ).encode()


def strava(walk: SteadyWalk) -> bytes:
    return (
        "Activity ID,Activity Date,Activity Name,Activity Type,Elapsed Time,Distance,Filename,"
        "Elapsed Time,Moving Time,Distance,Average Heart Rate\n"
        f'1,"Nov 16, 2026, 7:00:00 AM",{walk.title},Walk,{walk.seconds_n},0,,{walk.seconds_n},'
        f"{walk.seconds_n},{walk.distance_m},{walk.beats}\n"
    ).encode()


def samsung(walk: SteadyWalk) -> bytes:
    prefix = "com.samsung.health.exercise."
    names = (
        "start_time",
        "end_time",
        "time_offset",
        "exercise_type",
        "duration",
        "distance",
        "mean_heart_rate",
    )
    end = f"{at(walk.seconds_n):%Y-%m-%d %H:%M:%S}.000"
    return (
        "com.samsung.shealth.exercise,6312006,9\n"
        + ",".join(prefix + name for name in names)
        + f",title\n2026-11-16 07:00:00.000,{end},UTC+0100,1001,{1000 * walk.seconds_n},"
        f"{walk.distance_m},{walk.beats},{walk.title},\n"
    ).encode()


def treadmill(walk: SteadyWalk) -> bytes:
    return (
        "date,duration(HH:mm:ss),speed(km/h),heart rate,direction\n"
        f"16-NOV-2026,{walk.clock},{walk.kmh},{walk.beats},{walk.direction}\n"
    ).encode()


#: Dialect -> its writer, and by how much it rounds the speed of a walk, in m/s.
WRITERS: dict[str, tuple[Callable[[SteadyWalk], bytes], Callable[[SteadyWalk], float]]] = {
    "canonical_per_second": (canonical, lambda _: 0.0),
    "fit_csv_tool": (fit_csv_tool, lambda _: 0.0),
    "strava_activities": (strava, lambda _: 0.0),
    "samsung_health": (samsung, lambda _: 0.0),
    "tcx": (tcx_file, lambda _: 0.0),
    # 0.01 km/h.
    "polar_flow": (polar, lambda _: 0.005 / 3.6),
    "treadmill_log": (treadmill, lambda _: 0.005 / 3.6),
    # 0.01 km.
    "garmin_activities": (garmin_list, lambda walk: 5.0 / walk.seconds_n),
    "garmin_laps": (garmin_laps, lambda walk: 5.0 / walk.seconds_n),
    # 1e-7 degrees, 5.6 mm at either end of a window of five seconds.
    "gpx": (gpx_file, lambda _: 2 * 0.0056 / 5.0),
}
