"""The application at a provider of OpenID Connect."""

from typing import Any

from fastapi import FastAPI

from catalogue.database.viewer import CHIEF, LEGAL
from catalogue.records.catalogue import Catalogue
from enmusubi.service_settings import OidcSettings, SignInSettings
from tests.api.signin.providers import CLIENT
from tests.support.service import service

NEED = "/v1/needs/N-01"
ROLES = {"law": LEGAL, "office": CHIEF}


def app_at(
    issuer: str, catalogue: Catalogue, folder: Any, *, passwords: bool = True, **more: Any
) -> FastAPI:
    """Return the application whose users sign in at this provider."""
    oidc = OidcSettings(
        issuer=issuer, client_id=CLIENT, client_secret="a secret", roles=ROLES, **more
    )
    settings = SignInSettings(oidc=oidc, passwords=passwords, attempts_per_address=10_000)
    return service(catalogue, folder, sign_in=settings)
