"""A service for tests: a small recommender that behaves, a real catalogue, the real application.

The recommender ranks by shared words, keeps the filters' promises and raises what the real one
does; versions can be published, broken and mended while it serves.
"""

import re
import threading
from collections import Counter
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from math import log
from pathlib import Path
from typing import Any, Self

from fastapi import FastAPI, Request
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlalchemy import select

from api.app import create_app
from catalogue.database.service_models import AuditEntry
from catalogue.database.viewer import LOCAL_VIEWER, Viewer
from catalogue.records.catalogue import Catalogue
from enmusubi.errors import IndexMissingError, InputError, UnknownIdError
from enmusubi.language import detect_language
from enmusubi.mail_settings import MailSettings
from enmusubi.service_settings import JobSettings, ServerSettings, SignInSettings, WebhookSettings
from enmusubi.settings import Settings
from matcher.answer import Answer, Choice, LikelyField, Understood
from matcher.areas import infer_area
from matcher.queries import check_need
from matcher.records import (
    PUBLIC,
    SEED_KINDS,
    AnsweredPart,
    Contribution,
    Evidence,
    Filters,
    Match,
    MatchList,
    Need,
    NeedPart,
    Objection,
    ResearcherCard,
)
from office.live_recommender import LiveRecommender, NeedMatcher

KNOWN_FOR = {"R-01": "food-science", "R-02": "chemical-engineering"}
FIELD_CODES = {"R-01": ("ipc:C08L 1/02", "kaken:30010"), "R-02": ("ipc:B65D",)}
HOSTILE_TITLE = "<script>document.title='taken'</script> & films"
ALL = Filters()
LAST_PART = NeedPart("It must be cheap.", 0, 17)  # which nobody answers
FIRST_PART = 12  # characters that stand for the need's first sentence
WEAK_BELOW = 0.1
MANY = 1_000_000  # searches at once: tests are faster than people
_WORD = re.compile(r"[a-z]+|[\u3041-\u9fff]")

MORI = ResearcherCard(
    "R-01", "森 花", "Hana Mori", "星ヶ野大学", "Hoshigano University",
    "材料工学科", "Materials Engineering", "教授", "Professor",
    industry_seeds=2, industry_last_year=2021, industry_partners="青波化学; Aonami <Foods>",
)  # fmt: skip
LINDQVIST = ResearcherCard("R-02", name_en="Ada Lindqvist", department_en="Packaging Science")
FILM_TEXT = "酸素を通しにくい薄い膜を作った。水蒸気にも強い。再利用もしやすい。"
SEEDS = {
    "R-01": Evidence(
        "S-01", "paper", "ja", "食品包装の薄い膜", 2019, "https://example.org/s1",
        "水蒸気にも強い。", "text", 16, FILM_TEXT, 0.71, representative=True,
    ),
    "R-02": Evidence(
        "S-02", "patent", "en", HOSTILE_TITLE, 2012, "javascript:alert(1)",
        "The film <b>blocks</b> oxygen.", "text", 0,
        "The film <b>blocks</b> oxygen. It is thin food packaging.", 0.42,
    ),
}  # fmt: skip


class SmallRecommender:
    """Ranks two researchers by the words that a need shares with their evidence."""

    model = "words@0123456789abcdef"

    def __init__(self, index_version: str = "v000001") -> None:
        self.index_version = index_version
        self.people = (MORI, LINDQVIST)
        self.prepared_together: list[int] = []

    def prepared(self, needs: Sequence[Need]) -> Self:
        self.prepared_together.append(len(needs))
        return self

    def people_by_field(self) -> dict[str, int]:
        return dict(Counter(KNOWN_FOR.values()))

    def known_for(self, researcher_id: str) -> list[str]:
        if researcher_id not in {person.researcher_id for person in self.people}:
            raise UnknownIdError(researcher_id)
        return ["food-science"]

    def match(self, need: Need, *, top: int = 10, filters: Filters = ALL) -> MatchList:
        check_need(need, max_chars=50_000)
        people = [person for person in self.people if _passes(person, filters)]
        scored = [(_nearness(need.text, SEEDS[p.researcher_id]), p) for p in people]
        best = sorted((s for s in scored if s[0] > 0), key=lambda s: (-s[0], s[1].researcher_id))
        first = NeedPart(need.text[:FIRST_PART], 0, min(FIRST_PART, len(need.text)))
        matches = tuple(
            _match(rank, person, score, first)
            for rank, (score, person) in enumerate(best[:top], start=1)
        )
        return MatchList(
            need.need_id,
            detect_language(need.text),
            matches,
            len(people),
            self.index_version,
            self.model,
            fits_nobody=all(match.strength == "weak" for match in matches),
            reranker="linear@fedcba9876543210",
            cuts=(("strong", 0.8), ("good", WEAK_BELOW), ("possible", WEAK_BELOW)),
        )

    def answer(self, need: Need, *, top: int = 10, filters: Filters = ALL) -> Answer:
        matches = self.match(need, top=top, filters=filters)
        area = infer_area(need.text, matches.language, need.area)
        understood = Understood(matches.language, area, (LikelyField("food-science", 0.61),))
        everybody = self.match(need, top=10, filters=Filters(visibilities=filters.visibilities))
        found = len(self.match(need, top=100, filters=filters).matches)
        return Answer(matches, understood, _facets(everybody), found)


def _facets(matches: MatchList) -> dict[str, tuple[Choice, ...]]:
    kinds = Counter(match.evidence[0].kind for match in matches.matches)
    homes = Counter(match.researcher.institution_ja for match in matches.matches)
    return {
        "institution": tuple(Choice(name, n, name) for name, n in homes.items() if name),
        "kind": tuple(Choice(kind, n) for kind, n in kinds.items()),
        "since": (Choice("2017", 1),),
    }


def _match(rank: int, person: ResearcherCard, nearness: float, part: NeedPart) -> Match:
    seed = SEEDS[person.researcher_id]
    strength = "good" if nearness >= WEAK_BELOW else "weak"
    return Match(
        rank,
        person,
        log(nearness / (1 - nearness)) if nearness < 1 else 20.0,
        (replace(seed, answers=part),),
        probability=nearness,
        strength=strength,
        against=(Objection("old", 2012.0), Objection("part_unmet", 0.25, part)),
        contributions=(
            Contribution("dense_best", 0.5, 2.0),
            Contribution("age_of_last", 9.0, -1.0),
            Contribution("base", None, -0.5),
        ),
        parts=(AnsweredPart(part, seed.seed_id, seed.sentence), AnsweredPart(LAST_PART)),
    )


def _nearness(text: str, seed: Evidence) -> float:
    found = set(_WORD.findall(f"{seed.title} {seed.passage}".lower()))
    asked = set(_WORD.findall(text.lower()))
    return len(asked & found) / max(len(asked), 1)


def _passes(person: ResearcherCard, filters: Filters) -> bool:
    unknown = sorted(set(filters.kinds) - set(SEED_KINDS))
    if unknown:
        raise InputError(f"The kind {unknown[0]!r} is unknown; known are {', '.join(SEED_KINDS)}.")
    seed = SEEDS[person.researcher_id]
    assert tuple(filters.visibilities) == (PUBLIC,)
    codes = [part for code in FIELD_CODES[person.researcher_id] for part in (code, code[4:])]
    return (
        _named(filters.institutions, person.institution_ja, person.institution_en)
        and _named(filters.departments, person.department_ja, person.department_en)
        and _named(filters.positions, person.position_ja, person.position_en)
        and (not filters.kinds or seed.kind in filters.kinds)
        and (not filters.domains or KNOWN_FOR[person.researcher_id] in filters.domains)
        and (not filters.languages or seed.language in filters.languages)
        and (not filters.fields or any(c.startswith(tuple(filters.fields)) for c in codes))
        and (filters.since is None or (seed.year or 0) >= filters.since)
        and (filters.until is None or (seed.year or 9999) <= filters.until)
    )


def _named(wanted: Sequence[str], *names: str) -> bool:
    return not wanted or any(w.lower() in name.lower() for w in wanted for name in names)


@dataclass
class Shelf:
    """What is published: a recommender, or the error that loading it raises."""

    published: SmallRecommender | None = field(default_factory=SmallRecommender)
    fault: Exception | None = None
    name: str | None = "v000001"
    opened: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def publish(self, name: str, *, fault: Exception | None = None) -> None:
        """Make this the version that serves; `fault` is what loading it raises."""
        self.published, self.fault, self.name = SmallRecommender(name), fault, name

    def open(self, present: NeedMatcher | None) -> NeedMatcher:
        """Load what is published."""
        with self.lock:
            self.opened += 1
        if self.fault is not None:
            raise self.fault
        if self.published is None:
            raise IndexMissingError("There is no index yet. Run `enmusubi index`.")
        return self.published

    def live(self, *, check_every_s: float = 0.0) -> LiveRecommender:
        """Return what the application asks."""
        return LiveRecommender(self.open, lambda: self.name, check_every_s=check_every_s)


def failing(error: Exception) -> Shelf:
    """Return a shelf whose recommender answers every need with this error."""

    class Failing(SmallRecommender):
        def match(self, need: Need, *, top: int = 10, filters: Filters = ALL) -> MatchList:
            raise copy(error)

    return Shelf(published=Failing())


def service(
    catalogue: Catalogue,
    folder: Path,
    shelf: Shelf | None = None,
    *,
    webhooks: WebhookSettings | None = None,
    jobs: JobSettings | None = None,
    sign_in: SignInSettings | None = None,
    mail: MailSettings | None = None,
    **server: int,
) -> FastAPI:
    """Return the application around a shelf and a catalogue.

    Every caller is this computer's own user there, unless `sign_in` asks for the real authenticator.
    """
    settings = Settings(
        data_dir=folder,
        cache_dir=folder / "cache",
        server=ServerSettings(**{"search_burst": MANY, **server}),
        webhooks=webhooks or WebhookSettings(),
        jobs=jobs or JobSettings(),
        sign_in=sign_in or SignInSettings(public_url="http://testserver" if mail else ""),
        mail=mail or MailSettings(),
    )
    app = create_app((shelf or Shelf()).live(), catalogue, settings)
    if sign_in is None:
        as_viewer(app, LOCAL_VIEWER)
    return app


@dataclass(frozen=True)
class Known:
    """An authenticator that takes every caller for one viewer."""

    known: Viewer

    async def viewer(self, request: Request) -> Viewer:
        return self.known


def as_viewer(app: FastAPI, viewer: Viewer) -> None:
    """Let every request from now on come from this viewer."""
    app.state.authenticator = Known(viewer)


@dataclass
class Office:
    """The application with its catalogue, and who asks it."""

    app: FastAPI
    client: TestClient
    catalogue: Catalogue

    def ask(self, viewer: Viewer, method: str, path: str, **options: Any) -> Response:
        as_viewer(self.app, viewer)
        return self.client.request(method, path, **options)

    def get(self, viewer: Viewer, path: str, **options: Any) -> Response:
        return self.ask(viewer, "GET", path, **options)

    def post(self, viewer: Viewer, path: str, **options: Any) -> Response:
        return self.ask(viewer, "POST", path, **options)

    def need(self, viewer: Viewer, need_id: str) -> tuple[dict[str, Any], str]:
        """Return a need and its ETag."""
        response = self.get(viewer, f"/v1/needs/{need_id}")
        assert response.status_code == 200, response.text
        return response.json(), response.headers["etag"]

    def trail(self) -> list[tuple[str, str, str, str]]:
        """Return actor, action, kind and id of the audit trail's entries."""
        entry = AuditEntry
        columns = (entry.actor, entry.action, entry.object_kind, entry.object_id)
        with self.catalogue.reading() as connection:
            rows = connection.execute(select(*columns).order_by(entry.entry_id)).all()
        return [(row[0], row[1], row[2], row[3]) for row in rows]
