"""What a veil keeps secret, looked for in whatever goes out: refused before it is kept, left out at the door.

A letter is checked when it is written; one that was written before a veil was decided on goes out, and is
shown by its link, without the words that are secret now.
"""

import re
from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, select

from catalogue.database.judgement_models import REACHED
from catalogue.database.viewer import OF_COMPANIES
from catalogue.identity.links import rows_of
from matcher.veiling.cues import holds, occurrences
from office.needs.verdicts import JUDGEMENT
from office.veil.kept import holding_veils, secrets_of

LEFT_OUT = "■■"
WITH_NDA = frozenset(REACHED[REACHED.index("nda") :])


def secrets_before_nda(
    connection: Connection, need_id: str, researcher_id: str = ""
) -> tuple[str, ...]:
    """Return what must not be told of a need, to this researcher: nothing once an NDA was reached.

    An NDA lifts the veil for everybody, or, by a judgement with that stage, for one person.
    """
    veil = holding_veils(connection, [need_id]).get(need_id)
    if veil is None or (researcher_id and has_nda(connection, need_id, researcher_id)):
        return ()
    return secrets_of(connection, veil)


def has_nda(connection: Connection, need_id: str, researcher_id: str) -> bool:
    """Return whether a need and a person came to an NDA or further, by the judgement that stands."""
    query = select(JUDGEMENT.c.researcher_id).where(
        JUDGEMENT.c.need_id == need_id,
        JUDGEMENT.c.stage.in_(sorted(WITH_NDA)),
        JUDGEMENT.c.withdrawn_at.is_(None),
        *(
            ~JUDGEMENT.c.judged_by.startswith(one) for one in OF_COMPANIES
        ),  # the office alone says so
    )
    reached = set(connection.execute(query).scalars())
    present = {one: one for one in reached} | rows_of(connection, sorted(reached))
    return researcher_id in reached | set(present.values())


def leaked(texts: Iterable[str], secrets: Sequence[str]) -> tuple[str, ...]:
    """Return the secrets that texts say, whatever their width, case and blanks."""
    said = "\n".join(texts)
    return tuple(secret for secret in secrets if holds(said, secret))


def without_secrets(text: str, secrets: Sequence[str]) -> str:
    """Return a text in which what is secret is left out; where it stands folded, its whole line."""
    for secret in secrets:
        for start, end in sorted(occurrences(text, secret), reverse=True):
            text = text[:start] + LEFT_OUT + text[end:]
    if not leaked([text], secrets):
        return text
    lines = re.split(r"(?<=\n)", text)
    kept = [LEFT_OUT + "\n" if leaked([line], secrets) else line for line in lines]
    return LEFT_OUT if leaked(["".join(kept)], secrets) else "".join(kept)
