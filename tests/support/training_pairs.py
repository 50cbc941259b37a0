"""Draws pairs from a source of training pairs, each with a random state of its own."""

from random import Random

from training.encoder.batches import PairSource, TrainingPair


def drawn(source: PairSource, row: int, times: int = 200) -> list[TrainingPair]:
    """Return what the source gives for a row at the random states from 0 on."""
    return [source.pair(row, Random(n)) for n in range(times)]
