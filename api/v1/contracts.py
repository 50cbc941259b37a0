"""The routes of contracts: the office's templates, and a case's, made of them in versions."""

from fastapi import Response

from api.dependencies import CurrentViewer, Number, Services, allowed, problems
from api.v1.idempotency import Creation, IdempotencyKey, create_once
from api.v1.json_bodies import Router
from api.v1.schemas.contracts import (
    ContractIn,
    ContractOut,
    ContractsOut,
    ContractTemplateOut,
    ContractTemplatesOut,
)
from office.access.access_log import note_reading_by_id
from office.access.rules import EXPORT, WORK_ON_CASES
from office.access.scoped import reading_as, writing_as
from office.cases.kept import case_of
from office.contracts.made import contract_made, contracts_made
from office.contracts.templates import empty_of, fill_template, templates_of
from office.estimates.exporting import DOCX, export_contract_again
from office.exports import today_of

ALL = "/v1/cases/{case_id}/contracts"
ONE = f"{ALL}/{{contract_id}}"


def build_router(services: Services) -> Router:
    """Return the routes of contracts."""
    router = Router(tags=["cases"], dependencies=allowed(WORK_ON_CASES))
    _add_reading(router, services)
    _add_making(router, services)
    return router


def _add_reading(router: Router, services: Services) -> None:
    catalogue = services.catalogue

    @router.get(
        "/v1/contract-templates", operation_id="listContractTemplates", responses=problems()
    )
    def templates(viewer: CurrentViewer) -> ContractTemplatesOut:
        """Return the office's templates of contracts; they are uploaded and withdrawn on the page."""
        with reading_as(catalogue, viewer) as connection:
            found = templates_of(connection, viewer)
        return ContractTemplatesOut(templates=[ContractTemplateOut.of(one) for one in found])

    @router.get(ALL, operation_id="listCaseContracts", responses=problems(404))
    def listed(viewer: CurrentViewer, case_id: Number) -> ContractsOut:
        """Return the contracts that were made for a case, all versions, the newest first."""
        with reading_as(catalogue, viewer) as connection:
            case = case_of(connection, viewer, case_id)
            found = contracts_made(connection, viewer, case)
            empty = empty_of(connection, found)
        note_reading_by_id(catalogue, viewer, case.need_id, "case")
        shown = [ContractOut.of(one, case_id, empty[one.contract_id]) for one in found]
        return ContractsOut(contracts=shown)

    @router.get(
        f"{ONE}/file",
        operation_id="readCaseContractFile",
        response_class=Response,
        responses={
            **problems(404),
            200: {
                "description": "The contract as a Word file.",
                "content": {DOCX: {"schema": {"type": "string", "format": "binary"}}},
            },
        },
        dependencies=allowed(EXPORT),
    )
    def file(viewer: CurrentViewer, case_id: Number, contract_id: Number) -> Response:
        """Return a contract that was made for a case, as its fields said it on that day."""
        made = export_contract_again(catalogue, viewer, case_id, contract_id)
        headers = {"Content-Disposition": f'attachment; filename="{made.name}"'}
        return Response(made.content, media_type=made.media_type, headers=headers)


def _add_making(router: Router, services: Services) -> None:
    catalogue, settings = services.catalogue, services.settings

    @router.post(
        ALL,
        operation_id="makeCaseContract",
        status_code=201,
        response_model=ContractOut,
        responses={
            **problems(404, 409, 413),
            200: {"description": "The newest of its kind says the same: no new version."},
        },
    )
    def make(
        viewer: CurrentViewer, case_id: Number, request: ContractIn, key: IdempotencyKey = None
    ) -> Response:
        """Fill a template for a case, with what its fields say today; it is kept as the next version."""

        def made() -> Creation:
            filled = fill_template(
                connection, viewer, case_id, request.template_id, settings, today_of("ja")
            )
            out = ContractOut.of(filled.kept, case_id, filled.empty)
            return Creation(out, {"Location": out.link}, status=201 if filled.is_new else 200)

        with writing_as(catalogue, viewer) as connection:
            need_id = case_of(connection, viewer, case_id).need_id
            still = lambda asked, body: contract_made(  # noqa: E731
                asked, viewer, case_of(asked, viewer, case_id), body["contract_id"]
            )
            answer = create_once(
                connection, viewer, key, (f"{ALL} {case_id}", request), made, still=still
            )
        note_reading_by_id(catalogue, viewer, need_id, "case")
        return answer
