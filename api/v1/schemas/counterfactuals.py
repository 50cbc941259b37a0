"""What would change a person's place in a need's list, as the API shows it."""

from typing import Literal, Self

from pydantic import BaseModel, Field

from api.v1.schemas.matches import NeedPartOut
from api.v1.schemas.people import ResearcherOut
from matcher.records import Evidence
from office.counterfactuals import Change, Counterfactuals, Effect


class ListPlaceOut(BaseModel):
    """A place among the first hundred of a list; all null or empty for somebody who is not among them."""

    rank: int | None
    probability: float | None = Field(description="Calibrated probability of fitting.")
    strength: str = Field(
        description="The probability in a word: strong, good, possible or weak.", examples=["good"]
    )


class ChangedSeedOut(BaseModel):
    """A piece of research that is left out."""

    seed_id: str
    kind: str = Field(examples=["paper"])
    language: str = Field(examples=["en"])
    title: str
    year: int | None

    @classmethod
    def of(cls, seed: Evidence) -> Self:
        """Return the answer for a seed that carries a match."""
        return cls.model_validate(seed, from_attributes=True)


class ChangeOut(BaseModel):
    """One thing that was changed: the kind says which of the others is given."""

    kind: Literal["dropped", "added", "withdrawn", "recent"] = Field(
        description="dropped: a part of the need; added: a word besides its own; withdrawn: a seed of "
        "the person; recent: seeds since a year alone."
    )
    part: NeedPartOut | None
    term: str
    language: str = Field(description="Of the term.", examples=["ja"])
    seed: ChangedSeedOut | None
    since: int | None = Field(description="Earliest year.", examples=[2016])

    @classmethod
    def of(cls, change: Change) -> Self:
        """Return the answer for a change."""
        part = change.part and NeedPartOut.model_validate(change.part, from_attributes=True)
        seed = change.seed and ChangedSeedOut.of(change.seed)
        return cls.model_validate({**vars(change), "part": part, "seed": seed})


class EffectOut(BaseModel):
    """Changes that were made together, and the person's place in the list that was made with them."""

    changes: list[ChangeOut]
    place: ListPlaceOut
    gain: int = Field(
        description="Ranks won, negative for ranks lost; who is not among the first hundred counts as "
        "101st."
    )
    effect: Literal["in", "out", "up", "down", "same"] = Field(
        description="in and out: of the first ten."
    )

    @classmethod
    def of(cls, effect: Effect) -> Self:
        """Return the answer for an effect."""
        return cls(
            changes=[ChangeOut.of(change) for change in effect.changes],
            place=ListPlaceOut.model_validate(effect.place, from_attributes=True),
            gain=effect.gain,
            effect=effect.verdict,
        )


class CounterfactualsOut(BaseModel):
    """A person's place in a need's list, and what each change does to it."""

    need_id: str
    researcher: ResearcherOut
    before: ListPlaceOut = Field(description="The place in the list as it is now.")
    effects: list[EffectOut] = Field(description="One change each, the largest gain first.")
    together: EffectOut | None = Field(
        description="The fewest changes that bring the person into the first ten; null where one "
        "change does, where none do, and for somebody who is there."
    )

    @classmethod
    def of(cls, need_id: str, found: Counterfactuals) -> Self:
        """Return the answer for what was found."""
        return cls(
            need_id=need_id,
            researcher=ResearcherOut.of(found.researcher),
            before=ListPlaceOut.model_validate(found.before, from_attributes=True),
            effects=[EffectOut.of(effect) for effect in found.effects],
            together=found.together and EffectOut.of(found.together),
        )
