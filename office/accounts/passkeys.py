"""Passkeys (WebAuthn level 2): what a browser is asked for, and whether what it answers is right.

A passkey is bound to the name under which people reach the service, so that no other site can use it.
"""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from enmusubi.errors import WrongPasswordError
from enmusubi.messages import N_
from office.accounts.second_factors import SecondFactors
from office.accounts.users import User

if TYPE_CHECKING:
    from webauthn.helpers.structs import PublicKeyCredentialDescriptor

MAX_ANSWER_CHARS = 20_000
NAME = "Enmusubi"
_UNREADABLE = (ValueError, KeyError, TypeError, RecursionError)  # the last of brackets in brackets
NOT_RIGHT = N_(
    "The passkey's answer is not right, or came too late. Load the page again and repeat."
)


@dataclass(frozen=True)
class Site:
    """Under which name and address people reach the service: `example.jp` and `https://example.jp`."""

    host: str
    origin: str


@dataclass(frozen=True)
class PasskeyChallenge:
    """What a browser is asked: the options as JSON, and the challenge that its answer must hold."""

    options: str
    challenge: str


class Passkeys:
    """Adds and checks the passkeys of accounts."""

    def __init__(self, factors: SecondFactors) -> None:
        self._factors = factors

    def to_add(self, user: User, site: Site) -> PasskeyChallenge:
        """Return what a browser is asked to make a passkey with."""
        import webauthn
        from webauthn.helpers import bytes_to_base64url, structs

        options = webauthn.generate_registration_options(
            rp_id=site.host,
            rp_name=NAME,
            user_id=user.user_id.encode(),
            user_name=user.user_id,
            user_display_name=user.name or user.user_id,
            exclude_credentials=self._known(user.user_id),
            authenticator_selection=structs.AuthenticatorSelectionCriteria(
                resident_key=structs.ResidentKeyRequirement.DISCOURAGED,
                user_verification=structs.UserVerificationRequirement.PREFERRED,
            ),
        )
        return PasskeyChallenge(
            webauthn.options_to_json(options), bytes_to_base64url(options.challenge)
        )

    def add(self, user: User, site: Site, challenge: str, answer: str, name: str) -> list[str]:
        """Keep the passkey that a browser made; returns recovery codes where it is the first factor.

        Raises WrongPasswordError for an answer that is not right, ConflictError for one that is there.
        """
        import webauthn
        from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
        from webauthn.helpers.exceptions import WebAuthnException

        try:
            found = webauthn.verify_registration_response(
                credential=_read(answer),
                expected_challenge=base64url_to_bytes(_given(challenge)),
                expected_rp_id=site.host,
                expected_origin=site.origin,
            )
        except (WebAuthnException, *_UNREADABLE) as error:
            raise WrongPasswordError(NOT_RIGHT) from error
        return self._factors.add_passkey(
            user.viewer,
            bytes_to_base64url(found.credential_id),
            bytes_to_base64url(found.credential_public_key),
            found.sign_count,
            name,
        )

    def to_prove(self, user_id: str, site: Site) -> PasskeyChallenge | None:
        """Return what a browser is asked to sign, None for an account without a passkey."""
        import webauthn
        from webauthn.helpers import bytes_to_base64url, structs

        known = self._known(user_id)
        if not known:
            return None
        options = webauthn.generate_authentication_options(
            rp_id=site.host,
            allow_credentials=known,
            user_verification=structs.UserVerificationRequirement.PREFERRED,
        )
        return PasskeyChallenge(
            webauthn.options_to_json(options), bytes_to_base64url(options.challenge)
        )

    def prove(self, user_id: str, site: Site, challenge: str, answer: str) -> None:
        """Raise WrongPasswordError unless a passkey of the account signed the challenge."""
        import webauthn
        from webauthn.helpers import base64url_to_bytes
        from webauthn.helpers.exceptions import WebAuthnException

        try:
            said = _read(answer)
            row = next(
                one for one in self._factors.passkeys(user_id) if one.credential_id == said["id"]
            )
            found = webauthn.verify_authentication_response(
                credential=said,
                expected_challenge=base64url_to_bytes(_given(challenge)),
                expected_rp_id=site.host,
                expected_origin=site.origin,
                credential_public_key=base64url_to_bytes(row.public_key),
                credential_current_sign_count=row.counter,
            )
        except (WebAuthnException, StopIteration, *_UNREADABLE) as error:
            raise WrongPasswordError(NOT_RIGHT) from error
        self._factors.used_passkey(row.factor_id, found.new_sign_count)

    def _known(self, user_id: str) -> list["PublicKeyCredentialDescriptor"]:
        from webauthn.helpers import base64url_to_bytes
        from webauthn.helpers.structs import PublicKeyCredentialDescriptor

        return [
            PublicKeyCredentialDescriptor(id=base64url_to_bytes(row.credential_id))
            for row in self._factors.passkeys(user_id)
        ]


def _read(answer: str) -> dict[str, object]:
    found = json.loads(answer[:MAX_ANSWER_CHARS])
    if not isinstance(found, dict):
        raise TypeError
    return found


def _given(challenge: str) -> str:
    if not challenge:
        raise ValueError  # none is asked for, or it was answered already
    return challenge
