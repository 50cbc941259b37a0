"""An OpenID provider as the service sees it: its description, its keys, and who its tokens name."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.oidc.core import CodeIDToken
from httpx2 import AsyncClient, HTTPError
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from enmusubi.errors import NotSignedInError, ProviderUnavailableError
from enmusubi.sign_in_settings import OidcSettings

TIMEOUT_S = 10.0
CLOCK_LEEWAY_S = 60
DESCRIPTION_AGE_S = 3_600.0
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA")


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

    async def claims(self, journey: Journey, callback: str, code: str) -> dict[str, Any]:
        """Return what the provider says of who came back with a code.

        Raises NotSignedInError where it doesn't vouch for anybody, ProviderUnavailableError.
        """
        described = await self._described()
        try:
            async with self._client(callback) as client:
                token = await client.fetch_token(
                    described["token_endpoint"], code=code, code_verifier=journey.verifier
                )
                claims = await self._checked(token, journey.nonce)
                return await self._with_userinfo(client, claims)
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
            raise ValueError("the user info is of somebody else")
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
