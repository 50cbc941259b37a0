"""Measures an encoder on made-up people that it was not trained on: does a need find its person's work?

    measure_made_up.py [--first 1759] [--step 1] [--most 600]

By vectors alone, centred as an index centres them: every need of the people from line `first` of
training/needs_and_seeds.jsonl.gz on, against all their seeds of one language. Prints the mean reciprocal
rank of the person's own seed with its 95 % bootstrap interval, and how often it is among the first five.
The encoder is that of the settings: ENMUSUBI_ENCODER__ADAPTER=DIR for another adapter, `none` for none.
"""

import argparse
from collections.abc import Sequence

import numpy as np
from made_up_pairs import read_people  # of this folder
from numpy.typing import NDArray

from enmusubi.settings import load_settings
from matcher.centring import centre, known_means
from matcher.encoder.encoder import PASSAGE, QUERY, Encoder
from office.configured import configured_encoder

LANGUAGES = ("ja", "en")
FIRST = 1759  # what stands before was trained on, or may be
DRAWS = 2_000
Text = tuple[str, str]  # its title, empty without one, and itself


def main() -> None:
    """Print a line for each language of needs and of seeds."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--first", type=int, default=FIRST)
    parser.add_argument("--step", type=int, default=1)
    parser.add_argument("--most", type=int, default=600)
    asked = parser.parse_args()
    people = read_people()[asked.first :: asked.step][: asked.most]
    encoder = configured_encoder(load_settings(), is_alone=True)
    seeds = {}
    for language in LANGUAGES:
        kept = [one[f"seed_{language}"] for one in people]
        texts = [(seed["title"], seed["text"]) for seed in kept]
        seeds[language] = _vectors(encoder, texts, PASSAGE, language)
    print(f"{len(people)} people, mean reciprocal rank of their own seed among all of a language:")
    for language in LANGUAGES:
        texts = [("", one[f"need_{language}"]) for one in people]
        needs = _vectors(encoder, texts, QUERY, language)
        for other in LANGUAGES:
            print(f"{language} → {other}: {_told(needs @ seeds[other].T)}", flush=True)


def _vectors(
    encoder: Encoder, texts: Sequence[Text], role: str, language: str
) -> NDArray[np.float32]:
    """Return the centred unit vectors of the texts' first passages, shape (n, dimension)."""
    passages = [encoder.split(title, text)[0] for title, text in texts]
    encoded = encoder.encode(passages, role=role)
    vectors = np.array([one.vector for one in encoded], dtype=np.float32)
    return centre(vectors, [language] * len(texts), role, known_means(encoder))


def _told(likeness: NDArray[np.float32]) -> str:
    """Return the figures of a square of cosines: needs down, seeds across, one's own on the diagonal."""
    ranks = 1 + (likeness > np.diag(likeness)[:, None]).sum(axis=1)
    gains, rng = 1 / ranks, np.random.default_rng(1)
    means = [gains[rng.integers(0, len(gains), len(gains))].mean() for _ in range(DRAWS)]
    low, high = np.percentile(means, (2.5, 97.5))
    first = float(np.mean(ranks <= 5))
    return f"{gains.mean():.3f} ({low:.3f} to {high:.3f}), among the first five {first:.2f}"


if __name__ == "__main__":
    main()
