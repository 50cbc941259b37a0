"""The pages of researchers: who is found, what a profile shows, and to whom."""

import re

from tests.api.pages.office.steps import ODD_PATH, audited
from tests.support.worlds import pages as office
from tests.support.worlds.pages import HEAD, SATO, TANAKA


def test_researchers_are_found_by_a_part_of_their_name_in_either_script(act):
    client = act(SATO)
    for query in ("name=花", "name=hana", "department=材料", "institution=hoshigano&name=mori"):
        page = client.get(f"/researchers?{query}").text
        assert 'href="/researchers/R-01"' in page
        assert "Lindqvist" not in page
    assert "Nobody was found" in client.get("/researchers?name=nobody").text


def test_a_topic_is_found_in_keywords_and_titles_and_its_seeds_are_counted(act):
    client = act(SATO)
    page = client.get("/researchers?topic=食品包装 膜").text
    assert page.count("<h2>") == 1 and "Hana Mori" in page
    assert "40 seeds on the topic" in page and "ガスバリア膜" in page
    assert "Hana Mori" in client.get("/researchers?topic=バリア").text  # a keyword alone
    nobody = client.get("/researchers?topic=量子").text
    assert "Nobody was found." in nobody
    assert '<input type="hidden" name="need" value="量子">' in nobody


def test_a_seed_that_may_not_be_seen_is_neither_found_nor_counted(act):
    assert "未公開" not in act(SATO).get("/researchers?topic=未公開").text.replace(
        'value="未公開"', ""
    )
    assert "1 seed on the topic" in act(HEAD).get("/researchers?topic=未公開").text
    assert "Seeds: 41" in act(HEAD).get("/researchers?name=mori").text
    assert "Seeds: 40" in act(SATO).get("/researchers?name=mori").text


def test_a_seed_opens_its_abstract_and_has_a_page(act, catalogue):
    client = act(SATO)
    profile = client.get("/researchers/R-01").text
    assert '<p class="prose" lang="ja">酸素を通しにくい膜を作った。</p>' in profile
    assert 'href="/seeds/S-39"' in profile
    page = client.get("/seeds/S-39").text
    assert (
        "食品包装の薄い膜に関する研究 第 39 報" in page and "酸素を通しにくい膜を作った。" in page
    )
    assert 'href="/researchers/R-01"' in page and "https://example.org/s39" in page
    assert client.get("/seeds/S-hidden").status_code == 404
    assert act(HEAD).get("/seeds/S-hidden").status_code == 200
    told = [detail for actor, _, detail in audited(catalogue, "list") if actor == "person:head"]
    assert told == ['{"ids": ["S-hidden"], "what": "seed"}']


def test_all_researchers_are_paged_and_none_is_lost(act):
    client = act(SATO)
    found, address = [], "/researchers"
    while address:
        page = client.get(address).text
        found += re.findall(r'<h2><a href="/researchers/([^"]+)"', page)
        following = re.search(r'href="([^"]+)" rel="next"', page)
        address = following[1].replace("&amp;", "&") if following else ""
    assert len(found) == len(set(found)) == 38


def test_a_profile_shows_names_ids_fields_work_and_the_years_as_a_chart_and_a_table(act):
    page = act(SATO).get("/researchers/R-01").text
    assert "Hana Mori" in page and "森 花" in page
    for link in (
        "https://orcid.org/0000-0002-1825-0097",
        "https://researchmap.jp/hana_mori",
        "https://nrid.nii.ac.jp/nrid/1000012345678/",
    ):
        assert f'href="{link}"' in page
    assert page.count('<rect class="g-paper"') > 5
    assert 'aria-label="Seeds by year, from 2004 to 2023, at most 2 in a year.' in page
    assert re.search(r'<th scope="row">2004</th><td class="number">2</td>', page)
    assert office.COMPANY in page
    assert "Works with companies: 5" in page


def test_a_profile_names_the_fields_that_the_index_knows_somebody_for(act, served):
    served[1].state.services.live.get()
    client = act(SATO)
    assert "<li>Food and nutrition" in client.get("/researchers/R-01").text
    assert "No field can be told from the seeds." in client.get("/researchers/R-15").text


def test_seeds_are_narrowed_down_by_kind_and_year_and_paged(act):
    client = act(SATO)
    patents = client.get("/researchers/R-01?kind=patent").text
    assert len(re.findall(r'class="seed-title"', patents)) == 6
    one_year = client.get("/researchers/R-01?kind=paper&year=2004").text
    assert len(re.findall(r'class="seed-title"', one_year)) == 2
    whole = client.get("/researchers/R-01").text
    assert len(re.findall(r'class="seed-title"', whole)) == 20
    following = re.search(r'href="([^"#]+)#seeds" rel="next"', whole)[1].replace("&amp;", "&")
    assert len(re.findall(r'class="seed-title"', client.get(following).text)) == 20


def test_confidential_seeds_are_shown_to_those_alone_who_may_see_them(act):
    assert "未公開の膜" in act(HEAD).get("/researchers/R-01").text
    for viewer in (SATO, office.LAW, office.NUMBERS, office.GUEST):
        page = act(viewer).get("/researchers/R-01").text
        assert "未公開" not in page
        assert "2024" not in page.split("Seeds over the years")[1].split("<h2")[0]


def test_a_profile_names_the_matched_needs_that_the_viewer_may_see(act):
    sato = act(SATO).get("/researchers/R-01").text
    assert "新しい接着剤" in sato and "Rank 2" in sato
    head = act(HEAD).get("/researchers/R-01").text
    assert "Rank 1" in head.split("酸素を通さない薄い膜</a>")[1][:200]
    tanaka = act(TANAKA).get("/researchers/R-01").text
    assert "新しい接着剤" not in tanaka and "酸素を通さない薄い膜" in tanaka


def test_hostile_names_are_escaped_everywhere(act):
    client = act(SATO)
    shortlist_form = {"researcher_id": "R-03", "need_id": office.PLAIN_NEED}
    client.post("/shortlist", data=shortlist_form)
    client.post("/notes", data={**shortlist_form, "text": office.HOSTILE})
    for path in ("/researchers?page=2", "/researchers/R-03", "/needs", ODD_PATH, "/shortlist"):
        page = client.get(path).text
        assert "&lt;script&gt;alert" in page, path
        assert "<script>alert" not in page, path


def test_an_unknown_researcher_is_a_404_page(act):
    page = act(SATO).get("/researchers/nobody")
    assert page.status_code == 404
    assert "<!doctype html>" in page.text
