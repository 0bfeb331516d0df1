"""Room ``marks``: laps, pauses, names, fields and annotations, with the direction that they state.

What a text means stands in ``rules/words.toml``; what a direction is worth as evidence is decided
later, in the windows.
"""

import re
from functools import cache

import dataframely as dy
import polars as pl

from retrowalk.rules.words import Denial, Phrase, WordList
from retrowalk.tables import Annotations, Marks, Workouts

#: Letters that Unicode does not take apart into a base and an accent.
_LIGATURES = {
    "ł": "l",
    "ø": "o",
    "æ": "ae",
    "œ": "oe",
    "ß": "ss",
    "đ": "d",
    "ð": "d",
    "\u0131": "i",
}
#: Words that may stand between a negation and what it negates.
_BETWEEN = r"(?: [^ |0-9]+){0,2} ?"
#: What may stand between a phrase and a cancellation that is the last word of its clause or a clause
#: of its own: "Backward 10 min (skipped)", but not "Backward 10 min, skipped the hill".
_BEFORE_END = {True: r"(?: [^ |]+){0,3}(?: \|)? ", False: r"[^|]{0,12}(?: \|)? "}
_END = r"(?: \||$)"
_MARK = ("workout_id", "source", "started_at_utc", "ended_at_utc", "text", "grade_fraction")


def plain_expr(text: pl.Expr) -> pl.Expr:
    """Brings a text into the form in which texts and phrases are compared.

    Lower case without accents; camel case, digits, hyphens and apostrophes parted by spaces; any
    other punctuation is a break, ``|``, which no phrase and no negation reaches across.
    """
    return (
        text.str.normalize("NFKD")
        .str.replace_all(r"[\u{0300}-\u{036F}]", "")
        .str.replace_all(r"(\p{Ll})(\p{Lu})", "${1} ${2}")
        .str.to_lowercase()
        .str.replace_many(list(_LIGATURES), list(_LIGATURES.values()))
        .str.replace_all(r"['’‘ʼ´`\-_/‐‑‒–—]", " ")  # noqa: RUF001
        .str.replace_all(r"[^\p{L}\p{M}\p{N}\s]+", " | ")
        .str.replace_all(r"(\p{L})(\p{N})", "${1} ${2}")
        .str.replace_all(r"(\p{N})(\p{L})", "${1} ${2}")
        .str.replace_all(r"\s+", " ")
        .str.strip_chars()
    )


@cache  # Every export of a scan is read with the same words.
def phrase_table(phrases: tuple[Phrase, ...]) -> pl.DataFrame:
    """One row per plain phrase and way of standing, with what it states and its rule's name."""
    schema = {
        "language": pl.String,
        "text": pl.String,
        "direction": pl.String,
        "is_alone": pl.Boolean,
        "is_spaced": pl.Boolean,
    }
    rows = [(p.language, p.text, p.direction, p.is_alone, p.is_spaced) for p in phrases]
    return (
        pl.DataFrame(rows, schema=schema, orient="row")
        .with_columns(
            plain=plain_expr(pl.col("text")), label_rule=pl.format("{}:{}", "language", "text")
        )
        .unique(["plain", "is_alone"], keep="first", maintain_order=True)
    )


def denial_table(denials: tuple[Denial, ...]) -> pl.DataFrame:
    """One row per plain negation or cancellation."""
    schema = {
        "language": pl.String,
        "text": pl.String,
        "is_after": pl.Boolean,
        "is_spaced": pl.Boolean,
    }
    rows = [(d.language, d.text, d.is_after, d.is_spaced) for d in denials]
    return pl.DataFrame(rows, schema=schema, orient="row").with_columns(
        plain=plain_expr(pl.col("text"))
    )


def any_of(plain: pl.Series) -> str:
    """A pattern for any of the plain texts, the longest that fits."""
    longest_first = sorted(set(plain), key=lambda text: (-len(text), text))
    return "(?:" + "|".join(map(re.escape, longest_first)) + ")"


def denied_patterns(phrases: pl.DataFrame, denials: pl.DataFrame) -> list[str]:
    """Patterns of a phrase with a negation before it or a cancellation after it, by language."""
    patterns = []
    for (language, is_after, is_spaced), words in denials.group_by(
        "language", "is_after", "is_spaced", maintain_order=True
    ):
        denial = any_of(words["plain"])
        phrase = any_of(phrases.filter(pl.col("language") == language)["plain"])
        between, edge = (_BETWEEN, r"\b") if is_spaced else (" ?", "")
        ends = f"{between}{denial}{edge}|{_BEFORE_END[is_spaced]}{denial}{_END}"
        pattern = f"{phrase}(?:{ends})" if is_after else f"{denial}{between}{phrase}{edge}"
        patterns.append(f"{edge}{pattern}")
    return patterns


@cache
def phrase_pattern(words: WordList) -> str:
    """One pattern that finds denied phrases, false friends and phrases, from left to right.

    Of what begins at the same place the denied phrase is found first, then the longer text, so
    that a phrase inside a denied one or inside a false friend is never found by itself.
    """
    phrases = phrase_table(words.phrases).filter(~pl.col("is_alone"))
    spaced, unspaced = phrases.filter("is_spaced"), phrases.filter(~pl.col("is_spaced"))
    return "|".join(
        [
            *denied_patterns(phrases, denial_table(words.denials)),
            rf"\b{any_of(spaced['plain'])}\b",
            any_of(unspaced["plain"]),
        ]
    )


def meaning_of_texts(texts: pl.Series, words: WordList) -> pl.DataFrame:
    """Reads what each text states.

    Args:
        texts: Texts as written.
        words: The word list.

    Returns:
        One row per distinct text that states one direction: ``text, direction, label_rule``.
        A text without a phrase, or with phrases of both directions, has none.
    """
    phrases = phrase_table(words.phrases).select("plain", "direction", "label_rule", "is_alone")
    plain = (
        texts.drop_nulls()
        .unique()
        .sort()
        .to_frame("text")
        .with_columns(plain=plain_expr(pl.col("text")))
        .with_columns(bare=pl.col("plain").str.replace_all(r"[\d| ]+", " ").str.strip_chars())
    )
    inside = plain.select(
        "text", plain=pl.col("plain").str.extract_all(phrase_pattern(words))
    ).explode("plain")
    alone = plain.select("text", plain="bare").join(phrases.filter("is_alone"), on="plain")
    return (
        pl.concat(
            [inside.join(phrases.filter(~pl.col("is_alone")), on="plain"), alone],
            how="diagonal",
        )
        .filter(pl.col("direction").is_not_null())
        .group_by("text")
        .agg(pl.col("direction").unique(), pl.col("label_rule").sort().first())
        .filter(pl.col("direction").list.len() == 1)
        .with_columns(pl.col("direction").list.first())
    )


@cache
def field_value_table(words: WordList) -> pl.DataFrame:
    """One row per name and value of a developer field that states a direction.

    ``needs`` is another field with value that has to stand in the same workout; null: none.
    """
    schema = dict.fromkeys(("name", "value", "direction", "needs"), pl.String)
    rows = [
        (name, value, direction, f"{name}={other}" if other else None)
        for field in words.developer_fields
        for direction, values in (("backward", field.backward), ("forward", field.forward))
        for name in field.names
        for value in values
        for other in [dict(field.only_with).get(value)]
    ]
    return pl.DataFrame(rows, schema=schema, orient="row")


def meaning_of_fields(texts: pl.Series, words: WordList) -> pl.DataFrame:
    """Reads what each developer field, written ``name=value``, states.

    Returns:
        One row per distinct text that states a direction: ``text, direction, label_rule``, and
        ``field``, its name and value in plain form, with the one that it ``needs`` beside it.
    """
    parts = pl.col("text").str.splitn("=", 2)
    whole = pl.col("value").cast(pl.Float64, strict=False)
    fields = (
        texts.drop_nulls()
        .unique()
        .sort()
        .to_frame("text")
        .with_columns(
            name=parts.struct[0].str.to_lowercase().str.replace_all(r"[^\p{L}]", ""),
            value=parts.struct[1].str.to_lowercase().str.strip_chars(),
        )
        .with_columns(
            value=pl.when(whole == whole.round())
            .then(whole.cast(pl.Int64, strict=False).cast(pl.String))
            .otherwise("value"),
            label_rule=pl.format("developer_field:{}", "name"),
        )
        .with_columns(field=pl.format("{}={}", "name", "value"))
    )
    by_value = fields.join(field_value_table(words), on=["name", "value"])
    phrased = [name for f in words.developer_fields if f.reads_phrases for name in f.names]
    rest = fields.join(by_value, on="text", how="anti").filter(pl.col("name").is_in(phrased))
    by_phrase = rest.drop("label_rule").join(
        meaning_of_texts(rest["value"], words).rename({"text": "value"}), on="value"
    )
    return pl.concat([by_value, by_phrase], how="diagonal").drop("name", "value")


def meaning_of_marks(marks: pl.DataFrame, words: WordList) -> pl.DataFrame:
    """Adds ``read_direction`` and ``read_rule``: what the text of a mark states."""
    is_field = pl.col("source") == "developer_field"
    meanings = pl.concat(
        [
            meaning_of_texts(marks.filter(~is_field)["text"], words).with_columns(is_field=False),
            meaning_of_fields(marks.filter(is_field)["text"], words).with_columns(is_field=True),
        ],
        how="diagonal_relaxed",
    ).rename({"direction": "read_direction", "label_rule": "read_rule"})
    read = marks.with_columns(is_field=is_field).join(meanings, on=["text", "is_field"], how="left")
    beside = read.select("workout_id", "field", has_needed=True).drop_nulls().unique()
    is_lacking = pl.col("needs").is_not_null() & pl.col("has_needed").is_null()
    return read.join(
        beside, left_on=["workout_id", "needs"], right_on=["workout_id", "field"], how="left"
    ).with_columns(pl.when(~is_lacking).then(pl.col("read_direction", "read_rule")).name.keep())


def with_directions(marks: pl.DataFrame, words: WordList) -> pl.DataFrame:
    """Says which direction each mark states, and by which rule; null where it states none or both.

    A direction that the format itself states wins over the text.

    Args:
        marks: Rows with ``workout_id``, ``source``, ``text`` and ``direction`` as the format
            states it.
        words: The word list.

    Returns:
        The rows with ``direction``, ``label_rule`` and ``is_field``; any order.
    """
    stated = pl.col("direction").str.to_lowercase().str.strip_chars()
    is_stated = stated.is_in(["forward", "backward"]).fill_null(value=False)
    return meaning_of_marks(marks, words).with_columns(
        direction=pl.when(is_stated).then(stated).otherwise("read_direction"),
        label_rule=pl.when(is_stated).then(pl.format("{}:stated", "source")).otherwise("read_rule"),
    )


def directions_of_marks(raw_marks: pl.DataFrame, words: WordList) -> pl.DataFrame:
    """The marks that state a direction, by time; arguments as for :func:`with_directions`."""
    as_text = pl.col("source", "direction").cast(pl.String)
    return (
        with_directions(raw_marks.with_columns(as_text), words)
        .filter(pl.col("direction").is_not_null())
        .sort("workout_id", "started_at_utc", "source", "ended_at_utc", "text")
    )


def annotation_marks(
    annotations: dy.DataFrame[Annotations], workouts: dy.DataFrame[Workouts]
) -> pl.DataFrame:
    """Cuts each annotation to every workout of its participant that it overlaps."""
    spans = workouts.select(
        "workout_id",
        "participant_id",
        begins_at_utc="started_at_utc",
        finishes_at_utc="ended_at_utc",
    )
    return (
        annotations.join(spans, on="participant_id")
        .with_columns(
            pl.lit("annotation").alias("source"),
            pl.lit(None, pl.String).alias("text"),
            pl.max_horizontal("started_at_utc", "begins_at_utc").alias("started_at_utc"),
            pl.min_horizontal("ended_at_utc", "finishes_at_utc").alias("ended_at_utc"),
            pl.col("direction").cast(pl.String),
        )
        .filter(pl.col("started_at_utc") < pl.col("ended_at_utc"))
        .select(*_MARK, "direction")
    )


def touching_fields_merged(marks: pl.DataFrame) -> pl.DataFrame:
    """Makes one mark of developer fields of one workout and text that follow without a hole."""
    is_field = pl.col("source") == "developer_field"
    order = ["workout_id", "text", "started_at_utc", "ended_at_utc"]
    is_new = pl.col("started_at_utc") > pl.col("ended_at_utc").shift().cum_max()
    merged = (
        marks.filter(is_field)
        .sort(order)
        .with_columns(run=is_new.fill_null(value=True).cum_sum().over("workout_id", "text"))
        .group_by("workout_id", "text", "run", maintain_order=True)
        .agg(
            pl.col("started_at_utc").min(),
            pl.col("ended_at_utc").max(),
            pl.exclude("started_at_utc", "ended_at_utc").first(),
        )
        .select(marks.columns)
    )
    return pl.concat([marks.filter(~is_field), merged])


def marks_from_readings(
    raw_marks: pl.DataFrame,
    workouts: dy.DataFrame[Workouts],
    annotations: dy.DataFrame[Annotations],
    words: WordList,
) -> dy.DataFrame[Marks]:
    """Gathers every span that labels or ends something, and reads which direction it states.

    A developer field that states no direction gets no row: apps write hundreds that have nothing to do with it. Every other mark
    is kept, with or without a direction, because its borders count.

    Args:
        raw_marks: Rows of :class:`~retrowalk.read.reading.ReadMarks` with ``workout_id`` in place
            of ``workout_n``; any order.
        workouts: The workouts they belong to; marks of others are not taken.
        annotations: What people wrote down; each is cut to the workouts that it overlaps.
        words: The word list.

    Returns:
        One row per mark, by workout and time, numbered from 0 within its workout. ``direction``
        is null where the mark states none or both.
    """
    columns = [pl.col(name) for name in (*_MARK, "direction")]
    gathered = pl.concat(
        [
            raw_marks.select(columns).cast({"source": pl.String, "direction": pl.String}),
            annotation_marks(annotations, workouts),
        ],
        how="vertical_relaxed",
    )
    order = ["workout_id", "started_at_utc", "source", "ended_at_utc", "text", "direction"]
    return (
        with_directions(gathered, words)
        .filter(~pl.col("is_field") | pl.col("direction").is_not_null())
        .pipe(touching_fields_merged)
        .join(workouts.select("workout_id", "week_start_date"), on="workout_id")
        .cast({"source": Marks.source.dtype})
        .sort(*order, "grade_fraction", nulls_last=True)
        .with_columns(mark_n=pl.int_range(pl.len()).over("workout_id"))
        .select(Marks.column_names())
        .pipe(Marks.validate, cast=True)
    )
