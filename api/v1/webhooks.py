"""The routes of webhooks: a portal says where messages go, tries it, and reads what was sent."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated

from fastapi import Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from api.dependencies import (
    AnId,
    CurrentViewer,
    NextCursor,
    PageQuery,
    Services,
    allowed,
    link_next,
    problems,
)
from api.v1.idempotency import (
    Creation,
    IdempotencyKey,
    RequestContent,
    create_once,
    owned,
    stored_answer,
)
from api.v1.json_bodies import Router
from catalogue.database.viewer import Viewer
from enmusubi.sealing import SealingKeys
from office.access.rules import HOOK, require
from office.access.scoped import reading_as, writing_as
from office.webhooks.ssrf import MAX_URL_CHARS, resolve_target
from office.webhooks.webhooks import (
    Delivery,
    Hook,
    create_webhook,
    delete_webhook,
    deliveries_page,
    enqueue_test,
    webhook_of,
    webhooks_of,
)

WebhookId = Annotated[AnId, Path(description="A webhook's id.", examples=["wh_0f4c2a7be9d61538"])]
_NAMED = "/v1/webhooks/{webhook_id}"


class WebhookIn(BaseModel):
    """Where messages are to be sent."""

    model_config = ConfigDict(extra="forbid")

    url: str = Field(
        max_length=MAX_URL_CHARS,
        description="http:// or https://, outside of private networks.",
        examples=["https://portal.example/enmusubi"],
    )


class WebhookOut(BaseModel):
    """A webhook; its secret is shown once, when it is made."""

    webhook_id: str = Field(examples=["wh_0f4c2a7be9d61538"])
    url: str
    created_at: datetime


class NewWebhookOut(WebhookOut):
    """A webhook that was made now."""

    secret: str | None = Field(
        description="Signs every message; it is not shown again, so that it is null where the "
        "request was sent again with its Idempotency-Key."
    )


class WebhooksOut(BaseModel):
    """Your webhooks, oldest first; there are few, so that they come in one answer."""

    items: list[WebhookOut]


class DeliveryOut(BaseModel):
    """One message and how it fared."""

    delivery_id: int = Field(description="The same as in the message and each copy of it.")
    event: str = Field(examples=["list.released"])
    created_at: datetime
    state: str = Field(description="waiting, delivered or given_up.", examples=["delivered"])
    attempts: int
    next_at: datetime | None = Field(description="When it is tried again; null: not any more.")
    delivered_at: datetime | None
    status: int | None = Field(description="Status of the last answer; null where none came.")
    fault: str = Field(description="What went wrong at the last attempt; empty: nothing.")

    @classmethod
    def of(cls, delivery: Delivery) -> "DeliveryOut":
        """Return the answer for a message."""
        said = asdict(delivery) | {"state": delivery.state}
        return cls(delivery_id=said.pop("public_id"), **said)


class DeliveriesOut(BaseModel):
    """Messages of a webhook, newest first."""

    items: list[DeliveryOut]
    next_cursor: NextCursor


def build_router(services: Services) -> Router:
    """Return the routes of webhooks."""
    router = Router(tags=["webhooks"])
    _add_webhooks(router, services)
    _add_deliveries(router, services)
    return router


def _add_webhooks(router: Router, services: Services) -> None:
    catalogue, private = services.catalogue, services.settings.webhooks.allow_private
    sealing = services.settings.sealing

    @router.post(
        "/v1/webhooks",
        operation_id="createWebhook",
        status_code=201,
        response_model=NewWebhookOut,
        dependencies=allowed(HOOK),
        responses=problems(409, 413),
    )
    def create(viewer: CurrentViewer, webhook: WebhookIn, key: IdempotencyKey = None) -> Response:
        """Be told at this address when a list is released to you. The secret is shown once."""
        content: RequestContent = ("/v1/webhooks", webhook)
        if before := stored_answer(catalogue, viewer, key, content, still=owned):
            return before
        resolve_target(webhook.url, allow_private=private)
        with writing_as(catalogue, viewer) as connection:
            make = lambda: _made(connection, viewer, webhook.url, sealing)  # noqa: E731
            return create_once(connection, viewer, key, content, make, still=owned)

    @router.get("/v1/webhooks", operation_id="listWebhooks", responses=problems())
    def listed(viewer: CurrentViewer) -> WebhooksOut:
        """List your webhooks."""
        require(viewer, HOOK)
        with reading_as(catalogue, viewer) as connection:
            found = webhooks_of(connection, viewer)
        return WebhooksOut(items=[_shown(hook) for hook in found])

    @router.get(_NAMED, operation_id="getWebhook", responses=problems(404))
    def one(viewer: CurrentViewer, webhook_id: WebhookId) -> WebhookOut:
        """Return one of your webhooks."""
        require(viewer, HOOK)
        with reading_as(catalogue, viewer) as connection:
            return _shown(webhook_of(connection, viewer, webhook_id))

    @router.delete(_NAMED, operation_id="deleteWebhook", status_code=204, responses=problems(404))
    def delete(viewer: CurrentViewer, webhook_id: WebhookId) -> None:
        """Delete a webhook; nothing more is sent to it."""
        require(viewer, HOOK)
        with writing_as(catalogue, viewer) as connection:
            delete_webhook(connection, viewer, webhook_id)


def _made(connection: Connection, viewer: Viewer, url: str, sealing: SealingKeys) -> Creation:
    hook, secret = create_webhook(connection, viewer, url, sealing)
    shown = _shown(hook).model_dump()
    once, again = NewWebhookOut(**shown, secret=secret), NewWebhookOut(**shown, secret=None)
    return Creation(once, {"Location": f"/v1/webhooks/{hook.webhook_id}"}, again=again)


def _add_deliveries(router: Router, services: Services) -> None:
    catalogue = services.catalogue

    @router.get(f"{_NAMED}/deliveries", operation_id="listDeliveries", responses=problems(404))
    def deliveries(
        viewer: CurrentViewer,
        webhook_id: WebhookId,
        request: Request,
        response: Response,
        wanted: Annotated[PageQuery, Query()],
    ) -> DeliveriesOut:
        """List the messages of a webhook and how they fared, newest first."""
        require(viewer, HOOK)
        with reading_as(catalogue, viewer) as connection:
            page = deliveries_page(
                connection, viewer, webhook_id, after=wanted.cursor, limit=wanted.limit
            )
        link_next(request, response, page.after)
        items = [DeliveryOut.of(delivery) for delivery in page.items]
        return DeliveriesOut(items=items, next_cursor=page.after)

    @router.post(
        f"{_NAMED}/test",
        operation_id="testWebhook",
        status_code=202,
        response_model=DeliveryOut,
        responses=problems(404),
    )
    def test(viewer: CurrentViewer, webhook_id: WebhookId, key: IdempotencyKey = None) -> Response:
        """Send a message of the event `webhook.test`; read in the deliveries how it fared."""
        require(viewer, HOOK)
        with writing_as(catalogue, viewer) as connection:

            def make() -> Creation:
                sent = enqueue_test(connection, viewer, webhook_id)
                return Creation(DeliveryOut.of(sent), status=202)

            content: RequestContent = (f"{webhook_id}/test", None)
            return create_once(connection, viewer, key, content, make, still=owned)


def _shown(hook: Hook) -> WebhookOut:
    return WebhookOut(webhook_id=hook.webhook_id, url=hook.url, created_at=hook.created_at)
