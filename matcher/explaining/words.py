"""Strengths, objections and groups of features in words, in Japanese and English."""

from collections.abc import Mapping
from dataclasses import dataclass

from enmusubi.language import ENGLISH, detect_language
from matcher.records import Match, Objection

MAX_PART_CHARS = {"ja": 60, "en": 120}

STRENGTHS: Mapping[str, Mapping[str, str]] = {
    "ja": {"strong": "有力", "good": "有望", "possible": "可能性あり", "weak": "弱い"},
    "en": {"strong": "Strong", "good": "Good", "possible": "Possible", "weak": "Weak"},
}
LANGUAGES: Mapping[str, Mapping[str, str]] = {
    "ja": {"ja": "日本語", "en": "英語"},
    "en": {"ja": "Japanese", "en": "English"},
}
OBJECTIONS: Mapping[str, Mapping[str, str]] = {
    "ja": {
        "weak": "適任である見込みは低めです",
        "part_unmet": "ニーズのうち「{part}」に対する根拠は弱めです",
        "one_seed": "根拠となる業績は1件のみです",
        "thin_evidence": "根拠はプロフィールや授業の記載のみです",
        "old": "公開されている最新の業績は{value:.0f}年です",
        "no_industry": "競争領域のニーズですが、企業との共同成果は確認できません",
        "other_language": "根拠はすべて{language}の業績です",
        "no_public_evidence": "公開されている根拠はありません",
    },
    "en": {
        "weak": "Unlikely to fit",
        "part_unmet": "Little evidence for this part of the need: “{part}”",
        "one_seed": "Only one piece of work carries this match",
        "thin_evidence": "The evidence is from profile or course texts alone",
        "old": "The newest public work is from {value:.0f}",
        "no_industry": "The need is competitive, and no work with companies is known",
        "other_language": "All evidence is in {language}",
        "no_public_evidence": "There is no public evidence",
    },
}
FLAGS: Mapping[str, Mapping[str, str]] = {  # the same in two or three words, for one line
    "ja": {
        "weak": "見込みは低い",
        "part_unmet": "一部の根拠が弱め",
        "one_seed": "業績1件のみ",
        "thin_evidence": "プロフィール・授業のみ",
        "old": "最新の業績は{value:.0f}年",
        "no_industry": "企業実績なし",
        "other_language": "{language}の業績のみ",
        "no_public_evidence": "公開の根拠なし",
    },
    "en": {
        "weak": "Unlikely",
        "part_unmet": "One part hardly met",
        "one_seed": "One work only",
        "thin_evidence": "Profile or courses only",
        "old": "Newest work {value:.0f}",
        "no_industry": "No work with companies",
        "other_language": "{language} only",
        "no_public_evidence": "No public evidence",
    },
}
GROUP_LABELS: Mapping[str, Mapping[str, str]] = {
    "ja": {
        "meaning": "内容の一致",
        "words": "用語の一致",
        "text": "内容・用語の一致",
        "coverage": "ニーズ全体への対応",
        "whole": "専門分野との近さ",
        "record": "実績の新しさと厚み",
        "field": "専門分野の一致",
        "industry": "企業との実績",
        "language": "根拠の言語",
    },
    "en": {
        "meaning": "Same subject",
        "words": "Same terms",
        "text": "Subject and terms together",
        "coverage": "How much of the need is met",
        "whole": "Near their speciality",
        "record": "How recent and broad the work is",
        "field": "Same field of research",
        "industry": "Work with companies",
        "language": "Language of the evidence",
    },
}


def strength_text(match: Match, language: str) -> str:
    """Return the word and the percentage of a match: `有力 62%`; the word alone without one."""
    word = STRENGTHS[language].get(match.strength, "")
    shown = "" if match.probability is None else percentage(match.probability, language)
    return f"{word} {shown}".strip()


def strength_word(match: Match, language: str) -> str:
    """Return the word of a match's strength, empty where there is none."""
    return STRENGTHS[language].get(match.strength, "")


def percentage(probability: float, language: str) -> str:
    """Return a probability in whole per cent, never 0 or 100."""
    whole = round(100 * probability)
    if whole < 1:
        return "1%未満" if language == "ja" else "under 1%"
    return f"{min(whole, 99)}%"


@dataclass(frozen=True)
class Quoting:
    """A phrase around what it quotes, which may be in another language: `before`, `quoted`, `after`.

    `quoted` and `quoted_language` (ja or en) are empty where nothing is quoted.
    """

    before: str
    quoted: str = ""
    quoted_language: str = ""
    after: str = ""

    def __str__(self) -> str:
        return f"{self.before}{self.quoted}{self.after}"


def objection_phrase(objection: Objection, language: str) -> Quoting:
    """Return an objection as a phrase in `language` (ja or en) around the part of the need it is about."""
    evidence = LANGUAGES[language].get(objection.language, objection.language)
    before, _, after = OBJECTIONS[language][objection.reason].partition("{part}")
    told = before.format(value=objection.value, language=evidence)
    if objection.part is None:
        return Quoting(told + after)
    quoted_language = detect_language(objection.part.text)
    quoted = shortened(objection.part.text, quoted_language)
    return Quoting(told, quoted, quoted_language, after)


def objection_text(objection: Objection, language: str) -> str:
    """Return an objection as a phrase of plain text, with the part of the need that it is about."""
    return str(objection_phrase(objection, language))


def flag_text(objection: Objection, language: str) -> str:
    """Return an objection in two or three words."""
    evidence = LANGUAGES[language].get(objection.language, objection.language)
    return FLAGS[language][objection.reason].format(value=objection.value, language=evidence)


def shortened(text: str, language: str) -> str:
    """Return a text of a language (ja or en) in one line, cut to what a line holds; English between words."""
    line, limit = " ".join(text.split()), MAX_PART_CHARS[language]
    if len(line) <= limit:
        return line
    kept = line[: limit - 1]
    if language == ENGLISH and not line[limit - 1].isspace():
        kept = kept.rpartition(" ")[0] or kept
    return f"{kept.rstrip()}…"
