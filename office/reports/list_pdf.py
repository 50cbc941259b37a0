"""A match list as a PDF file for A4 paper, Japanese and Latin text in an embedded font."""

from collections.abc import Mapping, Sequence
from datetime import date

from matcher.explaining.words import objection_text, strength_text
from matcher.records import Evidence, Match
from office.reports.cells import is_web_url
from office.reports.list_tables import KINDS
from office.reports.sheet import ACCENT, INK, SOFT, Sheet

MAX_SENTENCE_CHARS = 400
MIN_ROOM_MM = 32  # no name stands alone at the foot of a page
LABELS: Mapping[str, Mapping[str, str]] = {
    "ja": {
        "title": "該当する研究者", "need": "ニーズ", "against": "留意点: ",
        "industry": "企業との共同成果 {count} 件",
    },
    "en": {
        "title": "Researchers who fit", "need": "Need", "against": "To consider: ",
        "industry": "Works with companies: {count}",
    },
}  # fmt: skip


def list_as_pdf(matches: Sequence[Match], language: str, need: str, today: date) -> bytes:
    """Return the list as a PDF file, the need's text above it."""
    sheet = Sheet(language, today, LABELS[language]["title"])
    said = LABELS[language]
    sheet.say(said["title"], size=16)
    sheet.say(said["need"], size=9, colour=SOFT)
    sheet.say(need, size=10)
    for match in matches:
        _write_match(sheet, match, language)
    return bytes(sheet.output())


def _write_match(sheet: Sheet, match: Match, language: str) -> None:
    person = match.researcher
    other = "en" if language == "ja" else "ja"
    names = dict.fromkeys((person.name(language), person.name(other)))
    if sheet.will_page_break(MIN_ROOM_MM):
        sheet.add_page()
    sheet.rule()
    sheet.say(f"{match.rank}. {'  '.join(names)}    {strength_text(match, language)}", size=12)
    about = [person.affiliation(language), person.position_ja or person.position_en]
    if language == "en":
        about[1] = person.position_en or person.position_ja
    if person.industry_seeds:
        about.append(LABELS[language]["industry"].format(count=person.industry_seeds))
    sheet.say(" · ".join(part for part in about if part), size=9, colour=SOFT)
    for evidence in match.evidence:
        _write_evidence(sheet, evidence, language)
    if match.against:
        reasons = [objection_text(objection, language) for objection in match.against]
        sheet.say(LABELS[language]["against"] + " / ".join(reasons), size=9, colour=SOFT)


def _write_evidence(sheet: Sheet, evidence: Evidence, language: str) -> None:
    kind = KINDS[language].get(evidence.kind, evidence.kind)
    head = " ".join(str(part) for part in (kind, evidence.year, evidence.title) if part)
    link = evidence.url if is_web_url(evidence.url) else ""
    sheet.say(head, size=9.5, colour=ACCENT if link else INK, link=link)
    if evidence.sentence_field == "text":
        sheet.say(evidence.sentence[:MAX_SENTENCE_CHARS], size=9.5, marked=True)
