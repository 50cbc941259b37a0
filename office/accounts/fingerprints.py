"""Secrets that a program made, and what is stored of them: a SHA-256, as 256 random bits need no salt."""

import hashlib
import hmac
import secrets

SECRET_BYTES = 32
NO_FINGERPRINT = hashlib.sha256(b"no secret has this fingerprint").hexdigest()


def new_secret() -> str:
    """Return 256 random bits as text that fits into cookies and headers."""
    return secrets.token_urlsafe(SECRET_BYTES)


def fingerprint(secret: str) -> str:
    """Return what is stored of a secret."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def matches(secret: str, stored: str | None) -> bool:
    """Return whether a secret has a fingerprint; takes as long where there is none to compare with."""
    equal = hmac.compare_digest(fingerprint(secret), stored or NO_FINGERPRINT)
    return equal and stored is not None


def same(first: str, second: str) -> bool:
    """Return whether two secrets are equal, in a time that doesn't tell how much of them is."""
    return hmac.compare_digest(
        first.encode("utf-8", "surrogatepass"), second.encode("utf-8", "surrogatepass")
    )
