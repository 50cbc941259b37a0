"""The authenticator: tells who sent a request, and refuses what another site's page made a browser send.

A key or token in the `Authorization` header is a machine; the session's cookie is a person; while there
are no accounts, this computer's own user comes with the token of the data folder, as link, cookie or header.
Every route passes here (`api.dependencies`), so none can forget to ask for a form's token.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Protocol

import anyio
from starlette.requests import Request

from api.dependencies import arrived_viewer
from api.languages import is_page
from api.pages.rendering import CSRF_FIELD
from api.signin import cookies
from api.signin.places import SAFE_METHODS, base_url, is_foreign, is_from_this_computer, is_secure
from catalogue.database.viewer import LOCAL_VIEWER, Viewer
from catalogue.records.catalogue import Catalogue
from enmusubi.errors import (
    ForbiddenError,
    NotSignedInError,
    PasswordNotOwnError,
    SecondFactorError,
)
from enmusubi.messages import N_
from enmusubi.service_settings import SignInSettings
from office.access.refusals import Refusals
from office.accounts.fingerprints import new_secret, same
from office.accounts.keys import PREFIX, Keys, Tokens
from office.accounts.local_token import PREFIX as LOCAL_PREFIX
from office.accounts.second_factors import SecondFactors, needs_factor
from office.accounts.sessions import Lifetimes, Session, Sessions
from office.accounts.users import User, Users

CSRF_HEADER = "X-CSRF-Token"
OPEN_WITHOUT_FACTOR = frozenset({"/login/second", "/logout", "/login"})
SETTING_UP = "/account/second-factor"
PROVE_FIRST = N_(
    "Your password was right; the second step of signing in is missing. Go on at /login/second."
)
OPEN_TO_ONE_TIME_PASSWORDS = frozenset({"/password", "/logout", "/login", "/login/second"})
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
NO_ACCOUNTS = N_(
    "No user can sign in yet, as there is no account. On the server run "
    "`enmusubi user add LOGIN --role administrator`, then sign in at /login. To try it on this computer "
    "alone, open the link that `enmusubi serve` printed."
)
SET_YOUR_OWN = N_(
    "You signed in with a one-time password, which opens nothing but /password. "
    "Set your own at /password first."
)
SIGN_IN = N_("Sign in at /login; a machine sends `Authorization: Bearer` with its key or token.")


class SignOutProvider(Protocol):
    """The provider of OpenID Connect, as far as signing out asks for it."""

    async def end_address(self, provider_token: str, back: str) -> str:
        """Return the address at which its session ends, empty where it has none."""
        ...


class Authenticator:
    """Lets people, machines and this computer's own user in, by the catalogue's accounts."""

    def __init__(
        self,
        catalogue: Catalogue,
        settings: SignInSettings,
        factors: SecondFactors,
        local_token: Callable[[], str],
    ) -> None:
        lifetimes = Lifetimes(
            timedelta(minutes=settings.idle_minutes),
            timedelta(minutes=settings.absolute_minutes),
            timedelta(minutes=settings.rotate_minutes),
        )
        self.sessions = Sessions(catalogue, lifetimes)
        self.settings = settings
        self._local_token = local_token
        self._keys, self._tokens, self._users = Keys(catalogue), Tokens(catalogue), Users(catalogue)
        self.factors = factors
        self.refusals = Refusals(catalogue)
        self.provider: SignOutProvider | None = None  # of OpenID Connect, where there is one
        self._has_accounts = False

    async def viewer(self, request: Request) -> Viewer:
        """Return who asks; a form that changes something must carry its page's token.

        Raises NotSignedInError, ForbiddenError for what another site's page sent, and
        PasswordNotOwnError for most of what a user with a one-time password asks for.
        """
        viewer = await arrived_viewer(request)
        token: str | None = getattr(request.state, "csrf_token", None)
        if token is not None:
            await refuse_forged(request, token)
        return viewer

    async def arrived(self, request: Request) -> Viewer:
        """Return who asks, by the request's head alone; raises what `viewer` does."""
        key = bearer_of(request)
        if key is not None and key.startswith(LOCAL_PREFIX):
            return await self._local(request, key)
        if key is not None:
            return await self._machine(key)
        self.refuse_foreign(request)
        session = await self._session(request)
        if session is not None:
            _refuse_forged_head(request, session.csrf_token)
            request.state.csrf_token = session.csrf_token
            await self._refuse_unproved(request, session)
            _refuse_one_time_password(request, session)
            return session.viewer
        if self.settings.mode == "auto" and not await self.has_accounts():
            sent = cookies.read(request, cookies.LOCAL, secure=self.is_secure(request))
            return await self._local(request, sent)
        raise NotSignedInError(SIGN_IN)

    async def asks_factor(self, user: User, *, by_password: bool) -> bool:
        """Return whether a user who signs in has to prove a second factor, or to set one up."""
        if not (by_password or self.settings.second_factor_after_oidc):
            return False
        if needs_factor(user.role, self.settings.second_factor):
            return True
        return bool(await anyio.to_thread.run_sync(self.factors.of, user.user_id))

    async def provider_end(self, request: Request, provider_token: str) -> str:
        """Return where the provider's own session ends, empty where it has no such place."""
        if not (self.provider and provider_token):
            return ""
        back = base_url(request, self.settings.public_url) + "/login"
        return await self.provider.end_address(provider_token, back)

    async def _refuse_unproved(self, request: Request, session: Session) -> None:
        """Raise SecondFactorError for most of what a session without its second factor asks for."""
        request.state.awaits_factor, request.state.challenge = (
            session.awaits_factor,
            session.challenge,
        )
        if not session.awaits_factor or request.scope["path"] in OPEN_WITHOUT_FACTOR:
            return
        has_one = await anyio.to_thread.run_sync(self.factors.of, session.viewer.viewer_id)
        path = request.scope["path"]
        setting_up = not has_one and (
            path.startswith(SETTING_UP) or (session.must_change_password and path == "/password")
        )
        if not setting_up:
            raise SecondFactorError(PROVE_FIRST)

    async def knows_local(self, request: Request, token: str) -> bool:
        """Return whether a token is that of this computer's own user, and counts for this request.

        Who asks from this computer need not be its user: a proxy on it passes on what others ask.
        """
        if self.settings.mode != "auto" or await self.has_accounts():
            return False
        return is_from_this_computer(request) and same(token, self._local_token())

    async def _local(self, request: Request, token: str) -> Viewer:
        if await self.knows_local(request, token):
            return LOCAL_VIEWER
        raise NotSignedInError(NO_ACCOUNTS)

    async def has_accounts(self) -> bool:
        """Return whether there are accounts to sign in with; once there is one, there always is."""
        if not self._has_accounts:
            self._has_accounts = await anyio.to_thread.run_sync(self._users.any)
        return self._has_accounts

    def refuse_foreign(self, request: Request) -> None:
        """Raise ForbiddenError for a change that another site's page asks for."""
        if request.method not in SAFE_METHODS and is_foreign(request, self.settings.public_url):
            raise ForbiddenError(
                "Another site's page sent this. Open the page here and repeat it; behind a proxy, set "
                "sign_in.public_url."
            )

    def is_secure(self, request: Request) -> bool:
        """Return whether cookies go by https only."""
        return is_secure(request, self.settings.public_url)

    def form_token(self, request: Request) -> str:
        """Return what the sign-in form carries, which is before there is a session."""
        token = cookies.read(request, cookies.FORM, secure=self.is_secure(request)) or new_secret()
        request.state.csrf_token = token
        return token

    async def check_sign_in_form(self, request: Request) -> None:
        """Raise ForbiddenError unless the sign-in form was sent from here, by this browser."""
        self.refuse_foreign(request)
        token = cookies.read(request, cookies.FORM, secure=self.is_secure(request))
        await refuse_forged(request, token)

    async def _machine(self, key: str) -> Viewer:
        look_up = self._keys if key.startswith(f"{PREFIX}_") else self._tokens
        viewer = await anyio.to_thread.run_sync(look_up.viewer_of, key)
        if viewer is None:
            raise NotSignedInError(
                "The key or token is unknown, revoked or over. Ask the administrator for a key, or "
                "get a new token at /oauth/token."
            )
        return viewer

    async def _session(self, request: Request) -> Session | None:
        secure = self.is_secure(request)
        token = cookies.read(request, cookies.SESSION, secure=secure)
        if not token:
            return None
        may_rotate = request.method == "GET" and is_page(request.scope["path"])
        found = await anyio.to_thread.run_sync(
            partial(self.sessions.find, token, may_rotate=may_rotate)
        )
        if found and found.new_token:
            setattr(request.state, cookies.ROTATED, (found.new_token, secure))
        return found


def _refuse_one_time_password(request: Request, session: Session) -> None:
    request.state.must_change_password = session.must_change_password
    if session.must_change_password and request.scope["path"] not in OPEN_TO_ONE_TIME_PASSWORDS:
        raise PasswordNotOwnError(SET_YOUR_OWN)


def bearer_of(request: Request) -> str | None:
    """Return the key or token of the `Authorization` header, None without one."""
    scheme, _, rest = request.headers.get("authorization", "").partition(" ")
    return rest.strip() if scheme.lower() == "bearer" else None


async def refuse_forged(request: Request, token: str) -> None:
    """Raise ForbiddenError for a change without the token that this service's own forms carry."""
    if request.method in SAFE_METHODS:
        return
    _check_token(request.headers.get(CSRF_HEADER, "") or await _form_token(request), token)


def _refuse_forged_head(request: Request, token: str) -> None:
    """Raise ForbiddenError as `refuse_forged` does, where the head alone tells."""
    sent = request.headers.get(CSRF_HEADER, "")
    if request.method not in SAFE_METHODS and (sent or not _is_form(request)):
        _check_token(sent, token)


def _check_token(sent: str, token: str) -> None:
    if not token or not same(sent, token):
        raise ForbiddenError(
            "The form is out of date: its token is missing or of another session. Load "
            "the page again and repeat; a program sends the token as %(header)s, or "
            "comes with a key instead.",
            header=CSRF_HEADER,
        )


async def _form_token(request: Request) -> str:
    sent = (await request.form()).get(CSRF_FIELD) if _is_form(request) else ""
    return sent if isinstance(sent, str) else ""


def _is_form(request: Request) -> bool:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower() in FORMS
