"""Which vectors of compared texts stand on disk: those of profiles, never those of needs."""

from collections.abc import Sequence
from dataclasses import replace

from catalogue.database.viewer import LOCAL_VIEWER, PROJECT
from catalogue.records.catalogue import Catalogue
from matcher.alike_needs import NeedVector
from matcher.encoder.encoder import EncodingCache
from matcher.need_analysis import KEPT_NEEDS
from matcher.records import Need
from office.access.scoped import writing_as
from office.matching import ViewerMatching
from office.outbound.companies import CompanySearch
from office.outbound.documents import read_texts
from office.outbound.fitting import RANKED
from office.outbound.found import TechnologyAsked
from office.outbound.profiles import parse_profile, save_profile
from tests.support.small_recommender import SmallRecommender

KATO = replace(LOCAL_VIEWER, viewer_id="kato", role=PROJECT)
FILM = TechnologyAsked("酸素を通しにくい薄い膜")


def test_vectors_of_profiles_are_kept_on_disk_and_those_of_needs_are_not(
    catalogue: Catalogue, matching: ViewerMatching
) -> None:
    """A service that starts again asks the disk for thousands of profiles; needs leave nothing there."""
    with writing_as(catalogue, KATO) as connection:
        for n in range(3):
            given = {"name_ja": f"架空{n}号工業", "business_ja": f"薄い膜を{n}種類作る。"}
            save_profile(connection, KATO, parse_profile(given))
        texts = read_texts(connection, KATO)

    class Counting(SmallRecommender):
        """Says which texts were encoded with a cache on disk, and which without one."""

        def __init__(self) -> None:
            super().__init__()
            self.told: list[tuple[str, bool]] = []

        def likeness_vectors(
            self, needs: Sequence[Need], *, cache: EncodingCache | None = None
        ) -> list[NeedVector | None]:
            self.told += [(need.text, cache is not None) for need in needs]
            return super().likeness_vectors(needs, cache=cache)

    recommender = Counting()
    search = CompanySearch(matching)
    search.find_with(recommender, KATO, FILM)
    kinds = {one.whole: one.kind for one in texts.texts}
    assert dict(recommender.told) == {
        text: kind == "profile" for text, kind in kinds.items() if kind != "joint"
    }
    recommender.told.clear()
    search.find_with(recommender, KATO, FILM)
    assert recommender.told == []  # in memory meanwhile


def test_a_page_of_open_needs_that_is_asked_for_again_makes_no_list_anew() -> None:
    """As many analyses are kept as a researcher's needs are ranked, or each would push out the next."""
    assert KEPT_NEEDS > RANKED
