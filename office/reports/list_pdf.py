"""A match list as a PDF file for A4 paper, Japanese and Latin text in an embedded font."""

from collections.abc import Mapping
from datetime import date

from matcher.explaining.standing import UNLIKELY, Standing
from matcher.explaining.words import objection_text, strength_text
from matcher.records import Evidence, Match, ResearcherCard
from office.reports.cells import is_web_url
from office.reports.list_tables import KINDS, NO_REMARKS, Remarks
from office.reports.sheet import ACCENT, INK, SOFT, PdfSheet

MAX_SENTENCE_CHARS = 400
MIN_ROOM_MM = 32  # no name stands alone at the foot of a page
LABELS: Mapping[str, Mapping[str, str]] = {
    "ja": {
        "need": "ニーズ", "against": "留意点：", "industry": "企業との共同成果{count}件",
        "screening": "スクリーニング：",
    },
    "en": {
        "need": "Need", "against": "To consider: ", "industry": "Works with companies: {count}",
        "screening": "Screening: ",
    },
}  # fmt: skip


def list_as_pdf(
    stands: Standing,
    language: str,
    *,
    title: str,
    text: str,
    today: date,
    remarks: Remarks = NO_REMARKS,
) -> bytes:
    """Return the list as a PDF file, the need's title and text above it, and the notice.

    Those who are less likely to fit stand apart, behind the others.
    """
    sheet = PdfSheet(language, today, stands.heading)
    sheet.say(stands.heading, size=16)
    sheet.say(LABELS[language]["need"], size=9, colour=SOFT)
    if title:
        sheet.say(title, size=12)
    sheet.say(text, size=10)
    if stands.notice:
        sheet.say(stands.notice, size=11, marked=True)
    if stands.of_order:
        sheet.say(stands.of_order, size=9, colour=SOFT)
    for match in stands.likely:
        _write_match(sheet, match, language, remarks)
    if stands.unlikely:
        sheet.keep_room(MIN_ROOM_MM + 12)
        sheet.rule()
        sheet.say(UNLIKELY[language], size=13)
    for match in stands.unlikely:
        _write_match(sheet, match, language, remarks)
    return bytes(sheet.output())


def _write_match(sheet: PdfSheet, match: Match, language: str, remarks: Remarks) -> None:
    person = match.researcher
    names = "  ".join(person.names(language))
    sheet.keep_room(MIN_ROOM_MM)
    sheet.rule()
    sheet.say(f"{match.rank}. {names}    {strength_text(match, language)}", size=12)
    sheet.say(about_person(person, language), size=9, colour=SOFT)
    for evidence in match.evidence:
        _write_evidence(sheet, evidence, language)
    if match.against:
        reasons = [objection_text(objection, language) for objection in match.against]
        sheet.say(LABELS[language]["against"] + " / ".join(reasons), size=9, colour=SOFT)
    if said := remarks.get(person.researcher_id):
        _write_remarks(sheet, said, language)


def _write_remarks(sheet: PdfSheet, said: str, language: str) -> None:
    sheet.say(LABELS[language]["screening"] + said.replace("\n", " / "), size=9, colour=SOFT)


def about_person(person: ResearcherCard, language: str) -> str:
    """Return the line below a name: where somebody works, as what, how often with companies."""
    parts = [person.affiliation(language), person.position(language)]
    if person.industry_seeds:
        parts.append(LABELS[language]["industry"].format(count=person.industry_seeds))
    return " · ".join(part for part in parts if part)


def _write_evidence(sheet: PdfSheet, evidence: Evidence, language: str) -> None:
    kind = KINDS[language].get(evidence.kind, evidence.kind)
    head = " ".join(str(part) for part in (kind, evidence.year, evidence.title) if part)
    link = evidence.url if is_web_url(evidence.url) else ""
    sheet.say(head, size=9.5, colour=ACCENT if link else INK, link=link)
    if evidence.sentence_field == "text":
        sheet.say(evidence.sentence[:MAX_SENTENCE_CHARS], size=9.5, marked=True)
