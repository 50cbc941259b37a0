"""`POST /oauth/token`: a machine gets an access token for its key (OAuth2 client credentials, RFC 6749)."""

import base64
import binascii
from functools import partial
from typing import Annotated, Literal
from urllib.parse import unquote_plus

import anyio
from fastapi import Form, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from api.middleware.rate_limits import AddressAttempts, AttemptLimiter
from api.routing import LazyRouter
from api.signin.login import address_of
from enmusubi.errors import InputError, NotSignedInError, TooManyRequestsError
from office.accounts.keys import PREFIX, Tokens, split_key

GRANT = "client_credentials"
MAX_CHARS = 500
CHALLENGE = {"WWW-Authenticate": 'Basic realm="enmusubi"'}
Part = Annotated[str, Form(max_length=MAX_CHARS)]


class TokenOut(BaseModel):
    """An access token."""

    access_token: str
    token_type: Literal["Bearer"]
    expires_in: int = Field(description="Seconds.", examples=[3600])
    scope: str = Field(examples=["matches:read needs:read"])


class TokenFault(BaseModel):
    """Why there is none, in the words of RFC 6749."""

    error: str = Field(examples=["invalid_client"])
    # RFC 6749 takes ASCII alone here, so that it is always in English
    error_description: str


def build_router(tokens: Tokens, *, per_address: int, per_account: int) -> LazyRouter:
    """Return the route."""
    router = LazyRouter(tags=["access"])
    addresses, clients = AddressAttempts(per_address), AttemptLimiter(per_account)
    faults = {status: {"model": TokenFault} for status in (400, 401, 429)}

    @router.post("/oauth/token", response_model=TokenOut, responses=dict(faults.items()))
    async def token(
        request: Request,
        grant_type: Part = "",
        scope: Part = "",
        client_id: Part = "",
        client_secret: Part = "",
    ) -> JSONResponse:
        """Return an access token for a key, good for an hour.

        The client id is the key's id and the client secret the rest of the key, or all of it; in the
        form, or by HTTP Basic.
        """
        if grant_type != GRANT:
            named = "unsupported_grant_type" if grant_type else "invalid_request"
            return _fault(400, named, f"Expected grant_type={GRANT} in a form.")
        key_id, secret = _credentials(request) or (client_id, client_secret)
        if secret.startswith(f"{PREFIX}_"):
            secret = split_key(secret)[1]
        try:
            addresses.count(address_of(request))
            clients.count(key_id)
            issue = partial(tokens.issue, key_id, secret, scope.split())
            got = await anyio.to_thread.run_sync(issue)
        except TooManyRequestsError as error:
            wait = {"Retry-After": str(error.retry_after_s)}
            return _fault(429, "temporarily_unavailable", str(error), wait)
        except NotSignedInError as error:
            return _fault(401, "invalid_client", str(error), CHALLENGE)
        except InputError as error:
            return _fault(400, "invalid_scope", str(error))
        answer = TokenOut(
            access_token=got.text,
            token_type="Bearer",  # noqa: S106 - the kind of token, not one
            expires_in=got.lifetime_s,
            scope=" ".join(got.scopes),
        )
        return JSONResponse(answer.model_dump())

    return router


def _credentials(request: Request) -> tuple[str, str] | None:
    """Return what HTTP Basic carries, None without it; both parts are form-encoded (RFC 6749, 2.3.1)."""
    scheme, _, rest = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        text = base64.b64decode(rest.strip(), validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    name, _, secret = text.partition(":")
    return unquote_plus(name), unquote_plus(secret)


def _fault(
    status: int, error: str, description: str, headers: dict[str, str] | None = None
) -> JSONResponse:
    fault = TokenFault(error=error, error_description=description)
    return JSONResponse(fault.model_dump(), status_code=status, headers=headers)
