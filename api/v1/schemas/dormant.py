"""News of dormant needs, as the API shows them."""

from datetime import datetime

from pydantic import BaseModel, Field

from api.v1.schemas.people import ResearcherOut
from office.outbound.dormant import DormantNews


class DormantSeedOut(BaseModel):
    """A new or changed seed by which somebody was found."""

    seed_id: str
    kind: str
    title: str
    year: int | None


class DormantPersonOut(BaseModel):
    """Somebody whom new or changed seeds made likely."""

    researcher: ResearcherOut
    probability: float = Field(description="In the need's own list, when the seeds were found.")
    seeds: list[DormantSeedOut]


class DormantNeedOut(BaseModel):
    """A closed need that nobody was judged to suit, and who was found for it since."""

    need_id: str
    title: str
    company: str
    manager: str = Field(description="User id of who looks after the need.")
    found_at: datetime
    people: list[DormantPersonOut] = Field(description="The likeliest first.")

    @classmethod
    def of(cls, news: DormantNews) -> "DormantNeedOut":
        """Return news as the API tells them."""
        people = [
            DormantPersonOut(
                researcher=ResearcherOut.of(card),
                probability=chance,
                seeds=[
                    DormantSeedOut(
                        seed_id=one.seed_id, kind=one.kind, title=one.title, year=one.year
                    )
                    for one in seeds
                ],
            )
            for card, chance, seeds in news.people
        ]
        return cls(
            need_id=news.need_id,
            title=news.title,
            company=news.company,
            manager=news.manager,
            found_at=news.found_at,
            people=people,
        )


class DormantNeedsOut(BaseModel):
    """Dormant needs with news, the newest news first."""

    needs: list[DormantNeedOut]
