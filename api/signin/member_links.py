"""Signing in by a link of a mail: for companies' users, who need no password. Nobody is signed in here yet.

A link is used up by the button of its page, not by opening it: programs that read mail open links, too.
Asking for a link is answered alike, and after the same time, whoever asks. No link stands in a log: a request
is logged by its route.
"""

from functools import partial
from typing import Annotated

import anyio
from fastapi import Form, Request, Response

from api.dependencies import MEMBER_HOME, SIGN_IN_LINK_PATH, Services
from api.middleware.rate_limits import AttemptLimiter, network_of
from api.pages.rendering import render
from api.routing import LazyRouter
from api.signin.authenticator import Authenticator
from api.signin.login import address_of, signed_in
from api.signin.places import is_foreign
from enmusubi.errors import ForbiddenError, TooManyRequestsError, UnknownIdError
from office.members.links import LINKS_PATH, open_link, use_link
from office.members.users import ask_for_link

REQUESTS, ASKED = 60, 10  # of one address, in five minutes
ANSWERED_AFTER_S = (
    0.4  # asking is answered: who is a user's address writes a mail, which takes a while
)
Address = Annotated[str, Form(max_length=320)]


def build_router(services: Services, authenticator: Authenticator) -> LazyRouter:
    """Return the routes."""
    router = LazyRouter(include_in_schema=False)
    catalogue, settings = services.catalogue, services.settings
    opened, asked = AttemptLimiter(REQUESTS), AttemptLimiter(ASKED)

    @router.get(f"{LINKS_PATH}/{{token}}")
    async def link(request: Request, token: str) -> Response:
        _count(opened, request)
        try:
            found = await anyio.to_thread.run_sync(open_link, catalogue, token)
        except UnknownIdError:
            return _gone(request)
        return render(request, None, "member_link.html", user=found.user)

    @router.post(f"{LINKS_PATH}/{{token}}")
    async def use(request: Request, token: str) -> Response:
        _refuse_foreign(request, settings.sign_in.public_url)
        _count(opened, request)
        take = partial(use_link, catalogue, token, address=address_of(request))
        try:
            user = await anyio.to_thread.run_sync(take)
        except UnknownIdError:
            return _gone(request)
        return await signed_in(authenticator, request, user, MEMBER_HOME)

    @router.get(SIGN_IN_LINK_PATH)
    async def form(request: Request) -> Response:
        return render(
            request, None, "member_sign_in.html", is_asked=False, sends=bool(settings.mail.host)
        )

    @router.post(SIGN_IN_LINK_PATH)
    async def ask(request: Request, email: Address = "") -> Response:
        _refuse_foreign(request, settings.sign_in.public_url)
        _count(asked, request)
        answered_at = anyio.current_time() + ANSWERED_AFTER_S
        await anyio.to_thread.run_sync(ask_for_link, catalogue, email, settings.mail)
        await anyio.sleep_until(answered_at)
        return render(
            request, None, "member_sign_in.html", is_asked=True, sends=bool(settings.mail.host)
        )

    return router


def _gone(request: Request) -> Response:
    return render(request, None, "member_link.html", 404, user=None)


def _refuse_foreign(request: Request, public_url: str) -> None:
    if is_foreign(request, public_url):
        raise ForbiddenError(
            "Another site's page sent this. Open the page here and repeat it; behind a proxy, set "
            "sign_in.public_url."
        )


def _count(limiter: AttemptLimiter, request: Request) -> None:
    try:
        limiter.count(network_of(address_of(request)))
    except TooManyRequestsError as error:
        raise TooManyRequestsError(
            "This page was asked for too often. Wait a few minutes and try again.",
            retry_after_s=error.retry_after_s,
        ) from None
