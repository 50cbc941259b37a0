"""Seeds that somebody may not see: neither in the list nor in its order, scores, counts or evidence.

The same catalogue is indexed without them and with them, and each list is compared to the last digit.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from catalogue.records.catalogue import Catalogue, open_catalogue
from catalogue.records.drafts import ORGANISATIONS, RESEARCHERS, SEEDS, Draft
from enmusubi.settings import IndexSettings, Settings
from matcher.recommender import Recommender
from matcher.records import CONFIDENTIAL, INTERNAL, PUBLIC, VISIBILITIES, Filters, Need
from office.configured import open_recommender
from office.index_versions import update_index
from tests.support.databases import new_sqlite

WORDS = ("paper", "film", "oxygen", "barrier", "thin", "bread", "zeppelin", "arm", "steam", "heat")
KANJI = tuple("薄膜酸素包装食品水蒸気耐熱土")
NEEDS = (
    Need("A thin film of paper keeps oxygen and steam from bread.", "n-en"),
    Need("酸素と水蒸気を通さない、食品包装用の薄い膜を探している。", "n-ja"),
    Need("A zeppelin arm.", "n-short"),
)
FILTERS = (
    Filters(),
    Filters(kinds=("paper",)),
    Filters(since=2012, languages=("en",)),
    Filters(institutions=("Hoshi",), fields=("ipc:B65",)),
)
N_PEOPLE, N_SEEDS = 24, 360


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Catalogue, Path]]:
    """A catalogue of public, internal and confidential seeds that share their words with the needs."""
    folder = tmp_path_factory.mktemp("hidden")
    with open_catalogue(new_sqlite(folder / "catalogue.sqlite")) as catalogue:
        place = {"organisation_id": "hu", "name_en": "Hoshigano University", "kind": "university"}
        people = [
            Draft(RESEARCHERS, {"researcher_id": f"r{n:02}", "name_en": f"P {n}", **_place(n)})
            for n in range(N_PEOPLE)
        ]
        seeds = [_seed(number) for number in range(N_SEEDS)]
        catalogue.write([Draft(ORGANISATIONS, place), *people, *seeds], source="made up")
        yield catalogue, folder


def _place(number: int) -> dict[str, str]:
    return {"organisation_id": "hu"} if number % 2 else {}


def _seed(number: int) -> Draft:
    """Return a seed; two thirds are hidden, and some people have hidden ones only."""
    chosen = random.Random(number)
    visibility = VISIBILITIES[number % 3]
    words = chosen.choices(KANJI if number % 2 else WORDS, k=30 if visibility == PUBLIC else 90)
    text = "".join(words[:15]) + "。" + "".join(words[15:]) + "。"
    if number % 2 == 0:
        text = f"{' '.join(words[:15])}. {' '.join(words[15:])}."
    people = chosen.sample(range(N_PEOPLE if visibility != PUBLIC else N_PEOPLE - 6), 2)
    values: dict[str, str | int] = {
        "kind": chosen.choice(["paper", "patent", "grant"]),
        "year": chosen.randint(2005, 2020),
    }
    if visibility != PUBLIC:
        values |= {"year": 2026, "companies": "Hushed Airships", "kind": "patent"}
    return Draft(
        SEEDS,
        {
            # ids of all visibilities are mixed, so that hidden rows stand between the others
            "seed_id": f"s{chosen.randint(0, 10**9):09}-{number}",
            "text": text,
            "visibility": visibility,
            "field_codes": chosen.choice(["ipc:B65D 1/00", "ipc:C08L 1/02"]),
            **values,
        },
        people=tuple(f"r{n:02}" for n in people),
    )


@pytest.fixture(scope="module")
def indexed(office: tuple[Catalogue, Path]) -> Callable[..., Recommender]:
    """Indexes the seeds of the named visibilities, each choice once."""
    from tests.conftest import WordEncoder

    catalogue, folder = office
    made: dict[tuple[str, ...], Recommender] = {}

    def index(*visibilities: str) -> Recommender:
        if visibilities not in made:
            settings = Settings(
                data_dir=folder / "-".join(visibilities),
                cache_dir=folder / "cache",
                index=IndexSettings(visibilities=visibilities),
            )
            update_index(catalogue, settings, WordEncoder())
            made[visibilities] = open_recommender(settings, WordEncoder())
        return made[visibilities]

    return index


def answered(recommender: Recommender, seen: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return all that is told of every need under every filter, but for the version's name."""
    answers = []
    for need in NEEDS:
        for filters in FILTERS:
            answer = recommender.answer(need, top=50, filters=replace(filters, visibilities=seen))
            told = asdict(answer)
            told["matches"]["index_version"] = ""
            answers.append(told)
    return answers


@pytest.mark.parametrize("seen", [(PUBLIC,), (PUBLIC, INTERNAL)])
def test_what_may_not_be_seen_changes_nothing_to_the_last_digit(
    indexed: Callable[..., Recommender], seen: tuple[str, ...]
) -> None:
    without, among_hidden = indexed(*seen), indexed(*VISIBILITIES)

    expected = answered(without, seen)
    assert any(told["matches"]["matches"] for told in expected)
    assert answered(among_hidden, seen) == expected


def test_runs_and_features_are_the_same_too(indexed: Callable[..., Recommender]) -> None:
    without, among_hidden = indexed(PUBLIC), indexed(*VISIBILITIES)

    assert without.recommend(NEEDS, top=50).equals(among_hidden.recommend(NEEDS, top=50))
    pairs = zip(without.describe(NEEDS), among_hidden.describe(NEEDS), strict=True)
    for (_, expected), (_, described) in pairs:
        assert described.equals(expected)


def test_who_may_see_more_finds_more(indexed: Callable[..., Recommender]) -> None:
    every = Filters(visibilities=VISIBILITIES)
    recommender = indexed(*VISIBILITIES)
    public = recommender.match(NEEDS[0], top=50)
    all_of_them = recommender.match(NEEDS[0], top=50, filters=every)

    assert all_of_them.researchers_considered > public.researchers_considered
    inner = Filters(visibilities=(CONFIDENTIAL,))
    shown = {e.year for m in recommender.match(NEEDS[0], filters=inner).matches for e in m.evidence}
    assert shown == {2026}
