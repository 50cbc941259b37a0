"""The clinic on its page: questions by what they change, answers that move the list, the purpose."""

import re

from office.clinic.choosing import conditions_with, rank_biased_overlap, with_answers
from office.needs.reading import need_of
from tests.api.pages.office.steps import OPEN_PATH, audited
from tests.support.worlds.pages import GUEST, HEAD, OPEN_NEED, SATO, TANAKA

PAGE = f"{OPEN_PATH}/clinic"


def text_of(catalogue):
    with catalogue.reading() as connection:
        return need_of(connection, HEAD, OPEN_NEED).text


def test_answers_by_click_or_in_words_are_shown_and_written_only_when_they_are_saved(
    act, catalogue
):
    client, before = act(SATO), text_of(catalogue)
    first = client.get(PAGE)
    assert first.status_code == 200 and "The first ten today" in first.text
    words = {"whom": "食品の製造や流通", "whom_words": "弁当の工場", "value": "廃棄物を役立てる"}
    answered = client.post(PAGE, data=words)
    assert "使うのは弁当の工場である。" in answered.text and "廃棄物を役立てる" in answered.text
    assert "役立てることが目的" not in answered.text  # it is kept beside the need's text
    assert "食品の製造や流通である" not in answered.text  # words go before a click
    assert text_of(catalogue) == before
    version = re.search(r'name="version" value="([^"]+)"', first.text)[1]
    sent = {
        "whom": "弁当の工場",
        "success": "試作品",
        "version": version,
        "budget_jpy": "1,500,000",
    }
    saved = client.post(f"{PAGE}/save", data=sent)
    assert "Saved." in saved.text
    assert text_of(catalogue) == f"{before}\n使うのは弁当の工場である。"
    with catalogue.reading() as connection:
        conditions = need_of(connection, HEAD, OPEN_NEED).constraints
    assert conditions.splitlines()[-1] == "試作品を成果としたい。"
    assert client.post(f"{PAGE}/save", data=sent).status_code == 412
    refused = client.post(f"{PAGE}/save", data={"budget_jpy": "many"})
    assert refused.status_code == 422


def test_the_purpose_is_proposed_kept_and_noted_without_its_words(act, catalogue):
    client = act(SATO)
    proposed = re.search(r'id="said"[^>]*>([^<]+)<', client.get(PAGE).text)[1]
    assert proposed.endswith("。")
    client.post(f"{PAGE}/purpose", data={"said": "膜で食品の廃棄を減らす。"})
    assert ">膜で食品の廃棄を減らす。</textarea>" in client.get(PAGE).text
    assert "廃棄" not in repr(audited(catalogue, "change"))
    assert client.post(f"{PAGE}/purpose", data={"said": "長" * 301}).status_code == 422


def test_only_who_may_change_the_need_works_on_it_and_japanese_is_japanese(act):
    assert [act(one).get(PAGE).status_code for one in (TANAKA, GUEST)] == [403, 403]
    page = act(SATO).get(PAGE, headers={"accept-language": "ja"}).text
    assert "ニーズの具体化" in page and "現在の上位10名" in page
    assert re.findall(r"[A-Za-z]{4,} [a-z]{2,} [a-z]{3,}", re.sub(r"<[^>]*>", "", page)) == []


def test_the_overlap_of_lists_is_one_for_equal_ones_and_weighs_the_first_places_most():
    people = [f"R-{n}" for n in range(10)]
    assert rank_biased_overlap(people, people) == 1.0
    assert rank_biased_overlap(["a", "b"], ["a", "b"]) == 1.0
    assert rank_biased_overlap(people, [f"S-{n}" for n in range(10)]) == 0.0
    at_the_top = rank_biased_overlap(people, ["new", *people[:9]])
    at_the_end = rank_biased_overlap(people, [*people[:9], "new"])
    assert 0 < at_the_top < at_the_end < 1


def test_an_answer_becomes_a_sentence_of_the_need_and_secrecy_its_area():
    from matcher.records import Need

    need = with_answers(
        Need("包装を良くしたい。"), {"what": "薄い膜。", "secret": "competitive"}, "ja"
    )
    assert need.text == "包装を良くしたい。\n特に薄い膜について知りたい。"
    assert need.area == "competitive"
    assert with_answers(Need("A need"), {"success": "a tool"}, "en").text == "A need"
    once = conditions_with("外注は不可。", {"success": "試作品", "whom": "工場"}, "ja")
    assert once == "外注は不可。\n試作品を成果としたい。"
    assert conditions_with(once, {"success": "試作品"}, "ja") == once
