"""Signing in by OpenID Connect: to the provider and back, by authorization code with PKCE."""

import json
from functools import partial
from typing import Annotated, Any

import anyio
from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response

from api.middleware.rate_limits import AttemptLimiter
from api.signin import cookies
from api.signin.authenticator import Authenticator
from api.signin.login import FAULTS, address_of, login_form, signed_in
from api.signin.places import base_url, local_path
from api.signin.provider import Journey, Provider
from catalogue.records.catalogue import Catalogue
from enmusubi.errors import NotSignedInError, UnknownIdError
from enmusubi.sign_in_settings import OidcSettings
from office.accounts.federated import RoleRule, Stranger, account_of
from office.accounts.fingerprints import new_secret, same

JOURNEY_AGE_S = 600
MAX_NAME_CHARS = 200
CALLBACK = "/login/oidc/callback"
Part = Annotated[str, Query(max_length=4_000)]


def build_router(authenticator: Authenticator, catalogue: Catalogue) -> APIRouter:
    """Return the routes; they answer 404 where no provider is set."""
    router = APIRouter(include_in_schema=False)
    settings = authenticator.settings.oidc
    provider = Provider(settings)
    attempts = AttemptLimiter(authenticator.settings.attempts_per_address)

    @router.get("/login/oidc")
    async def leave(
        request: Request, after: Annotated[str, Query(alias="next", max_length=2_000)] = ""
    ) -> Response:
        _require_provider(settings)
        journey = Journey(new_secret(), new_secret(), new_secret(), local_path(after))
        try:
            attempts.count(address_of(request))
            address = await provider.address(journey, _callback(authenticator, request))
        except tuple(FAULTS) as error:
            return await login_form(authenticator, request, after, error)
        response = RedirectResponse(address, status_code=303)
        kept, secure = json.dumps(list(vars(journey).values())), authenticator.is_secure(request)
        cookies.put(response, cookies.JOURNEY, kept, secure=secure, max_age_s=JOURNEY_AGE_S)
        return response

    @router.get(CALLBACK)
    async def arrive(
        request: Request, state: Part = "", code: Part = "", error: Part = ""
    ) -> Response:
        _require_provider(settings)
        secure = authenticator.is_secure(request)
        journey = _journey(cookies.read(request, cookies.JOURNEY, secure=secure))
        try:
            attempts.count(address_of(request))
            if journey is None or not same(state, journey.state):
                raise NotSignedInError(
                    "Signing in took too long, or began elsewhere. Sign in again."
                )
            if error or not code:
                raise NotSignedInError("The provider didn't sign you in. Try again.")
            claims = await provider.claims(journey, _callback(authenticator, request), code)
            find = partial(account_of, catalogue, stranger_of(claims, settings))
            user = await anyio.to_thread.run_sync(partial(find, address=address_of(request)))
            response = await signed_in(authenticator, request, user, local_path(journey.after))
        except tuple(FAULTS) as fault:
            response = await login_form(
                authenticator, request, journey.after if journey else "", fault
            )
        cookies.drop(response, cookies.JOURNEY, secure=secure)
        return response

    return router


def stranger_of(claims: dict[str, Any], settings: OidcSettings) -> Stranger:
    """Return who the claims name, with the role that the settings give them."""
    named = (claims.get(name) for name in (settings.login_claim, "email", "sub"))
    rule = RoleRule(settings.role_claim, settings.roles, settings.default_role)
    return Stranger(
        issuer=settings.issuer,
        subject=str(claims["sub"]),
        login=next(str(value) for value in named if value),
        name=str(claims.get("name") or "")[:MAX_NAME_CHARS],
        role=rule.role_of(claims),
    )


def _require_provider(settings: OidcSettings) -> None:
    if not settings.issuer:
        raise UnknownIdError("There is no OpenID provider. Set sign_in.oidc.issuer to have one.")


def _callback(authenticator: Authenticator, request: Request) -> str:
    return base_url(request, authenticator.settings.public_url) + CALLBACK


def _journey(kept: str) -> Journey | None:
    """Return what the browser brought back, None for nothing that can be read."""
    try:
        parts = json.loads(kept)
    except ValueError:
        return None
    four_texts = isinstance(parts, list) and [type(part) for part in parts] == [str] * 4
    return Journey(*parts) if four_texts else None
