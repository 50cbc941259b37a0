"""Writes training pairs for the encoder from the made-up needs and seeds that come with the project.

    made_up_pairs.py FOLDER

Writes FOLDER/made_up_needs.jsonl.gz, a need and a seed that meets it with a seed of somebody near who does
not, and FOLDER/made_up_people.jsonl.gz, two seeds of one person in two languages: files that
`enmusubi train encoder` reads (docs/encoder.md). The same texts give the same files.
"""

import argparse
import gzip
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from random import Random
from typing import Any

from enmusubi.atomic_files import write_atomically

TEXTS = Path(__file__).parents[1] / "training" / "needs_and_seeds.jsonl.gz"
NEEDS, SEEDS = ("need_ja", "need_en"), ("seed_ja", "seed_en")
NEAR = (
    4  # people before and after one in the file: of the same field or trade, of another speciality
)


def main() -> None:
    """Write the two files."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    people = read_people()
    rng = Random(1)  # noqa: S311
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in (("needs", needs_of(people, rng)), ("people", same_people(people))):
        shuffled = list(rows)
        rng.shuffle(shuffled)
        lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in shuffled)
        packed = gzip.compress(lines.encode(), mtime=0)
        write_atomically(folder / f"made_up_{name}.jsonl.gz", packed)
        print(f"made_up_{name}.jsonl.gz: {len(shuffled)} pairs")


def read_people() -> list[dict[str, Any]]:
    """Return the made-up people, in the file's order: those near each other are of one field or trade."""
    with gzip.open(TEXTS, "rt", encoding="utf-8") as stream:
        return [json.loads(line) for line in stream]


def needs_of(people: list[dict[str, Any]], rng: Random) -> Iterable[dict[str, str]]:
    """Yield each need with each seed of its person, with and without title, and somebody else's seed."""
    for place, person in enumerate(people):
        around = range(max(0, place - NEAR), min(len(people), place + NEAR + 1))
        near = [o for o in around if o != place and people[o]["group"] == person["group"]]
        for need in NEEDS:
            for seed in SEEDS:
                for with_title in (True, False):
                    other = rng.choice(near)
                    yield {
                        "query": person[need],
                        "passage": _text(person[seed], with_title=with_title),
                        "title": f"person {place}",
                        "negative": _text(people[other][seed], with_title=with_title),
                        "negative_title": f"person {other}",
                    }


def same_people(people: list[dict[str, Any]]) -> Iterable[dict[str, object]]:
    """Yield the two seeds of each person."""
    for place, person in enumerate(people):
        first, second = (_text(person[seed], with_title=True) for seed in SEEDS)
        yield {"a": first, "b": second, "score": 1, "title": f"person {place}"}


def _text(seed: Mapping[str, str], *, with_title: bool) -> str:
    return f"{seed['title']}\n{seed['text']}" if with_title else seed["text"]


if __name__ == "__main__":
    main()
