"""Forms of a company's page: inviting its users, letting them in or not, binding its own sign-in."""

from typing import Annotated, Any

from fastapi import Form, Request, Response

from api.dependencies import CurrentViewer, Services
from api.middleware.form_deduplication import FormToken
from api.pages.company_paths import company_path
from api.pages.rendering import render, see_other
from api.routing import LazyRouter
from api.signin.places import base_url
from office.access.rules import KEEP_MEMBERS, require
from office.companies.visibility import find_seen_company
from office.members.links import LINKS_PATH
from office.members.sign_ins import bind, unbind
from office.members.users import Invited, invite, let_in, shut_out

PATH, SIGN_INS = "/member-users", "/member-sign-ins"
BY_MAIL = "mail"
Short = Annotated[str, Form(max_length=500)]


def build_router(services: Services) -> LazyRouter:
    """Return the routes."""
    router = LazyRouter(include_in_schema=False)
    catalogue, settings = services.catalogue, services.settings

    @router.post(PATH)
    def add(  # noqa: PLR0917 - FastAPI passes them by name
        request: Request,
        viewer: CurrentViewer,
        company: Short = "",
        email: Short = "",
        name: Short = "",
        language: Short = "",
        how: Short = BY_MAIL,
        form_token: FormToken = "",
    ) -> Response:
        require(viewer, KEEP_MEMBERS)

        def ask() -> Invited:
            with catalogue.writing() as connection:
                return invite(
                    connection,
                    viewer,
                    find_seen_company(connection, viewer, company),
                    email=email,
                    name=name,
                    language=language,
                    mail=settings.mail,
                    by_mail=how == BY_MAIL,
                )

        sent = ("member user", company, email, name, language, how)
        invited = services.form_deduplicator.run_once(viewer, form_token, sent, ask)
        if not invited.token:
            return see_other(company_path(company), "mail-waits")
        link = f"{base_url(request, settings.sign_in.public_url)}{LINKS_PATH}/{invited.token}"
        shown: dict[str, Any] = {"user": invited.user, "link": link, "until": invited.expires_at}
        return render(request, viewer, "member_invited.html", back=company_path(company), **shown)

    @router.post(f"{PATH}/{{action}}")
    def let_in_or_not(
        viewer: CurrentViewer, action: str, company: Short = "", login: Short = ""
    ) -> Response:
        require(viewer, KEEP_MEMBERS)
        switch = let_in if action == "enable" else shut_out
        with catalogue.writing() as connection:
            switch(connection, viewer, find_seen_company(connection, viewer, company), login)
        return see_other(company_path(company), "done")

    @router.post(SIGN_INS)
    def bound(
        viewer: CurrentViewer, company: Short = "", kind: Short = "", value: Short = ""
    ) -> Response:
        require(viewer, KEEP_MEMBERS)
        with catalogue.writing() as connection:
            bind(connection, viewer, company, kind, value)
        return see_other(company_path(company), "saved")

    @router.post(f"{SIGN_INS}/remove")
    def unbound(
        viewer: CurrentViewer, company: Short = "", kind: Short = "", value: Short = ""
    ) -> Response:
        require(viewer, KEEP_MEMBERS)
        with catalogue.writing() as connection:
            unbind(connection, viewer, kind, value)
        return see_other(company_path(company), "removed")

    return router
