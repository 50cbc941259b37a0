"""What the routes answer from, in one parcel; made where the application is put together."""

from dataclasses import dataclass, field
from functools import cached_property

from api.middleware.form_deduplication import FormDeduplicator
from api.observability.metrics import Metrics
from catalogue.records.catalogue import Catalogue
from enmusubi.settings import Settings
from office.encoder_gate import EncoderGate
from office.live_recommender import LiveRecommender
from office.matching import ServedMatching


@dataclass(frozen=True)
class Services:
    """The recommender that serves, the catalogue, the settings, the queue for the encoder, the metrics.

    And the forms that were sent, lest they are sent twice.
    """

    live: LiveRecommender
    catalogue: Catalogue
    settings: Settings
    gate: EncoderGate
    metrics: Metrics
    form_deduplicator: FormDeduplicator = field(default_factory=FormDeduplicator)

    @cached_property
    def matching(self) -> ServedMatching:
        """Matching for viewers, in the queue for the encoder."""
        return ServedMatching(self.catalogue, self.settings, self.live, self.gate)
