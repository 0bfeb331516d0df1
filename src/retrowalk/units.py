"""Units: what a column's suffix says, and each conversion once."""

#: Column suffix -> unit. The longest suffix that fits wins. Every number and instant ends in one.
SUFFIX_UNITS = {
    "at_utc": "UTC instant",
    "bpm": "beats/min",
    "bpm_per_mps": "(beats/min)/(m/s)",
    "bytes": "bytes",
    "cm": "cm",
    "count_per_week": "1/week",
    "date": "ISO 8601 date",
    "deg": "degrees",
    "factor": "1",
    "fraction": "1",
    "hz": "Hz",
    "kcal": "kcal",
    "kg": "kg",
    "m": "m",
    "met": "MET",
    "met_min": "MET*min",
    "min": "min",
    "mps": "m/s",
    "mps2": "m/s^2",
    "n": "count",
    "nats": "nats (natural-log units)",
    "probability": "1",
    "per_min": "1/min",
    "radps": "rad/s",
    "ut": "microtesla",
    "rad": "rad",
    "s": "s",
    "spm": "steps/min",
    "year": "calendar year",
}

#: Columns whose name is fixed by contract and carries its unit elsewhere.
NAMED_UNITS = {
    "met_gross": "MET",
    "met_gross_low": "MET",
    "met_gross_high": "MET",
    "forward_met_gross": "MET",
    "observed": "see column unit",
    "observed_upper": "see column unit",
    "target_low": "see column unit",
    "target_high": "see column unit",
    "energy_gross_low_kcal": "kcal",
    "energy_gross_high_kcal": "kcal",
}

SECONDS_PER_MINUTE = 60.0
SECONDS_PER_HOUR = 3600.0
METRES_PER_KILOMETRE = 1000.0
#: International mile, exact by definition (1959).
METRES_PER_MILE = 1609.344
#: Mean radius of the earth (IUGG 1980); on a plane tangent to it a walk is true to 0.1 %.
EARTH_RADIUS_M = 6_371_008.8
#: FIT stores angles as semicircles: 2**31 of them are half a turn (FIT protocol, "semicircles").
DEGREES_PER_SEMICIRCLE = 180.0 / 2**31


def unit_of(column: str) -> str:
    """Reads a column's unit off its name; empty where the name carries none.

    Example:
        >>> unit_of("speed_mean_mps"), unit_of("energy_gross_met_min"), unit_of("workout_id")
        ('m/s', 'MET*min', '')
    """
    if column in NAMED_UNITS:
        return NAMED_UNITS[column]
    fits = [suffix for suffix in SUFFIX_UNITS if column.endswith(f"_{suffix}")]
    return SUFFIX_UNITS[max(fits, key=len)] if fits else ""
