"""The routes of consortia: needs of several companies that ask for the same thing, for the office."""

from pydantic import BaseModel, Field

from api.dependencies import CurrentViewer, NeedId, Services, problems
from api.middleware.rate_limits import SEARCHES
from api.v1.json_bodies import Router
from api.v1.schemas.people import ResearcherOut
from office.consortia import Consortium, ServingPerson


class ConsortiumOut(BaseModel):
    """Needs of several companies that ask for the same thing."""

    consortium_id: str = Field(description="The id of one of its needs.", examples=["N-01"])
    companies: int = Field(description="How many companies it has.", examples=[3])
    likeness: float = Field(description="Mean cosine of two of its needs.", examples=[0.52])
    words: list[str] = Field(
        description="Technical words of two companies or more, which may be told to each."
    )
    need_ids: list[str] = Field(description="Its needs, the newest first.", examples=[["N-01"]])

    @classmethod
    def of(cls, group: Consortium) -> "ConsortiumOut":
        """Return a group as the API tells it."""
        return cls(
            consortium_id=group.key,
            companies=group.companies,
            likeness=group.likeness,
            words=list(group.words),
            need_ids=[need.need_id for need in group.needs],
        )


class ConsortiaOut(BaseModel):
    """The groups, those of the most companies first."""

    items: list[ConsortiumOut]
    compared: int = Field(description="How many needs were compared.")
    is_cut: bool = Field(description="Whether older needs were left out.")


class ServingPersonOut(BaseModel):
    """A researcher who could serve needs of the group."""

    researcher: ResearcherOut
    serves: int = Field(description="For how many of the needs they are possible or better.")
    probabilities: list[float | None] = Field(
        description="To be suitable for each need of `matched_need_ids`; null where not found."
    )

    @classmethod
    def of(cls, person: ServingPerson) -> "ServingPersonOut":
        """Return a person as the API tells them."""
        return cls(
            researcher=ResearcherOut.of(person.researcher),
            serves=person.serves,
            probabilities=list(person.chances),
        )


class CompanyMeetingOut(BaseModel):
    """Two companies of the group that compete, or belong to one group of companies. For the office alone."""

    organisation_ids: list[str]
    relation: str = Field(description="competitor, or group.", examples=["competitor"])
    field_id: str = Field(description="The field in which they compete; empty: in all.")


class ConsortiumDetailOut(ConsortiumOut):
    """A group and who could serve it, the best first."""

    matched_need_ids: list[str]
    researchers: list[ServingPersonOut]
    meetings: list[CompanyMeetingOut] = Field(description="Where competitors meet.")


def build_router(services: Services) -> Router:
    """Return the routes."""
    router = Router(tags=["consortia"], dependencies=SEARCHES)

    @router.get("/v1/consortia", operation_id="listConsortia", responses=problems(503))
    async def list_consortia(viewer: CurrentViewer) -> ConsortiaOut:
        """List groups of open non-competitive needs of several companies that ask for the same thing.

        Needs that are competitive or confidential are in none of them. Portals are refused.
        """
        found = await services.consortia.find(viewer)
        groups = [ConsortiumOut.of(group) for group in found.groups]
        return ConsortiaOut(items=groups, compared=found.compared, is_cut=found.is_cut)

    @router.get(
        "/v1/consortia/{need_id:need}", operation_id="readConsortium", responses=problems(404, 503)
    )
    async def read(viewer: CurrentViewer, need_id: NeedId) -> ConsortiumDetailOut:
        """Return the group that a need is in, and the researchers who suit the most of its needs."""
        group = await services.consortia.find_one(viewer, need_id)
        served = await services.consortia.serve(viewer, group)
        meetings = await services.consortia.meetings(viewer, group)
        return ConsortiumDetailOut(
            **ConsortiumOut.of(group).model_dump(),
            matched_need_ids=[need.need_id for need in served.matched],
            researchers=[ServingPersonOut.of(person) for person in served.people],
            meetings=[
                CompanyMeetingOut.model_validate(one, from_attributes=True) for one in meetings
            ],
        )

    return router
