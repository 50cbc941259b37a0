"""Who works on a topic: by seeds that have its words in title or abstract, in the viewer's scope.

Titles are asked of the catalogue, so that a seed is found before it is indexed, and abstracts of the index
that serves. What the index finds is asked of the catalogue once more, where the rules act.
"""

import re
from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import Connection, select
from sqlalchemy.orm import aliased

from catalogue.database.models import WITHDRAWN, Authorship, Seed
from catalogue.database.viewer import Viewer
from catalogue.records.source_records import chunks
from office.access.rules import visible_seeds
from office.live_recommender import NeedMatcher
from office.matching import visible_filters

MAX_ON_TOPIC = 5_000  # seeds
BETWEEN_WORDS = re.compile(r"[\s・,，、;；=＝]+")


def topic_words(topic: str) -> tuple[str, ...]:
    """Return the words of a topic, each of which must be found."""
    return tuple(word for word in BETWEEN_WORDS.split(topic) if word)


def indexed_seeds(
    serving: NeedMatcher | None, viewer: Viewer, indexed: Sequence[str], topic: str
) -> frozenset[str]:
    """Return the seeds that the serving index finds for a topic; none while it is being loaded.

    `indexed` are the visibilities of the index, of which the viewer's are searched.
    """
    words = topic_words(topic)
    if serving is None or not words:
        return frozenset()
    return frozenset(serving.seeds_about(words, visible_filters(viewer, indexed)))


def seeds_on(
    connection: Connection, viewer: Viewer, words: Iterable[str], indexed: Collection[str] = ()
) -> dict[str, tuple[str, ...]]:
    """Return each person's seeds on a topic that the viewer sees: first by title, then the newest.

    On it are those with all the words in the title, and those that the index found.
    """
    titles = (Seed.title.icontains(word, autoescape=True) for word in words)
    seen = (Seed.withdrawn_at.is_(None), visible_seeds(viewer))
    named = connection.execute(
        select(Seed.seed_id).where(*seen, *titles).order_by(Seed.seed_id).limit(MAX_ON_TOPIC)
    )
    titled = [str(row.seed_id) for row in named]
    ids = dict.fromkeys([*titled, *sorted(indexed)])
    by_title = frozenset(titled)
    pairs: list[tuple[bool, int, str, str]] = []
    link = aliased(Authorship)  # the rule of who sees a seed asks the table itself
    for chunk in chunks(list(ids)[:MAX_ON_TOPIC]):
        query = (
            select(link.researcher_id, Seed.seed_id, Seed.year)
            .join(Seed, Seed.seed_id == link.seed_id)
            .where(Seed.seed_id.in_(chunk), link.choice != WITHDRAWN, *seen)
        )
        pairs += [
            (
                row.seed_id not in by_title,
                -(row.year or 0),
                str(row.seed_id),
                str(row.researcher_id),
            )
            for row in connection.execute(query)
        ]
    found: dict[str, list[str]] = {}
    for _, _, seed_id, person in sorted(pairs):
        found.setdefault(person, []).append(seed_id)
    return {person: tuple(seed_ids) for person, seed_ids in found.items()}
