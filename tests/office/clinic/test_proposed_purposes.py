"""A purpose is proposed from a wish of the company's own, or from its trouble turned round."""

import time

import pytest

from office.clinic.proposing import MAX_CHARS, proposed_wish, with_answers

CASTING = (
    "従業員七十名の鋳物屋です。",
    "建設機械のお客様から、来春までに品番ごとの排出量を出してほしいと言われました。",
    "頼んだ会社の見積書は、総額を重さで割るだけで四百万円でした。",
    "計器を増やさずに、お客様に説明できる計算のしかたを教わりたいです。",
)
SWEETS = (
    "The board has asked for a story.",
    "What matters is that we need not put up a new building.",
)


def purpose(text: str, language: str) -> str:
    return with_answers(proposed_wish("", [text], language), "", "", language)


@pytest.mark.parametrize(
    ("told", "proposed"),
    [
        ("ごみを減らしたい。", "ごみを減らす。"),
        ("蔵の味を安定させたい。", "蔵の味を安定させる。"),
        ("もっと長持ちする電池がほしい。", "もっと長持ちする電池を得る。"),
        ("中身が息をする袋はできないでしょうか。", "中身が息をする袋を実現する。"),
        ("今夜手を出すべき人を選べないかと考えています。", "今夜手を出すべき人を選べるようにする。"),
        ("排水が臭い。", "排水が臭いのを改善する。"),
        ("金型がすぐ傷む。", "金型がすぐ傷むのを防ぐ。"),
        ("塗装の不良が減りません。", "塗装の不良が減るようにする。"),
        ("古い図面しか残っていません。", "古い図面しか残っていないという課題を解決する。"),
        ("店の売上が落ちています。", "店の売上が落ちている状態を改善する。"),
        ("電気代が高くて利益が出ません。", "利益が出るようにする。"),
        ("人手不足で困っている。", "人手不足を解消する。"),
        ("取引先に数字を求められている。", "取引先から求められている数字に対応できるようにする。"),
        ("客先からもっと軽くしてほしいと言われた。", "「もっと軽くしてほしい」という客先の要望に応える。"),
        ("裏山が心配です。", "裏山の状態を把握し、不安を解消する。"),
        ("三十年分の日報", "三十年分の日報に関する課題を解決する。"),
    ],
)  # fmt: skip
def test_a_japanese_trouble_is_turned_into_what_is_done_against_it(told, proposed):
    assert purpose(told, "ja") == proposed


@pytest.mark.parametrize(
    ("told", "proposed"),
    [
        ("We would like to serve elderly people better.", "Serve elderly people better."),
        ("What we need is a joint that lets go.", "Obtain a joint that lets go."),
        ("Marketing would like to know how much it costs.", "Find out how much it costs."),
        (
            "The waste water is smelly.",
            "Find out why the waste water is smelly, and remedy it.",
        ),
        ("We use too much energy.", "Use less energy."),
        ("We lose too many seedlings.", "Lose fewer seedlings."),
        (
            "Customers complain about our machines.",
            "Remedy what makes customers complain about our machines.",
        ),
        ("A customer asks us for figures.", "Answer the request of a customer for figures."),
        ("The village needs a bus.", "Provide the village with a bus."),
        ("We think our ovens waste heat.", "Find out why our ovens waste heat, and remedy it."),
        ("CO2 leaks out.", "Find out why CO2 leaks out, and remedy it."),
        ("Something better than waste", "Find something better than waste."),
    ],
)
def test_an_english_trouble_is_turned_into_what_is_done_against_it(told, proposed):
    assert purpose(told, "en") == proposed


def test_what_others_wish_is_not_the_companys_wish():
    proposed = proposed_wish("CO2を聞かれて困っています", CASTING, "ja")
    assert proposed == "計器を増やさずに、お客様に説明できる計算のしかたを教わる"
    assert proposed_wish("Something better than waste", SWEETS, "en") == (
        "find something better than waste"
    )


def test_thanks_and_terms_are_no_wishes():
    parts = ["見ていただけるとありがたいです。", "得られたことは学会と分かち合いたいです。"]
    assert proposed_wish("箱詰めに人が集まらない", parts, "ja") == "箱詰めに人が集まるようにする"


def test_the_answers_say_for_whom_and_what_for():
    assert with_answers("膜を作る", "食品の流通", "鮮度を延ばす", "ja") == (
        "鮮度を延ばすため、食品の流通において、膜を作る。"
    )
    assert with_answers("膜を作る", "", "省力化。", "ja") == "省力化のため、膜を作る。"
    assert with_answers("make a film", "shops", "save labour", "en") == (
        "Make a film in shops, so as to save labour."
    )
    assert proposed_wish("", [], "ja") == "" and proposed_wish(" ", ["。"], "en") == ""


def test_a_part_without_an_end_is_read_in_no_time():
    began = time.process_time()
    for text, language in (("に困を" * 30_000, "ja"), ("we have a " * 10_000, "en")):
        assert len(proposed_wish(text, [text], language)) < MAX_CHARS + 100
    assert time.process_time() - began < 5
