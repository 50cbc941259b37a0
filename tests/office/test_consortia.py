"""What of a group of needs may be told: words and fields of two companies, never of one or an unknown one."""

from dataclasses import replace
from datetime import UTC, datetime

from matcher.records import MatchList
from office.consortia import shared_fields, told_words
from office.needs.reading import SeenNeed


def need(need_id: str, text: str, organisation_id: str = "", company: str = "") -> SeenNeed:
    common = ("non-competitive", "", None, "", "public", "", "open", None)
    at = datetime(2026, 4, 1, tzinfo=UTC)
    return SeenNeed(need_id, "", text, "en", organisation_id, company, *common, at, "1")


class Serving:
    """Says which words all known owners' texts have."""

    def shared_terms(self, texts):
        assert all(one.owner for one in texts)
        return tuple(sorted(set.intersection(*(set(one.text.split()) for one in texts))))


def test_words_that_name_a_company_of_the_group_are_not_told():
    needs = [
        need("N-1", "tidewater gripper", "tide", "Tidewater Robots"),
        need("N-2", "tidewater gripper", "shirahama", "白浜フィルム"),
    ]
    assert told_words(needs, Serving()) == ("gripper",)


def test_a_need_of_an_unknown_company_shares_no_word():
    needs = [
        need("N-1", "gentle gripper", "tide"),
        need("N-2", "gentle gripper", "aonami"),
        need("N-3", "gripper"),
    ]
    assert told_words(needs, Serving()) == ("gentle", "gripper")


def test_a_field_is_shared_by_companies_and_not_by_needs():
    some = MatchList("", "en", (), 0, "v000001", "words@01")
    lists = [replace(some, fields=of) for of in (("food", "paper"), ("food", "paper"), ("food",))]
    needs = [need("N-1", "", "tide"), need("N-2", "", "tide"), need("N-3", "", "aonami")]
    assert shared_fields(needs, lists) == ("food",)
    assert shared_fields([*needs[:2], need("N-3", "")], lists) == ()
