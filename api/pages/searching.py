"""Answers what was asked on a page, as far as the viewer may see; routes call it, it knows none."""

from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import anyio
from starlette.datastructures import FormData
from starlette.requests import Request

from api.dependencies import Services
from api.pages.match_list import (
    LIST_LENGTH,
    Result,
    Trial,
    ViewerMarks,
    list_page,
    wanted,
)
from api.pages.refining import refinement_of, taken
from api.pages.search_form import RANK, SearchForm
from catalogue.database.viewer import Viewer
from matcher.answer import Answer
from matcher.records import Match, Need
from office.access.rules import JUDGE, NOTE, SHORTLIST, may
from office.access.scoped import reading_as
from office.list_changes import compare_lists
from office.matching import Question
from office.matching import stored_need as read_need
from office.needs.judging import standing_judgements
from office.needs.reading import SeenNeed
from office.notes import Note, notes_of
from office.screening.list_screening import screen_list
from office.screening.order import below_equals
from office.shortlists import shortlist

COMPARED_RANKS = 10  # down to which a list is compared with that of another wording
MAX_FIELDS = 200  # of a form


@asynccontextmanager
async def form_of(request: Request, max_part_bytes: int) -> AsyncIterator[FormData]:
    """Give the form of a request; its files are closed afterwards."""
    form = await request.form(max_files=1, max_fields=MAX_FIELDS, max_part_size=max_part_bytes)
    try:
        yield form
    finally:
        await form.close()


def stored_need(services: Services, viewer: Viewer, search: SearchForm) -> SeenNeed | None:
    """Return the stored need that was asked for, None for a text; raises UnknownIdError."""
    return read_need(services.catalogue, viewer, search.need_id) if search.need_id else None


async def find(
    services: Services, viewer: Viewer, search: SearchForm, need: SeenNeed | None, *, top: int
) -> Answer:
    """Return the answer with so many matches; raises what the matcher raises."""
    asked = need.as_need() if need else Need(search.need)
    wording = search.reworded if need else ""
    question = Question(
        asked, top, search.filters(), spread=search.spread, may_be_partial=True
    ).refined(refinement_of(search), wording=wording, area=search.area)
    return await services.matching.answer_for(viewer, question)


async def with_trial(
    services: Services, viewer: Viewer, search: SearchForm, result: Result, wording: str
) -> Result:
    """Return a result with what another wording would change in the first COMPARED_RANKS of its list.

    Nothing is changed where the wording says nothing.
    """
    other = taken(search, wording)
    if other == replace(search, page=1):
        return result
    tried = await find(services, viewer, other, result.need, top=COMPARED_RANKS)
    present = result.answer.matches
    if len(present.matches) < COMPARED_RANKS <= result.listed.total:
        present = (await find(services, viewer, search, result.need, top=COMPARED_RANKS)).matches
    if present.not_asked or tried.matches.not_asked:
        return result  # who was not asked is no change
    change = compare_lists(present, tried.matches, depth=COMPARED_RANKS)
    return replace(result, trial=Trial(wording, change))


async def result_for(
    services: Services, viewer: Viewer, search: SearchForm, need: SeenNeed | None, language: str
) -> Result:
    """Return one page of the list that was asked for, with what the viewer kept of its people."""
    answer = await find(services, viewer, search, need, top=wanted(search))
    listed = list_page(answer.matches.matches, answer.found, search, language)
    marks = await anyio.to_thread.run_sync(marks_of, services, viewer, search.need_id)
    people = [match.researcher.researcher_id for match in listed.matches]
    screening = await anyio.to_thread.run_sync(
        screen_list, services.catalogue, viewer, need, people, services.settings.screening
    )
    busy_last = False
    if services.settings.screening.capacity_order == "below" and search.sort == RANK:
        ordered = tuple(below_equals(listed.matches, screening.is_busy))
        busy_last, listed = ordered != listed.matches, replace(listed, matches=ordered)
    return Result(answer, listed, marks, need, screening=screening, busy_last=busy_last)


async def full_list(
    services: Services, viewer: Viewer, search: SearchForm, need: SeenNeed | None
) -> tuple[Answer, Sequence[Match]]:
    """Return the whole list that was asked for, by rank."""
    answer = await find(services, viewer, search, need, top=LIST_LENGTH)
    return answer, answer.matches.matches


def marks_of(services: Services, viewer: Viewer, need_id: str) -> ViewerMarks:
    """Return what the viewer keeps of people, for a stored need or for none (empty)."""
    shortlisted: frozenset[str] = frozenset()
    if may(viewer, SHORTLIST):
        entries = shortlist(services.catalogue, viewer, need_id)
        shortlisted = frozenset(entry.researcher.researcher_id for entry in entries)
    judged: dict[str, dict[str, Any]] = {}
    if need_id and may(viewer, JUDGE):
        with reading_as(services.catalogue, viewer) as connection:
            rows = standing_judgements(connection, viewer, need_id)
        judged = {str(row["researcher_id"]): row for row in rows}
    notes: defaultdict[str, list[Note]] = defaultdict(list)
    if need_id and may(viewer, NOTE):
        for note in notes_of(services.catalogue, viewer, need_id=need_id):
            notes[note.researcher.researcher_id].append(note)
    return ViewerMarks(shortlisted, judged, dict(notes))
