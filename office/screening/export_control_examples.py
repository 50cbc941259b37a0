"""The vectors that sentences are compared with: of the topics' examples, and of ordinary sentences.

They are encoded once for an encoder, each sentence alone, and centred with the means that ship with it, as
needs are; so an office's own topics have theirs, too.
"""

import numpy as np

from enmusubi.language import ENGLISH, JAPANESE
from matcher.centring import known_means
from matcher.encoder.encoder import Encoder, EncodingCache
from matcher.need_roles.classifier import alone
from office.screening.export_control import ExampleVectors
from office.screening.export_control_topics import ExportControlTopics


def encode_examples(
    topics: ExportControlTopics, encoder: Encoder, cache: EncodingCache | None = None
) -> ExampleVectors:
    """Return the examples' centred unit vectors; takes seconds where they are not in the cache.

    A topic without an example in a language has zeros there: no sentence is near it.
    """
    means = known_means(encoder)

    def encode(sentences: list[str], language: str) -> np.ndarray:
        said = [sentence for sentence in sentences if sentence.strip()]
        vectors = np.zeros((len(sentences), encoder.dimension), dtype=np.float32)
        if said:
            rows = [row for row, sentence in enumerate(sentences) if sentence.strip()]
            vectors[rows] = alone(said, language, encoder, means, cache)
        return vectors

    by_language = [
        encode([topic.examples[i] for topic in topics.topics], language)
        for i, language in enumerate((JAPANESE, ENGLISH))
    ]
    ordinary = [
        encode([pair[i] for pair in topics.contrast], language)
        for i, language in enumerate((JAPANESE, ENGLISH))
    ]
    return ExampleVectors(np.stack(by_language, axis=1), np.concatenate(ordinary))
