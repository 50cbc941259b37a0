"""An organisation gives the same key with and without its legal form, in any usual spelling."""

import pytest

from catalogue.identity.organisation_names import organisation_keys


def keys_of(name: str) -> frozenset[str]:
    return organisation_keys(name, "")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("国立大学法人山辺大学", "山辺大学"),
        ("国立大学法人　山辺大学", "山辺大学"),
        ("国立研究開発法人山辺研究所", "山辺研究所"),
        ("学校法人山辺学園　山辺大学", "山辺大学"),
        ("K.K. Enmusubi", "Enmusubi"),
        ("株式会社縁結", "縁結㈱"),
        ("（株）縁結", "縁結"),
        ("公益財団法人縁結財団", "縁結財団"),
        ("特定非営利活動法人縁結会", "縁結会"),
        ("慶縁義塾大學", "慶縁義塾大学"),
        ("縁結コンピューター", "縁結コンピューター株式会社"),
        ("ＥＮＭＵＳＵＢＩ", "Enmusubi"),
        ("The University of Yamabe", "University of Yamabe"),
        ("National University Corporation Yamabe University", "Yamabe University"),
        ("Enmusubi Co., Ltd.", "Enmusubi"),
        ("ENMUSUBI, INC.", "Enmusubi Corporation"),
        ("Enmusubi K.K.", "Enmusubi"),
        ("Enmusubi Chemicals (Japan)", "Enmusubi Chemicals, Ltd."),
        ("Knots & Ties", "Knots and Ties"),
        ("Yamabe Women's University", "Yamabe Womens University"),
        ("Institute of Knots, Tokyo", "Institute of Knots Tokyo"),
        ("Université de Yamabé", "Universite de Yamabe"),
    ],
)
def test_two_spellings_of_one_organisation_have_a_key_in_common(one: str, other: str) -> None:
    assert keys_of(one) & keys_of(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("山辺大学", "山辺大学附属病院"),
        ("山辺大学", "山辺女子大学"),
        ("Yamabe University", "Yamabe University of Science"),
        ("Yamabe University of Science", "Yamabe University of Education"),
        ("Enmusubi", "Enmusubi Pharma"),
        ("University of Washington", "Washington University"),
        ("University of Shizuoka", "Shizuoka University"),
        ("University of Nagasaki", "Nagasaki University"),
        ("The University of Kochi", "Kochi University"),
    ],
)
def test_two_organisations_have_no_key_in_common(one: str, other: str) -> None:
    assert keys_of(one)
    assert keys_of(other)
    assert not keys_of(one) & keys_of(other)


def test_a_short_acronym_is_no_key_as_a_further_name() -> None:
    with_acronyms = organisation_keys("山辺大学", "Yamabe University", "YU; YUT; YAMU")

    assert with_acronyms - organisation_keys("山辺大学", "Yamabe University") == {"yamu"}


@pytest.mark.parametrize("name", ["", "  ", "。", "株", "あ" * 301])
def test_what_is_no_name_has_no_key(name: str) -> None:
    assert not keys_of(name)


@pytest.mark.parametrize("name", ["株式会社", "Company", "The", "Co., Ltd."])
def test_a_name_that_is_a_legal_form_only_does_not_meet_every_other(name: str) -> None:
    assert "" not in keys_of(name)
