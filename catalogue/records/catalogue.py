"""The catalogue as the rest of the service sees it: drafts go in, records and a corpus come out."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine, func, select

from catalogue.database import schema
from catalogue.database.engine import compact, open_engine, reading, writing
from catalogue.database.judgement_models import ShownList, StoredJudgement
from catalogue.database.models import (
    NEED_STATUSES,
    OPEN,
    Authorship,
    Organisation,
    Researcher,
    Seed,
    StoredNeed,
    Withdrawable,
)
from catalogue.records.corpus import (
    industry_records,
    read_corpus,
    select_researchers,
    stream_corpus,
)
from catalogue.records.drafts import Draft, Outcome
from catalogue.records.writer import BatchWriter, DraftBatch
from enmusubi.errors import CatalogueVersionError, InputError, UnknownIdError
from enmusubi.messages import listed
from matcher.corpus_stream import CorpusStream
from matcher.records import PUBLIC, Need, ResearcherCard
from matcher.tables import Corpus, researcher_card

_COUNTED = {
    "organisations": Organisation,
    "researchers": Researcher,
    "seeds": Seed,
    "authorships": Authorship,
    "needs": StoredNeed,
    "shown_lists": ShownList,
    "judgements": StoredJudgement,
}


def open_catalogue(url: str) -> "Catalogue":
    """Return the catalogue at a database URL, created or brought to the newest schema if need be.

    Raises SettingsError for a bad URL, StorageError for a folder that cannot be written,
    CatalogueVersionError for a database of a newer version, CatalogueUnusableError otherwise.
    """
    engine = open_engine(url)
    try:
        schema.upgrade(engine)
    except BaseException:
        engine.dispose()
        raise
    return Catalogue(engine)


class Catalogue:
    """Organisations, researchers, seeds and needs in one database; safe to share among threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __enter__(self) -> "Catalogue":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections; the catalogue cannot be used afterwards."""
        self._engine.dispose()

    def write(self, drafts: Sequence[Draft], *, source: str, rank: int = 0) -> list[Outcome]:
        """Take the drafts in one transaction and in their order; returns an outcome for each.

        A row that a draft does not change keeps its source and time; see
        `catalogue.records.survivorship` for whose values win.
        """
        with self.writing() as connection:
            return BatchWriter(connection, DraftBatch(source, rank), datetime.now(UTC)).write(
                drafts
            )

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection that alone may write; all of it is kept, or nothing."""
        with writing(self._engine) as connection:
            self._check_schema(connection)
            yield connection

    def _check_schema(self, connection: Connection) -> None:
        """Raise CatalogueVersionError where another version of the program changed the schema meanwhile."""
        found = schema.written_revision(connection)
        if found != schema.newest_revision():
            raise CatalogueVersionError(
                "Another version of the program changed the catalogue's schema to %(found)r while this one "
                "was running; it knows %(newest)r and writes nothing. Restart it with the new version.",
                found=found,
                newest=schema.newest_revision(),
            )

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that sees one state of the catalogue."""
        with reading(self._engine) as connection:
            yield connection

    def vacuum(self) -> None:
        """Write the database anew, so that no page and no log holds what was deleted."""
        compact(self._engine)

    def needs(self, status: str = OPEN) -> list[Need]:
        """Return the needs of that status (`open` or `closed`), by id."""
        if status not in NEED_STATUSES:
            raise InputError(
                "No need has status %(status)r: expected %(known)s.",
                status=status,
                known=listed(NEED_STATUSES, " or "),
            )
        with reading(self._engine) as connection:
            rows = connection.execute(
                _needs().where(StoredNeed.status == status, StoredNeed.withdrawn_at.is_(None))
            ).mappings()
            return sorted((_need(row) for row in rows), key=lambda need: need.need_id)

    def need(self, need_id: str) -> Need:
        """Return one need, open or closed; raises UnknownIdError."""
        with reading(self._engine) as connection:
            query = _needs().where(StoredNeed.need_id == need_id)
            row = connection.execute(query).mappings().first()
        if row is None:
            raise UnknownIdError(
                "No need has the id %(id)r. Import it with `enmusubi import general "
                "FILE`, or give the need's text itself.",
                id=need_id,
            )
        return _need(row)

    def researcher(self, researcher_id: str) -> ResearcherCard:
        """Return one researcher; raises UnknownIdError."""
        query = select_researchers().where(Researcher.researcher_id == researcher_id)
        with reading(self._engine) as connection:
            row = connection.execute(query).mappings().first()
            worked = industry_records(connection, [researcher_id]).get(researcher_id, {})
        if row is None:
            raise UnknownIdError(
                "No researcher has the id %(id)r. Match lists show the ids; new "
                "researchers are imported with `enmusubi import`.",
                id=researcher_id,
            )
        return researcher_card(row, worked)

    def counts(self) -> dict[str, int]:
        """Return how many of each there are: rows that no source withdrew, all judgements ever made."""
        with reading(self._engine) as connection:
            return {
                name: connection.execute(_count(m)).scalar_one() for name, m in _COUNTED.items()
            }

    def read_corpus(self, visibilities: Sequence[str] = (PUBLIC,)) -> Corpus:
        """Return everything that may be matched: see `catalogue.records.corpus`."""
        with reading(self._engine) as connection:
            return read_corpus(connection, visibilities)

    @contextmanager
    def stream_corpus(self, visibilities: Sequence[str] = (PUBLIC,)) -> Iterator[CorpusStream]:
        """Give the same a batch at a time, in one state for as long as it is open."""
        with reading(self._engine) as connection:
            yield stream_corpus(connection, visibilities)


def _count(model: Any) -> Any:
    query = select(func.count()).select_from(model)
    return query.where(model.withdrawn_at.is_(None)) if issubclass(model, Withdrawable) else query


def _needs() -> Any:
    company = func.coalesce(func.nullif(Organisation.name_ja, ""), Organisation.name_en, "")
    return select(StoredNeed.__table__, company.label("company")).outerjoin(
        Organisation, Organisation.organisation_id == StoredNeed.organisation_id
    )


def _need(row: Any) -> Need:
    return Need(
        text=row["text"],
        need_id=row["need_id"],
        title=row["title"],
        company=row["company"],
        area=row["area"],
        status=row["status"],
        posted_on=row["posted_on"].isoformat() if row["posted_on"] else "",
    )
