"""Puts the routes of all pages together; the administrator's are opened by no other role."""

from functools import partial

from fastapi import Depends, FastAPI

from api.dependencies import Services
from api.pages import (
    answers,
    ask,
    calendar,
    case,
    case_changes,
    case_contracts,
    case_deciding,
    case_estimates,
    case_gates,
    case_import,
    case_lessons,
    case_opening,
    case_plan,
    cases,
    clinic,
    companies,
    company_profiles,
    consortia,
    counterfactuals,
    delegations,
    directions,
    export_control,
    exports,
    figure_inputs,
    figures,
    inquiries,
    means,
    means_table,
    member,
    member_users,
    members,
    need,
    needs,
    neutrality,
    privacy_notice,
    project,
    project_changes,
    projects,
    releases,
    reports,
    researchers,
    screening,
    searches,
    seeds,
    shortlist_page,
    statistics,
    team_inquiries,
    teams,
    veils,
)
from api.pages.admin import accounts, identities, mail, operations, privacy, trail, uploads
from api.pages.admin.frame import ADMINISTRATORS, OneTimeSecrets
from api.routing import include

PARTS = (
    answers,
    ask,
    calendar,
    cases,
    case_gates,
    case_import,
    case_lessons,
    case_opening,
    case,
    case_changes,
    case_deciding,
    projects,
    project,
    project_changes,
    case_estimates,
    case_plan,
    case_contracts,
    means,
    means_table,
    exports,
    company_profiles,
    directions,
    researchers,
    seeds,
    shortlist_page,
    needs,
    companies,
    members,
    member_users,
    member,
    delegations,
    consortia,
    counterfactuals,
    releases,
    export_control,
    team_inquiries,
    inquiries,
    teams,
    veils,
    clinic,
    need,
    privacy_notice,
    searches,
    reports,
    screening,
    statistics,
    neutrality,
    figure_inputs,
    figures,
)
WITH_SECRETS = (operations, accounts)
ADMIN_PARTS = (identities, mail, privacy, trail, uploads)


def add_pages(app: FastAPI, services: Services) -> None:
    """Give an application the routes of every page; they are no part of the API's description."""
    add = partial(include, app, include_in_schema=False)
    for part in PARTS:
        add(part.build_router(services))
    secrets = OneTimeSecrets()
    add_admin = partial(add, dependencies=[Depends(ADMINISTRATORS)])
    for page in WITH_SECRETS:
        add_admin(page.build_router(services, secrets))
    for page_without in ADMIN_PARTS:
        add_admin(page_without.build_router(services))
