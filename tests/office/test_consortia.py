"""What of a group of needs may be told: words and fields of two companies, never of one or an unknown one."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np

from matcher.alike_needs import AlikeNeeds, NeedVector
from matcher.records import MatchList
from office.consortia import ConsortiumSearch, shared_fields, told_words
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


class Comparing(Serving):
    """Groups all needs as one, and counts how often it is asked for words."""

    index_version, model = "v000001", "words@01"

    def __init__(self):
        self.asked = 0

    def likeness_vectors(self, needs, *, cache=None):
        return [NeedVector("en", np.ones(2, np.float32)) for _ in needs]

    def alike(self, vectors):
        return (AlikeNeeds(tuple(range(len(vectors))), 0.5),)

    def shared_terms(self, texts):
        self.asked += 1
        return super().shared_terms(texts)


def test_the_same_needs_are_compared_once_and_changed_ones_anew():
    search, serving = ConsortiumSearch(None), Comparing()
    needs = [
        need("N-1", "gentle gripper", "tide"),
        need("N-2", "gentle gripper", "aonami", "Aonami"),
    ]
    search.encode(serving, needs)
    first = search.groups(serving, needs)
    again = search.groups(serving, [replace(one, may_change=True) for one in needs])
    assert first[0].words == ("gentle", "gripper") and serving.asked == 1
    assert [one.may_change for one in again[0].needs] == [True, True]  # of the one who asks
    renamed = [needs[0], replace(needs[1], company="Gentle Aonami")]
    assert search.groups(serving, renamed)[0].words == ("gripper",) and serving.asked == 2
    serving.index_version = "v000002"
    search.groups(serving, needs)
    assert serving.asked == 3


def test_needs_of_one_company_alone_are_no_group_and_no_words_are_looked_for():
    search, serving = ConsortiumSearch(None), Comparing()
    needs = [need("N-1", "gripper", "tide"), need("N-2", "gripper", "tide"), need("N-3", "gripper")]
    search.encode(serving, needs)
    assert search.groups(serving, needs) == () and serving.asked == 0
