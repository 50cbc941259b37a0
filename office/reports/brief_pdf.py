"""A need and its best researchers on one A4 page: who, how strong, why, what to consider."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from enmusubi.language import clean_text, detect_language
from matcher.explaining.standing import Standing
from matcher.explaining.summary import STEPS, best_evidence, expected_suitable, key_phrase, steps
from matcher.explaining.words import objection_text, strength_word
from matcher.records import Match
from matcher.reranking.calibration import WEAK
from office.reports.list_pdf import about_person
from office.reports.list_tables import KINDS
from office.reports.sheet import ACCENT, INK, SOFT, PdfSheet

BRIEF_PEOPLE = 10  # so many of a list are looked at; those that a page holds are on it
NEED_CHARS = {"ja": 300, "en": 600}
SENTENCE_CHARS = {"ja": 90, "en": 180}
GAP_MM = 4  # of the line above a person
FOOT_MM = 7  # for the line that counts those left out
LABELS: Mapping[str, Mapping[str, str]] = {
    "ja": {
        "title": "研究者候補の概要", "need": "ニーズ", "against": "留意点：", "joint": "、",
        "count": "上位{shown}件中およそ{count}件が適任の見込み",
        "nobody": "上位{shown}件に適任はいない見込み",
        "weak": "このほか、見込みの低い研究者{count}名は載せていません。",
        "more": "このほか{count}名は紙面の都合で載せていません。",
    },
    "en": {
        "title": "Researchers in brief", "need": "Need", "against": "To consider: ", "joint": "; ",
        "count": "About {count} of the best {shown} are likely to be suitable",
        "nobody": "Probably none of the best {shown} is suitable",
        "weak": "{count} more who are less likely to fit are left out.",
        "more": "{count} more are left out for want of room.",
    },
}  # fmt: skip


@dataclass(frozen=True)
class Brief:
    """What the page says: the need, and how its best people stand."""

    title: str = field(repr=False)
    need: str = field(repr=False)
    stands: Standing


def brief_as_pdf(brief: Brief, language: str, today: date) -> bytes:
    """Return one page as a PDF file; people beyond what it holds are counted at its foot.

    Of a list with people who are likely to fit, the weak are left out.
    """
    said = LABELS[language]
    sheet = PdfSheet(language, today, said["title"])
    _write_head(sheet, brief, language)
    people = brief.stands.likely or brief.stands.unlikely
    written = 0
    for match in people:
        block = _Block(match, language)
        if sheet.y + block.height(sheet) + FOOT_MM > sheet.bottom:
            break
        block.write(sheet)
        written += 1
    if left := len(people) - written:
        sheet.say(said["more"].format(count=left), size=8.5, colour=SOFT)
    elif brief.stands.likely and brief.stands.unlikely:
        weak = said["weak"].format(count=len(brief.stands.unlikely))
        sheet.say(weak, size=8.5, colour=SOFT)
    return bytes(sheet.output())


def _write_head(sheet: PdfSheet, brief: Brief, language: str) -> None:
    said = LABELS[language]
    sheet.say(brief.title or said["title"], size=14)
    sheet.say(said["need"], size=8.5, colour=SOFT)
    sheet.say(_cut(brief.need, NEED_CHARS[detect_language(brief.need)]), size=9)
    sheet.ln(1)
    sheet.say(brief.stands.heading, size=11)
    if brief.stands.notice:
        sheet.say(brief.stands.notice, size=9.5, marked=True)
    if brief.stands.of_order:
        sheet.say(brief.stands.of_order, size=8.5, colour=SOFT)
    if shown := (*brief.stands.likely, *brief.stands.unlikely):
        count = round(expected_suitable(shown))
        line = said["count" if count else "nobody"]
        sheet.say(line.format(shown=len(shown), count=count), size=8.5, colour=SOFT)


class _Block:
    """What stands of one person: the lines with their size and colour."""

    def __init__(self, match: Match, language: str) -> None:
        person, said = match.researcher, LABELS[language]
        mark = "●" * steps(match) + "○" * (STEPS - steps(match))
        names = "  ".join(person.names(language))
        head = f"{match.rank}. {names}    {mark} {strength_word(match, language)}"
        self.lines = [(head, 11.0, INK), (about_person(person, language), 8.5, SOFT)]
        if why := best_evidence(match):
            kind = KINDS[language].get(why.kind, why.kind)
            year = f" {why.year}" if why.year else ""
            self.lines.append((f"{kind}{year}  {key_phrase(why)}", 9.5, ACCENT))
            if why.sentence_field == "text":
                self.lines.append((_cut(why.sentence, SENTENCE_CHARS[why.language]), 9.0, INK))
        against = [o for o in match.against if o.reason != WEAK]
        if against:
            told = said["joint"].join(objection_text(o, language) for o in against)
            self.lines.append((said["against"] + told, 8.5, SOFT))

    def height(self, sheet: PdfSheet) -> float:
        """Return the millimetres that it takes."""
        return GAP_MM + sum(sheet.height_of(text, size) for text, size, _ in self.lines)

    def write(self, sheet: PdfSheet) -> None:
        """Write it below a line."""
        sheet.rule()
        for text, size, colour in self.lines:
            sheet.say(text, size=size, colour=colour)


def _cut(text: str, limit: int) -> str:
    line = " ".join(clean_text(text).split())
    return line if len(line) <= limit else f"{line[: limit - 1]}…"
