"""A corpus that is read a batch at a time is the one that is read at once."""

import pandas as pd
import pytest

from catalogue.demonstration.loading import import_demonstration
from catalogue.records import corpus as corpus_module
from catalogue.records.catalogue import Catalogue


def test_all_batches_together_are_what_is_read_at_once(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_demonstration(catalogue)
    monkeypatch.setattr(corpus_module, "SEEDS_TOGETHER", 70)
    monkeypatch.setattr(corpus_module, "PEOPLE_TOGETHER", 7)
    whole = catalogue.read_corpus(("public", "internal"))

    with catalogue.stream_corpus(("public", "internal")) as stream:
        seeds, links = list(stream.seeds()), list(stream.authorships())
        people, state = stream.researchers(), stream.state()

    assert len(seeds) > 2
    assert pd.concat(seeds, ignore_index=True).equals(whole.seeds)
    assert pd.concat(links, ignore_index=True).equals(whole.authorships)
    assert people.equals(whole.researchers)
    assert state == whole.state
    assert list(whole.seeds["seed_id"]) == sorted(whole.seeds["seed_id"])
