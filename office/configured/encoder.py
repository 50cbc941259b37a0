"""Loads the encoder that the settings name: the one place where settings meet models."""

from enmusubi.settings import Settings
from matcher.encoder.encoder import Encoder, load_encoder


def configured_encoder(settings: Settings) -> Encoder:
    """Return the encoder of the settings; raises ModelUnavailableError when it cannot be had."""
    chosen = settings.encoder
    return load_encoder(
        chosen.model, settings.cache_dir, precision=chosen.precision, adapter=chosen.adapter
    )
