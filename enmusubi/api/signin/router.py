"""Puts the routes of signing in together, around one doorkeeper."""

from datetime import timedelta

from fastapi import APIRouter

from enmusubi.api.services import Services
from enmusubi.api.signin import account, login, oidc, tokens
from enmusubi.api.signin.doorkeeper import FrontDoor
from enmusubi.matcher.accounts.passwords import Passwords
from enmusubi.matcher.accounts.signing_in import LockRule, PasswordDoor
from enmusubi.matcher.accounts.tokens import Tokens
from enmusubi.matcher.accounts.users import Users


def build_router(services: Services, door: FrontDoor) -> APIRouter:
    """Return the routes that let people and machines in."""
    catalogue, settings = services.catalogue, services.settings.sign_in
    passwords = Passwords()
    lock = LockRule(settings.lock_after, timedelta(minutes=settings.lock_minutes))
    limits = {
        "per_address": settings.attempts_per_address,
        "per_account": settings.attempts_per_account,
    }
    check = login.PasswordCheck(PasswordDoor(catalogue, passwords, lock), **limits)
    router = APIRouter()
    router.include_router(login.build_router(door, check))
    router.include_router(account.build_router(door, check, Users(catalogue, passwords)))
    router.include_router(oidc.build_router(door, catalogue))
    router.include_router(tokens.build_router(Tokens(catalogue), **limits))
    return router
