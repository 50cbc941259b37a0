"""The rule by which people with equal names are joined, queued for a user, or left apart."""

from dataclasses import replace

import pytest

from catalogue.identity.person_matching import (
    Decision,
    NameEvidence,
    PersonForm,
    compare_people,
    decide,
)

NOTHING = NameEvidence(
    same_kanji=False,
    same_kana=False,
    same_romaji=False,
    same_initials=False,
    contradiction=False,
)
KANJI = replace(NOTHING, same_kanji=True)
ROMAJI = replace(NOTHING, same_romaji=True, same_initials=True)
WHOLE = replace(ROMAJI, same_kanji=True, same_kana=True)
INITIALS = replace(NOTHING, same_initials=True)


def judged(
    evidence: NameEvidence,
    organisation: bool | None = None,
    department: bool | None = None,
    *,
    seed: bool = False,
    ids: bool = False,
) -> Decision:
    return decide(
        evidence,
        same_organisation=organisation,
        same_department=department,
        shared_seed=seed,
        conflicting_ids=ids,
    )


def against(evidence: NameEvidence) -> NameEvidence:
    return replace(evidence, contradiction=True)


@pytest.mark.parametrize(
    ("decision", "state"),
    [
        (judged(KANJI, seed=True), "joined"),
        (judged(ROMAJI, seed=True), "joined"),
        (judged(WHOLE, organisation=False, department=False, seed=True), "joined"),
        (judged(WHOLE, organisation=True, department=True), "joined"),
        (judged(WHOLE, organisation=True), "queued"),
        (judged(WHOLE, organisation=True, department=False), "queued"),
        (judged(WHOLE, department=True), ""),
        (judged(WHOLE), ""),
        (judged(WHOLE, organisation=False, department=True), ""),
        (judged(KANJI, organisation=True, department=True), "queued"),
        (judged(KANJI, organisation=True, department=False), "queued"),
        (judged(ROMAJI, organisation=True, department=True), "queued"),
        (judged(ROMAJI, organisation=True), "queued"),
        (judged(ROMAJI, organisation=True, department=False), ""),
        (judged(INITIALS, seed=True), "queued"),
        (judged(INITIALS, organisation=True, department=True), "queued"),
        (judged(INITIALS, organisation=True), ""),
        (judged(INITIALS), ""),
        (judged(NOTHING, organisation=True, department=True, seed=True), ""),
    ],
)
def test_names_join_only_with_a_seed_or_a_department(decision: Decision, state: str) -> None:
    assert decision.state == state


@pytest.mark.parametrize(
    ("decision", "state"),
    [
        (judged(WHOLE, organisation=True, department=True, ids=True), "queued"),
        (judged(KANJI, seed=True, ids=True), "queued"),
        (judged(WHOLE, organisation=True, ids=True), ""),
        (judged(WHOLE, organisation=False, department=True, ids=True), ""),
        (judged(INITIALS, seed=True, ids=True), ""),
        (judged(against(KANJI), seed=True, ids=True), ""),
    ],
)
def test_people_whose_ids_differ_are_never_joined(decision: Decision, state: str) -> None:
    assert decision.state == state


@pytest.mark.parametrize(
    ("decision", "state"),
    [
        (judged(against(KANJI), seed=True), "queued"),
        (judged(against(WHOLE), organisation=True, department=True), "queued"),
        (judged(against(KANJI), organisation=True), "queued"),
        (judged(against(ROMAJI), organisation=True), ""),
        (judged(against(ROMAJI), organisation=True, department=True), "queued"),
        (judged(against(INITIALS), organisation=True, department=True, seed=True), ""),
        (judged(against(KANJI)), ""),
    ],
)
def test_names_that_differ_in_one_script_are_never_joined(decision: Decision, state: str) -> None:
    assert decision.state == state


def test_a_decision_gives_its_reasons() -> None:
    assert judged(WHOLE, organisation=True, department=True).reasons == (
        "same_kanji",
        "same_kana",
        "same_romaji",
        "same_organisation",
        "same_department",
    )
    assert judged(KANJI, seed=True, ids=True).reasons == (
        "same_kanji",
        "shared_seed",
        "different_ids",
    )
    assert judged(INITIALS, seed=True).reasons == ("same_initials", "shared_seed")
    assert judged(against(KANJI), seed=True).reasons == (
        "same_kanji",
        "different_names",
        "shared_seed",
    )


def test_what_is_left_apart_has_no_reasons() -> None:
    assert judged(NOTHING) == Decision("", 0.0, ())


def test_what_is_joined_is_more_certain_than_what_is_queued() -> None:
    joined = judged(WHOLE, organisation=True, department=True)
    likely = judged(KANJI, organisation=True, department=True)
    doubtful = judged(ROMAJI, organisation=True)

    assert 1 >= joined.certainty > likely.certainty > doubtful.certainty > 0


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (
            PersonForm("山田 太郎", "ヤマダ タロウ", ""),
            PersonForm("", "", "Taro YAMADA"),
            {"same_romaji", "same_initials"},
        ),
        (
            PersonForm("山田 裕子", "ヤマダ ユウコ", ""),
            PersonForm("山田 裕子", "", "Hiroko Yamada"),
            {"same_kanji", "contradiction"},
        ),
        (
            PersonForm("山田 裕子", "ヤマダ ユウコ", ""),
            PersonForm("山田 裕子", "", "Yamada H"),
            {"same_kanji", "contradiction"},
        ),
        (
            PersonForm("山田 健司", "", "Kenji Yamada"),
            PersonForm("山田 賢治", "", "Kenji Yamada"),
            {"same_romaji", "same_initials", "contradiction"},
        ),
        (
            PersonForm("", "", "Kenji Sato"),
            PersonForm("", "", "Koji Sato"),
            {"same_initials", "contradiction"},
        ),
        (
            PersonForm("", "", "Maria Clara Lopez"),
            PersonForm("", "", "Maria Lopez"),
            {"same_initials"},
        ),
        (
            PersonForm("", "ジョン スミス", ""),
            PersonForm("", "", "John Smith"),
            {"same_initials"},
        ),
        (
            PersonForm("王 偉", "オウ イ", "Wei Wang"),
            PersonForm("王 偉", "", "WANG, Wei"),
            {"same_kanji", "same_romaji", "same_initials"},
        ),
        (
            PersonForm("鈴木 花子", "", "Hanako Suzuki", "田中 花子"),
            PersonForm("田中 花子", "", ""),
            {"same_kanji"},
        ),
        (PersonForm("山田", "", ""), PersonForm("山田", "", ""), set()),
        (PersonForm("", "", ""), PersonForm("", "", ""), set()),
    ],
)
def test_names_speak_for_and_against(
    one: PersonForm, other: PersonForm, expected: set[str]
) -> None:
    for evidence in (compare_people(one, other), compare_people(other, one)):
        assert {name for name, holds in vars(evidence).items() if holds} == expected
