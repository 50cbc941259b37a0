"""The pre-screen of a need with the encoder that serves, or by words alone where none does."""

import threading

from matcher.domains.taxonomy import load_taxonomy
from matcher.queries import is_matchable
from matcher.records import Need
from matcher.retrieval import NeedQuery
from matcher.sharding.sharded_recommender import AnyRecommender
from office.encoder_gate import EncoderGate
from office.live_recommender import LiveRecommender, NeedMatcher
from office.needs.reading import SeenNeed
from office.screening.export_control import (
    ExampleVectors,
    ExportControlFinding,
    ScreenedText,
    export_control_findings,
)
from office.screening.export_control_examples import encode_examples
from office.screening.export_control_rules import need_findings, pre_screened_text
from office.screening.export_control_topics import ExportControlTopics

LIKELY_FIELD = 0.1  # from which probability on a field counts as the need's


class PreScreen:
    """Looks at needs in the encoder's queue; the examples are encoded once for an encoder."""

    def __init__(
        self, live: LiveRecommender, gate: EncoderGate, max_chars: int, known: ExportControlTopics
    ) -> None:
        self.known = known
        self._live = live
        self._gate = gate
        self._max_chars = max_chars
        self._examples: tuple[str, ExampleVectors] | None = None
        self._lock = threading.Lock()

    def findings(self, need: SeenNeed) -> tuple[ExportControlFinding, ...]:
        """Return what a need touches; blocks while others are answered. Words alone while none serves."""
        asked = Need(text=pre_screened_text(need), need_id=need.need_id)
        serving = self._live.serving
        if not isinstance(serving, AnyRecommender) or not is_matchable(
            asked, max_chars=self._max_chars
        ):
            return need_findings(need, self.known)
        return self._gate.ask_behind(self._live, asked, lambda served: self._found(served, asked))

    def _found(self, served: NeedMatcher, asked: Need) -> tuple[ExportControlFinding, ...]:
        if not isinstance(served, AnyRecommender):
            return export_control_findings([ScreenedText(asked.text)], topics=self.known)
        text = screened_query(served.query(asked))
        examples = self._examples_of(served)
        return export_control_findings([text], topics=self.known, examples=examples)

    def _examples_of(self, served: AnyRecommender) -> ExampleVectors:
        with self._lock:
            if self._examples is None or self._examples[0] != served.encoder.checksum:
                made = encode_examples(self.known, served.encoder)
                self._examples = (served.encoder.checksum, made)
            return self._examples[1]


def screened_query(query: NeedQuery) -> ScreenedText:
    """Return what is looked at of a need that was encoded."""
    ids = load_taxonomy().ids
    likely = tuple(ids[row] for row, p in enumerate(query.fields) if p >= LIKELY_FIELD)
    return ScreenedText(query.text, places=query.places, vectors=query.sentences, fields=likely)
