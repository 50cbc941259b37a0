"""Companies are told from universities, institutes, ministries and foundations by their names."""

import time

import pytest

from catalogue.identity.industry import company_names, is_company

COMPANIES = (
    "株式会社縁結製作所",
    "縁結化学工業株式会社",
    "縁結工業㈱",
    "㈱縁結",
    "（株）縁結",
    "縁結バイオ(株)中央研究所",
    "株式会社縁結総合研究所",
    "有限会社みどり農園",
    "㈲山川工房",
    "合同会社エンムスビ",
    "合資会社 川上醸造",
    "(資)川上醸造",
    "合名会社川上商店",
    "縁結生命保険相互会社",
    "東都大学イノベーションキャピタル株式会社",
    "株式會社縁結堂",
    "縁結ホールディングス",
    "縁結建設技術研究所",
    "縁結製薬",
    "深圳縁結科技有限公司",
    "Enmusubi K.K.",
    "Enmusubi KK",
    "Enmusubi Kabushiki Kaisha",
    "Enmusubi Co., Ltd.",
    "ENMUSUBI CO.,LTD.",
    "Enmusubi Co Ltd",
    "Enmusubi Company Limited",
    "Enmusubi Research Institute, Inc.",
    "Enmusubi, Inc., Tokyo, Japan",
    "Enmusubi Motor Corporation",
    "Enmusubi Corp.",
    "Enmusubi Bio LLC",
    "Enmusubi Deutschland GmbH",
    "Enmusubi GmbH & Co. KG",
    "Enmusubi France S.A.",
    "Enmusubi S.p.A.",
    "Enmusubi AG",
    "Enmusubi Oyj",
    "Enmusubi A/S",
    "Enmusubi PLC",
    "Enmusubi Holdings",
    "Enmusubi & Co.",
    "Enmusubi Pty Ltd",
    "Central Research Laboratory, Enmusubi, Ltd., Kokubunji, Tokyo",
    "University of Tohto Edge Capital Partners Co., Ltd.",
)
OTHERS = (
    "東都大学",
    "国立大学法人東都大学",
    "学校法人縁結学園 縁結大学",
    "東都大学大学院工学系研究科 (株式会社縁結寄附講座)",
    "株式会社縁結社会連携講座",
    "国立研究開発法人縁結研究所",
    "独立行政法人縁結機構",
    "地方独立行政法人縁結県立産業技術センター",
    "一般財団法人縁結ゴム協会",
    "公益社団法人縁結学会",
    "特定非営利活動法人縁結会",
    "NPO法人みどりの会",
    "医療法人社団縁結会 縁結病院",
    "文部科学省",
    "縁結県農業試験場",
    "縁結工業高等専門学校",
    "日本会社法学会",
    "縁結自動車組合",
    "National University Corporation Tohto University",
    "Tohto University",
    "University of Colorado, Boulder, CO",
    "Department of Chemistry, Tohto University, Tokyo",
    "School of Business, Company Town College",
    "Enmusubi Foundation, Inc.",
    "Japan Enmusubi Society, Inc.",
    "General Incorporated Association Enmusubi",
    "Incorporated Administrative Agency Enmusubi",
    "Social Medical Corporation Enmusubi",
    "Ministry of Education",
    "National Institute of Enmusubi",
    "Flinders University, Adelaide SA",
    "Corporation",
    "山田 太郎",
    "Taro Yamada",
    "",
    "   ",
)


@pytest.mark.parametrize("name", COMPANIES)
def test_a_company_is_known_by_its_legal_form(name: str) -> None:
    assert is_company(name)


@pytest.mark.parametrize("name", OTHERS)
def test_what_is_no_company_is_not_taken_for_one(name: str) -> None:
    assert not is_company(name)


def test_blanks_in_a_name_take_time_that_grows_with_their_number():
    started = time.perf_counter()
    for inner in (" ", "\t", "\u3000", " , ", ".  "):
        assert not is_company(f"co{inner * 30_000}x")
    assert time.perf_counter() - started < 2
    assert is_company("Hoshimino   Co.,    Ltd.")


def test_companies_stand_once_in_the_order_given() -> None:
    names = ["縁結㈱", "東都大学", "Enmusubi  Inc.", "縁結㈱", "Enmusubi Inc."]

    assert company_names(names) == "縁結㈱; Enmusubi Inc."


def test_no_companies_are_an_empty_text() -> None:
    assert company_names([]) == ""
    assert company_names(iter(["東都大学"])) == ""


def test_a_semicolon_in_a_name_does_not_make_two_of_it() -> None:
    assert company_names(["Enmusubi; Knots, Inc."]) == "Enmusubi, Knots, Inc."


def test_what_is_too_long_for_a_name_is_no_company() -> None:
    assert company_names(["あ" * 10_000_000 + "株式会社"]) == ""
