"""What the routes answer from, in one parcel; made where the application is put together."""

from dataclasses import dataclass

from enmusubi.api.encoder_gate import EncoderGate
from enmusubi.api.live import LiveRecommender
from enmusubi.api.observing.metrics import Metrics
from enmusubi.matcher.catalogue.catalogue import Catalogue
from enmusubi.matcher.settings import Settings


@dataclass(frozen=True)
class Services:
    """The recommender that serves, the catalogue, the settings, the queue for the encoder, the metrics."""

    live: LiveRecommender
    catalogue: Catalogue
    settings: Settings
    gate: EncoderGate
    metrics: Metrics
