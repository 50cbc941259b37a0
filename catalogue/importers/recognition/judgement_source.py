"""Tables of judgements: which researcher suited which need, in the words of an office."""

from collections.abc import Iterator

from catalogue.database.judgement_models import DECLINED, NOT_SUITABLE
from catalogue.importers.general.columns import erad_number, name_reference
from catalogue.importers.judged_rows import JudgedRow
from catalogue.importers.judgement_files import moment
from catalogue.importers.recognition.judgement_words import (
    MAX_CHARS,
    OTHER,
    UNDECIDED,
    reason_of,
    stage_of,
    verdict_of,
)
from catalogue.importers.recognition.person_cells import Texts, on_line, people_in
from catalogue.importers.recognition.table_source import TableSource
from catalogue.importers.rows import RawRow
from catalogue.importers.sources import ParsedRow
from catalogue.records.drafts import EMPTY, NOTE, ROW, VALUE, BadValueError, Rejection
from enmusubi.messages import Message

NOT_JUDGED = Message("not judged yet: nothing is recorded")
NOT_DECIDED = Message("undecided: nothing is recorded")
NO_VERDICT = Message(
    "the words tell neither suitable nor not suitable: write so, or leave it empty"
)
NO_STAGE = Message("the words tell no stage that is known here")
NO_REASON = Message("no reason that is known here: it counts as other")
SEVERAL_PEOPLE = Message("several names: give each researcher a row")
CODES_ALONE = Message("of the reasons only a code is kept, and only where somebody does not suit")


class JudgementTableSource(TableSource):
    """Judgements, a pair a row; whom and which need a row means is found when it is recorded."""

    def notes(self) -> tuple[Rejection, ...]:
        """Return which columns were left out, and what of the reasons is kept."""
        reasons = self._table.labels_of("reason")
        kept = (Rejection(name, CODES_ALONE, scope=NOTE, file=self.label) for name in reasons)
        return (*super().notes(), *kept)

    def parsed_rows(self) -> Iterator[ParsedRow]:
        """Yield the rows in order."""
        for row in self._records():
            yield row if isinstance(row, ParsedRow) else self._judged(row)

    def _judged(self, row: RawRow) -> ParsedRow:
        texts = self._texts(row)
        verdict, stage, notes = _verdict_and_stage(texts)
        rejections = [*notes]
        people = _people(texts)
        if isinstance(people, Rejection):
            rejections.append(people)
        at = None
        try:
            at = moment(_first(texts, "judged_at")[:MAX_CHARS])
        except BadValueError as error:
            rejections.append(Rejection("judged_at", error.message))
        reason = reason_of(_first(texts, "reason")) if verdict == NOT_SUITABLE else ""
        if reason == OTHER:
            rejections.append(Rejection("reason", NO_REASON, scope=NOTE))
        judged = JudgedRow(
            need=_need(texts),
            company=_first(texts, "company"),
            people=() if isinstance(people, Rejection) else people,
            department=_first(texts, "department"),
            verdict=verdict,
            reason=reason,
            stage=stage,
            judged_by=_first(texts, "judged_by"),
            judged_at=at,
        )
        is_whole = bool(verdict or stage) and not any(r.scope == ROW for r in rejections)
        return self._as_row(row, judged if is_whole else None, rejections)

    def _as_row(
        self, row: RawRow, judged: JudgedRow | None, rejections: list[Rejection]
    ) -> ParsedRow:
        placed = tuple(
            Rejection(r.field, r.message, r.found, r.scope, self.label, row.number)
            for r in rejections
        )
        return ParsedRow(row.number, rejections=placed, raw=row.raw, judged=judged)


def _verdict_and_stage(texts: Texts) -> tuple[str, str, list[Rejection]]:
    said, went = _first(texts, "verdict"), _first(texts, "stage")
    verdict, stage = verdict_of(said) if said else "", stage_of(went) if went else ""
    notes = [Rejection("stage", NO_STAGE, scope=VALUE)] if went and not stage else []
    if said and not verdict:
        stage = stage or stage_of(said)  # a column of results tells either
        if not stage:
            notes.append(Rejection("verdict", NO_VERDICT))
    if verdict == UNDECIDED:
        verdict = ""
        if not stage or stage == DECLINED:
            stage = ""
            notes.append(Rejection("verdict", NOT_DECIDED, scope=NOTE))
    elif not (said or went):
        notes.append(Rejection("verdict", NOT_JUDGED, scope=NOTE))
    return verdict, stage, notes


def _need(texts: Texts) -> tuple[str, ...]:
    cells = [*texts.get("need_id", ()), *texts.get("need_title", ())]
    return tuple(dict.fromkeys(text for cell in cells for text in (on_line(cell), cell.strip())))


def _people(texts: Texts) -> tuple[str, ...] | Rejection:
    """Return the references to the researcher of a row, the surest first."""
    numbers = [on_line(cell)[:MAX_CHARS] for cell in texts.get("researcher_id", ())]
    cell = _first(texts, "researcher")
    names = people_in(cell)
    if len(names) > 1 and not numbers:
        return Rejection("researcher_id", SEVERAL_PEOPLE)
    if not numbers and not cell:
        return Rejection("researcher_id", EMPTY)
    place = _first(texts, "institution")
    by_name = [name_reference(place, name) for name in names[:1]]
    # a number stands among names where somebody mended the row
    found = [*numbers, *map(erad_number, numbers), cell[:MAX_CHARS], *by_name]
    return tuple(dict.fromkeys(filter(None, found)))


def _first(texts: Texts, role: str) -> str:
    return on_line(next(iter(texts.get(role, ())), ""))
