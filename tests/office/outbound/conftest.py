"""The small office with companies, their needs, and the recommender that goes by words."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from catalogue.records.catalogue import Catalogue, open_catalogue
from catalogue.records.drafts import NEEDS, ORGANISATIONS, SEEDS, Draft
from enmusubi.settings import Settings
from office.matching import ViewerMatching
from tests.support.worlds import copied

ASLEEP = "N-asleep"
HUSHED = "N-hushed"  # a competitive need, which few may see


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    """A catalogue with two companies: an open need of one, a closed and a competitive one of the other."""
    with open_catalogue(copied("small", tmp_path)) as opened:
        rows = [
            Draft(ORGANISATIONS, {"organisation_id": "aonami", "name_ja": "青波化学株式会社",
                                  "name_en": "Aonami Chemical", "kind": "company"}),
            Draft(ORGANISATIONS, {"organisation_id": "kurose", "name_ja": "黒瀬製紙株式会社",
                                  "kind": "company"}),
            Draft(NEEDS, {"need_id": "N-film", "title": "包装の膜",
                          "text": "薄い膜。 A thin film for food packaging.",
                          "organisation_id": "aonami", "area": "non-competitive",
                          "confidentiality": "public"}),
            Draft(NEEDS, {"need_id": ASLEEP, "title": "紙の膜", "text": "水蒸気に強い薄い膜。",
                          "organisation_id": "kurose", "status": "closed", "manager": "kato",
                          "area": "non-competitive", "confidentiality": "public"}),
            Draft(NEEDS, {"need_id": HUSHED, "title": "秘密の膜", "text": "酸素に強い薄い膜が要る。",
                          "organisation_id": "kurose", "area": "competitive", "manager": "someone"}),
            Draft(SEEDS, {"seed_id": "S-joint", "kind": "paper", "lang": "ja", "title": "共同の薄い膜",
                          "text": "薄い膜を作った。", "companies": "白山機工株式会社"}, people=("R-01",)),
        ]  # fmt: skip
        assert "refused" not in {outcome.change for outcome in opened.write(rows, source="test")}
        yield opened


@pytest.fixture
def matching(catalogue: Catalogue, tmp_path: Path) -> ViewerMatching:
    """Matching of these settings."""
    settings = Settings(data_dir=tmp_path, cache_dir=tmp_path / "cache")
    return ViewerMatching(catalogue, settings)
