"""What a protocol consists of, and what a rule of each kind must carry. Nothing is read here."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Setting:
    """A key that a rule of some kind must carry.

    Args:
        name: The key.
        least: Lowest value allowed; null for a word, or where `above` says more.
        most: Highest value allowed; null: no limit.
        words: Words allowed; empty for a number.
        above: The value must be more than this; null: no such limit.
        is_whole: Whether only whole numbers are allowed.
    """

    name: str
    least: float | None = None
    most: float | None = None
    words: tuple[str, ...] = ()
    above: float | None = None
    is_whole: bool = False


@dataclass(frozen=True, slots=True)
class Kind:
    """What a rule of one kind looks at, in which unit, and what it must carry.

    Args:
        scopes: Scopes that it can have.
        unit: Unit of what is observed.
        limits: ``both``, ``low``, ``high`` (required), ``any`` (none of them is) or ``none``.
        settings: Further keys, all of them required.
        limit_most: Highest value that a limit can have; null: any.
        is_limit_whole: Whether a limit counts something.
    """

    scopes: tuple[str, ...]
    unit: str
    limits: str
    settings: tuple[Setting, ...] = ()
    limit_most: float | None = None
    is_limit_whole: bool = False


_TOLERANCE = Setting("tolerance", least=0.0)
_COVERAGE = Setting("coverage_from_fraction", least=0.0, most=1.0)
#: Days of a week that a limit can count.
_DAYS_N = 7.0

#: Kind of rule -> what it must carry.
KINDS: Mapping[str, Kind] = {
    "duration": Kind(
        ("day", "session"),
        "min",
        "both",
        (_TOLERANCE, Setting("unknown_up_to_fraction", least=0.0, most=1.0)),
    ),
    "days_per_week": Kind(("week",), "days/week", "any", limit_most=_DAYS_N, is_limit_whole=True),
    "alternate_days": Kind(("week",), "pairs of days", "high", is_limit_whole=True),
    "cap": Kind(
        ("week",),
        "days/week",
        "high",
        (Setting("day_high_min", least=0.0),),
        limit_most=_DAYS_N,
        is_limit_whole=True,
    ),
    "cadence": Kind(("session",), "steps/min", "both", (_TOLERANCE, _COVERAGE)),
    "speed": Kind(
        ("session",),
        "m/s",
        "high",
        (_TOLERANCE, _COVERAGE, Setting("critical_mps", least=0.0)),
    ),
    "heart_rate_delta": Kind(
        ("session",),
        "bpm",
        "none",
        (
            Setting("reading", words=("none", "ceiling", "floor")),
            Setting("threshold_bpm", least=0.0),
            _TOLERANCE,
            _COVERAGE,
            Setting("usable_from_min", least=0.0),
        ),
    ),
    "bout_length": Kind(
        ("bout",), "m", "both", (Setting("tolerance_fraction", least=0.0, most=1.0),)
    ),
    "flat_route": Kind(("session",), "fraction", "low", limit_most=1.0),
    "straight_route": Kind(
        ("session",),
        "fraction",
        "low",
        (Setting("bout_from_m", least=0.0),),
        limit_most=1.0,
    ),
    "start_slow": Kind(
        ("week",),
        "m/s",
        "high",
        (
            Setting("first_sessions_n", least=1.0, is_whole=True),
            Setting("start_high_mps", least=0.0),
        ),
    ),
    "gradual_time": Kind(("week",), "min/week", "high"),
    "persistence": Kind(
        ("week",),
        "fraction of weeks",
        "any",
        (Setting("weeks_n", least=1.0, most=8.0, is_whole=True),),
        limit_most=1.0,
    ),
    "environment": Kind(("session",), "sessions in a safer place", "none"),
    "incline": Kind(("week",), "min", "none"),
    "backward_share": Kind(("week",), "fraction", "none"),
    "any_backward": Kind(("week",), "min", "none"),
}


@dataclass(frozen=True, slots=True)
class Phase:
    """The limits of a rule in some weeks of a prescription, counted from 1; both inclusive.

    Args:
        from_week: First week.
        to_week: Last week; null: no end.
        low: Lowest value that meets the rule; null: no lower limit.
        high: Highest value that meets the rule; null: no upper limit.
    """

    from_week: int
    to_week: int | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a protocol.

    Args:
        rule_id: Its name.
        kind: One of :data:`KINDS`.
        scope: What it looks at: ``session``, ``day``, ``bout`` or ``week``.
        role: ``scored``, ``warn`` or ``info``.
        role_under: The role where less was done than the rule asks; as a rule the same.
        unit: Unit of what is observed and of the limits.
        version: Version of the rule.
        article: Citation of the article.
        quote: The article's words.
        definition: What is computed, in words.
        data_needed: What the logs must hold.
        source: Where the numbers come from.
        note: What else to know; empty where nothing.
        phases: Limits, by weeks of the prescription.
        settings: Further values, by name.
    """

    rule_id: str
    kind: str
    scope: str
    role: str
    role_under: str
    unit: str
    version: str
    article: str
    quote: str
    definition: str
    data_needed: str
    source: str
    note: str
    phases: tuple[Phase, ...]
    settings: tuple[tuple[str, float | str], ...]

    @property
    def citation(self) -> str:
        """Article and quote, as ``adherence.source`` shows them."""
        return f'{self.article}: "{self.quote}"'

    @property
    def limits_days(self) -> bool:
        """Whether it sets limits to the days per week."""
        has_limits = any(phase.low is not None or phase.high is not None for phase in self.phases)
        return self.kind == "days_per_week" and has_limits


@dataclass(frozen=True, slots=True)
class Dose:
    """What a protocol asks for in some weeks of a prescription, counted from 1.

    Args:
        from_week: First week.
        to_week: Last week, inclusive; null: no end.
        sessions_per_week_n: Sessions a week, at least.
        session_min: Backward minutes a session.
        source: Where that comes from.
    """

    from_week: int
    to_week: int | None
    sessions_per_week_n: int
    session_min: float
    source: str


@dataclass(frozen=True, slots=True)
class Protocol:
    """A set of rules that a prescription can name.

    Args:
        protocol_id: Its name.
        version: Its version; kept with every verdict.
        title: What it is, for a reader.
        qualifying_min: Backward minutes from which a session counts toward days per week.
        doses: What it asks for, by weeks.
        rules: Its rules, in the order of the file.
    """

    protocol_id: str
    version: str
    title: str
    qualifying_min: float
    doses: tuple[Dose, ...]
    rules: tuple[Rule, ...]

    @property
    def frequency_rule(self) -> Rule | None:
        """Its first rule on days per week that has limits."""
        return next((rule for rule in self.rules if rule.limits_days), None)
