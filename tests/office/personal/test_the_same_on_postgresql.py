"""What a person keeps at hand is the same on PostgreSQL."""

from catalogue.records.catalogue import open_catalogue
from office import notes, saved_searches, shortlists
from office.saved_searches import SearchDraft
from tests.office.personal.finding import Index, check, news
from tests.support.worlds import furnish
from tests.support.worlds.personal import SATO, TANAKA, account


def test_shortlists_notes_and_searches_are_the_same_on_postgresql(postgres_url, tmp_path):
    with open_catalogue(postgres_url) as catalogue:
        furnish("personal", catalogue, tmp_path)
        account(catalogue, SATO)
        shortlists.add_to_shortlist(catalogue, SATO, "R-1", "N-closed")
        note = notes.write_note(catalogue, SATO, "N-closed", "R-1", "a")
        number = saved_searches.save_search(
            catalogue, SATO, SearchDraft("a", need_id="N-closed", alert=True)
        )
        check(catalogue, Index(), 10)
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
