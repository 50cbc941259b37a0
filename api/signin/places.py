"""Where a request comes from and may be sent to: this computer, this service's own pages, or elsewhere."""

import ipaddress
import re
from urllib.parse import quote, urlsplit

from starlette.requests import Request

from enmusubi.service_settings import SignInSettings
from office.accounts.passkeys import Site

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
MAX_PATH_CHARS = 500
HOME = "/"
_SAME_SITE = frozenset({"same-origin", "none"})  # none: entered by hand
_UNSAFE_IN_PATHS = re.compile(r"[\x00-\x20\x7f\\]")
_FORWARDING = ("forwarded", "x-real-ip", "via")


def is_from_this_computer(request: Request) -> bool:
    """Return whether a request comes straight from this computer: no proxy, and a local name as host.

    The name is asked for because another site's name may be made to lead here.
    """
    forwarded = any(
        name in _FORWARDING or name.startswith("x-forwarded") for name in request.headers
    )
    peer = request.client.host if request.client else ""
    return not forwarded and _is_loopback(peer) and _is_local_name(_host(request))


def is_foreign(request: Request, public_url: str) -> bool:
    """Return whether a browser says that another site's page sent the request.

    Programs say nothing of it; browsers always say it of requests that change something.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site not in _SAME_SITE
    origin = request.headers.get("origin")
    own = urlsplit(public_url).netloc or request.headers.get("host", "")
    return origin is not None and origin.partition("://")[2].lower() != own.lower()


def is_secure(request: Request, public_url: str) -> bool:
    """Return whether people reach the service by https."""
    return (urlsplit(public_url).scheme or request.scope["scheme"]) == "https"


def base_url(request: Request, public_url: str) -> str:
    """Return the address of the service, without a slash at its end."""
    return public_url or f"{request.scope['scheme']}://{request.headers.get('host', '')}"


def site_of(request: Request, settings: SignInSettings) -> Site:
    """Return the name and address under which people reach the service, to which passkeys are bound."""
    origin = base_url(request, settings.public_url)
    return Site(urlsplit(origin).hostname or "", origin)


def local_path(wanted: str) -> str:
    """Return a path of this service to go on with; the start for anything that could lead elsewhere."""
    if (
        len(wanted) > MAX_PATH_CHARS
        or not wanted.startswith("/")
        or wanted.startswith("//")
        or _UNSAFE_IN_PATHS.search(wanted)
    ):
        return HOME
    path = urlsplit(wanted).path
    return (
        HOME
        if path.startswith(("/login", "/logout"))
        else quote(wanted, safe="/?&=%:,+;@!$'()*-._~#")
    )


def page_asked(request: Request) -> str:
    """Return the path to come back to after signing in; the start for what is not just read."""
    if request.method != "GET":
        return HOME
    path, query = request.scope["path"], request.scope["query_string"].decode("latin-1")
    return local_path(f"{path}?{query}" if query else path)


def _host(request: Request) -> str:
    """Return the name that the request was sent to, empty for one that cannot be read."""
    try:
        return urlsplit(f"//{request.headers.get('host', '')}").hostname or ""
    except ValueError:
        return ""


def _is_loopback(host: str) -> bool:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback


def _is_local_name(name: str) -> bool:
    return name == "localhost" or name.endswith(".localhost") or _is_loopback(name)
