"""E-mail addresses as accounts keep them: one plain ASCII address, without a name beside it."""

import re

from enmusubi.errors import InputError

MAX_EMAIL_CHARS = 254  # RFC 5321, less the angle brackets
_EMAIL = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)*[A-Za-z0-9-]{1,63}"
)


def is_email(text: str) -> bool:
    """Return whether a text is one address that mail can be sent to; line ends are in none."""
    return len(text) <= MAX_EMAIL_CHARS and _EMAIL.fullmatch(text) is not None


def checked_email(text: str) -> str:
    """Return an address without blanks around it, or nothing for nothing; raises InputError."""
    address = text.strip()
    if address and not is_email(address):
        raise InputError(
            "not an e-mail address: expected one such as tanaka@example.ac.jp.", of_field="email"
        )
    return address
