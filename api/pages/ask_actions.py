"""What the buttons beside a match do: shortlist, judge, save the search; the list comes back after."""

from functools import partial
from typing import Any

from api.middleware.form_deduplication import ONCE_FIELD
from api.pages.search_form import Asked
from api.services import Services
from catalogue.database.judgement_models import NOT_SUITABLE, SUITABLE
from catalogue.database.viewer import Viewer
from catalogue.judgements.judgements import Judgement
from enmusubi.errors import InputError
from office.access.scoped import writing_as
from office.needs.judging import judge
from office.notes import write_note
from office.saved_searches.searches import SearchDraft, save_search
from office.shortlists.shortlist import add_to_shortlist, remove_from_shortlist

_SAID = ("reason", "note", "search_name", "alert")  # what the buttons' forms say besides
DO = "do"  # the button's value: a verb, a blank, a researcher's id


def act(services: Services, viewer: Viewer, asked: Asked, form: Any) -> None:
    """Do what the form's button says, if it says anything; raises InputError for another verb."""
    said = form.get(DO)
    if not isinstance(said, str) or not said:
        return
    verb, _, researcher_id = said.partition(" ")
    if verb not in _ACTIONS:
        raise InputError("do: expected one of %(choices)s.", choices=", ".join(_ACTIONS))
    token = str(form.get(ONCE_FIELD) or "")
    sent = (said, asked.carried(), [str(form.get(name) or "") for name in _SAID])
    work = partial(_ACTIONS[verb], services, viewer, asked, researcher_id, form)
    services.repeats.once(viewer, token, sent, work)


def _keep(services: Services, viewer: Viewer, asked: Asked, researcher_id: str, form: Any) -> None:
    add_to_shortlist(services.catalogue, viewer, researcher_id, asked.need_id)


def _drop(services: Services, viewer: Viewer, asked: Asked, researcher_id: str, form: Any) -> None:
    remove_from_shortlist(services.catalogue, viewer, researcher_id, asked.need_id)


def _suits(services: Services, viewer: Viewer, asked: Asked, researcher_id: str, form: Any) -> None:
    with writing_as(services.catalogue, viewer) as connection:
        judge(connection, viewer, Judgement(asked.need_id, researcher_id, SUITABLE))


def _refuses(
    services: Services, viewer: Viewer, asked: Asked, researcher_id: str, form: Any
) -> None:
    judged = Judgement(asked.need_id, researcher_id, NOT_SUITABLE, str(form.get("reason") or ""))
    with writing_as(services.catalogue, viewer) as connection:
        judge(connection, viewer, judged)


def _note(services: Services, viewer: Viewer, asked: Asked, researcher_id: str, form: Any) -> None:
    text = str(form.get("note") or "")
    write_note(services.catalogue, viewer, asked.need_id, researcher_id, text)


def _save(services: Services, viewer: Viewer, asked: Asked, researcher_id: str, form: Any) -> None:
    draft = SearchDraft(
        name=str(form.get("search_name") or ""),
        text="" if asked.need_id else asked.need,
        need_id=asked.need_id,
        filters=asked.filters(),
        alert=form.get("alert") == "yes",
    )
    limit = services.settings.need.max_chars
    save_search(services.catalogue, viewer, draft, max_chars=limit)


_ACTIONS = {
    "keep": _keep,
    "drop": _drop,
    "suits": _suits,
    "refuses": _refuses,
    "note": _note,
    "save": _save,
}
