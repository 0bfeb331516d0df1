"""Protocols as rows: rules and their limits beside each other, so that they can be joined."""

from collections.abc import Mapping

import polars as pl

from retrowalk.rules.protocols import KINDS, Protocol

#: The end of a phase that has none, in weeks.
_OPEN_END = 1_000_000
_SETTINGS = {
    setting.name: pl.String if setting.words else pl.Float64
    for kind in KINDS.values()
    for setting in kind.settings
}
_SCHEMA = pl.Schema(
    {
        "protocol": pl.String,
        "protocol_version": pl.String,
        "rule_id": pl.String,
        "kind": pl.String,
        "scope": pl.String,
        "role": pl.String,
        "role_under": pl.String,
        "unit": pl.String,
        "source": pl.String,
        "from_week": pl.Int64,
        "to_week": pl.Int64,
        "target_low": pl.Float64,
        "target_high": pl.Float64,
        **_SETTINGS,
    }
)


def rule_rows(protocols: Mapping[str, Protocol]) -> pl.DataFrame:
    """One row per protocol, rule and phase; settings that a rule does not have are null."""
    return pl.DataFrame(
        [
            {
                "protocol": protocol.protocol_id,
                "protocol_version": protocol.version,
                "rule_id": rule.rule_id,
                "kind": rule.kind,
                "scope": rule.scope,
                "role": rule.role,
                "role_under": rule.role_under,
                "unit": rule.unit,
                "source": rule.citation,
                "from_week": phase.from_week,
                "to_week": phase.to_week or _OPEN_END,
                "target_low": phase.low,
                "target_high": phase.high,
                **dict(rule.settings),
            }
            for protocol in protocols.values()
            for rule in protocol.rules
            for phase in rule.phases
        ],
        schema=_SCHEMA,
    )
