"""What the routes answer from, in one parcel; made where the application is put together."""

from dataclasses import dataclass, field

from enmusubi.api.encoder_gate import EncoderGate
from enmusubi.api.live import LiveRecommender
from enmusubi.api.observing.metrics import Metrics
from enmusubi.api.repeats import Repeats
from enmusubi.matcher.catalogue.catalogue import Catalogue
from enmusubi.matcher.settings import Settings


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
    repeats: Repeats = field(default_factory=Repeats)
