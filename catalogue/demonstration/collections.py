"""Puts together small made-up collections, so that the notebooks can be tried without any data.

Words and sentences are in `themes.json`. A need and a seed each have an object, an aim and a method;
who worked on the need's object with its aim is relevant (2), who did with its method somewhat (1).
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

THEMES = Path(__file__).with_name("themes.json")
NEEDS, PEOPLE = 16, 20  # of each collection
FACETS = ("objects", "aims", "methods")
LANGUAGES = ("ja", "en")
KINDS = ("paper", "paper", "paper", "patent", "grant")
SEEDS_A_PERSON = (1, 1, 2, 2, 3, 4)
FIRST_YEAR, LAST_YEAR = 2009, 2025
RANDOM_STATE = 20260401
Row = dict[str, Any]


@dataclass(frozen=True)
class _Facets:
    """Which object, aim and method of a theme: places in its lists."""

    object: int
    aim: int
    method: int

    def relevance(self, need: "_Facets") -> int:
        if self.object != need.object:
            return 0
        return 2 if self.aim == need.aim else int(self.method == need.method)


def write_collections(folder: Path) -> list[Path]:
    """Write three collections below `folder` and return their folders; always the same ones.

    Needs and seeds are in both languages. One researcher a collection is relevant to a need, but has
    no seed, as happens in real ones.
    """
    themes = json.loads(THEMES.read_text("utf-8"))
    return [
        _write(folder / name, theme, themes, np.random.default_rng([RANDOM_STATE, number]))
        for number, (name, theme) in enumerate(themes["collections"].items())
    ]


def _write(
    folder: Path, theme: Mapping[str, Any], themes: Mapping[str, Any], random: np.random.Generator
) -> Path:
    owned = {f"{folder.name}-r{i:02}": _career(theme, random) for i in range(1, PEOPLE + 1)}
    wanted = _wanted(folder.name, owned, theme, random)
    seeds = [(person, facets) for person, career in owned.items() for facets in career]
    judged = [
        (need_id, person, relevance)
        for need_id, need in wanted.items()
        for person, career in owned.items()
        if (relevance := _relevance(career, need))
    ]
    judged.append((judged[0][0], f"{folder.name}-r{PEOPLE + 1:02}", 2))  # without a seed
    folder.mkdir(parents=True, exist_ok=True)
    _write_lines(folder / "needs.jsonl", _needs(wanted, theme, themes["needs"], random))
    _write_lines(folder / "seeds.jsonl", _seeds(folder.name, seeds, theme, themes["seeds"], random))
    lines = [f"{need_id} 0 {person} {relevance}\n" for need_id, person, relevance in judged]
    (folder / "qrels.txt").write_text("".join(lines), "utf-8")
    return folder


def _wanted(
    prefix: str,
    owned: Mapping[str, Sequence[_Facets]],
    theme: Mapping[str, Any],
    random: np.random.Generator,
) -> dict[str, _Facets]:
    """Return needs that differ, each with someone relevant."""
    sizes = (range(len(theme[name])) for name in FACETS)
    possible = [_Facets(*places) for places in product(*sizes)]
    served = [need for need in possible if any(_relevance(c, need) for c in owned.values())]
    chosen = random.choice(len(served), NEEDS, replace=False)
    return {f"{prefix}-n{i:02}": served[place] for i, place in enumerate(chosen, start=1)}


def _relevance(career: Sequence[_Facets], need: _Facets) -> int:
    return max(facets.relevance(need) for facets in career)


def _drawn(theme: Mapping[str, Any], random: np.random.Generator) -> _Facets:
    sizes = (len(theme[name]) for name in FACETS)
    return _Facets(*(int(random.integers(size)) for size in sizes))


def _career(theme: Mapping[str, Any], random: np.random.Generator) -> list[_Facets]:
    """Return a person's seeds: mostly one object, one method throughout."""
    first = _drawn(theme, random)
    career = [first]
    for _ in range(int(random.choice(SEEDS_A_PERSON)) - 1):
        other = _drawn(theme, random)
        same = bool(random.random() < 0.6)
        career.append(_Facets(first.object if same else other.object, other.aim, first.method))
    return career


def _needs(
    wanted: Mapping[str, _Facets],
    theme: Mapping[str, Any],
    sentences: Mapping[str, Sequence[str]],
    random: np.random.Generator,
) -> Iterator[Row]:
    for place, (need_id, facets) in enumerate(wanted.items()):
        language = LANGUAGES[place % 2]
        text = str(random.choice(sentences[language]))
        yield {
            "need_id": need_id,
            "lang": language,
            "text": text.format(**_words(facets, theme, language, name=0)),
            "posted_on": f"2026-{1 + place % 12:02}-01",
        }


def _seeds(
    prefix: str,
    seeds: Sequence[tuple[str, _Facets]],
    theme: Mapping[str, Any],
    sentences: Mapping[str, Sequence[Sequence[str]]],
    random: np.random.Generator,
) -> Iterator[Row]:
    for number, (person, facets) in enumerate(seeds, start=1):
        language = str(random.choice(LANGUAGES))
        title, text = sentences[language][int(random.integers(len(sentences[language])))]
        words = _words(facets, theme, language, name=1)
        titled = title.format(**words)
        yield {
            "seed_id": f"{prefix}-s{number:02}",
            "researcher_ids": [person],
            "kind": str(random.choice(KINDS)),
            "lang": language,
            "title": titled[:1].upper() + titled[1:],
            "text": text.format(**words),
            "year": int(random.integers(FIRST_YEAR, LAST_YEAR + 1)),
        }


def _words(
    facets: _Facets, theme: Mapping[str, Any], language: str, *, name: int
) -> dict[str, str]:
    return {
        "object": theme["objects"][facets.object][language][name],
        "aim": theme["aims"][facets.aim][language],
        "method": theme["methods"][facets.method][language],
    }


def _write_lines(path: Path, rows: Iterator[Row]) -> None:
    lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in rows]
    path.write_text("".join(lines), "utf-8")
