"""Deciding on a veil, and taking it back: by the need's manager and the chief.

What is kept must not say what it keeps secret: a text that does is refused. Every step goes into the audit
trail, by ids and counts alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, insert, update

from catalogue.database.veil_models import ACCEPTED, DECLINED
from catalogue.database.viewer import Viewer
from enmusubi.errors import ConflictError, ForbiddenError, InputError, StaleVersionError
from enmusubi.language import clean_text
from enmusubi.messages import FIELD, N_, listed, word
from matcher.queries import check_need
from matcher.records import Need
from matcher.veiling.cues import COMPANY, KINDS
from matcher.veiling.marking import OWN_NAME
from office.access import audit
from office.access.rules import VEIL, require
from office.needs.reading import SeenNeed, need_of
from office.veil.kept import (
    FIELDS,
    MARKS,
    VEILS,
    KeptMark,
    Veil,
    marks_of,
    need_hash,
    secrets_of,
    standing_veils,
)
from office.veil.names import names_of_company
from office.veil.ndas import with_nda
from office.veil.secrets import has_nda, leaked

NEED = "need"  # the kind of the audit trail's object
MOST_MARKS, MAX_SAID_CHARS, MAX_LINE_CHARS = 200, 300, 1_000
NO_VEIL = N_("This need has no veil.")
SHOWN_FIELDS = (*FIELDS, "company")


@dataclass(frozen=True)
class DecidedMark:
    """A mark as it was decided on: what is said, of which kind, whether it is secret, what stands instead."""

    said: str = field(repr=False)
    kind: str
    is_secret: bool
    instead: str = field(default="", repr=False)
    identifies: int = 0


@dataclass(frozen=True)
class VeilDraft:
    """A veil as it was confirmed: the need's fields in words that may be shown, and the marks.

    `version` is that of the need that it was made of.
    """

    title: str = field(repr=False)
    text: str = field(repr=False)
    constraints: str = field(repr=False)
    horizon: str = field(repr=False)
    company: str = field(repr=False)
    marks: Sequence[DecidedMark] = field(repr=False)
    version: str = ""


@dataclass(frozen=True)
class StandingVeil:
    """A need's veil with what was decided on.

    `is_stale` where the need has changed since, `is_lifted` where an NDA holds today.
    """

    veil: Veil
    marks: tuple[KeptMark, ...]
    is_stale: bool
    is_lifted: bool = False


def veil_of(connection: Connection, viewer: Viewer, need: SeenNeed) -> StandingVeil | None:
    """Return the veil of a need, None without one; raises ForbiddenError."""
    require(viewer, VEIL)
    veil = standing_veils(connection, [need.need_id]).get(need.need_id)
    if veil is None:
        return None
    lifted = with_nda(connection, [need.need_id], date.today())
    marks = marks_of(connection, veil.veil_id)
    return StandingVeil(veil, marks, is_stale(veil, need), is_lifted=bool(lifted))


def veil_before_nda(
    connection: Connection, viewer: Viewer, need: SeenNeed, researcher_id: str
) -> StandingVeil | None:
    """Return the veil that holds towards a researcher, None without one or with an NDA."""
    found = veil_of(connection, viewer, need)
    if found is None or found.is_lifted:
        return None
    return None if has_nda(connection, need.need_id, researcher_id) else found


def is_stale(veil: Veil, need: SeenNeed) -> bool:
    """Return whether the need has changed since its veil was decided on."""
    return veil.need_hash != hash_of(need)


def hash_of(need: SeenNeed) -> str:
    """Return the hash of what a veil of the need is made of."""
    return need_hash({name: getattr(need, name) for name in SHOWN_FIELDS})


def check_may_veil(viewer: Viewer, need: SeenNeed) -> None:
    """Raise ForbiddenError unless the viewer may decide on the need's veil."""
    require(viewer, VEIL)
    if not need.may_change:
        raise ForbiddenError("Only the need's manager and the chief decide on its veil.")


def decide_veil(
    connection: Connection, viewer: Viewer, need_id: str, draft: VeilDraft, *, max_chars: int
) -> StandingVeil:
    """Keep a veil in place of the one before.

    Raises ForbiddenError, UnknownIdError, StaleVersionError where the need changed meanwhile, and InputError
    for a text that says a secret, or cannot be matched.
    """
    require(viewer, VEIL)
    need = need_of(connection, viewer, need_id)
    check_may_veil(viewer, need)
    if draft.version and draft.version != need.version:
        raise StaleVersionError(
            "Another user changed the need since you read it. Look at its marks again."
        )
    fields = _checked_fields(need, draft, max_chars)
    marks = _checked_marks(connection, need, draft)
    _check_silent(fields, [mark.said for mark in marks if mark.is_secret])
    before = standing_veils(connection, [need_id]).get(need_id)
    if before:
        _revoke(connection, viewer, need_id)
    row: dict[str, Any] = {
        **fields, "need_id": need_id, "need_hash": hash_of(need),
        "decided_by": viewer.viewer_id, "decided_at": datetime.now(UTC), "revoked_by": "",
    }  # fmt: skip
    key = connection.execute(insert(VEILS).values(**row)).inserted_primary_key
    veil_id = int(key[0]) if key else 0
    _keep_marks(connection, need_id, veil_id, marks)
    secret = sum(mark.is_secret for mark in marks)
    audit.record(connection, viewer, "veil", NEED, need_id, veil=veil_id, secret=secret)
    kept = veil_of(connection, viewer, need)
    if kept is None:
        raise ConflictError(NO_VEIL)
    return kept


def revoke_veil(connection: Connection, viewer: Viewer, need_id: str) -> None:
    """Take a need's veil back: people outside its circle are shown the need as it is.

    Raises ForbiddenError, UnknownIdError, and ConflictError where there is none.
    """
    _standing(connection, viewer, need_id)
    _revoke(connection, viewer, need_id)
    audit.record(connection, viewer, "unveil", NEED, need_id)


def letters_that_tell(
    connection: Connection, veil: Veil, letters: Mapping[int, str]
) -> tuple[int, ...]:
    """Return the numbers of those letters that say what the veil keeps secret."""
    secrets = secrets_of(connection, veil)
    return tuple(number for number, text in letters.items() if leaked([text], secrets))


def _standing(connection: Connection, viewer: Viewer, need_id: str) -> Veil:
    require(viewer, VEIL)
    check_may_veil(viewer, need_of(connection, viewer, need_id))
    veil = standing_veils(connection, [need_id]).get(need_id)
    if veil is None:
        raise ConflictError(NO_VEIL)
    return veil


def _revoke(connection: Connection, viewer: Viewer, need_id: str) -> None:
    standing = (VEILS.c.need_id == need_id) & VEILS.c.revoked_at.is_(None)
    gone = {"revoked_by": viewer.viewer_id, "revoked_at": datetime.now(UTC)}
    connection.execute(update(VEILS).where(standing).values(**gone))


def _checked_fields(need: SeenNeed, draft: VeilDraft, max_chars: int) -> dict[str, str]:
    fields = {name: clean_text(getattr(draft, name)).strip() for name in SHOWN_FIELDS}
    for name in ("title", "horizon", "company"):
        fields[name] = " ".join(fields[name].split())
        if len(fields[name]) > MAX_LINE_CHARS:
            raise InputError("longer than %(most)s characters", of_field=name, most=MAX_LINE_CHARS)
    if len(fields["constraints"]) > max_chars:
        raise InputError("longer than %(most)s characters", of_field="constraints", most=max_chars)
    check_need(Need(fields["text"], title=fields["title"]), max_chars=max_chars)
    return fields


def _checked_marks(connection: Connection, need: SeenNeed, draft: VeilDraft) -> list[DecidedMark]:
    """Return the marks, and the company's own names where something else stands for them."""
    if len(draft.marks) > MOST_MARKS:
        raise InputError(
            "%(count)s marks, at most %(most)s are kept.", count=len(draft.marks), most=MOST_MARKS
        )
    marks: dict[str, DecidedMark] = {}
    for mark in draft.marks:
        said = clean_text(mark.said).strip()
        if not said or len(said) > MAX_SAID_CHARS or mark.kind not in KINDS:
            raise InputError(
                "A mark has a text of 1 to %(most)s characters and one of the kinds %(kinds)s.",
                of_field="marks",
                most=MAX_SAID_CHARS,
                kinds=", ".join(KINDS),
            )
        marks[said] = mark
    own = names_of_company(connection, need.organisation_id, need.company)
    if draft.company.strip() not in own:
        for name in own:
            marks.setdefault(name, DecidedMark(name, COMPANY, is_secret=True, identifies=OWN_NAME))
    return list(marks.values())


def _check_silent(fields: Mapping[str, str], secrets: Sequence[str]) -> None:
    """Raise InputError where a field says a secret; the message names the fields, never the word."""
    telling = [name for name, text in fields.items() if leaked([text], secrets)]
    if telling:
        raise InputError(
            "still says what is marked secret, in: %(fields)s. Word it anew, or decline the mark.",
            of_field="text",
            fields=listed([word(FIELD, name) for name in telling]),
        )


def _keep_marks(
    connection: Connection, need_id: str, veil_id: int, marks: Sequence[DecidedMark]
) -> None:
    rows = [
        {
            "veil_id": veil_id,
            "need_id": need_id,
            "kind": mark.kind,
            "said": clean_text(mark.said).strip(),
            "identifies": max(0, min(100, mark.identifies)),
            "decision": ACCEPTED if mark.is_secret else DECLINED,
            "instead": clean_text(mark.instead).strip()[:MAX_SAID_CHARS],
        }
        for mark in marks
    ]
    if rows:
        connection.execute(insert(MARKS), rows)
