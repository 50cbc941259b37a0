"""The routes that put a case up for decision, and decide its gate."""

from typing import Annotated

from fastapi import Form, Request, Response
from pydantic import BaseModel, Field

from api.dependencies import CurrentViewer, Number, Services
from api.pages.case import ONE, Typed, shown
from api.pages.cases import PATH
from api.pages.rendering import see_other
from api.routing import LazyRouter
from enmusubi.errors import ConflictError, InputError
from office.access.rules import WORK_ON_CASES, require
from office.access.scoped import writing_as
from office.cases.deciding import GateChoice, decide_gate, submit

Version = Annotated[int, Form(ge=0)]


class GateForm(BaseModel):
    """What the form of a gate sends; `answer` are `criterion=met` and the like, one each."""

    decision: str = Field("", max_length=20)
    reason: str = Field("", max_length=6_000)
    reason_code: str = Field("", max_length=40)
    to_stage: str = Field("", max_length=40)
    version: int = Field(0, ge=0)


def build_router(services: Services) -> LazyRouter:
    """Return the routes."""
    router = LazyRouter(include_in_schema=False)

    @router.post(f"{ONE}/submit")
    def put_up(viewer: CurrentViewer, case_id: Number, version: Version = 0) -> Response:
        with writing_as(services.catalogue, viewer) as connection:
            submit(connection, viewer, case_id, services.settings, expected_version=version)
        return see_other(f"{PATH}/{case_id}", "gate-submitted")

    @router.post(f"{ONE}/gate")
    def decide(
        request: Request,
        viewer: CurrentViewer,
        case_id: Number,
        form: Annotated[GateForm, Form()],
        answer: Annotated[list[str] | None, Form(max_length=40)] = None,
    ) -> Response:
        require(viewer, WORK_ON_CASES)
        pairs = (one.partition("=") for one in answer or ())
        answers = {name: found for name, _, found in pairs}
        leads = form.decision in {"go", "recycle"}
        choice = GateChoice(
            form.decision, answers, form.reason, form.reason_code, form.to_stage if leads else ""
        )
        try:
            decide_gate(
                services.catalogue, viewer, case_id, choice, services.settings,
                expected_version=form.version,
            )  # fmt: skip
        except (InputError, ConflictError) as error:
            typed = Typed("gate", {**form.model_dump(), "answers": answers}, error)
            return shown(request, viewer, services, case_id, typed=typed)
        return see_other(f"{PATH}/{case_id}", "decided")

    return router
