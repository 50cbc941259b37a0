"""Writes made-up OpenAlex works to measure imports with.

The same number gives the same works: their authors come from a pool of a third as many people of 500
institutions, every second author has an ORCID, 30 % of the titles are Japanese. Nothing in them is
real.
"""

import gzip
import json
import random
from pathlib import Path
from typing import Any

RANDOM_STATE = 20_260_401
N_INSTITUTIONS = 500
N_ABSTRACT_WORDS = 120
JAPANESE_SHARE = 0.3
SYLLABLES = ("ka", "so", "ri", "men", "tal", "vor", "ni", "quo", "dex", "ara", "lum", "pis", "te")
SUBJECTS = ("セルロース", "木造橋", "高炉スラグ", "光触媒", "海藻", "歯車", "稲わら", "磁性粉")
ACTS = ("耐久性", "振動計測", "微細構造", "再利用", "吸着特性", "損傷評価", "成形条件", "劣化予測")
FAMILIES = ("Kasumi", "Hoshino", "Morita", "Tachiba", "Kuzuha", "Aomine", "Shirase", "Wakaba")
GIVEN = ("Hana", "Jiro", "Yuki", "Ren", "Mio", "Sota", "Nao", "Kei", "Rin", "Aoi")
TYPES = ("article", "article", "article", "article", "preprint", "book-chapter", "dataset")
LINK = "https://openalex.org/"


def make_work(number: int, n_works: int) -> dict[str, Any]:
    """Return the work of that number, of so many."""
    rng = random.Random(RANDOM_STATE * 10_000_019 + number)  # noqa: S311 - nothing here is secret
    japanese = rng.random() < JAPANESE_SHARE
    topics = [_topic(rng.randrange(4_500)) for _ in range(3)]
    doi = f"https://doi.org/10.5555/made-up.{number}" if rng.random() < 0.8 else None
    return {
        "id": f"{LINK}W{7_000_000_000 + number}",
        "doi": doi,
        "display_name": (title := _title(rng, japanese)),
        "title": title,
        "publication_year": rng.randint(1990, 2026),
        "language": "ja" if japanese else "en",
        "type": rng.choice(TYPES),
        "is_retracted": rng.random() < 0.001,
        "is_paratext": False,
        "authorships": _authorships(rng, max(n_works // 3, 1)),
        "primary_location": {
            "landing_page_url": doi,
            "source": {"display_name": f"Journal of Made-up {_word(rng).title()}"},
        },
        "primary_topic": topics[0],
        "topics": topics,
        "keywords": [{"id": None, "display_name": _word(rng), "score": 0.5} for _ in range(4)],
        "abstract_inverted_index": _inverted_index(rng) if rng.random() < 0.85 else None,
    }


def _title(rng: random.Random, japanese: bool) -> str:
    if japanese:
        return f"{rng.choice(SUBJECTS)}を用いた{rng.choice(SUBJECTS)}の{rng.choice(ACTS)}"
    return " ".join(_word(rng) for _ in range(9)).capitalize()


def _word(rng: random.Random) -> str:
    return "".join(rng.choices(SYLLABLES, k=rng.randint(2, 4)))


def _topic(number: int) -> dict[str, Any]:
    name = f"Made-up topic {number}"
    return {"id": f"{LINK}T{10_000 + number}", "display_name": name, "score": 0.9}


def _authorships(rng: random.Random, pool: int) -> list[dict[str, Any]]:
    people = rng.sample(range(pool), k=min(pool, rng.randint(1, 6)))
    return [
        {"author": _author(person), "institutions": [_institution(person)]} for person in people
    ]


def _author(person: int) -> dict[str, Any]:
    family, given = FAMILIES[person % len(FAMILIES)], GIVEN[person // 8 % len(GIVEN)]
    middle = "".join(SYLLABLES[digit] for digit in _digits(person // 80)).title()
    orcid = _orcid(person) if person % 2 else None
    name = f"{given} {middle} {family}"
    return {"id": f"{LINK}A{5_000_000_000 + person}", "display_name": name, "orcid": orcid}


def _digits(number: int) -> list[int]:
    digits = [number % len(SYLLABLES)]
    while number := number // len(SYLLABLES):
        digits.append(number % len(SYLLABLES))
    return digits


def _orcid(person: int) -> str:
    """Return an iD beyond the block that ORCID gives out, with a right check digit (ISO 7064)."""
    base = f"{900_000_000_000_000 + person:015}"
    total = 0
    for digit in base:
        total = (total + int(digit)) * 2
    check = (12 - total % 11) % 11
    digits = base + ("X" if check == 10 else str(check))
    return "https://orcid.org/" + "-".join(digits[i : i + 4] for i in range(0, 16, 4))


def _institution(person: int) -> dict[str, Any]:
    number = person * 7 % N_INSTITUTIONS
    is_company = number % 10 == 0
    name = f"Made-up {'Works' if is_company else 'University'} {number}"
    kind = "company" if is_company else "education"
    return {
        "id": f"{LINK}I{4_000_000_000 + number}",
        "display_name": name,
        "ror": None,
        "type": kind,
    }


def _inverted_index(rng: random.Random) -> dict[str, list[int]]:
    index: dict[str, list[int]] = {}
    for place in range(N_ABSTRACT_WORDS):
        index.setdefault(_word(rng), []).append(place)
    return index


def write_works(n_works: int, path: Path) -> None:
    """Write the works into a gzipped file, one JSON object a line."""
    with gzip.GzipFile(path, "wb", compresslevel=3, mtime=0) as target:
        for number in range(n_works):
            work = make_work(number, n_works)
            target.write(json.dumps(work, ensure_ascii=False).encode() + b"\n")
