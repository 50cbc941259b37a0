"""The signature of a message: who has the secret can tell that it is ours, fresh and whole."""

import hashlib
import hmac
import re

SIGNATURE_HEADER = "Enmusubi-Signature"
TOLERANCE_S = 300
_SIGNATURE = re.compile(r"t=(\d{1,12}),v1=([0-9a-f]{64})")


def sign(secret: str, timestamp: int, body: bytes) -> str:
    """Return the value of the header: HMAC-SHA256 over `timestamp.body`."""
    signed = hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256)
    return f"t={timestamp},v1={signed.hexdigest()}"


def is_signed(secret: str, header: str, body: bytes, *, now: float) -> bool:
    """Return whether a message is signed with the secret and not older than five minutes."""
    found = _SIGNATURE.fullmatch(header)
    if not found or abs(now - int(found[1])) > TOLERANCE_S:
        return False
    return hmac.compare_digest(sign(secret, int(found[1]), body), header)
