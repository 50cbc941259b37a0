"""Mails about one-time passwords: with the password only where the administrator chose so.

No password waits in the database: the one that a mail holds is made and set when the mail is sent.
"""

from sqlalchemy import Connection

from catalogue.database.service_models import ACCOUNT, PASSWORD
from enmusubi.errors import InputError
from enmusubi.mail_settings import MailSettings
from office.accounts.users import Also, User
from office.mail.queue import enqueue


def told_by_mail(mail: MailSettings, *, with_it: bool) -> Also:
    """Return what writes the mail about a one-time password in the transaction that sets it.

    Without the password the mail says where to sign in; where none can be sent, nothing is written.
    With it, InputError is raised then, and the password stays as it was.
    """

    def tell(connection: Connection, user: User) -> None:
        if not with_it:
            enqueue(connection, mail, ACCOUNT, user.user_id, user.password_mark)
        elif not enqueue(connection, mail, PASSWORD, user.user_id, user.password_mark):
            raise InputError(
                "The password cannot be mailed: it needs a mail server in the settings, and an "
                "account that is enabled and has an e-mail address."
            )

    return tell
