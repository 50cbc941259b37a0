"""Signing in by OpenID Connect: the routes to the provider and back, and the provider itself.

Authorization code with PKCE; the provider is known by its description, its keys, and who its tokens name.
"""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any
from urllib.parse import urlencode, urlsplit

import anyio
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.oidc.core import CodeIDToken
from fastapi import Query, Request
from fastapi.responses import RedirectResponse, Response
from httpx2 import AsyncClient, HTTPError
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from api.middleware.rate_limits import AddressAttempts
from api.routing import LazyRouter
from api.signin import cookies
from api.signin.authenticator import Authenticator
from api.signin.login import FAULTS, address_of, login_form, signed_in
from api.signin.places import base_url, local_path
from catalogue.records.catalogue import Catalogue
from enmusubi.errors import NotSignedInError, ProviderUnavailableError, UnknownIdError
from enmusubi.mail_settings import MailSettings
from enmusubi.service_settings import OidcSettings
from office.accounts.email_addresses import is_email
from office.accounts.federated import RoleRule, Stranger, account_of
from office.accounts.fingerprints import new_secret, same

TIMEOUT_S = 10.0
CLOCK_LEEWAY_S = 60
DESCRIPTION_AGE_S = 3_600.0
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA")
JOURNEY_AGE_S = 600
MAX_NAME_CHARS = 200
ID_TOKEN = "enmusubi:id_token"  # noqa: S105 - among the claims: what ends the provider's session
CALLBACK = "/login/oidc/callback"
Part = Annotated[str, Query(max_length=4_000)]


@dataclass(frozen=True)
class Journey:
    """What a browser takes along to the provider and must bring back."""

    state: str
    nonce: str
    verifier: str
    after: str


class Provider:
    """The provider of the settings; its description and keys are kept for an hour."""

    def __init__(self, settings: OidcSettings) -> None:
        self._settings = settings
        self._description: dict[str, Any] = {}
        self._keys: dict[str, Any] = {}
        self._read_at = float("-inf")

    async def address(self, journey: Journey, callback: str) -> str:
        """Return where to send the browser; raises ProviderUnavailableError."""
        described = await self._described()
        async with self._client(callback) as client:
            url, _ = client.create_authorization_url(
                described["authorization_endpoint"],
                state=journey.state,
                nonce=journey.nonce,
                code_verifier=journey.verifier,
            )
            return str(url)

    async def end_address(self, provider_token: str, back: str) -> str:
        """Return where the provider's session ends (RP-Initiated Logout 1.0), empty where it cannot."""
        try:
            described = await self._described()
        except ProviderUnavailableError:
            return ""  # signing out here must not wait for it
        place = str(described.get("end_session_endpoint") or "")
        if urlsplit(place).scheme not in {"https", urlsplit(self._settings.issuer).scheme}:
            return ""
        asked = {
            "id_token_hint": provider_token,
            "client_id": self._settings.client_id,
            "post_logout_redirect_uri": back,
        }
        return f"{place}{'&' if '?' in place else '?'}{urlencode(asked)}"

    async def claims(self, journey: Journey, callback: str, code: str) -> dict[str, Any]:
        """Return what the provider says of who came back with a code.

        Raises NotSignedInError where it vouches for no user, ProviderUnavailableError.
        """
        described = await self._described()
        try:
            async with self._client(callback) as client:
                token = await client.fetch_token(
                    described["token_endpoint"], code=code, code_verifier=journey.verifier
                )
                claims = await self._checked(token, journey.nonce)
                found = await self._with_userinfo(client, claims)
                return {**found, ID_TOKEN: str(token["id_token"])}
        except (OAuthError, JoseError, KeyError, ValueError, TypeError) as error:
            raise NotSignedInError(
                "The provider's answer cannot be used (%(kind)s). Sign in again.",
                kind=type(error).__name__,
            ) from error
        except HTTPError as error:
            raise _unavailable(error) from error

    def _client(self, callback: str) -> Any:
        return AsyncOAuth2Client(
            self._settings.client_id,
            self._settings.client_secret.get_secret_value(),
            scope=self._settings.scope,
            redirect_uri=callback,
            code_challenge_method="S256",
            timeout=TIMEOUT_S,
        )

    async def _described(self) -> Mapping[str, Any]:
        if time.monotonic() - self._read_at > DESCRIPTION_AGE_S:
            issuer = self._settings.issuer
            found = await _read(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
            needed = ("authorization_endpoint", "token_endpoint", "jwks_uri")
            if found.get("issuer") != issuer or not all(found.get(name) for name in needed):
                raise ProviderUnavailableError(
                    "The OpenID provider at %(issuer)s describes itself as another one, or not "
                    "at all. Check sign_in.oidc.issuer in the settings.",
                    issuer=issuer,
                )
            self._keys = await _read(found["jwks_uri"])
            self._description, self._read_at = found, time.monotonic()
        return self._description

    async def _checked(self, token: Mapping[str, Any], nonce: str) -> dict[str, Any]:
        """Return the claims of the ID token, after all that the standard wants checked."""
        try:
            found = self._decoded(token["id_token"])
        except (JoseError, ValueError):  # perhaps signed by a key that is new
            self._keys = await _read(self._description["jwks_uri"])
            found = self._decoded(token["id_token"])
        claims = CodeIDToken(
            found.claims,
            found.header,
            {
                "iss": {"essential": True, "value": self._settings.issuer},
                "aud": {"essential": True, "value": self._settings.client_id},
            },
            {
                "nonce": nonce,
                "client_id": self._settings.client_id,
                "access_token": token.get("access_token"),
            },
        )
        claims.validate(leeway=CLOCK_LEEWAY_S)
        return dict(claims)

    def _decoded(self, id_token: str) -> jwt.Token:
        registry = JWSRegistry(algorithms=list(ALGORITHMS), strict_check_header=False)
        return jwt.decode(id_token, KeySet.import_key_set(self._keys), registry=registry)  # type: ignore[arg-type]

    async def _with_userinfo(self, client: Any, claims: dict[str, Any]) -> dict[str, Any]:
        """Return the claims with those that the provider tells at another address only."""
        address = self._description.get("userinfo_endpoint")
        if not address:
            return claims
        answer = await client.get(address)
        answer.raise_for_status()
        more = answer.json()
        if more.get("sub") != claims["sub"]:
            raise ValueError("the user info is of another subject")
        return {**more, **claims}


async def _read(address: str) -> dict[str, Any]:
    try:
        async with AsyncClient(timeout=TIMEOUT_S) as client:
            answer = await client.get(address)
            answer.raise_for_status()
            found = answer.json()
    except (HTTPError, ValueError) as error:
        raise _unavailable(error) from error
    if not isinstance(found, dict):
        raise _unavailable(TypeError())
    return found


def _unavailable(error: Exception) -> ProviderUnavailableError:
    return ProviderUnavailableError(
        "The OpenID provider cannot be asked (%(kind)s). Try again later; if this "
        "lasts, the administrator checks sign_in.oidc in the settings.",
        kind=type(error).__name__,
    )


def build_router(
    authenticator: Authenticator, catalogue: Catalogue, mail: MailSettings
) -> LazyRouter:
    """Return the routes; they answer 404 where no provider is set."""
    router = LazyRouter(include_in_schema=False)
    settings = authenticator.settings.oidc
    provider = Provider(settings)
    authenticator.provider = provider if settings.issuer else None
    attempts = AddressAttempts(authenticator.settings.attempts_per_address)

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
            user = await anyio.to_thread.run_sync(
                partial(find, address=address_of(request), mail=mail)
            )
            response = await signed_in(
                authenticator,
                request,
                user,
                local_path(journey.after),
                provider_token=str(claims[ID_TOKEN]),
            )
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
    mapped = RoleRule(settings.role_claim, settings.roles).role_of(claims)
    email = _email_of(claims, settings.email_claim)
    return Stranger(
        issuer=settings.issuer,
        subject=str(claims["sub"]),
        login=next(str(value) for value in named if value),
        name=str(claims.get("name") or "")[:MAX_NAME_CHARS],
        role=mapped or settings.default_role,
        email=email,
        is_mapped=bool(mapped),
        verified_email=email if claims.get("email_verified") is True else "",
        company_claim=str(claims.get(settings.company_claim) or "")
        if settings.company_claim
        else "",
    )


def _email_of(claims: dict[str, Any], claim: str) -> str:
    """Return the address of the claims; nothing for one that the provider has not verified."""
    said = str(claims.get(claim) or "").strip()
    return said if is_email(said) and claims.get("email_verified") is not False else ""


def _require_provider(settings: OidcSettings) -> None:
    if not settings.issuer:
        raise UnknownIdError("There is no OpenID provider. Set sign_in.oidc.issuer to have one.")


def _callback(authenticator: Authenticator, request: Request) -> str:
    return base_url(request, authenticator.settings.public_url) + CALLBACK


def _journey(kept: str) -> Journey | None:
    """Return what the browser brought back, None for nothing that can be read."""
    try:
        parts = json.loads(kept)
    except (ValueError, RecursionError):  # the last of thousands of brackets in brackets
        return None
    four_texts = isinstance(parts, list) and [type(part) for part in parts] == [str] * 4
    return Journey(*parts) if four_texts else None
