"""A name on a seed that several researchers bear: a person of its own, until a user says who it is."""

import hashlib
import json
from collections.abc import Iterable

from sqlalchemy import Connection, func, select

from catalogue.database.models import QUEUED
from catalogue.database.record_models import IdentityLink, ImportRun
from catalogue.identity.identity import Proposal
from catalogue.identity.name_spellings import columns_of, spellings
from catalogue.records.drafts import RESEARCHERS, Draft, Merge
from catalogue.records.lookups import NAMESAKE, name_in

CERTAINTY = 0.4
REASONS = ("namesakes",)
_DIGITS = 16


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
