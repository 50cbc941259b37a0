"""What a page quotes of a need: escaped, and marked with the language that it is in."""

from dataclasses import replace

import pytest

from matcher.records import NeedPart, Objection
from tests.support.service import Shelf
from tests.support.small_recommender import SmallRecommender

NEED = "薄い膜で食品を包装したい。a thin film for food packaging"
PART = NeedPart("No <b>smell</b> at all.", 0, 23)


class HardlyMet(SmallRecommender):
    """Says of everybody that a part of the need, in English, is hardly met."""

    def match(self, need, **choices):
        found = super().match(need, **choices)
        against = (Objection("part_unmet", 0.2, PART),)
        matches = tuple(replace(match, against=against) for match in found.matches)
        return replace(found, matches=matches)


@pytest.mark.parametrize("path", ["/", "/print", "/compare"])
@pytest.mark.parametrize(
    ("language", "before", "after"),
    [
        ("ja", "ニーズのうち「", "」に対する根拠は弱めです"),
        ("en", "Little evidence for this part of the need: “", "”"),
    ],
)
def test_a_part_of_the_need_is_quoted_escaped_and_in_its_own_language(
    client_of, path, language, before, after
):
    form = {"need": NEED, "pick": ["R-01", "R-02"]}
    client = client_of(Shelf(published=HardlyMet()))
    page = client.post(path, data=form, headers={"accept-language": language})

    quoted = '<span lang="en">No &lt;b&gt;smell&lt;/b&gt; at all.</span>'
    assert f"<li>{before}{quoted}{after}</li>" in page.text


@pytest.mark.parametrize(
    ("path", "need", "language"),
    [
        ("/print", "A film that keeps oxygen out.", "en"),
        ("/print", "酸素を通さない膜。", "ja"),
        ("/compare", NEED, "ja"),
    ],
)
def test_the_whole_need_is_shown_in_its_own_language(client_of, path, need, language):
    client = client_of(Shelf(published=HardlyMet()))
    page = client.post(path, data={"need": need, "pick": ["R-01", "R-02"]})

    assert f'lang="{language}">{need}</p>' in page.text
