"""Puts the routes of signing in together, around one doorkeeper."""

from datetime import timedelta

from fastapi import APIRouter

from api.services import Services
from api.signin import account, login, oidc, tokens
from api.signin.doorkeeper import Authenticator
from office.accounts.passwords import Passwords
from office.accounts.signing_in import LockRule, PasswordAuthenticator
from office.accounts.tokens import Tokens
from office.accounts.users import Users


def build_router(services: Services, door: Authenticator) -> APIRouter:
    """Return the routes that let people and machines in."""
    catalogue, settings = services.catalogue, services.settings.sign_in
    passwords = Passwords()
    lock = LockRule(settings.lock_after, timedelta(minutes=settings.lock_minutes))
    limits = {
        "per_address": settings.attempts_per_address,
        "per_account": settings.attempts_per_account,
    }
    check = login.PasswordCheck(PasswordAuthenticator(catalogue, passwords, lock), **limits)
    router = APIRouter()
    router.include_router(login.build_router(door, check))
    router.include_router(account.build_router(door, check, Users(catalogue, passwords)))
    router.include_router(oidc.build_router(door, catalogue))
    router.include_router(tokens.build_router(Tokens(catalogue), **limits))
    return router
