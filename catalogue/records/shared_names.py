"""A name on a seed that several researchers bear: a person of its own, until a user says who it is."""

import hashlib
import json
from collections.abc import Iterable

from sqlalchemy import Connection, func, select

from catalogue.database.models import QUEUED
from catalogue.database.record_models import IdentityLink, ImportRun
from catalogue.identity.character_folding import is_japanese
from catalogue.identity.identity import Proposal
from catalogue.identity.name_spellings import columns_of, spellings
from catalogue.records.drafts import RESEARCHERS, Draft, Merge
from catalogue.records.lookups import NAME_REFERENCE, NAMESAKE, Lookups, name_in

CERTAINTY = 0.4
MAX_IN_DOUBT = 10  # people of one name: of more it proves nothing
REASONS = ("namesakes",)
_DIGITS = 16


def candidates(lookups: Lookups, reference: str, *, others_known: bool) -> set[str]:
    """Return the researchers of whom it is to be asked whether a seed names them: none if it is clear.

    They share their name, or they are of the name and the seed's author works at a place that is unknown
    here. Names in Latin letters are shared too often to be asked about where the seed has somebody else who
    is known.
    """
    if not reference.startswith(NAME_REFERENCE):
        return set()
    named = lookups.people_named(reference)
    if named:
        return named if len(named) > 1 else set()
    if others_known and not is_japanese(name_in(reference)):
        return set()
    doubtful = lookups.people_in_doubt(reference)
    return doubtful if len(doubtful) <= MAX_IN_DOUBT else set()


def namesake(seed_id: str, reference: str) -> Draft:
    """Return the person whom a seed names; the same name on another seed may be somebody else."""
    digest = hashlib.sha256(f"{seed_id}\n{reference}".encode()).hexdigest()[:_DIGITS]
    name = name_in(reference)
    columns, _ = columns_of(spellings(name))
    if not {"name_ja", "name_en"} & columns.keys():
        columns["name_ja"] = columns.pop("name_kana", name)
    return Draft(RESEARCHERS, {"researcher_id": f"{NAMESAKE}{digest}", **columns}, Merge.FILL)


def count_asked(connection: Connection, run_id: int) -> int:
    """Return how many of these questions wait that came up since an import began."""
    link = IdentityLink.__table__.c
    since = select(ImportRun.started_at).where(ImportRun.run_id == run_id).scalar_subquery()
    query = select(func.count()).where(
        link.state == QUEUED, link.reasons == json.dumps(REASONS), link.decided_at >= since
    )
    return int(connection.execute(query).scalar_one())


def questions(own_id: str, candidates: Iterable[str]) -> list[Proposal]:
    """Return whether the person is each of the candidates, to be asked."""
    return [
        Proposal(RESEARCHERS, own_id, other, QUEUED, REASONS, CERTAINTY)
        for other in sorted(candidates)
    ]
