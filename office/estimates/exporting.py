"""Estimates, plans and contracts of cases as files; what leaves is noted in the audit trail."""

from typing import Any, Literal

from catalogue.database.viewer import Viewer
from catalogue.records.catalogue import Catalogue
from enmusubi.settings import Settings
from office.access import audit
from office.access.access_log import note_reading_by_id
from office.access.rules import EXPORT, require
from office.access.scoped import reading_as, writing_as
from office.cases.kept import CASE_KIND, case_of
from office.contracts.templates import FilledContract, contract_again, fill_template
from office.estimates.kept import estimate_of
from office.estimates.page import estimate_as_pdf
from office.estimates.workbook import EstimateSheet, estimate_as_workbook
from office.exports import ExportedFile, today_of
from office.plans.kept import read_plan

EstimateEnding = Literal["xlsx", "pdf"]
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def export_estimate(  # noqa: PLR0917 - which version, for whom, as what
    catalogue: Catalogue,
    viewer: Viewer,
    settings: Settings,
    case_id: int,
    estimate_id: int,
    version: int,
    *,
    ending: EstimateEnding,
    language: str,
) -> ExportedFile:
    """Return a version of an estimate (0: the newest) as a file; raises as `estimate_of` does."""
    require(viewer, EXPORT)
    with reading_as(catalogue, viewer) as connection:
        kept = estimate_of(connection, viewer, case_id, estimate_id, version)
        case = case_of(connection, viewer, case_id)
    university = settings.estimates.university
    shown = EstimateSheet(kept, case.title, case.company, university, today_of(language))
    write = {"xlsx": estimate_as_workbook, "pdf": estimate_as_pdf}[ending]
    content = write(shown, language)
    note_reading_by_id(catalogue, viewer, case.need_id, "case")
    told: dict[str, Any] = {"format": ending, "estimate": estimate_id, "version": kept.version}
    audit.note(catalogue, viewer, "export", CASE_KIND, str(case_id), **told)
    name = f"estimate-{case_id}-{estimate_id}-{kept.version}.{ending}"
    media = _XLSX if ending == "xlsx" else "application/pdf"
    return ExportedFile(name, media, content)


def export_plan(  # noqa: PLR0917 - which version, for whom, in which language
    catalogue: Catalogue,
    viewer: Viewer,
    settings: Settings,
    case_id: int,
    version: int | None,
    language: str,
) -> ExportedFile:
    """Return a plan as a Word file, None: the newest version; raises as `read_plan` does."""
    from office.plans.plan_docx import plan_as_docx  # its library takes a while to load

    require(viewer, EXPORT)
    with reading_as(catalogue, viewer) as connection:
        read = read_plan(connection, viewer, case_id, language, settings, version)
    case, plan = read.case, read.plan
    content = plan_as_docx(plan, case.title, today_of(language), is_closed=case.is_closed)
    note_reading_by_id(catalogue, viewer, case.need_id, "case")
    told: dict[str, Any] = {"format": "docx", "language": language, "version": plan.version}
    audit.note(catalogue, viewer, "export", CASE_KIND, str(case_id), **told)
    return ExportedFile(f"plan-{case_id}-{language}-{plan.version}.docx", DOCX, content)


def made_contract(  # noqa: PLR0917 - which template, for whose case
    catalogue: Catalogue,
    viewer: Viewer,
    settings: Settings,
    case_id: int,
    template_id: int,
    language: str,
) -> FilledContract:
    """Return a template filled for a case, which is to leave as a file; raises as `fill_template` does."""
    require(viewer, EXPORT)
    day = today_of(language)
    with writing_as(catalogue, viewer) as connection:
        made = fill_template(connection, viewer, case_id, template_id, settings, day)
        need_id = case_of(connection, viewer, case_id).need_id
    _note_contract(catalogue, viewer, case_id, need_id, made)
    return made


def export_contract(  # noqa: PLR0917 - which template, for whose case
    catalogue: Catalogue,
    viewer: Viewer,
    settings: Settings,
    case_id: int,
    template_id: int,
    language: str,
) -> ExportedFile:
    """Return a template filled for a case as a Word file; raises as `fill_template` does."""
    made = made_contract(catalogue, viewer, settings, case_id, template_id, language)
    return ExportedFile(made.name, DOCX, made.content)


def export_contract_again(
    catalogue: Catalogue, viewer: Viewer, case_id: int, contract_id: int
) -> ExportedFile:
    """Return a contract that was made for a case as its Word file; raises as `contract_again` does."""
    require(viewer, EXPORT)
    with reading_as(catalogue, viewer) as connection:
        made = contract_again(connection, viewer, case_id, contract_id)
        need_id = case_of(connection, viewer, case_id).need_id
    _note_contract(catalogue, viewer, case_id, need_id, made)
    return ExportedFile(made.name, DOCX, made.content)


def _note_contract(
    catalogue: Catalogue, viewer: Viewer, case_id: int, need_id: str, made: FilledContract
) -> None:
    note_reading_by_id(catalogue, viewer, need_id, "case")
    told: dict[str, Any] = {"format": "docx", "contract": made.kept.contract_id}
    audit.note(catalogue, viewer, "export", CASE_KIND, str(case_id), **told)
