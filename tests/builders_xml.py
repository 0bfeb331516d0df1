"""Smallest valid TCX and GPX exports, made in memory."""

from collections.abc import Iterable, Mapping

from tests.builders_csv import at

TCX_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<TrainingCenterDatabase xmlns="http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2" '
    'xmlns:ns3="http://www.garmin.com/xmlschemas/ActivityExtension/v2">\n<Activities>\n'
)
TCX_TAIL = "</Activities>\n</TrainingCenterDatabase>\n"
GPX_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<gpx version="1.1" creator="Garmin Connect" xmlns="http://www.topografix.com/GPX/1/1" '
    'xmlns:gpxtpx="http://www.garmin.com/xmlschemas/TrackPointExtension/v1">\n'
)


def utc(seconds: float) -> str:
    return f"{at(seconds):%Y-%m-%dT%H:%M:%S}.000Z"


def tcx_point(
    seconds: float,
    *,
    speed: object = None,
    distance: object = None,
    strides: object = None,
    cadence: object = None,
    beats: object = None,
    altitude: object = None,
    place: tuple[float, float] | None = None,
    time: str | None = None,
) -> str:
    parts = [f"<Time>{utc(seconds) if time is None else time}</Time>"]
    if place is not None:
        parts.append(
            f"<Position><LatitudeDegrees>{place[0]}</LatitudeDegrees>"
            f"<LongitudeDegrees>{place[1]}</LongitudeDegrees></Position>"
        )
    plain = {"AltitudeMeters": altitude, "DistanceMeters": distance}
    parts += [f"<{tag}>{value}</{tag}>" for tag, value in plain.items() if value is not None]
    if beats is not None:
        parts.append(f"<HeartRateBpm><Value>{beats}</Value></HeartRateBpm>")
    if cadence is not None:
        parts.append(f"<Cadence>{cadence}</Cadence>")
    extended = {"Speed": speed, "RunCadence": strides}
    inner = "".join(
        f"<ns3:{tag}>{value}</ns3:{tag}>" for tag, value in extended.items() if value is not None
    )
    if inner:
        parts.append(f"<Extensions><ns3:TPX>{inner}</ns3:TPX></Extensions>")
    return f"<Trackpoint>{''.join(parts)}</Trackpoint>\n"


def tcx_lap(seconds: float, length_s: float, *tracks: Iterable[str], extra: str = "") -> str:
    body = "".join(f"<Track>{''.join(points)}</Track>\n" for points in tracks)
    return (
        f'<Lap StartTime="{utc(seconds)}"><TotalTimeSeconds>{length_s}</TotalTimeSeconds>'
        f"{extra}{body}</Lap>\n"
    )


def tcx(*laps: str, sport: str = "Other", extra: str = "") -> bytes:
    activity = f'<Activity Sport="{sport}"><Id>{utc(0)}</Id>{"".join(laps)}{extra}</Activity>\n'
    return (TCX_HEAD + activity + TCX_TAIL).encode()


def gpx_point(
    seconds: float | None,
    place: tuple[float, float],
    *,
    altitude: object = None,
    extensions: Mapping[str, object] | None = None,
) -> str:
    inner = "".join(
        f"<gpxtpx:{tag}>{value}</gpxtpx:{tag}>" for tag, value in (extensions or {}).items()
    )
    return (
        f'<trkpt lat="{place[0]}" lon="{place[1]}">'
        + (f"<ele>{altitude}</ele>" if altitude is not None else "")
        + (f"<time>{utc(seconds)}</time>" if seconds is not None else "")
        + (
            f"<extensions><gpxtpx:TrackPointExtension>{inner}</gpxtpx:TrackPointExtension>"
            "</extensions>"
            if inner
            else ""
        )
        + "</trkpt>\n"
    )


def gpx(*segments: Iterable[str], head: str = "") -> bytes:
    body = "".join(f"<trkseg>{''.join(points)}</trkseg>\n" for points in segments)
    return f"{GPX_HEAD}<trk>{head}{body}</trk>\n</gpx>\n".encode()
