"""Seeds that are not public: from the catalogue into the index, and out for those who ask alone."""

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from catalogue.records.catalogue import Catalogue, open_catalogue
from catalogue.records.drafts import RESEARCHERS, SEEDS, Draft
from enmusubi.settings import Settings
from matcher.records import PUBLIC, Filters, MatchList, Need
from office.configured import open_recommender
from office.index_versions import update_index

NEED = Need("A zeppelin made of paper")
FIELDS = {"companies": "Hushed Airships", "year": 2024}


def seed(seed_id: str, text: str, **fields: Any) -> Draft:
    return Draft(
        SEEDS, {"seed_id": seed_id, "kind": "paper", "text": text, **fields}, people=("r1",)
    )


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    folders = {"data_dir": tmp_path / "data", "cache_dir": tmp_path / "cache"}
    return Settings(**folders, index={"visibilities": ["public", "internal", "confidential"]})


@pytest.fixture
def catalogue(settings: Settings) -> Iterator[Catalogue]:
    settings.data_dir.mkdir()
    with open_catalogue(settings.catalogue_url) as catalogue:
        catalogue.write(
            [
                Draft(RESEARCHERS, {"researcher_id": "r1", "name_en": "Aki Mori"}),
                seed("s-open", "Paper keeps bread fresh.", companies="Aonami Foods", year=2020),
                seed("s-in", "A zeppelin of thin paper.", visibility="internal", **FIELDS),
                seed("s-deep", "A zeppelin of thick paper.", visibility="confidential", **FIELDS),
                seed(
                    "s-filed",
                    "A zeppelin of folded paper.",
                    **{**FIELDS, "kind": "patent", "patent_status": "unpublished"},
                ),
            ],
            source="test",
        )
        yield catalogue


@pytest.fixture
def match(catalogue: Catalogue, settings: Settings, word_encoder: Any) -> Callable[..., MatchList]:
    """Indexes the catalogue; matches the need among seeds of the named visibilities."""
    update_index(catalogue, settings, word_encoder)
    recommender = open_recommender(settings, word_encoder)

    def run(*visibilities: str) -> MatchList:
        filters = Filters(visibilities=visibilities) if visibilities else Filters()
        return recommender.match(NEED, filters=filters)

    return run


def found(matches: MatchList) -> set[str]:
    return {evidence.seed_id for match in matches.matches for evidence in match.evidence}


def test_only_public_seeds_are_matched_unless_others_are_asked_for(
    match: Callable[..., MatchList],
) -> None:
    assert found(match()) == {"s-open"}
    assert found(match("internal")) == {"s-in"}
    assert found(match("confidential")) == {"s-deep"}
    assert "s-in" in found(match(PUBLIC, "internal")) <= {"s-open", "s-in"}


def test_by_default_only_public_seeds_enter_an_index(
    catalogue: Catalogue, settings: Settings, word_encoder: Any
) -> None:
    usual = Settings(data_dir=settings.data_dir, cache_dir=settings.cache_dir)
    version, _ = update_index(catalogue, usual, word_encoder)
    assert version.manifest["counts"]["seeds"] == 1
    every = Filters(visibilities=("public", "internal", "confidential"))
    assert found(open_recommender(usual, word_encoder).match(NEED, filters=every)) == {"s-open"}


def test_an_unpublished_patent_is_never_matched(match: Callable[..., MatchList]) -> None:
    assert "s-filed" not in found(match(PUBLIC, "internal", "confidential"))


@pytest.mark.parametrize("visibilities", [(), ("internal",)])
def test_a_card_names_no_company_of_hidden_work(
    match: Callable[..., MatchList], visibilities: tuple[str, ...]
) -> None:
    matches = match(*visibilities)

    card = matches.matches[0].researcher
    assert (card.industry_seeds, card.industry_partners) == (1, "Aonami Foods")
    assert "Hushed" not in json.dumps(asdict(matches))


def test_the_command_takes_visibilities_by_name(
    match: Callable[..., MatchList],
    settings: Settings,
    word_encoder: Any,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from cli import wiring
    from cli.main import run

    monkeypatch.setenv("ENMUSUBI_DATA_DIR", str(settings.data_dir))
    monkeypatch.setenv("ENMUSUBI_CACHE_DIR", str(settings.cache_dir))
    monkeypatch.setattr(wiring, "encoder_of", lambda settings: word_encoder)
    assert run(["match", NEED.text, "--visibility", "internal"]) == 1
    assert "Add them to `index.visibilities`" in capsys.readouterr().err
    monkeypatch.setenv("ENMUSUBI_INDEX__VISIBILITIES", '["public", "internal", "confidential"]')
    expected = {"": {"s-open"}, "internal": {"s-in"}}

    for visibility, seeds in expected.items():
        options = ["--visibility", visibility] if visibility else []
        assert run(["match", NEED.text, "--json", *options]) == 0
        told = json.loads(capsys.readouterr().out)
        assert {e["seed_id"] for m in told["matches"] for e in m["evidence"]} == seeds
    assert run(["match", NEED.text, "--visibility", "secret"]) == 1
    assert "Unknown visibility: secret" in capsys.readouterr().err
