"""The webhooks of portals and the messages that wait for them, in the catalogue's database.

An event is written in the transaction of what it tells, so that it is sent if and only if that
happened. Messages hold ids and links; never a need's text or a company's name.
"""

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    Table,
    exists,
    func,
    insert,
    literal,
    select,
    update,
)

from catalogue.database.account_models import ApiKey, Client, ClientCompany
from catalogue.database.models import StoredNeed
from catalogue.database.service_models import Webhook, WebhookDelivery
from catalogue.database.viewer import Viewer
from enmusubi.errors import ConflictError, TooManyRequestsError, UnknownIdError
from enmusubi.sealing import SealingKeys
from office.access import audit
from office.access.keyset_pages import Page, rows_behind
from office.companies.finding import home_ids
from office.webhooks.events import EVENTS, TEST

MAX_WEBHOOKS = 10  # for each machine
MAX_TESTS = 3  # that wait at once, for each webhook
RETRY_AFTER_S = 60
WEBHOOK_KIND = "webhook"  # of objects in the audit trail
MAX_VALUE_CHARS = 500
WEBHOOK = cast(Table, Webhook.__table__)
DELIVERY = cast(Table, WebhookDelivery.__table__)
CLIENT = cast(Table, Client.__table__)
_COMPANY = cast(Table, ClientCompany.__table__)
KEY = cast(Table, ApiKey.__table__)
_NEED = cast(Table, StoredNeed.__table__)


def enqueue_event(
    connection: Connection, event: str, need_id: str, payload: Mapping[str, str | int]
) -> int:
    """Write a message for every active webhook of the portals that may see the need.

    Runs in the caller's transaction and returns how many messages wait. `payload` holds ids, links
    and times alone; `need_id` is added to it.
    """
    hooks = _hooks_told(need_id).where(_may_read(event)).order_by(WEBHOOK.c.webhook_id)
    ids = [str(found) for found in connection.execute(hooks).scalars()]
    return _enqueue(connection, event, ids, {"need_id": need_id, **payload})


def enqueue_company_event(
    connection: Connection, event: str, organisation_id: str, payload: Mapping[str, str | int]
) -> int:
    """Write a message for every active webhook of a company's portals; as `enqueue_event`."""
    hooks = _hooks_of_company(connection, organisation_id).where(_may_read(event))
    ordered = hooks.distinct().order_by(WEBHOOK.c.webhook_id)
    ids = [str(found) for found in connection.execute(ordered).scalars()]
    return _enqueue(connection, event, ids, {"organisation_id": organisation_id, **payload})


def is_told_still(connection: Connection, webhook_id: str, event: str, payload: str) -> bool:
    """Return whether a webhook may be sent a message that waited: its machine may read that still."""
    told = json.loads(payload)
    if "need_id" in told:
        hooks = _hooks_told(told["need_id"])
    elif "organisation_id" in told:
        hooks = _hooks_of_company(connection, told["organisation_id"])
    else:  # a test, of nobody
        hooks = select(WEBHOOK.c.webhook_id)
    mine = hooks.where(WEBHOOK.c.webhook_id == webhook_id, _may_read(event))
    return connection.execute(mine).first() is not None


def _may_read(event: str) -> ColumnElement[bool]:
    """Return the condition on webhooks whose machine has a key today that may read what an event tells of."""
    over = KEY.c.expires_at.is_not(None) & (KEY.c.expires_at <= _now())
    scopes = literal(" ") + KEY.c.scopes + literal(" ")
    return exists(
        select(KEY.c.key_id).where(
            KEY.c.client_id == WEBHOOK.c.client_id,
            KEY.c.revoked_at.is_(None),
            ~over,
            scopes.contains(f" {EVENTS[event].scope} ", autoescape=True),
        )
    )


def _hooks_of_company(connection: Connection, organisation_id: str) -> Select[Any]:
    """Return the query for the active webhooks of the portals of a company."""
    return (
        select(WEBHOOK.c.webhook_id)
        .join(CLIENT, CLIENT.c.client_id == WEBHOOK.c.client_id)
        .join(_COMPANY, _COMPANY.c.client_id == WEBHOOK.c.client_id)
        .where(_COMPANY.c.organisation_id.in_(home_ids(connection, organisation_id)))
        .where(WEBHOOK.c.disabled_at.is_(None), CLIENT.c.disabled_at.is_(None))
    )


def _hooks_told(need_id: str) -> Select[Any]:
    """Return the query for the active webhooks of the portals that may see a need."""
    return (
        select(WEBHOOK.c.webhook_id)
        .join(CLIENT, CLIENT.c.client_id == WEBHOOK.c.client_id)
        .join(_COMPANY, _COMPANY.c.client_id == WEBHOOK.c.client_id)
        .join(_NEED, _NEED.c.organisation_id == _COMPANY.c.organisation_id)
        .where(_NEED.c.need_id == need_id)
        .where(WEBHOOK.c.disabled_at.is_(None), CLIENT.c.disabled_at.is_(None))
    )


def enqueue_test(connection: Connection, viewer: Viewer, webhook_id: str) -> "Delivery":
    """Write a test message for one of the viewer's webhooks and return it.

    Raises UnknownIdError, and TooManyRequestsError while others wait: a portal's tests keep no message
    of another waiting.
    """
    webhook_of(connection, viewer, webhook_id)
    waiting = select(func.count()).where(
        DELIVERY.c.webhook_id == webhook_id,
        DELIVERY.c.event == TEST,
        DELIVERY.c.next_at.is_not(None),
    )
    if connection.execute(waiting).scalar_one() >= MAX_TESTS:
        raise TooManyRequestsError(
            "%(count)s tests of this webhook wait already: see in its deliveries how "
            "they fare. Try again later.",
            retry_after_s=RETRY_AFTER_S,
            count=MAX_TESTS,
        )
    _enqueue(connection, TEST, [webhook_id], {"webhook_id": webhook_id})
    return deliveries_page(connection, viewer, webhook_id, limit=1).items[0]


def _enqueue(
    connection: Connection, event: str, hooks: Sequence[str], payload: Mapping[str, str | int]
) -> int:
    if event not in EVENTS or set(payload) - set(EVENTS[event].data):
        raise ValueError(f"{event!r} is no event, or does not tell {sorted(payload)}.")
    long = [k for k, v in payload.items() if not isinstance(v, int) and len(v) > MAX_VALUE_CHARS]
    if long:
        raise ValueError(f"{long[0]!r} is too long for a message: expected ids, links and times.")
    now = _now()
    waiting = {"attempts": 0, "next_at": now, "delivered_at": None, "status": None, "fault": ""}
    content = {"event": event, "payload": json.dumps(payload), "created_at": now}
    if hooks:
        rows = [{"webhook_id": hook, **content, **waiting} for hook in hooks]
        connection.execute(insert(DELIVERY), rows)
    return len(hooks)


@dataclass(frozen=True)
class Hook:
    """A webhook as its owner sees it; the secret is shown once, when it is made."""

    webhook_id: str
    url: str
    created_at: datetime
    disabled_at: datetime | None


@dataclass(frozen=True)
class Delivery:
    """One message of a webhook and how it fared; `fault` is empty where nothing went wrong.

    `public_id` is the number by which its receiver knows it: it tells nothing of how many others have.
    """

    public_id: int
    event: str
    created_at: datetime
    attempts: int
    next_at: datetime | None
    delivered_at: datetime | None
    status: int | None
    fault: str

    @property
    def state(self) -> str:
        """waiting, delivered or given_up."""
        return "waiting" if self.next_at else "delivered" if self.delivered_at else "given_up"


def create_webhook(
    connection: Connection, viewer: Viewer, url: str, sealing: SealingKeys
) -> tuple[Hook, str]:
    """Keep a checked address and return its webhook and secret; raises ConflictError at the limit."""
    if len(webhooks_of(connection, viewer)) >= MAX_WEBHOOKS:
        raise ConflictError(
            "You have %(count)s webhooks already, which is the most. Delete one first.",
            count=MAX_WEBHOOKS,
        )
    hook = Hook(f"wh_{secrets.token_hex(8)}", url, _now(), None)
    secret = f"whsec_{secrets.token_urlsafe(32)}"
    sealed = sealing.seal(secret, about_webhook(hook.webhook_id))
    row = {"client_id": viewer.viewer_id, "secret": sealed, **vars(hook)}
    connection.execute(insert(WEBHOOK).values(row))
    audit.record(connection, viewer, "create", WEBHOOK_KIND, hook.webhook_id)
    return hook, secret


def about_webhook(webhook_id: str) -> str:
    """Return what the secret of a webhook is sealed for."""
    return f"{WEBHOOK.name}.secret:{webhook_id}"


def webhooks_of(connection: Connection, viewer: Viewer) -> list[Hook]:
    """Return the viewer's own webhooks, oldest first."""
    return webhooks_of_machine(connection, viewer.viewer_id)


def webhooks_of_machine(connection: Connection, client_id: str) -> list[Hook]:
    """Return a machine's webhooks, oldest first; `connection` is the service's own."""
    query = _hooks(client_id).order_by(WEBHOOK.c.created_at, WEBHOOK.c.webhook_id)
    return [_hook(row) for row in connection.execute(query).mappings()]


def webhook_of(connection: Connection, viewer: Viewer, webhook_id: str) -> Hook:
    """Return one webhook of a machine; raises UnknownIdError, for others' as well."""
    return _webhook_of(connection, viewer.viewer_id, webhook_id)


def _webhook_of(connection: Connection, client_id: str, webhook_id: str) -> Hook:
    query = _hooks(client_id).where(WEBHOOK.c.webhook_id == webhook_id)
    row = connection.execute(query).mappings().first()
    if row is None:
        raise UnknownIdError("You have no webhook %(id)r.", id=webhook_id)
    return _hook(row)


def delete_webhook(connection: Connection, viewer: Viewer, webhook_id: str) -> None:
    """Forget a webhook: nothing more is sent to it, and its log is kept. Raises UnknownIdError."""
    end_webhook(connection, viewer, viewer.viewer_id, webhook_id)


def end_webhook(connection: Connection, by: Viewer, client_id: str, webhook_id: str) -> None:
    """Forget a webhook of a machine, which somebody else may have set with its key; as `delete_webhook`."""
    _webhook_of(connection, client_id, webhook_id)
    now = _now()
    chosen = WEBHOOK.c.webhook_id == webhook_id
    connection.execute(update(WEBHOOK).where(chosen).values(disabled_at=now, secret=""))
    waiting = (DELIVERY.c.webhook_id == webhook_id) & DELIVERY.c.next_at.is_not(None)
    connection.execute(
        update(DELIVERY).where(waiting).values(next_at=None, fault="the webhook was deleted")
    )
    audit.record(connection, by, "delete", WEBHOOK_KIND, webhook_id, machine=client_id)


def deliveries_page(
    connection: Connection, viewer: Viewer, webhook_id: str, *, after: str = "", limit: int = 50
) -> Page[Delivery]:
    """Return the messages of one of the viewer's webhooks, newest first; raises UnknownIdError."""
    webhook_of(connection, viewer, webhook_id)
    query = select(DELIVERY).where(DELIVERY.c.webhook_id == webhook_id)
    number, opaque = DELIVERY.c.delivery_id, DELIVERY.c.public_id
    rows, cursor = rows_behind(connection, query, number, opaque, after=after, limit=limit)
    return Page(tuple(_delivery(row) for row in rows), cursor)


def _hooks(client_id: str) -> Select[Any]:
    own = (WEBHOOK.c.client_id == client_id, WEBHOOK.c.disabled_at.is_(None))
    return select(WEBHOOK).where(*own)


def _hook(row: RowMapping) -> Hook:
    ended = row["disabled_at"]
    return Hook(row["webhook_id"], row["url"], row["created_at"], ended)


def _delivery(row: RowMapping) -> Delivery:
    return Delivery(**{part.name: row[part.name] for part in fields(Delivery)})


def _now() -> datetime:
    return datetime.now(UTC)
