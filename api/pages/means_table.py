"""The page of the table of means: read by the office, edited by the chief row by row."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Form, Request, Response
from pydantic import BaseModel, Field

from api.dependencies import CurrentViewer, Services
from api.pages.means import MEANS_WORDS
from api.pages.rendering import render, see_other
from api.routing import LazyRouter
from catalogue.database.case_models import MEANS
from catalogue.database.project_models import WEIGHTS
from catalogue.database.viewer import Viewer
from enmusubi.errors import EnmusubiError, InputError, StaleVersionError
from office.access.rules import EDIT_MEANS, WORK_ON_CASES, require
from office.access.scoped import reading_as, writing_as
from office.means.editing import (
    ROWS,
    TEXTS,
    UNEDITED,
    edit_row,
    edits_of,
    plain_row,
    reset_row,
)
from office.means.recommending import KINDS, LENSES, LEVELS, QUESTIONS
from office.people import names_of

TABLE = "/means/table"
Several = Annotated[list[str], Field(default_factory=list, max_length=10)]


class RowForm(BaseModel):
    """What the form of a row sends: answers as lists, `next` with two names, weights as texts."""

    version: int = Field(0, ge=0)
    aim: Several
    horizon: Several
    control: Several
    capital: Several
    risk: Several
    maturity: Several
    area: Several
    next: Several
    difficulty: str = Field("", max_length=20)
    kind: str = Field("", max_length=20)
    lens: str = Field("", max_length=20)
    watch_ja: str = Field("", max_length=6_000)
    watch_en: str = Field("", max_length=6_000)
    figures_ja: str = Field("", max_length=6_000)
    figures_en: str = Field("", max_length=6_000)
    weight: Several

    def row(self, name: str) -> dict[str, Any]:
        """Return the row as the table has it."""
        if name != WEIGHTS:
            return self.model_dump(exclude={"version", "weight"})
        pairs = zip(QUESTIONS, self.weight, strict=False)
        return {q: int(said) if said.isdecimal() and len(said) < 5 else None for q, said in pairs}


@dataclass(frozen=True)
class _Typed:
    """An edit of a row that was refused, and why."""

    name: str
    row: dict[str, Any]
    fault: EnmusubiError


def build_router(services: Services) -> LazyRouter:
    """Return the routes."""
    router = LazyRouter(include_in_schema=False)

    @router.get(TABLE)
    def table(request: Request, viewer: CurrentViewer) -> Response:
        return _page(request, viewer, services)

    @router.post(f"{TABLE}/{{name}}")
    def edit(
        request: Request, viewer: CurrentViewer, name: str, form: Annotated[RowForm, Form()]
    ) -> Response:
        require(viewer, EDIT_MEANS)
        row = form.row(name)
        try:
            with writing_as(services.catalogue, viewer) as connection:
                edit_row(connection, viewer, name, row, expected_version=form.version)
        except (InputError, StaleVersionError) as error:
            return _page(request, viewer, services, _Typed(name, row, error))
        return see_other(f"{TABLE}#{name}", "saved")

    @router.post(f"{TABLE}/{{name}}/reset")
    def reset(
        viewer: CurrentViewer, name: str, version: Annotated[int, Form(ge=0)] = 0
    ) -> Response:
        with writing_as(services.catalogue, viewer) as connection:
            reset_row(connection, viewer, name, expected_version=version)
        return see_other(f"{TABLE}#{name}", "saved")

    return router


def _page(
    request: Request, viewer: Viewer, services: Services, typed: _Typed | None = None
) -> Response:
    require(viewer, WORK_ON_CASES)
    changed = services.settings.cases.means_file
    with reading_as(services.catalogue, viewer) as connection:
        edits = edits_of(connection)
        rows = {name: plain_row(connection, name, changed) for name in ROWS}
        names = names_of(connection, {one.changed_by for one in edits.values()})
    is_late = typed is not None and isinstance(typed.fault, StaleVersionError)
    return render(
        request,
        viewer,
        "means_table.html",
        200 if not typed else 412 if is_late else 422,
        rows=rows,
        means=MEANS,
        weights_name=WEIGHTS,
        entered={**rows, **({typed.name: typed.row} if typed else {})},
        edits=edits,
        versions={name: edits[name].version if name in edits else UNEDITED for name in ROWS},
        names=names,
        typed_name=typed.name if typed else "",
        fault=typed.fault.message if typed else None,
        is_late=is_late,
        questions=QUESTIONS,
        levels=LEVELS,
        kinds=KINDS,
        lenses=LENSES,
        texts_of_row=TEXTS,
        **MEANS_WORDS,
    )
