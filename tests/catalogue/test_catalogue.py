"""What goes into the catalogue comes out again: upserts, identities, needs, the corpus."""

import pytest

from catalogue.identity.decisions import list_pairs
from catalogue.records.drafts import NEEDS, ORGANISATIONS, RESEARCHERS, SEEDS, Draft, Merge
from enmusubi.errors import InputError, UnknownIdError

UNIVERSITY = Draft(
    ORGANISATIONS,
    {"organisation_id": "kasumi-u", "name_ja": "霞野大学", "name_en": "Kasumino University"},
)


def person(researcher_id, merge=Merge.REPLACE, **values):
    known = {"researcher_id": researcher_id, "name_en": "Someone", **values}
    return Draft(RESEARCHERS, known, merge)


def paper(seed_id, people, **values):
    known = {"seed_id": seed_id, "kind": "paper", "title": "A title", **values}
    return Draft(SEEDS, known, people=people)


def write(catalogue, *drafts):
    return [outcome.change for outcome in catalogue.write(drafts, source="test")]


def queued(catalogue):
    with catalogue.reading() as connection:
        return [(*pair.link.ids, pair.link.reasons) for pair in list_pairs(connection)]


def test_the_same_drafts_twice_change_nothing(catalogue):
    drafts = [
        UNIVERSITY,
        person("r1", organisation_id="kasumi-u", orcid="0000-0002-1825-0097"),
        paper("s1", ("r1",), year=2020),
        Draft(NEEDS, {"need_id": "n1", "text": "A need."}),
    ]
    assert write(catalogue, *drafts) == ["added"] * 4
    before = catalogue.read_corpus().state
    assert write(catalogue, *drafts) == ["unchanged"] * 4
    assert catalogue.read_corpus().state == before


def test_an_empty_or_absent_field_leaves_what_is_known(catalogue):
    write(catalogue, person("r1", position_en="Professor", department_en="Physics"))
    assert write(catalogue, person("r1", position_en="")) == ["unchanged"]
    assert write(catalogue, person("r1", position_en="Dean")) == ["updated"]
    card = catalogue.researcher("r1")
    assert (card.position_en, card.department_en) == ("Dean", "Physics")


def test_a_filling_draft_fills_and_never_replaces(catalogue):
    write(catalogue, person("r1", name_en="Hana Mori"))
    filling = person("r1", Merge.FILL, name_en="H. Mori", name_ja="森 花")
    assert write(catalogue, filling) == ["updated"]
    card = catalogue.researcher("r1")
    assert (card.name_en, card.name_ja) == ("Hana Mori", "森 花")


def test_a_person_known_by_orcid_is_joined_and_found_under_both_ids(catalogue):
    orcid = "0000-0002-1825-0097"
    write(catalogue, person(orcid, Merge.FILL, orcid=orcid, name_en="H. Mori"))
    office = person("HU-7", orcid=orcid, name_en="Hana Mori", name_ja="森 花")
    assert write(catalogue, office, paper("s1", ("HU-7",)), paper("s2", (orcid,))) == [
        "merged",
        "added",
        "added",
    ]
    assert write(catalogue, office, paper("s1", ("HU-7",))) == ["unchanged", "unchanged"]
    assert catalogue.counts()["researchers"] == 1
    assert catalogue.researcher(orcid).name_en == "Hana Mori"
    assert set(catalogue.read_corpus().authorships["researcher_id"]) == {orcid}


def test_two_people_of_one_list_with_the_same_orcid_are_kept_and_asked_about(catalogue):
    orcid = "0000-0002-1825-0097"
    drafts = [person("r1", orcid=orcid), person("r2", orcid=orcid), person("r3")]
    assert write(catalogue, *drafts) == ["added", "added", "added"]
    assert queued(catalogue) == [("r1", "r2", ("same_orcid", "two_ids_of_one_source"))]
    assert write(catalogue, *drafts) == ["unchanged"] * 3
    assert len(queued(catalogue)) == 1


def test_an_orcid_that_somebody_else_has_is_asked_about(catalogue):
    orcid = "0000-0002-1825-0097"
    write(catalogue, person("r1", orcid=orcid), person("r2"))
    assert write(catalogue, person("r2", orcid=orcid)) == ["updated"]
    assert queued(catalogue) == [("r1", "r2", ("same_orcid", "two_ids_of_one_source"))]


def test_a_mention_with_anothers_id_is_asked_about(catalogue):
    write(catalogue, person("r1", openalex_id="A1"), person("r2"))
    assert write(catalogue, person("r2", Merge.FILL, openalex_id="A1", name_ja="二")) == ["updated"]
    assert catalogue.researcher("r2").name_ja == "二"
    assert [pair[:2] for pair in queued(catalogue)] == [("r1", "r2")]


def test_an_organisation_is_found_by_its_name_in_either_script(catalogue):
    write(catalogue, UNIVERSITY)
    same = Draft(ORGANISATIONS, {"organisation_id": "霞野大学", "name_ja": "霞野大学"}, Merge.FILL)
    write(catalogue, same, person("r1", organisation_id="霞野大学"))
    assert catalogue.counts()["organisations"] == 1
    assert catalogue.researcher("r1").institution_en == "Kasumino University"


def test_organisations_of_one_name_with_different_ror_ids_stay_apart(catalogue):
    def named(ror_id):
        values = {"organisation_id": ror_id, "ror_id": ror_id, "name_en": "Northern University"}
        return Draft(ORGANISATIONS, values, Merge.FILL)

    write(catalogue, named("011111111"), named("022222222"))
    assert catalogue.counts()["organisations"] == 2


def test_a_seed_goes_in_with_the_people_who_are_known(catalogue):
    write(catalogue, person("r1"))
    outcome, lost = catalogue.write([paper("s1", ("r1", "r9")), paper("s2", ("r9",))], source="t")
    assert (outcome.change, lost.change) == ("added", "refused")
    assert "no researcher has the id 'r9'" in outcome.rejections[0].reason
    assert list(catalogue.read_corpus().seeds["seed_id"]) == ["s1"]


def test_new_people_of_a_seed_replace_the_old_ones(catalogue):
    write(catalogue, person("r1"), person("r2"), paper("s1", ("r1",)))
    assert write(catalogue, paper("s1", ("r2", "r1"))) == ["updated"]
    assert write(catalogue, paper("s1", ("r2", "r1"))) == ["unchanged"]
    assert write(catalogue, paper("s1", None)) == ["unchanged"]
    assert catalogue.counts()["authorships"] == 2


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (Draft(RESEARCHERS, {"researcher_id": "r1"}), "name_ja"),
        (Draft(SEEDS, {"seed_id": "s1", "kind": "paper"}, people=("r0",)), "title"),
        (Draft(SEEDS, {"seed_id": "s1", "title": "T"}, people=("r0",)), "kind"),
        (Draft(NEEDS, {"need_id": "n1", "title": "T"}), "text"),
        (paper("s1", None), "researcher_ids"),
    ],
)
def test_a_row_that_lacks_what_it_needs_is_refused(catalogue, draft, field):
    write(catalogue, person("r0"))
    outcome = catalogue.write([draft], source="test")[0]
    assert (outcome.change, outcome.rejections[0].field) == ("refused", field)


def test_needs_are_listed_by_status_and_found_by_id(catalogue):
    company = Draft(ORGANISATIONS, {"organisation_id": "c", "name_ja": "青葉製菓"}, Merge.FILL)
    text = {"text": "湿気を防ぎたい。"}
    write(
        catalogue,
        company,
        Draft(NEEDS, {"need_id": "n2", "organisation_id": "c", **text}),
        Draft(NEEDS, {"need_id": "n10", "area": "competitive", **text}),
        Draft(NEEDS, {"need_id": "n3", "status": "closed", **text}),
    )
    assert [need.need_id for need in catalogue.needs()] == ["n10", "n2"]
    assert [need.need_id for need in catalogue.needs("closed")] == ["n3"]
    assert catalogue.need("n2").company == "青葉製菓"
    assert catalogue.need("n3").status == "closed"
    with pytest.raises(InputError, match=r"status 'lost'.*open or closed"):
        catalogue.needs("lost")


def test_an_unknown_id_is_named_with_what_to_do(catalogue):
    with pytest.raises(UnknownIdError, match=r"No need has the id 'n9'.*enmusubi import"):
        catalogue.need("n9")
    with pytest.raises(UnknownIdError, match=r"No researcher has the id 'r9'"):
        catalogue.researcher("r9")


def test_only_public_and_published_seeds_reach_the_corpus(catalogue):
    write(
        catalogue,
        person("r1"),
        paper("open", ("r1",), doi="10.1234/x"),
        paper("inside", ("r1",), visibility="internal"),
        paper("secret", ("r1",), visibility="confidential"),
        paper("filed", ("r1",), kind="patent", patent_status="unpublished"),
        paper("granted", ("r1",), kind="patent", patent_status="granted"),
    )
    corpus = catalogue.read_corpus()
    assert list(corpus.seeds["seed_id"]) == ["granted", "open"]
    assert set(corpus.authorships["seed_id"]) == {"granted", "open"}
    assert corpus.seeds.set_index("seed_id").loc["open", "url"] == "https://doi.org/10.1234/x"
    assert catalogue.counts()["seeds"] == 5


def test_an_import_that_says_nothing_of_visibility_does_not_make_a_secret_public(catalogue):
    write(catalogue, person("r1"), paper("s1", ("r1",), visibility="confidential"))
    write(catalogue, paper("s1", ("r1",), title="Another title"))
    assert catalogue.read_corpus().seeds.empty


def test_people_without_papers_are_matched_by_keywords_and_profile(catalogue):
    write(
        catalogue,
        person("both", keywords_ja="鋼; 腐食", profile_en="Corrosion of steel."),
        person("one", keywords_en="enzymes; starch"),
        person("none"),
    )
    corpus = catalogue.read_corpus()
    seeds = corpus.seeds.set_index("seed_id")
    assert list(seeds.index) == ["profile:both:en", "profile:both:ja", "profile:one"]
    assert list(seeds["lang"]) == ["en", "ja", "en"]
    assert list(seeds["title"]) == ["", "鋼、腐食", "enzymes, starch"]
    assert seeds.loc["profile:both:en", "text"] == "Corrosion of steel."
    assert set(seeds["kind"]) == {"profile"}
    assert list(corpus.authorships["researcher_id"]) == ["both", "both", "one"]
    assert list(corpus.researchers["researcher_id"]) == ["both", "none", "one"]


def test_the_state_of_the_corpus_follows_its_content_and_nothing_else(catalogue):
    write(catalogue, person("r1"), paper("s1", ("r1",)))
    first = catalogue.read_corpus().state
    write(catalogue, Draft(NEEDS, {"need_id": "n1", "text": "A need."}))
    assert catalogue.read_corpus().state == first
    write(catalogue, paper("s1", ("r1",), year=2021))
    assert catalogue.read_corpus().state != first


def test_a_needs_text_shows_neither_in_drafts_nor_in_errors(catalogue):
    draft = Draft(NEEDS, {"need_id": "n1", "text": "secret sauce", "status": "unheard of"})
    assert "secret" not in repr(draft)
    with pytest.raises(Exception, match="ck_need_status") as refusal:
        catalogue.write([draft], source="test")
    assert "secret sauce" not in str(refusal.value)
