"""Names of fields and patent classes with our field, read from a folder of public classifications.

The folder has `kaken_fields.csv.gz`, `ipc_titles.csv.gz`, `fterm_themes.csv.gz` and `jsic.csv.gz`
(columns as their readers below name them). What each code stands for is decided by rules on codes
(`matcher/domains/codes.json`, `domain_rules.json`); names are learned from, and never stored.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from enmusubi.errors import UnreadableFileError
from enmusubi.language import ENGLISH, JAPANESE
from matcher.domains.taxonomy import field_of_code, load_taxonomy, longest_prefix

COLUMNS = ("text", "language", "field", "source", "item", "code")
"""`item` is shared by a name's two languages, `code` by the names that are held out together."""

PER_FIELD = 30  # names of patent classes a field; more of them add little and take time to encode
MAX_CHARS = 200
ALIKE = 3  # Japanese characters that names of one field in several years have in common
_RULES_FILE = Path(__file__).with_name("domain_rules.json")
_SENTENCES_FILE = Path(__file__).with_name("domain_sentences.json")
_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|{[^{}]*}|（[^（）]*）")
_IPC_SYMBOL = re.compile(r"[A-H]\d\d[A-Z]\d*")


def read_examples(folder: Path) -> pd.DataFrame:
    """Return COLUMNS: texts with a field, one row a text and language.

    Raises UnreadableFileError when a file is missing or lacks a column.
    """
    kaken = label_kaken(_read(folder, "kaken_fields"))
    parts = [
        _own_texts(),
        read_sentences(),
        _kaken_examples(kaken),
        _sample(_ipc_examples(_read(folder, "ipc_titles"))),
        _sample(_fterm_examples(_read(folder, "fterm_themes"))),
    ]
    examples = pd.concat(parts, ignore_index=True)
    examples = examples[examples["text"].str.len() > 1]
    # a name that stands in two fields teaches neither
    clear = examples.groupby("text")["field"].transform("nunique") == 1
    return examples[clear].drop_duplicates(["text", "language"]).reset_index(drop=True)


def read_industries(folder: Path) -> pd.DataFrame:
    """Return COLUMNS for names of industries: another kind of text, to check with, not to learn."""
    rules = _rules("jsic")
    frame = _read(folder, "jsic")
    frame = frame[frame["level"].isin(["middle", "minor"])]
    fields = (longest_prefix(code, rules) for code in frame["code"])
    rows = frame.assign(field=_as_column(fields, frame)).dropna(subset="field")
    rows = rows[~rows["name_en"].str.contains("ADMINISTRATIVE OR ANCILLARY|n.e.c", regex=True)]
    rows = rows.assign(item=rows["code"], code=rows["code"])
    return _both_languages(rows, "jsic")


def label_kaken(frame: pd.DataFrame) -> pd.DataFrame:
    """Return KAKEN's fields of all periods with a column `field`, None where the rules are silent.

    Codes of 2014, 1998 and 2017 are mapped by rule; other years take the field of the same name
    where that is one, and nodes above take the field that all below them share.
    """
    frame = frame.assign(field=_as_column(map(_field_of_row, frame.to_dict("records")), frame))
    by_name = frame.dropna(subset="field").groupby("name_ja")["field"].agg(["nunique", "first"])
    same_name = frame["name_ja"].map(by_name.loc[by_name["nunique"] == 1, "first"])
    frame["field"] = frame["field"].where(frame["field"].notna(), same_name)
    below: dict[str, set[str]] = {}
    for path, field in frame.loc[frame["field"].notna(), ["path", "field"]].itertuples(index=False):
        for end in range(6, len(path), 6):
            below.setdefault(path[:end], set()).add(field)
    shared = {path: next(iter(found)) for path, found in below.items() if len(found) == 1}
    frame["field"] = frame["field"].where(frame["field"].notna(), frame["path"].map(shared))
    return frame


def kaken_nodes(folder: Path) -> dict[str, list[int]]:
    """Return for each field the numbers from 100 that NII gave to KAKEN's fields and are in it."""
    frame = label_kaken(_read(folder, "kaken_fields")).dropna(subset="field")
    numbers = frame.groupby("code_nii")["field"].agg(["nunique", "first"])
    known = numbers.loc[numbers["nunique"] == 1, "first"]
    nodes: dict[str, list[int]] = {name: [] for name in load_taxonomy().ids}
    for number in sorted(int(number) for number in known.index):
        if number >= 100:
            nodes[known[str(number)]].append(number)
    return nodes


def fterm_groups(folder: Path) -> dict[str, str]:
    """Return the field of the first two characters of F-terms where 4 of 5 themes share it."""
    themes = _fterm_examples(_read(folder, "fterm_themes"))
    groups = themes.groupby(themes["item"].str[:2])["field"]
    shares = groups.agg(lambda fields: fields.value_counts(normalize=True).iloc[0])
    most = groups.agg(lambda fields: fields.mode()[0])
    return {str(group): str(most[group]) for group in shares.index[shares >= 0.8]}


def _field_of_row(row: Mapping[Any, Any]) -> str | None:
    code, year = row["code_mext"], int(row["valid_from"][:4])
    if row["table"] == "zantei_bunya":
        return field_of_code(f"kaken:{code}")
    if row["table"] not in {"saimoku", "tokubetsu_kenkyu"}:
        return None
    if year >= 2013 and len(code) == 4:
        return longest_prefix(code, _rules("kaken_2014"))
    if year == 1998 and len(code) == 3:
        return longest_prefix(code, _rules("kaken_1998"))
    return None


def _kaken_examples(frame: pd.DataFrame) -> pd.DataFrame:
    rows = frame.dropna(subset="field").copy()
    rows["name_ja"] = rows["name_ja"].str.replace("およびその関連分野", "")
    rows["name_en"] = rows["name_en"].str.replace(",? and related fields", "", regex=True)
    rows["item"] = rows["name_ja"].map(_plain)
    # years repeat names with small changes: those that begin alike are held out together
    rows["code"] = rows["name_ja"].str[:ALIKE]
    return _both_languages(rows, "kaken")


def _ipc_examples(frame: pd.DataFrame) -> pd.DataFrame:
    rows = frame[frame["dots"].isin(["", "0"]) & (frame["level"] != "section")]
    fields = (field_of_code(f"ipc:{code}") for code in rows["code"])
    rows = rows.assign(field=_as_column(fields, rows))
    rows = rows.assign(item=rows["code"], code=rows["code"].str[:4])
    return _table(rows, rows["title_en"].map(_plain).str.capitalize(), ENGLISH, "ipc")


def _fterm_examples(frame: pd.DataFrame) -> pd.DataFrame:
    symbols = frame["fi_range"].str.extract(f"({_IPC_SYMBOL.pattern}/?)", expand=False).fillna("")
    fields = (field_of_code(f"ipc:{symbol}") for symbol in symbols)
    rows = frame.assign(field=_as_column(fields, frame))
    rows = rows.assign(item=rows["theme"], code=rows["theme"])
    return _table(rows, rows["name_ja"].map(_plain), JAPANESE, "fterm")


def _own_texts() -> pd.DataFrame:
    """Return the names and descriptions of our own fields."""
    rows = []
    for field in load_taxonomy().fields:
        named = (("name", field.name_ja, field.name_en), ("about", field.about_ja, field.about_en))
        for what, japanese, english in named:
            item = f"{field.id}:{what}"
            rows.append((japanese, JAPANESE, field.id, "own", item, field.id))
            rows.append((english, ENGLISH, field.id, "own", item, field.id))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def read_sentences() -> pd.DataFrame:
    """Return COLUMNS for made-up needs and abstracts, one of each field in each language."""
    sentences = json.loads(_SENTENCES_FILE.read_text("utf-8"))
    rows = [
        (text, language, field, "made-up", f"{field}:{language}", f"made-up:{field}")
        for field, texts in sentences.items()
        for language, text in texts.items()
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _sample(examples: pd.DataFrame) -> pd.DataFrame:
    """Return at most PER_FIELD rows of each field, the same ones every time."""
    order = examples["text"].map(lambda text: hashlib.sha256(text.encode()).hexdigest())
    ordered = examples.assign(order=order).sort_values("order")
    return ordered.groupby("field").head(PER_FIELD).sort_index()[list(COLUMNS)]


def _as_column(fields: Iterable[str | None], frame: pd.DataFrame) -> pd.Series:
    return pd.Series(list(fields), index=frame.index, dtype=object)


def _both_languages(rows: pd.DataFrame, source: str) -> pd.DataFrame:
    japanese = _table(rows, rows["name_ja"].map(_plain), JAPANESE, source)
    english = _table(rows, rows["name_en"].map(_plain), ENGLISH, source)
    return pd.concat([japanese, english], ignore_index=True)


def _table(rows: pd.DataFrame, texts: pd.Series, language: str, source: str) -> pd.DataFrame:
    """Return COLUMNS of the rows that have a field and a text; `rows` has item, code and field."""
    table = rows.assign(text=texts, language=language, source=source)[list(COLUMNS)]
    kept = table[table["field"].notna() & (table["text"].str.len() > 1)]
    return kept.drop_duplicates(["text", "language"]).reset_index(drop=True)


def _plain(name: str) -> str:
    """Return a name without notes in brackets, at most MAX_CHARS long."""
    shorter = _BRACKETS.sub("", _BRACKETS.sub("", name))
    return " ".join(shorter.split()).strip(" ;,:|/・")[:MAX_CHARS]


def _rules(name: str) -> dict[str, str]:
    rules: dict[str, str] = json.loads(_RULES_FILE.read_text("utf-8"))[name]
    return rules


def _read(folder: Path, name: str) -> pd.DataFrame:
    path = folder / f"{name}.csv.gz"
    try:
        return pd.read_csv(path, dtype=str, keep_default_na=False)
    except (OSError, ValueError) as error:
        raise UnreadableFileError(
            "%(path)s could not be read (%(kind)s). Name a folder that holds the "
            "classifications (docs/quality.md lists their files and columns).",
            path=path,
            kind=type(error).__name__,
        ) from error
