"""The routes of webhooks: a portal says where it wants to be told, tries it, and reads what was sent."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from enmusubi.api.guard import CurrentViewer
from enmusubi.api.problems import Problem
from enmusubi.api.schemas import MAX_ID_CHARS, printable
from enmusubi.api.services import Services
from enmusubi.api.work.targets import MAX_URL_CHARS, resolve_target
from enmusubi.api.work.webhooks import (
    Hook,
    create_webhook,
    delete_webhook,
    deliveries_of,
    enqueue_test,
    webhook_of,
    webhooks_of,
)
from enmusubi.matcher.access.rules import HOOK, require
from enmusubi.matcher.catalogue.ledger import aware

WebhookId = Annotated[str, Path(max_length=MAX_ID_CHARS), AfterValidator(printable)]
MAX_DELIVERY_ID = 2**53 - 1


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

    secret: str = Field(description="Signs every message; it is not shown again.")


class WebhooksOut(BaseModel):
    """Your webhooks, oldest first; there are few, so that they come in one answer."""

    items: list[WebhookOut]


class DeliveryOut(BaseModel):
    """One message and how it fared."""

    delivery_id: int
    event: str = Field(examples=["list.released"])
    created_at: datetime
    state: str = Field(description="waiting, delivered or given_up.", examples=["delivered"])
    attempts: int
    next_at: datetime | None = Field(description="When it is tried again; null: not any more.")
    delivered_at: datetime | None
    status: int | None = Field(description="Status of the last answer; null where none came.")
    fault: str = Field(description="What went wrong at the last attempt; empty: nothing.")


class DeliveriesOut(BaseModel):
    """Messages of a webhook, newest first."""

    items: list[DeliveryOut]
    next_before: int | None = Field(description="`before` of the next page; null on the last one.")


def _problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    return {status: {"description": "Problem details", "model": Problem} for status in statuses}


_ANSWERS = _problems(401, 403, 422, 429, 500, 503)
_ONE = _problems(401, 403, 404, 422, 429, 500, 503)


def build_router(services: Services) -> APIRouter:
    """Return the routes of webhooks."""
    router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"])
    _add_webhooks(router, services)
    _add_deliveries(router, services)
    return router


def _add_webhooks(router: APIRouter, services: Services) -> None:
    catalogue, allowed = services.catalogue, services.settings.webhooks.allow_private

    @router.post("", status_code=201, responses=_ANSWERS | _problems(400, 409, 413))
    def create(viewer: CurrentViewer, webhook: WebhookIn, response: Response) -> NewWebhookOut:
        """Be told at this address when a list is released to you. The secret is shown once."""
        require(viewer, HOOK)
        resolve_target(webhook.url, allow_private=allowed)
        with catalogue.writing() as connection:
            hook, secret = create_webhook(connection, viewer.viewer_id, webhook.url)
        response.headers["Location"] = f"/v1/webhooks/{hook.webhook_id}"
        return NewWebhookOut(**_shown(hook).model_dump(), secret=secret)

    @router.get("", responses=_problems(401, 403, 429, 500, 503))
    def listed(viewer: CurrentViewer) -> WebhooksOut:
        """List your webhooks."""
        require(viewer, HOOK)
        with catalogue.reading() as connection:
            found = webhooks_of(connection, viewer.viewer_id)
        return WebhooksOut(items=[_shown(hook) for hook in found])

    @router.get("/{webhook_id}", responses=_ONE)
    def one(viewer: CurrentViewer, webhook_id: WebhookId) -> WebhookOut:
        """Return one of your webhooks."""
        require(viewer, HOOK)
        with catalogue.reading() as connection:
            return _shown(webhook_of(connection, viewer.viewer_id, webhook_id))

    @router.delete("/{webhook_id}", status_code=204, responses=_ONE)
    def delete(viewer: CurrentViewer, webhook_id: WebhookId) -> None:
        """Delete a webhook; nothing more is sent to it."""
        require(viewer, HOOK)
        with catalogue.writing() as connection:
            delete_webhook(connection, viewer.viewer_id, webhook_id)


def _add_deliveries(router: APIRouter, services: Services) -> None:
    catalogue = services.catalogue

    @router.get("/{webhook_id}/deliveries", responses=_ONE)
    def deliveries(
        viewer: CurrentViewer,
        webhook_id: WebhookId,
        before: Annotated[int | None, Query(ge=1, le=MAX_DELIVERY_ID)] = None,
        limit: Annotated[int, Query(ge=1, le=100)] = 20,
    ) -> DeliveriesOut:
        """List the messages of a webhook and how they fared, newest first."""
        require(viewer, HOOK)
        with catalogue.reading() as connection:
            webhook_of(connection, viewer.viewer_id, webhook_id)
            found = deliveries_of(connection, webhook_id, before=before, limit=limit + 1)
        items = [_delivery(row) for row in found[:limit]]
        more = len(found) > limit
        return DeliveriesOut(items=items, next_before=items[-1].delivery_id if more else None)

    @router.post("/{webhook_id}/test", status_code=202, responses=_ONE)
    def test(viewer: CurrentViewer, webhook_id: WebhookId) -> DeliveryOut:
        """Send a message of the event `webhook.test`; read in the deliveries how it fared."""
        require(viewer, HOOK)
        with catalogue.writing() as connection:
            enqueue_test(connection, viewer.viewer_id, webhook_id)
            return _delivery(deliveries_of(connection, webhook_id, before=None, limit=1)[0])


def _shown(hook: Hook) -> WebhookOut:
    return WebhookOut(webhook_id=hook.webhook_id, url=hook.url, created_at=hook.created_at)


def _delivery(row: Any) -> DeliveryOut:
    state = "waiting" if row["next_at"] else "delivered" if row["delivered_at"] else "given_up"
    times = {name: row[name] and aware(row[name]) for name in _TIMES}
    return DeliveryOut.model_validate({**row, **times, "state": state})


_TIMES = ("created_at", "next_at", "delivered_at")
