"""Makes queries of needs: centred for one index version, with their field and their area."""

import numpy as np

from matcher.areas import infer_area
from matcher.centring import centre, shipped_means
from matcher.domains.classifier import Domains
from matcher.encoder.encoder import QUERY, Encoder
from matcher.features.records import PeopleRecords, describe_people
from matcher.needs import EncodedNeed
from matcher.records import COMPETITIVE, Need
from matcher.retrieval import NeedQuery
from matcher.snapshot import Snapshot


class QueryMaker:
    """What needs are compared with: an index version's means, and the encoder's fields."""

    def __init__(self, snapshot: Snapshot, encoder: Encoder) -> None:
        self._means = snapshot.means
        self._shipped = encoder.language_means or shipped_means(encoder.checksum)
        self._domains = Domains.load(encoder.checksum)
        self.records: PeopleRecords = describe_people(snapshot, self._domains, self._shipped)

    def make(self, need: Need, encoded: EncodedNeed) -> NeedQuery:
        """Return the query of a need and its encoding."""
        language = encoded.language
        languages = [language] * len(encoded.sentences)
        guess = infer_area(encoded.text, language, need.area)
        return NeedQuery(
            need_id=encoded.need_id,
            text=encoded.text,
            language=language,
            vector=centre(encoded.vector[None, :], [language], QUERY, self._means)[0],
            sentences=centre(encoded.sentences, languages, QUERY, self._means),
            places=encoded.places,
            fields=self._fields(encoded),
            competitive=guess.probability if guess.area == COMPETITIVE else 0.0,
        )

    def _fields(self, encoded: EncodedNeed) -> np.ndarray:
        """Return the need's fields by probability; empty where none of them is sure enough."""
        vector = centre(encoded.vector[None, :], [encoded.language], QUERY, self._shipped)
        probabilities = self._domains.probabilities(vector)
        sure = self._domains.usable and self._domains.choose(probabilities)[0] is not None
        return probabilities[0] if sure else np.zeros(0)
