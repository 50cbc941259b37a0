"""A made-up country of researchers, whom several sources describe, and who of them are one.

The pairs are those that an import looks at: a name in common, and an organisation or a seed. So
namesakes come up as often as they do among people who bear common names. Pairs of one person that
an import does not look at are there, too: they count as missed.
"""

import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations

from catalogue.identity.person_matching import PersonForm
from catalogue.identity.person_names import person_keys
from tests.quality.names import FAMILIES, FOREIGN, GIVEN, Name, person_form

PEOPLE, ORGANISATIONS, DEPARTMENTS = 4_000, 10, 12
SOURCES = {"office": 1.0, "grants": 0.6, "profiles": 0.5, "papers": 0.7, "patents": 0.2}
FOREIGN_RATE, RENAMED_RATE = 0.05, 0.01
NO_DEPARTMENT = {"papers", "patents"}


@dataclass(frozen=True)
class Entry:
    """What one source says of one person."""

    person: int
    source: str
    form: PersonForm
    organisation: int | None
    department: int | None
    seeds: frozenset[int]
    known_id: int | None  # an id that all sources share, where this one has it


@dataclass(frozen=True)
class Pair:
    """Two entries, what an import knows of them, and whether they are one person."""

    first: Entry
    second: Entry
    is_one: bool

    @property
    def same_organisation(self) -> bool | None:
        return _same(self.first.organisation, self.second.organisation)

    @property
    def same_department(self) -> bool | None:
        return _same(self.first.department, self.second.department)

    @property
    def shared_seed(self) -> bool:
        return bool(self.first.seeds & self.second.seeds)

    @property
    def conflicting_ids(self) -> bool:
        differ = _same(self.first.known_id, self.second.known_id) is False
        return differ or self.first.source == self.second.source


def _same(one: object, other: object) -> bool | None:
    return None if one is None or other is None else one == other


def make_pairs(random_state: int) -> list[Pair]:
    """Return the pairs of one made-up country."""
    choice = random.Random(random_state)
    entries = list(_entries(choice))
    found: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for number, entry in enumerate(entries):
        form = entry.form
        for key in person_keys(form.name_ja, form.name_kana, form.name_en):
            for place in (("at", entry.organisation), *(("of", seed) for seed in entry.seeds)):
                found[key, *place].append(number)
    met = {pair for numbers in found.values() for pair in combinations(numbers, 2)}
    of_person: dict[int, list[int]] = defaultdict(list)
    for number, entry in enumerate(entries):
        of_person[entry.person].append(number)
    met |= {pair for numbers in of_person.values() for pair in combinations(numbers, 2)}
    both = ((entries[one], entries[other]) for one, other in sorted(met))
    return [Pair(one, other, one.person == other.person) for one, other in both]


def _entries(choice: random.Random) -> Iterator[Entry]:
    people = [_person(choice) for _ in range(PEOPLE)]
    homes = [divmod(choice.randrange(ORGANISATIONS * DEPARTMENTS), DEPARTMENTS) for _ in people]
    seeds = _seeds(homes, choice)
    for number, (family, given) in enumerate(people):
        for source, rate in SOURCES.items():
            if choice.random() >= rate:
                continue
            organisation, department = _as_told(homes[number], source, choice)
            yield Entry(
                number,
                source,
                _form(family, given, source, choice),
                organisation,
                department,
                frozenset(seed for seed in seeds[number] if choice.random() < _told(source)),
                number if choice.random() < 0.25 else None,
            )


def _told(source: str) -> float:
    """Return how many of a person's seeds a source knows."""
    return {"office": 0.1, "grants": 0.3, "profiles": 0.5, "papers": 0.8, "patents": 0.2}[source]


def _form(family: Name, given: Name, source: str, choice: random.Random) -> PersonForm:
    """Return the names in a source; some people had another family name before, said or not."""
    now = person_form(family, given, source, choice)
    if family.spelt or choice.random() >= RENAMED_RATE:
        return now
    before = person_form(choice.choice(FAMILIES), given, source, choice)
    if choice.random() < 0.5:
        return before
    return replace(now, aliases="; ".join(filter(None, (before.name_ja, before.name_en))))


def _person(choice: random.Random) -> tuple[Name, Name]:
    """Return a name; the first families of the list are borne by many."""
    if choice.random() < FOREIGN_RATE:
        families, given = choice.choice(FOREIGN)
        return choice.choice(families), choice.choice(given)
    weights = [1 / (rank + 8) for rank in range(len(FAMILIES))]
    return choice.choices(FAMILIES, weights)[0], choice.choice(GIVEN)


def _seeds(homes: list[tuple[int, int]], choice: random.Random) -> list[set[int]]:
    """Return each person's seeds: most co-authors are of one department, some of others."""
    colleagues: dict[tuple[int, int], list[int]] = defaultdict(list)
    for number, home in enumerate(homes):
        colleagues[home].append(number)
    seeds: list[set[int]] = [set() for _ in homes]
    for seed in range(len(homes)):
        first = choice.randrange(len(homes))
        near = choice.sample(colleagues[homes[first]], k=min(3, len(colleagues[homes[first]])))
        for author in {first, *near, choice.randrange(len(homes))}:
            seeds[author].add(seed)
    return seeds


def _as_told(
    home: tuple[int, int], source: str, choice: random.Random
) -> tuple[int | None, int | None]:
    """Return organisation and department as a source has them: old, unknown, or right."""
    organisation, department = home
    if source != "office" and choice.random() < 0.12:  # where somebody was before
        return choice.randrange(ORGANISATIONS), None
    if source in NO_DEPARTMENT or choice.random() < 0.2:
        return organisation, None
    if source != "office" and choice.random() < 0.15:  # written in another way
        return organisation, DEPARTMENTS + choice.randrange(3)
    return organisation, department
