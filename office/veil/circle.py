"""Who is outside a need's circle, and what they are shown of it while its veil holds.

The office, and a machine of the need's company alone, are inside. Outside are analysts and viewers, and a
machine that serves several companies: a platform. Whoever is outside sees a need only where the rules of
access let them; the veil takes words away and lets nobody in.
"""

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from catalogue.database.models import StoredNeed
from catalogue.database.viewer import OFFICE_ROLES, OPERATOR, PORTAL, Viewer
from office.veil.kept import FIELDS, Veil, holding_veils


def is_outside(viewer: Viewer) -> bool:
    """Return whether the viewer is outside the circle of every need that they may see."""
    if viewer.kind == OPERATOR or viewer.role in OFFICE_ROLES:
        return False
    return viewer.role != PORTAL or len(viewer.companies) > 1


def names_nobody(viewer: Viewer) -> bool:
    """Return whether the company of a veiled need is hidden from the viewer: portals know whom they serve."""
    return is_outside(viewer) and viewer.role != PORTAL


def veils_towards(
    connection: Connection, viewer: Viewer, need_ids: Iterable[str]
) -> dict[str, Veil]:
    """Return the veils through which the viewer is shown needs: none for who is inside."""
    return holding_veils(connection, need_ids) if is_outside(viewer) else {}


def words_of(veil: Veil, viewer: Viewer) -> dict[str, Any]:
    """Return the fields of a need as the viewer is shown them through its veil."""
    shown: dict[str, Any] = {name: getattr(veil, name) for name in FIELDS}
    shown |= {"budget_jpy": None, "is_veiled": True}
    if names_nobody(viewer):
        shown |= {"company": veil.company, "organisation_id": ""}
    return shown


def version_of(veil: Veil, updated_at: datetime) -> str:
    """Return the version of a need in the words of its veil.

    Not the need's own: that is a hash of all its fields, by which a company or a budget could be guessed.
    """
    return hashlib.sha256(f"{veil.veil_id} {updated_at.isoformat()}".encode()).hexdigest()[:32]


def titles_as_shown(
    connection: Connection, viewer: Viewer, titles: dict[str, str]
) -> dict[str, str]:
    """Return titles by the need's id as the viewer is shown them."""
    if not titles or not is_outside(viewer):
        return titles
    veils = holding_veils(connection, titles)
    return {
        need_id: veils[need_id].title if need_id in veils else t for need_id, t in titles.items()
    }


def document_as_shown(connection: Connection, viewer: Viewer, need_id: str, content: str) -> str:
    """Return the document of a released list without what it quotes of a need that is veiled.

    `content` is what `given_lists.frozen_document` makes.
    """
    if not is_outside(viewer):
        return content
    veil = holding_veils(connection, [need_id]).get(need_id)
    if veil is None:
        return content
    document = json.loads(content)
    title = _title_of(connection, need_id)
    for said in {title, document.get("need_title", "")} - {""}:
        for name in ("heading", "notice"):
            document[name] = str(document.get(name) or "").replace(said, veil.title)
    document["need_title"] = veil.title
    for match in document.get("matches", ()):
        _unquote(match)
    return json.dumps(document, ensure_ascii=False)


def _title_of(connection: Connection, need_id: str) -> str:
    query = select(StoredNeed.title).where(StoredNeed.need_id == need_id)
    return str(connection.execute(query).scalar() or "")


def _unquote(match: dict[str, Any]) -> None:
    """Take away the parts of the need that a match of a frozen document quotes."""
    for evidence in match.get("evidence", ()):
        evidence["answers"] = None
    against: Iterable[dict[str, Any]] = match.get("against", ())
    match["against"] = [one for one in against if not one.get("part")]
