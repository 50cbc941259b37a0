"""What people choose of the mails to them: the language, and which kinds they do without."""

from collections.abc import Collection

from sqlalchemy import update

from catalogue.database.account_models import UserAccount
from catalogue.database.models import LANGUAGES
from catalogue.database.viewer import Viewer
from catalogue.records.catalogue import Catalogue
from enmusubi.errors import InputError
from office.access import audit
from office.accounts.sessions import USER
from office.accounts.users import User, required_user
from office.mail.composing import CHOSEN_KINDS

TOLD_AS = {"language": "mail_language"}  # evidence has a language, too


def choose_mails(
    catalogue: Catalogue, viewer: Viewer, *, language: str, wanted: Collection[str]
) -> User:
    """Keep a person's own choice of language (empty: the service's) and of kinds, and return the account.

    Kinds that nobody can do without are sent in any case. Raises InputError for an unknown language.
    """
    if language not in {"", *LANGUAGES}:
        raise InputError("not one of %(choices)s", of_field="mail_language", choices="ja, en")
    muted = " ".join(kind for kind in CHOSEN_KINDS if kind not in wanted)
    with catalogue.writing() as connection:
        before = required_user(connection, viewer.viewer_id)
        given = {"language": language, "muted_mail": muted}
        changed = {name: value for name, value in given.items() if getattr(before, name) != value}
        if changed:
            mine = UserAccount.user_id == before.user_id
            connection.execute(update(UserAccount).where(mine).values(**changed))
            told = {"changed": [TOLD_AS.get(name, name) for name in sorted(changed)]}
            audit.record(connection, viewer, "change user", USER, before.user_id, **told)
        return required_user(connection, before.user_id)
