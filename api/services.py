"""What the routes answer from, in one parcel; made where the application is put together."""

from dataclasses import dataclass, field

from api.encoder_gate import EncoderGate
from api.live import LiveRecommender
from api.middleware.form_deduplication import FormDeduplicator
from api.observability.metrics import Metrics
from catalogue.records.catalogue import Catalogue
from enmusubi.settings import Settings


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
    repeats: FormDeduplicator = field(default_factory=FormDeduplicator)
