"""Protocols as data: what is shipped, what a user may write, and how a wrong file is refused."""

from pathlib import Path

import pytest

from retrowalk.errors import RulesError
from retrowalk.rules.protocols import KINDS, Protocol, Rule, protocols

#: Every rule of the articles and the role that it has where nothing else is said.
ARTICLE_RULES = {
    "GEN-DUR-30": "scored",
    "CERV-DUR": "scored",
    "LUMB-DUR": "scored",
    "GEN-FREQ": "scored",
    "GEN-ALT": "scored",
    "GEN-CAP": "warn",
    "CAD-60": "warn",
    "SPD-MAX": "warn",
    "PROG-START": "warn",
    "PROG-GRAD": "warn",
    "CERV-FREQ": "info",
    "HR-10": "info",
    "BOUT-LEN": "info",
    "ROUTE-FLAT": "info",
    "ROUTE-STRAIGHT": "info",
    "PERSIST-8W": "info",
    "ENV-SAFE": "info",
    "INCL-5": "info",
    "MIX": "info",
    "ANY-BW": "info",
}

_PROTOCOL = """
id = "my_protocol"
version = "2"
title = "Mine"

[articles]
plan = "Plan of the ward, 2026"

[qualifying]
session_min = 5
source = "Agreed in the ward."

[[dose]]
sessions_per_week = 2
session_min = 15
source = "Agreed in the ward."

[[rule]]
id = "MY-DUR"
kind = "duration"
scope = "session"
role = "scored"
version = "1"
article = "plan"
quote = "a quarter of an hour"
definition = "Backward minutes of a session."
data_needed = "times; direction"
low = 12
high = 18
tolerance = 1
unknown_up_to_fraction = 0.2
source = "Agreed in the ward."

[[borrow]]
rule = "GEN-FREQ"
from = "general"
because = "The ward says twice."
low = 2
high = 2
"""


def own(folder: Path, text: str = _PROTOCOL, name: str = "mine.toml") -> Path:
    """A folder with one protocol of the user's."""
    folder.joinpath(name).write_text(text, encoding="utf-8")
    return folder


def problem(folder: Path, text: str) -> str:
    """What is said of a protocol that cannot be used."""
    with pytest.raises(RulesError) as refused:
        protocols(own(folder, text))
    return str(refused.value)


def rule_of(protocol: Protocol, rule_id: str) -> Rule:
    """One rule by name."""
    return next(rule for rule in protocol.rules if rule.rule_id == rule_id)


def test_the_shipped_protocols_are_four_from_the_articles_and_two_from_trials() -> None:
    assert list(protocols()) == [
        "cervical_spondylosis",
        "fitness_incline",
        "general",
        "knee_osteoarthritis_trial",
        "low_back_pain_trial",
        "lumbar_disc_herniation",
    ]


def test_every_rule_of_the_articles_is_bound_with_its_role() -> None:
    roles: dict[str, set[str]] = {}
    for protocol in protocols().values():
        for rule in protocol.rules:
            roles.setdefault(rule.rule_id, set()).add(rule.role)
    assert ARTICLE_RULES.keys() <= roles.keys()
    for rule_id, role in ARTICLE_RULES.items():
        assert role in roles[rule_id]
    # The one rule that is scored in one protocol and only shown in another.
    assert {rule_id for rule_id, found in roles.items() if len(found) > 1} == {"GEN-DUR-30"}


def test_every_number_and_rule_has_a_source() -> None:
    for protocol in protocols().values():
        assert all(dose.source for dose in protocol.doses)
        for rule in protocol.rules:
            assert all((rule.source, rule.quote, rule.article, rule.definition, rule.data_needed))
            assert rule.version


def test_every_kind_of_rule_is_used() -> None:
    used = {rule.kind for protocol in protocols().values() for rule in protocol.rules}
    assert used == set(KINDS)


def test_only_too_fast_a_cadence_is_a_warning() -> None:
    cadence = rule_of(protocols()["cervical_spondylosis"], "CAD-60")
    assert (cadence.role, cadence.role_under) == ("warn", "info")


def test_heart_rate_is_judged_by_no_shipped_protocol() -> None:
    readings = [
        dict(rule.settings)["reading"]
        for protocol in protocols().values()
        for rule in protocol.rules
        if rule.kind == "heart_rate_delta"
    ]
    assert readings == ["none"]


def test_a_borrowed_rule_keeps_its_words_and_takes_the_changes() -> None:
    shipped = protocols()
    at_home = rule_of(shipped["cervical_spondylosis"], "CAD-60")
    borrowed = rule_of(shipped["lumbar_disc_herniation"], "CAD-60")
    assert borrowed.phases == at_home.phases
    assert borrowed.settings == at_home.settings
    assert borrowed.quote != at_home.quote
    assert "lumbar protrusion" in borrowed.article


def test_the_trial_of_low_back_pain_goes_from_ten_to_thirty_minutes_in_six_weeks() -> None:
    doses = protocols()["low_back_pain_trial"].doses
    assert [dose.session_min for dose in doses] == [10, 14, 18, 22, 26, 30]
    assert [(dose.from_week, dose.to_week) for dose in doses] == [(n, n) for n in range(1, 7)]


def test_a_citation_names_article_and_quote() -> None:
    rule = rule_of(protocols()["general"], "GEN-FREQ")
    assert rule.citation == (
        "What are the advantages of walking backwards every day?, Health Preservation Learning "
        'Network: "every other day, 3-4 times a week"'
    )


def test_a_users_protocol_stands_beside_the_shipped_ones(tmp_path: Path) -> None:
    found = protocols(own(tmp_path))
    assert found.keys() == protocols().keys() | {"my_protocol"}
    mine = found["my_protocol"]
    assert (mine.version, mine.qualifying_min) == ("2", 5.0)
    assert [rule.rule_id for rule in mine.rules] == ["MY-DUR", "GEN-FREQ"]
    (phase,) = rule_of(mine, "GEN-FREQ").phases
    assert (phase.low, phase.high) == (2.0, 2.0)


def test_no_folder_means_no_protocols_of_the_users(tmp_path: Path) -> None:
    assert protocols(tmp_path / "nowhere") == protocols()


def test_users_protocols_may_borrow_from_each_other(tmp_path: Path) -> None:
    own(tmp_path)
    second = """
id = "another"
version = "1"
title = "Another"
[articles]
[qualifying]
session_min = 5
source = "Agreed."
[[borrow]]
rule = "MY-DUR"
from = "my_protocol"
because = "The same ward."
"""
    found = protocols(own(tmp_path, second, "second.toml"))
    assert rule_of(found["another"], "MY-DUR").article == "Plan of the ward, 2026"


@pytest.mark.parametrize(
    ("change", "by", "said"),
    [
        ('kind = "duration"', 'kind = "durations"', "kind = 'durations'; expected one of duration"),
        ('scope = "session"', 'scope = "week"', "scope = 'week'; expected one of day, session"),
        ('role = "scored"', 'role = "score"', "role = 'score'; expected one of scored, warn, info"),
        ("low = 12", 'low = "12"', "low = '12'; expected a number"),
        ("low = 12", "low = true", "low = True; expected a number"),
        ("low = 12", "low = -1", "low = -1; expected 0 or more"),
        ("low = 12", "low = nan", "low = nan; expected a finite number"),
        ("high = 18", "high = inf", "high = inf; expected a finite number"),
        ("low = 12", "low = 20", "low = 20 is above high = 18"),
        ("low = 12\n", "", "the key 'low' is missing; give it a number"),
        ("tolerance = 1\n", "", "the key 'tolerance' is missing"),
        ("tolerance = 1\n", "tolerence = 1\n", "the key 'tolerence' means nothing here"),
        (
            "unknown_up_to_fraction = 0.2",
            "unknown_up_to_fraction = 20",
            "unknown_up_to_fraction = 20; expected 1 or less",
        ),
        ('article = "plan"', 'article = "plam"', "article = 'plam' is not listed under [articles]"),
        ('quote = "a quarter of an hour"\n', "", "the key 'quote' is missing"),
        ('id = "MY-DUR"', 'id = "my dur"', "id must be capitals, digits and hyphens"),
        ('id = "my_protocol"', 'id = "My Protocol"', "expected lower-case letters"),
        ('id = "my_protocol"', 'id = "general"', "the id 'general' is taken by this package"),
        ('version = "2"', "version = 2", "version = 2; expected a text"),
        ('rule = "GEN-FREQ"', 'rule = "GEN-FREK"', "'general' has no rule 'GEN-FREK' of its own"),
        ('from = "general"', 'from = "generel"', "from = 'generel' is no protocol; there are"),
        ("low = 2\n", 'kind = "cap"\n', "kind cannot be changed"),
        ('because = "The ward says twice."\n', "", "the key 'because' is missing"),
        ("sessions_per_week = 2", "sessions_per_week = 2.5", "2.5; expected a whole number"),
        ("sessions_per_week = 2", "sessions_per_week = 0", "sessions_per_week = 0; expected 1"),
        ("sessions_per_week = 2", "sessions_per_week = 8", "sessions_per_week = 8; expected 7 or"),
        ("session_min = 15", "session_min = 0", "dose: session_min = 0; expected more than 0"),
        ("session_min = 5", "session_min = 0", "qualifying: session_min = 0; expected more than"),
        ("session_min = 5", "session_min = 5\nsession = 5", "qualifying: the key 'session' means"),
        ("low = 2\n", "low = 8\n", "low = 8; expected 7 or less"),
        ("low = 2\n", "low = 1.5\n", "low = 1.5; expected a whole number"),
        ('id = "my_protocol"', 'id = ["my_protocol"]', "id = ['my_protocol']; expected a text"),
        ('id = "MY-DUR"', 'id = ["MY-DUR"]', "id = ['MY-DUR']; expected a text"),
        ('from = "general"', 'from = ["general"]', "from = ['general']; expected a text"),
        ('rule = "GEN-FREQ"', 'rule = ["GEN-FREQ"]', "rule = ['GEN-FREQ']; expected a text"),
        ('rule = "GEN-FREQ"\n', "", "borrow: the key 'rule' is missing"),
        ('from = "general"\n', "", "borrow GEN-FREQ: the key 'from' is missing"),
        ("low = 12\nhigh = 18", "phase = []", "rule MY-DUR: phase is empty"),
        ("[qualifying]", "[qualify]", "the table [qualifying] is missing"),
        ("[[dose]]", "[dose]", "'dose' must be written as [[dose]]"),
    ],
)
def test_a_wrong_key_is_named_with_what_was_expected(
    tmp_path: Path, change: str, by: str, said: str
) -> None:
    assert change in _PROTOCOL
    message = problem(tmp_path, _PROTOCOL.replace(change, by))
    assert said in message
    assert "mine.toml" in message


@pytest.mark.parametrize(
    ("rule", "home", "change", "said"),
    [
        ("ROUTE-FLAT", "cervical_spondylosis", "low = 90", "low = 90; expected 1 or less"),
        ("ROUTE-STRAIGHT", "cervical_spondylosis", "low = 95", "low = 95; expected 1 or less"),
        ("GEN-CAP", "general", "high = 10", "high = 10; expected 7 or less"),
        ("GEN-ALT", "general", "high = 0.5", "high = 0.5; expected a whole number"),
        ("PROG-START", "general", "first_sessions_n = 2.5", "2.5; expected a whole number"),
        ("CAD-60", "cervical_spondylosis", "lwo = 40", "the key 'lwo' means nothing here"),
        ("HR-10", "lumbar_disc_herniation", 'reading = "max"', "reading = 'max'; expected one of"),
    ],
)
def test_a_wrong_change_of_a_borrowed_rule_is_named(
    tmp_path: Path, rule: str, home: str, change: str, said: str
) -> None:
    text = f'{_PROTOCOL}\n[[borrow]]\nrule = "{rule}"\nfrom = "{home}"\nbecause = "x"\n{change}\n'
    message = problem(tmp_path, text)
    assert said in message
    assert f"rule {rule}" in message


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("weeks_n = 2.5", "weeks_n = 2.5; expected a whole number"),
        ("weeks_n = 9", "weeks_n = 9; expected 8 or less"),
        ("low = 6", "low = 6; expected 1 or less"),
    ],
)
def test_persistence_is_a_share_of_up_to_eight_whole_weeks(
    tmp_path: Path, change: str, said: str
) -> None:
    text = f"""{_PROTOCOL}
[[borrow]]
rule = "PERSIST-8W"
from = "cervical_spondylosis"
because = "x"
{change}
"""
    assert said in problem(tmp_path, text)


def test_every_problem_of_a_file_is_told_at_once(tmp_path: Path) -> None:
    text = _PROTOCOL.replace("low = 12", "low = 99").replace('role = "scored"', 'role = "x"')
    message = problem(tmp_path, text)
    assert "role = 'x'" in message
    assert "low = 99 is above high = 18" in message


def test_a_file_that_is_no_toml_is_named(tmp_path: Path) -> None:
    assert "mine.toml is no TOML file" in problem(tmp_path, "id = ")


def test_a_protocol_without_rules_is_refused(tmp_path: Path) -> None:
    text = _PROTOCOL[: _PROTOCOL.index("[[rule]]")]
    assert "holds no [[rule]] and no [[borrow]]" in problem(tmp_path, text)


def test_a_rule_given_twice_is_refused(tmp_path: Path) -> None:
    again = _PROTOCOL + '\n[[borrow]]\nrule = "GEN-FREQ"\nfrom = "general"\nbecause = "again"\n'
    assert "rule GEN-FREQ: is given more than once" in problem(tmp_path, again)


def test_two_files_with_one_id_are_refused(tmp_path: Path) -> None:
    own(tmp_path)
    own(tmp_path, _PROTOCOL, "z.toml")
    with pytest.raises(RulesError, match=r"z\.toml: the id 'my_protocol' is taken by mine\.toml"):
        protocols(tmp_path)


def test_phases_that_overlap_are_refused(tmp_path: Path) -> None:
    phases = "phase = [{ low = 1, high = 2 }, { from_week = 3, low = 1, high = 2 }]"
    text = _PROTOCOL.replace("low = 12\nhigh = 18", phases)
    assert "week 3 belongs to two phases" in problem(tmp_path, text)


def test_limits_beside_phases_are_refused(tmp_path: Path) -> None:
    phases = "low = 12\nphase = [{ low = 1, high = 2 }]"
    message = problem(tmp_path, _PROTOCOL.replace("low = 12\nhigh = 18", phases))
    assert "gives limits and phases" in message


def test_a_phase_that_ends_before_it_begins_is_refused(tmp_path: Path) -> None:
    phases = "phase = [{ from_week = 4, to_week = 2, low = 1, high = 2 }]"
    text = _PROTOCOL.replace("low = 12\nhigh = 18", phases)
    assert "to_week = 2 lies before from_week = 4" in problem(tmp_path, text)


def test_a_limit_that_the_kind_does_not_have_is_refused(tmp_path: Path) -> None:
    text = _PROTOCOL.replace(
        'rule = "GEN-FREQ"\nfrom = "general"', 'rule = "GEN-ALT"\nfrom = "general"'
    ).replace("low = 2\nhigh = 2", "low = 2\nhigh = 2")
    assert "a rule of this kind has no 'low'" in problem(tmp_path, text)


def test_persistence_needs_the_rule_that_it_counts(tmp_path: Path) -> None:
    text = _PROTOCOL.replace(
        'rule = "GEN-FREQ"\nfrom = "general"', 'rule = "PERSIST-8W"\nfrom = "cervical_spondylosis"'
    ).replace("low = 2\nhigh = 2\n", "")
    message = problem(tmp_path, text)
    assert "rule PERSIST-8W: counts weeks that met a rule of kind 'days_per_week'" in message
