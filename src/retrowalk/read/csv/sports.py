"""Reads what an export calls a sport into FIT's words, as ``sports.toml`` has them."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources

import polars as pl


@cache
def sport_words() -> Mapping[str, tuple[str | None, str | None]]:
    """Reads the word list: word in lower case -> (sport, sub-sport)."""
    file = resources.files("retrowalk.read.csv") / "sports.toml"
    found = tomllib.loads(file.read_text(encoding="utf-8"))["sports"]
    return {
        word: (entry.get("sport"), entry.get("sub_sport"))
        for entry in found
        for word in entry["words"]
    }


def with_sports(frame: pl.DataFrame) -> pl.DataFrame:
    """Replaces a workout frame's ``sport`` by FIT's words for sport and sub-sport.

    A word that the list does not have is kept, in FIT's spelling (lower case, underscores), so
    that an unknown sport is never taken for walking.

    Args:
        frame: n rows with ``sport`` and ``sub_sport`` as written.

    Returns:
        n rows, same order; a sub-sport that the export states wins over the one its sport implies.
    """
    words = sport_words()
    listed = list(words)
    kinds = frame["sport"].unique().to_frame().filter(pl.col("sport").is_not_null())
    key = pl.col("sport").str.to_lowercase().str.replace_all(r"[_\-\s]+", " ").str.strip_chars()
    key = key.str.strip_prefix("hkworkoutactivitytype")
    named = kinds.select(
        "sport",
        fit_sport=key.replace_strict(
            listed,
            [words[word][0] for word in listed],
            default=key.str.replace_all(" ", "_", literal=True),
            return_dtype=pl.String,
        ),
        fit_sub_sport=key.replace_strict(
            listed, [words[word][1] for word in listed], default=None, return_dtype=pl.String
        ),
    )
    subs = frame["sub_sport"].unique().to_frame().drop_nulls()
    sub = pl.col("sub_sport").str.to_lowercase().str.replace_all(r"[\-\s]+", "_")
    return (
        frame.join(named, on="sport", how="left", maintain_order="left")
        .join(
            subs.select("sub_sport", stated_sub_sport=sub),
            on="sub_sport",
            how="left",
            maintain_order="left",
        )
        .with_columns(sport="fit_sport", sub_sport=pl.coalesce("stated_sub_sport", "fit_sub_sport"))
        .drop("fit_sport", "fit_sub_sport", "stated_sub_sport")
    )
