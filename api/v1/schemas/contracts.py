"""Templates of contracts, and what was made of them for a case, as the API shows and takes them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from api.dependencies import MAX_NUMBER
from office.contracts.made import KeptContract
from office.contracts.templates import KeptContractTemplate

ContractKind = Literal["nda", "joint_research", "licence"]
ContractLanguage = Literal["ja", "en"]


class ContractTemplateOut(BaseModel):
    """A template of the office's that was not taken out."""

    template_id: int
    kind: ContractKind
    language: ContractLanguage
    name: str
    sha256: str
    fields: list[str] = Field(description="The fields that it uses.", examples=[["company"]])
    uploaded_by: str
    uploaded_at: datetime

    @classmethod
    def of(cls, kept: KeptContractTemplate) -> "ContractTemplateOut":
        """Return it as it is shown."""
        return cls.model_validate({**vars(kept), "fields": list(kept.fields)})


class ContractTemplatesOut(BaseModel):
    """The templates by kind, language and name."""

    templates: list[ContractTemplateOut]


class ContractIn(BaseModel):
    """Which template is filled for the case."""

    model_config = ConfigDict(extra="forbid")

    template_id: int = Field(ge=1, le=MAX_NUMBER, strict=True, examples=[1])


class ContractOut(BaseModel):
    """A version of a contract that was made for a case; `link` gives its Word file."""

    contract_id: int
    case_id: int
    kind: ContractKind
    version: int
    template_id: int
    template: str
    language: ContractLanguage
    made_by: str
    made_at: datetime
    empty: list[str] = Field(description="Fields of the template that the case had no value for.")
    link: str = Field(examples=["/v1/cases/3/contracts/1/file"])

    @classmethod
    def of(cls, kept: KeptContract, case_id: int, empty: Sequence[str]) -> "ContractOut":
        """Return it as it is shown."""
        names = (
            "contract_id", "kind", "version", "template_id", "template", "language", "made_by",
            "made_at",
        )  # fmt: skip
        link = f"/v1/cases/{case_id}/contracts/{kept.contract_id}/file"
        said = {name: getattr(kept, name) for name in names}
        return cls(**said, case_id=case_id, empty=list(empty), link=link)


class ContractsOut(BaseModel):
    """What was made for a case, the newest first."""

    contracts: list[ContractOut]
