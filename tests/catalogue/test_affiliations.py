"""An affiliation names an organisation and its unit, in whatever order and with whatever signs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.identity.affiliations import Workplace, read_affiliation


@pytest.mark.parametrize(
    ("text", "organisation", "department"),
    [
        ("国立大学法人霞野大学 大学院工学研究科", "霞野大学", "大学院工学研究科"),
        ("国立大学法人若葉大学工学部", "若葉大学", "工学部"),
        ("公立大学法人波多野大学", "波多野大学", ""),
        ("国立研究開発法人結び・ひも研究機構", "結び・ひも研究機構", ""),
        ("霞野大学（工学部）", "霞野大学", "工学部"),
        ("工学部　霞野大学", "霞野大学", "工学部"),
        ("霞野大学医学部附属病院", "霞野大学", "医学部附属病院"),
        ("学校法人山辺学園　山辺大学　工学部", "山辺大学", "工学部"),
        ("医療法人社団霞会 霞野病院", "霞野病院", ""),
        ("株式会社星野マテリアル 技術本部", "株式会社星野マテリアル", "技術本部"),
        ("星野マテリアル株式会社研究所", "星野マテリアル株式会社", "研究所"),
        ("霞野工業高等専門学校 機械工学科", "霞野工業高等専門学校", "機械工学科"),
        ("防衛霞野大学校 応用科学群", "防衛霞野大学校", "応用科学群"),
        ("1Faculty of Law, Kasumino University", "Kasumino University", "Faculty of Law"),
        ("Dept. of Knots, Kasumino University, Kasumino, Japan", "Kasumino University", "Dept. of Knots"),
        ("Kasumino University Graduate School of Law", "Kasumino University", "Graduate School of Law"),
        ("Faculty of Law\nKasumino University\nJapan", "Kasumino University", "Faculty of Law"),
        ("Division of Knots Kasumino Medical University", "Kasumino Medical University", "Division of Knots"),
        (
            "School of Engineering and Applied Science The Harbour Bell University 800 22nd St. NW #2700",
            "Harbour Bell University",
            "School of Engineering and Applied Science",
        ),
        ("University of Kasumino Graduate School of Law", "University of Kasumino", "Graduate School of Law"),
        ("Central Laboratory, Kasumi Paper Co., Ltd., Japan", "Kasumi Paper Co., Ltd.", "Central Laboratory"),
        ("KASUMINO UNIV [JP]", "KASUMINO UNIV", ""),
        ("国立大学法人霞野大学, ", "霞野大学", ""),
        ("A garage in Kasumino", "A garage in Kasumino", ""),
    ],
)  # fmt: skip
def test_words_tell_the_organisation_and_its_unit(text, organisation, department):
    assert read_affiliation(text).guess == Workplace(organisation, department)


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("Kasumino University of Foreign Studies", "kasuminouniversity"),
        ("Kasumino Metropolitan University", "metropolitanuniversity"),
        ("Kasumino University Press", "kasuminouniversity"),
        ("霞野大学校", "霞野大学"),
        ("霞野大学術出版会", "霞野大学"),
    ],
)
def test_the_beginning_of_another_name_is_no_candidate(text, other):
    assert other not in {key for found in read_affiliation(text).candidates for key in found.keys}


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Kasumino Univ.", "~kasumino univ"),
        ("UNIV KASUMINO [JP]", "~kasumino univ"),
        ("Natl. Inst. of Knot Technol.", "~nat inst knot tech"),
        ("霞野大学付属病院", "~霞野大学付属病院"),
        ("医療法人三霞会緑台病院", "緑台病院"),
    ],
)
def test_abbreviated_names_have_keys_that_count_less(text, key):
    assert key in {
        loose for found in read_affiliation(text).candidates for loose in found.loose_keys
    }


@given(st.text(max_size=300))
def test_any_text_is_read(text):
    found = read_affiliation(text)
    assert len(found.guess.organisation) <= 18 * len(text)  # ﷺ is eighteen letters in NFKC
    assert len(found.candidates) <= 81


def test_an_affiliation_is_bounded_after_its_letters_are_taken_apart():
    found = read_affiliation("㌖" * 1_000)  # キロメートル in NFKC
    assert len(found.guess.organisation) <= 1_000


def test_words_like_mail_addresses_are_taken_off_whatever_stands_in_them():
    text = "霞野大学 a@b@c.d.e @x@y.z x@y..z"
    assert read_affiliation(text).guess == Workplace("霞野大学")
