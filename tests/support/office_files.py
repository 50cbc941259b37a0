"""Made-up files of an office: people under several spellings and ids, copies of papers, bad rows."""

import csv
from collections.abc import Sequence
from pathlib import Path
from random import Random

GIVEN = ("Aoi", "Haruka", "Ken", "Mio", "Ren", "Sora", "Yui", "Daichi", "Nagi", "Hina")
FAMILY = ("Mori", "Sato", "Kuzuha", "Tachibana", "Hoshino", "Minato", "Asagi", "Kirishima")
PLACES = ("Kasumino University", "Hoshimi College", "Wakaba University", "Yamabuki Works")
WORDS = (
    *("yarn", "glow", "safety", "film", "oxygen", "river", "silt", "probe", "sensor", "battery"),
    *("robot", "finger", "fruit", "timber", "joint", "enzyme", "paper", "fibre", "cellulose"),
    *("lens", "laser", "defect", "wafer", "sound", "bridge", "crack", "tea", "leaf", "mould"),
)


def write_base(folder: Path) -> None:
    """Write what the office has had for long: 80 people, 160 seeds, 8 needs."""
    _write_people(folder / "people.csv", range(80))
    _write_seeds(folder / "seeds.csv", range(160), [f"r{n}" for n in range(80) if n != 7])
    _write_needs(folder / "needs.csv", range(8))


def write_news(folder: Path) -> None:
    """Write what comes in one night: some of it known from elsewhere, some changed, some not good."""
    _write_people(folder / "hr.csv", range(40, 240), prefix="hr")
    people = [f"r{n}" for n in range(80) if n != 7] + [f"hr{n}" for n in range(80, 240)]
    _write_seeds(folder / "publications.csv", range(80, 500), people, changed=True)
    _write_needs(folder / "more_needs.csv", range(4, 12))


def write_more(folder: Path) -> None:
    """Write a list of another department that shares people and papers with the news."""
    _write_people(folder / "department.csv", range(170, 340), prefix="dep")
    people = [f"dep{n}" for n in range(180, 340)]
    _write_seeds(folder / "papers.csv", range(430, 700), people)


def _write_people(path: Path, numbers: Sequence[int], prefix: str = "r") -> None:
    rows = []
    for number in numbers:
        random = Random(number)  # one person is the same in every file
        given, family = random.choice(GIVEN), random.choice(FAMILY)
        orcid = f"0000-0001-{number // 1000:04}-{number % 1000:03}" if number % 3 else ""
        rows.append(
            {
                "researcher_id": f"{prefix}{number}",
                "name_en": f"{given} {family}" if prefix == "r" else f"{family.upper()}, {given}",
                "orcid": orcid and orcid + _check_digit(orcid),
                "institution_en": PLACES[number % len(PLACES)],
                "department_en": f"Department {number % 40}",
                "keywords_en": "; ".join(random.sample(WORDS, 3)),
            }
        )
    rows.append({**rows[7], "researcher_id": ""})
    _write(path, rows)


def _write_seeds(
    path: Path, numbers: Sequence[int], people: Sequence[str], *, changed: bool = False
) -> None:
    rows = []
    for number in numbers:
        random = Random(-number)
        words = random.choices(WORDS, k=24)
        rows.append(
            {
                "seed_id": f"{path.stem}-{number}",
                "kind": "paper",
                "title": " ".join(words[:5]).capitalize() + f" {number}",
                "text": " ".join(words) + (" revised." if changed and number % 2 else "."),
                "year": str(2000 + number % 30) if number % 50 else "last year",
                "doi": f"10.9999/made.up.{number}" if number % 4 else "",
                "companies": "Yamabuki Works" if number % 9 == 0 else "",
                "researcher_ids": "; ".join(random.sample(people, 2)),
            }
        )
    rows[11] = {**rows[11], "researcher_ids": rows[11]["researcher_ids"] + "; nobody-knows"}
    _write(path, rows)


def _write_needs(path: Path, numbers: Sequence[int]) -> None:
    rows = []
    for number in numbers:
        words = Random(7 * number).choices(WORDS, k=9)
        rows.append(
            {
                "need_id": f"n{number}",
                "title": words[0],
                "text": " ".join(words),
                "company": "Yamabuki Works",
            }
        )
    _write(path, rows)


def _write(path: Path, rows: Sequence[dict[str, str]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def _check_digit(orcid: str) -> str:
    total = 0
    for digit in orcid.replace("-", ""):
        total = (total + int(digit)) * 2
    found = (12 - total % 11) % 11
    return "X" if found == 10 else str(found)
