"""The authenticator: tells who sent a request, and refuses what another site's page made a browser send.

A key or token in the `Authorization` header is a machine; the session's cookie is a person; this
computer's own user needs neither while there are no accounts. Every route passes here
(`api.dependencies`), so none can forget to ask for a form's token.
"""

from datetime import timedelta
from functools import partial

import anyio
from starlette.requests import Request

from api.languages import is_page
from api.pages.rendering import CSRF_FIELD
from api.signin import cookies
from api.signin.places import SAFE_METHODS, is_foreign, is_from_this_computer, is_secure
from catalogue.database.viewer import LOCAL_VIEWER, Viewer
from catalogue.records.catalogue import Catalogue
from enmusubi.errors import ForbiddenError, NotSignedInError, PasswordNotOwnError
from enmusubi.messages import N_
from enmusubi.service_settings import SignInSettings
from office.accounts.fingerprints import new_secret, same
from office.accounts.keys import PREFIX, Keys, Tokens
from office.accounts.sessions import Lifetimes, Session, Sessions
from office.accounts.users import Users

CSRF_HEADER = "X-CSRF-Token"
OPEN_TO_ONE_TIME_PASSWORDS = frozenset({"/password", "/logout", "/login"})
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
NO_ACCOUNTS = N_(
    "No user can sign in yet, as there is no account. On the server run "
    "`enmusubi user add LOGIN --role administrator`, then sign in at /login."
)
SET_YOUR_OWN = N_(
    "You signed in with a one-time password, which opens nothing but /password. "
    "Set your own at /password first."
)
SIGN_IN = N_("Sign in at /login; a machine sends `Authorization: Bearer` with its key or token.")


class Authenticator:
    """Lets people, machines and this computer's own user in, by the catalogue's accounts."""

    def __init__(self, catalogue: Catalogue, settings: SignInSettings) -> None:
        lifetimes = Lifetimes(
            timedelta(minutes=settings.idle_minutes),
            timedelta(minutes=settings.absolute_minutes),
            timedelta(minutes=settings.rotate_minutes),
        )
        self.sessions = Sessions(catalogue, lifetimes)
        self.settings = settings
        self._keys, self._tokens, self._users = Keys(catalogue), Tokens(catalogue), Users(catalogue)
        self._has_accounts = False

    async def viewer(self, request: Request) -> Viewer:
        """Return who asks.

        Raises NotSignedInError, ForbiddenError for what another site's page sent, and
        PasswordNotOwnError for most of what a user with a one-time password asks for.
        """
        key = bearer_of(request)
        if key is not None:
            return await self._machine(key)
        self.refuse_foreign(request)
        session = await self._session(request)
        if session is not None:
            await refuse_forged(request, session.csrf_token)
            request.state.csrf_token = session.csrf_token
            _refuse_one_time_password(request, session)
            return session.viewer
        if self.settings.mode == "auto" and not await self.has_accounts():
            if is_from_this_computer(request):
                return LOCAL_VIEWER
            raise NotSignedInError(NO_ACCOUNTS)
        raise NotSignedInError(SIGN_IN)

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
    sent = request.headers.get(CSRF_HEADER, "") or await _form_token(request)
    if not token or not same(sent, token):
        raise ForbiddenError(
            "The form is out of date: its token is missing or of another session. Load "
            "the page again and repeat; a program sends the token as %(header)s, or "
            "comes with a key instead.",
            header=CSRF_HEADER,
        )


async def _form_token(request: Request) -> str:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in FORMS:
        return ""
    sent = (await request.form()).get(CSRF_FIELD)
    return sent if isinstance(sent, str) else ""
