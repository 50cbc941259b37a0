"""Needs created and changed by users who may, as records of the source `service`.

What was set by hand wins over what imports say of the same field; fields that no user touched follow
the imports. Every change is checked, made and written into the audit trail in one transaction. Texts
stay as they were written, markup included: they are escaped where they are shown.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection

from catalogue.database.models import CLOSED, OPEN
from catalogue.database.viewer import PERSON, PORTAL, Viewer
from catalogue.importers.general.columns import COLUMNS
from catalogue.importers.general.workplaces import COMPANY
from catalogue.importers.values import MAX_LINE_CHARS, identifier
from catalogue.records.drafts import NEEDS, REFUSED, BadValueError, Draft, Value
from catalogue.records.writer import BatchWriter, DraftBatch
from enmusubi.errors import ForbiddenError, InputError, StaleVersionError
from enmusubi.language import clean_text, detect_language
from enmusubi.messages import FIELD, Message, field_fault, listed, word
from enmusubi.settings import local_time
from matcher.queries import check_need
from matcher.records import CONFIDENTIAL, Need
from office.access import audit
from office.access.rules import (
    CHANGE_NEED,
    CREATE_NEEDS,
    NeedFacts,
    names_manager,
    require,
    sees_need,
)
from office.access.scoped import without_row_security
from office.companies.visibility import sees_organisation
from office.needs.managers import can_manage
from office.needs.named_company import named_company
from office.needs.reading import SeenNeed, need_of

NeedValues = dict[str, Value]
_PROSE, _LINES = ("text", "constraints"), ("title", "horizon")
_CHECKED = (COMPANY, "lang", "area", "budget_jpy", "confidentiality", "manager", "posted_on")
FIELDS = (*_LINES, *_PROSE, "organisation_id", *_CHECKED)


def parse_fields(fields: Mapping[str, Any], *, max_chars: int) -> NeedValues:
    """Return the fields as they are stored, empty ones as None; raises InputError naming all faults.

    The message has a line `field: reason` for each; it quotes no value.
    """
    values: NeedValues = {}
    faults = []
    for name, given in fields.items():
        if name not in FIELDS:
            unknown = {"name": name[:40], "fields": ", ".join(FIELDS)}
            faults.append(Message("%(name)r: no field of a need; there are %(fields)s.", unknown))
            continue
        try:
            values[name] = _reader(name, max_chars)(given)
        except BadValueError as bad:
            faults.append(field_fault(name, bad.message))
    if faults:
        raise InputError("%(faults)s", faults=listed(faults, "\n"))
    return values


def _reader(name: str, max_chars: int) -> Callable[[Any], Value]:
    if name in _PROSE:
        return lambda given: clean_text(_text(given, max_chars)) or None
    if name in _LINES:
        return lambda given: " ".join(clean_text(_text(given, MAX_LINE_CHARS)).split()) or None
    return identifier if name == "organisation_id" else COLUMNS[NEEDS][name].parse


def _text(given: Any, max_chars: int) -> str:
    if given is None:
        return ""
    if not isinstance(given, str):
        raise BadValueError("not a text")
    if len(given) > max_chars:
        raise BadValueError("longer than %(most)s characters", most=f"{max_chars:,}")
    return given


SOURCE, RANK = "service", -1  # before the files that the office imports
NEED = "need"  # the kind of the audit trail's object


@dataclass(frozen=True)
class _Change:
    """What is to be written: the fields that differ, and a company that is named, not known by id."""

    values: Mapping[str, Value]
    company: str = ""


def create_need(
    connection: Connection, viewer: Viewer, fields: Mapping[str, Any], *, max_chars: int
) -> SeenNeed:
    """Write a new need under an id that can't be guessed; returns it.

    `fields` go by the names of `need_fields.FIELDS`. Who creates it manages it, unless `manager` says
    otherwise; a portal's has no manager yet. What says nothing of its confidentiality is
    confidential. Raises ForbiddenError, and InputError that names the field.
    """
    require(viewer, CREATE_NEEDS)
    values = _own_values(viewer, parse_fields(fields, max_chars=max_chars))
    _check_text(values, "", "", max_chars)
    found: NeedValues = {name: value for name, value in values.items() if value}
    found = _with_company(connection, viewer, found)
    if viewer.kind == PERSON:
        found.setdefault("manager", viewer.viewer_id)
    today = local_time(datetime.now(UTC), str(found.get("lang") or "ja")).date()
    found.setdefault("posted_on", today)
    found.setdefault("confidentiality", CONFIDENTIAL)
    _check_manager(connection, viewer, found)
    _check_seen_after(viewer, NeedFacts(area=""), found)
    need_id = str(uuid4())
    company = str(found.pop(COMPANY, ""))
    _write(connection, viewer, need_id, _Change({**found, "status": OPEN}, company))
    audit.record(connection, viewer, "create", NEED, need_id)
    return need_of(connection, viewer, need_id)


def change_need(
    connection: Connection,
    viewer: Viewer,
    need_id: str,
    fields: Mapping[str, Any],
    *,
    max_chars: int,
    expected_version: str | None = None,
) -> SeenNeed:
    """Change the fields that are given, empty ones to nothing; returns the need as it is now.

    Raises UnknownIdError, ForbiddenError, InputError that names the field, and StaleVersionError when
    the need is not of the expected version any more.
    """
    need = changeable_need(connection, viewer, need_id, expected_version)
    if need.is_veiled:
        raise ForbiddenError(
            "You are shown this need in the words of its veil, so it cannot be changed from here. "
            "The office changes it."
        )
    values = _own_values(viewer, parse_fields(fields, max_chars=max_chars))
    if not values.get("confidentiality", need.confidentiality):
        raise InputError(
            "empty, expected public, internal or confidential.", of_field="confidentiality"
        )
    _check_text(values, need.title, need.text, max_chars)
    if {"title", "text"} & values.keys() and not values.get("lang"):
        spoken = (values.get(n, getattr(need, n)) or "" for n in ("title", "text"))
        values["lang"] = detect_language(" ".join(map(str, spoken)))
    changed = {n: v for n, v in values.items() if (v or "") != (getattr(need, n) or "")}
    if not changed:
        return need
    if {COMPANY, "organisation_id"} & changed.keys():
        changed = _with_company(connection, viewer, changed)
    _check_manager(connection, viewer, changed)
    _check_seen_after(viewer, need.facts, changed)
    company = str(changed.pop(COMPANY, None) or "")
    _write(connection, viewer, need_id, _Change(changed, company))
    touched = {*changed, *([COMPANY] if company else [])}
    audit.record(connection, viewer, "change", NEED, need_id, fields=sorted(touched))
    return need_of(connection, viewer, need_id)


def close_need(
    connection: Connection, viewer: Viewer, need_id: str, *, expected_version: str | None = None
) -> SeenNeed:
    """Close a need, so that no night matches it; a closed one stays as it is. Raises as `change_need`."""
    return _set_status(connection, viewer, need_id, CLOSED, expected_version)


def reopen_need(
    connection: Connection, viewer: Viewer, need_id: str, *, expected_version: str | None = None
) -> SeenNeed:
    """Open a closed need; an open one stays as it is. Raises as `change_need`."""
    return _set_status(connection, viewer, need_id, OPEN, expected_version)


def changeable_need(
    connection: Connection, viewer: Viewer, need_id: str, expected_version: str | None = None
) -> SeenNeed:
    """Return a need that the viewer may change; raises as `change_need`."""
    require(viewer, CHANGE_NEED)
    need = need_of(connection, viewer, need_id)
    if not need.may_change:
        raise ForbiddenError("Only the need's manager and the chief change it.")
    if expected_version not in (None, need.version):
        raise StaleVersionError(
            "Another user changed the need since you read it. Read it again, then change it."
        )
    return need


def _set_status(
    connection: Connection, viewer: Viewer, need_id: str, status: str, version: str | None
) -> SeenNeed:
    need = changeable_need(connection, viewer, need_id, version)
    if need.status == status:
        return need
    _write(connection, viewer, need_id, _Change({"status": status}))
    audit.record(connection, viewer, "close" if status == CLOSED else "reopen", NEED, need_id)
    return need_of(connection, viewer, need_id)


def _own_values(viewer: Viewer, values: NeedValues) -> NeedValues:
    """Return the values without a portal's empty manager: it neither names one nor takes one away."""
    if viewer.role != PORTAL:
        return values
    if values.get("manager"):
        raise InputError(
            "the office says who looks after a need. Leave it out.", of_field="manager"
        )
    return {name: value for name, value in values.items() if name != "manager"}


def _check_text(values: NeedValues, title: str, text: str, max_chars: int) -> None:
    if {"title", "text"} & values.keys() or not text:
        said = str(values.get("text", text) or ""), str(values.get("title", title) or "")
        check_need(Need(text=said[0], title=said[1]), max_chars=max_chars)


def _with_company(connection: Connection, viewer: Viewer, values: NeedValues) -> NeedValues:
    """Return the values with a company that the viewer may name; a portal's only one is its default."""
    given = str(values.get("organisation_id") or "")
    if viewer.role == PORTAL:
        if COMPANY in values:
            raise InputError(
                "name it by organisation_id, one of your companies.", of_field="company"
            )
        if not given and len(viewer.companies) == 1:
            given = next(iter(viewer.companies))
        if given not in viewer.companies:
            raise InputError("not one of your companies.", of_field="organisation_id")
    elif values.get(COMPANY) and given:
        raise InputError(
            "given together with organisation_id; one of them is enough.", of_field="company"
        )
    if not given:
        return values
    if not sees_organisation(connection, viewer, given):
        raise InputError(
            "the catalogue has no organisation of that id.", of_field="organisation_id"
        )
    return {**{n: v for n, v in values.items() if n != COMPANY}, "organisation_id": given}


def _check_manager(connection: Connection, viewer: Viewer, values: NeedValues) -> None:
    manager = values.get("manager")
    if not manager or manager == viewer.viewer_id:
        return
    if not (names_manager(viewer) and can_manage(connection, str(manager))):
        raise InputError("not the login of a user of the office.", of_field="manager")


def _check_seen_after(viewer: Viewer, facts: NeedFacts, values: NeedValues) -> None:
    """Raise InputError where the viewer would lose the need: only a user who sees it gives it away."""
    given = {name: str(value or "") for name, value in values.items()}
    after = replace(
        facts,
        area=given.get("area", facts.area),
        confidentiality=given.get("confidentiality", facts.confidentiality),
        manager=given.get("manager", facts.manager),
        organisation_id=given.get("organisation_id", facts.organisation_id),
    )
    if not sees_need(viewer, after):
        field = next((n for n in ("manager", "organisation_id") if n in given), "area")
        raise InputError(
            "you could not see the need any more. Ask the chief manager to change it.",
            of_field=field,
        )


def _write(connection: Connection, viewer: Viewer, need_id: str, change: _Change) -> None:
    drafts: list[Draft] = []
    values: NeedValues = {name: v for name, v in change.values.items() if v not in (None, "")}
    if change.company:
        with without_row_security(connection):
            named, organisation = named_company(connection, viewer, need_id, change.company)
        drafts += named
        values["organisation_id"] = organisation
    cleared = frozenset(change.values.keys() - values.keys())
    drafts.append(Draft(NEEDS, {"need_id": need_id, **values}, cleared=cleared))
    writer = BatchWriter(connection, DraftBatch(SOURCE, RANK), datetime.now(UTC))
    with without_row_security(connection):
        outcomes = writer.write(drafts)
    for outcome in outcomes:
        if outcome.change == REFUSED:
            refused = outcome.rejections[0]
            raise InputError(
                "%(field)s: %(reason)s.",
                field=word(FIELD, refused.field),
                reason=refused.message,
            )
