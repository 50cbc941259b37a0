"""Schemas of neutrality: attention and first contacts by departments, origins of managers and companies."""

from datetime import date

from pydantic import BaseModel, ConfigDict, Field

from office.screening.past_employers import PastEmployment
from office.statistics.exposure import DepartmentExposure, Exposure, PersonExposure
from office.statistics.origins import OriginShare

INTERVAL = (
    "95 % interval, lowest and highest; null for fewer than ten needs with something to count."
)
INDUSTRY = "Code of an industry (docs/screening.md)"


class DepartmentExposureOut(BaseModel):
    """What a department's people got, in shares from 0 to 1."""

    name_ja: str
    name_en: str
    people: int = Field(description="Researchers whom lists put forward.")
    attention: float = Field(description="Share of attention that lists gave.")
    merit: float = Field(description="Share of the chances to be suitable.")
    attention_per_merit: float | None = Field(description="Null where no list has its people.")
    attention_per_merit_interval: tuple[float, float] | None = Field(description=INTERVAL)
    first_contacts: int
    first_contact_share: float | None = Field(description="Null while there are none.")
    first_contact_interval: tuple[float, float] | None = Field(description=INTERVAL)
    quarters: list[float | None] = Field(
        description="Attention per merit in each quarter of the last year, the oldest first."
    )

    @classmethod
    def of(cls, one: DepartmentExposure) -> "DepartmentExposureOut":
        """Return a department as the API tells it."""
        return cls(
            name_ja=one.name_ja,
            name_en=one.name_en,
            people=one.people,
            attention=one.attention,
            merit=one.merit,
            attention_per_merit=one.ratio,
            attention_per_merit_interval=one.interval,
            first_contacts=one.contacts,
            first_contact_share=one.contact_share,
            first_contact_interval=one.contact_interval,
            quarters=list(one.quarters),
        )


class PersonExposureOut(BaseModel):
    """Somebody whom lists put forward more or less than their chances say, beyond chance."""

    researcher_id: str
    name_ja: str
    name_en: str
    needs: int = Field(description="In whose lists they stand.")
    attention_per_merit: float
    attention_per_merit_interval: tuple[float, float]

    @classmethod
    def of(cls, one: PersonExposure) -> "PersonExposureOut":
        """Return a person as the API tells them."""
        return cls(
            researcher_id=one.card.researcher_id,
            name_ja=one.card.name_ja,
            name_en=one.card.name_en,
            needs=one.needs,
            attention_per_merit=one.ratio,
            attention_per_merit_interval=one.interval,
        )


class OriginOut(BaseModel):
    """What the needs and cases of managers who worked in an industry led to, in shares from 0 to 1."""

    industry: str = Field(
        description=f"{INDUSTRY}; empty: not entered; none: no former employer is entered.",
        examples=["chemicals"],
    )
    managers: int
    needs: int = Field(description="Needs, and cases without one, that these managers look after.")
    need_share: float
    first_contacts: int
    first_contact_share: float | None = Field(description="Null while there are none.")
    first_contact_interval: tuple[float, float] | None = Field(description=INTERVAL)
    contacts_per_need: float | None = Field(description="Against the whole office; 1 is as all.")
    contacts_per_need_interval: tuple[float, float] | None = Field(description=INTERVAL)
    own_needs: int = Field(description="Needs of a company they came from, or of its group.")
    own_first_contacts: int = Field(description="First contacts of these needs.")

    @classmethod
    def of(cls, one: OriginShare) -> "OriginOut":
        """Return an industry as the API tells it."""
        return cls(
            industry=one.industry,
            managers=one.managers,
            needs=one.needs,
            need_share=one.need_share,
            first_contacts=one.contacts,
            first_contact_share=one.contact_share,
            first_contact_interval=one.interval,
            contacts_per_need=one.ratio,
            contacts_per_need_interval=one.ratio_interval,
            own_needs=one.own_needs,
            own_first_contacts=one.own_contacts,
        )


class CompanyContactsOut(BaseModel):
    """A company's needs, and for how many somebody was contacted."""

    model_config = ConfigDict(from_attributes=True)

    name_ja: str
    name_en: str
    needs: int
    contacted: int
    first_chance: float | None = Field(description="Mean probability of the first candidate.")


class FormerEmployerOut(BaseModel):
    """A company that a user of the office worked for before."""

    model_config = ConfigDict(from_attributes=True)

    user_id: str
    organisation: str
    organisation_key: str = Field(description="Names the company when its industry is set.")
    until: date | None
    industry: str = Field(description=f"{INDUSTRY}; empty: not entered.", examples=["chemicals"])


class NeutralityOut(BaseModel):
    """Whom lists of the last year put forward and whom the office first talked to."""

    lists: int
    needs: int
    departments: list[DepartmentExposureOut] = Field(description="Most merit first.")
    people: list[PersonExposureOut] = Field(description="The most uneven first.")
    origins: list[OriginOut] = Field(description="Former industries of managers.")
    companies: list[CompanyContactsOut] = Field(description="Most needs first.")
    former_employers: list[FormerEmployerOut]

    @classmethod
    def of(cls, found: Exposure, employments: tuple[PastEmployment, ...]) -> "NeutralityOut":
        """Return what the API tells."""
        return cls(
            lists=found.lists,
            needs=found.needs,
            departments=[DepartmentExposureOut.of(one) for one in found.departments],
            people=[PersonExposureOut.of(one) for one in found.people],
            origins=[OriginOut.of(one) for one in found.origins],
            companies=[CompanyContactsOut.model_validate(one) for one in found.companies],
            former_employers=[FormerEmployerOut.model_validate(one) for one in employments],
        )


class IndustryIn(BaseModel):
    """In which industry a former employer of a user is."""

    model_config = ConfigDict(extra="forbid")

    user_id: str = Field(max_length=300)
    organisation_key: str = Field(max_length=300)
    industry: str = Field(max_length=50, description=f"{INDUSTRY}; empty takes it away.")
