"""What people are known for as a whole: their fields of research, and whether they fit competitive work.

Computed once for an index version, of public seeds alone: what is confidential must not change the
order that others see.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from enmusubi.errors import InputError
from enmusubi.messages import listed
from matcher.areas import competitive_fit
from matcher.centring import Means, centred_as_shipped
from matcher.domains.classifier import Domains
from matcher.domains.taxonomy import load_taxonomy
from matcher.encoder.encoder import PASSAGE
from matcher.snapshot import Snapshot

RECENT_YEARS = 5
KNOWN_FOR_SHARE = 0.2  # a field that makes up a fifth of a researcher's work
CHUNK = 20_000  # passages whose fields are computed at a time
FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class PeopleRecords:
    """By researcher row: probabilities of fields, shape (n, n_fields), and fit, shape (n,) in [0, 1].

    `fields` is the mean over the public seeds' passages, zeros for those without.
    """

    fields: FloatArray
    competitive: FloatArray

    @cached_property
    def known_for(self) -> NDArray[np.bool_]:
        """Which fields each person is known for, shape (n, n_fields)."""
        return np.asarray(self.fields >= KNOWN_FOR_SHARE)

    def known_fields(self, row: int) -> list[str]:
        """Return the ids of the fields that a person is known for, the weightiest first."""
        weighty = np.argsort(-self.fields[row], kind="stable")
        ids, known = load_taxonomy().ids, self.known_for[row]
        return [ids[column] for column in weighty if known[column]]

    def known_for_any(self, field_ids: Sequence[str]) -> NDArray[np.bool_] | None:
        """Return who is known for one of the fields, None where none is named.

        Raises InputError for a field that the taxonomy does not have.
        """
        if not field_ids:
            return None
        ids = load_taxonomy().ids
        unknown = sorted(set(field_ids) - set(ids))
        if unknown:
            raise InputError(
                "Unknown field: %(names)s. Known are %(known)s.",
                names=listed(unknown),
                known=listed(ids),
            )
        columns = [ids.index(field_id) for field_id in field_ids]
        return np.asarray(self.known_for[:, columns].any(axis=1))


def describe_people(snapshot: Snapshot, domains: Domains, shipped: Means) -> PeopleRecords:
    """Return the records of all researchers of an index version."""
    return PeopleRecords(_fields(snapshot, domains, shipped), _competitive(snapshot))


def _fields(snapshot: Snapshot, domains: Domains, shipped: Means) -> FloatArray:
    seed_rows, owners = _public_pairs(snapshot)
    totals = np.zeros((len(snapshot.researchers), len(domains.ids)))
    if not domains.usable:
        return totals
    of_seeds = np.zeros((len(snapshot.seeds), len(domains.ids)))
    languages = snapshot.language_of_passage
    public = np.flatnonzero(snapshot.public_passages)
    for first in range(0, len(public), CHUNK):
        rows = public[first : first + CHUNK]
        vectors = centred_as_shipped(
            snapshot.dense.vectors(rows), list(languages[rows]), PASSAGE, snapshot.means, shipped
        )
        # in single precision: BLAS rounds a row otherwise by how many there are, far behind its digits
        likely = domains.probabilities(vectors).astype(np.float32)
        np.add.at(of_seeds, snapshot.seed_of_passage[rows], likely)
    np.add.at(totals, owners, of_seeds[seed_rows])
    sums = totals.sum(axis=1, keepdims=True)
    return np.where(sums > 0, totals / np.where(sums > 0, sums, 1), 0.0)


def _competitive(snapshot: Snapshot) -> FloatArray:
    seed_rows, owners = _public_pairs(snapshot)
    count = len(snapshot.researchers)
    patents = snapshot.seed_kinds.among(("patent",)).astype(np.float64)
    industry = snapshot.industry_seeds.astype(np.float64)
    last = snapshot.researchers.numbers("industry_last_year").astype(np.float64)
    recent = (snapshot.newest_year - last <= RECENT_YEARS).astype(np.float64)  # False for NaN
    return competitive_fit(
        np.bincount(owners, weights=patents[seed_rows], minlength=count),
        industry,
        recent,
        np.zeros(count),
        snapshot.seed_counts,
    )


def _public_pairs(snapshot: Snapshot) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    seed_rows, owners = snapshot.authorship_rows
    public = snapshot.public_seeds[seed_rows]
    return seed_rows[public], owners[public]
