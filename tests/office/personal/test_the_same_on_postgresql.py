"""What a person keeps at hand is the same on PostgreSQL."""

from catalogue.records.catalogue import open_catalogue
from matcher.records import Filters, Mark, Refinement
from office import notes, saved_searches, shortlists
from office.saved_searches import SearchDraft
from office.search_conditions import Conditions
from tests.office.personal.finding import Index, check, news
from tests.support.worlds import furnish
from tests.support.worlds.personal import SATO, TANAKA, account


def test_shortlists_notes_and_searches_are_the_same_on_postgresql(postgres_url, tmp_path):
    with open_catalogue(postgres_url) as catalogue:
        furnish("personal", catalogue, tmp_path)
        account(catalogue, SATO)
        shortlists.add_to_shortlist(catalogue, SATO, "R-1", "N-closed")
        note = notes.write_note(catalogue, SATO, "N-closed", "R-1", "a")
        asked = Conditions(Filters(since=2001), refinement=Refinement((Mark("R-1"),), (), ("膜",)))
        number = saved_searches.save_search(
            catalogue, SATO, SearchDraft("a", "他の言い方", "N-closed", asked, alert=True)
        )
        assert saved_searches.search_of(catalogue, SATO, number).conditions == asked
        index = Index()
        check(catalogue, index, 10)
        assert index.asked[0][0].refinement == asked.refinement
        assert check(catalogue, Index(people=("R-3",)), 10) == 1
        assert news(catalogue, number) == ("R-3",)
        assert len(shortlists.shortlist(catalogue, SATO)) == 1
        assert (
            shortlists.shortlist(catalogue, TANAKA)
            == saved_searches.searches_of(catalogue, TANAKA)
            == []
        )
        assert notes.notes_of(catalogue, TANAKA) == []
        notes.delete_note(catalogue, SATO, note)
        saved_searches.delete_search(catalogue, SATO, number)
        assert shortlists.remove_from_shortlist(catalogue, SATO, "R-1", "N-closed")
