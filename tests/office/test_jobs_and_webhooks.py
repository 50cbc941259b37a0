"""Jobs and messages to portals on either database, on one that knows nothing of pages and routes."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.dependencies import Services
from api.observability.metrics import Metrics
from catalogue.records.catalogue import Catalogue
from enmusubi.service_settings import WebhookSettings
from enmusubi.settings import Settings
from office.background import Background
from office.encoder_gate import EncoderGate
from office.jobs.jobs import (
    MatchOrder,
    ask_to_cancel,
    create_job,
    forget_results,
    job_of,
    jobs_page,
    result_of,
)
from office.jobs.runner import JobRunner
from office.webhooks.events import LIST_RELEASED
from office.webhooks.sender import Sender
from office.webhooks.webhooks import (
    create_webhook,
    delete_webhook,
    deliveries_page,
    enqueue_event,
    webhooks_of,
)
from tests.support.receiver import Receiver, receiving
from tests.support.service import Shelf
from tests.support.worlds import furnish
from tests.support.worlds.portals import AOBA

OPEN = WebhookSettings(allow_private=True)
NOT_STOPPED = threading.Event()


@pytest.fixture
def services(catalogue: Catalogue, tmp_path: Path) -> Iterator[Services]:
    furnish("portals", catalogue, tmp_path)
    settings, metrics = Settings(data_dir=tmp_path, webhooks=OPEN), Metrics()
    gate = EncoderGate(3)
    yield Services(Shelf().live(), catalogue, settings, gate, metrics)
    gate.close()


def queue(catalogue: Catalogue, *need_ids: str) -> str:
    with catalogue.writing() as connection:
        return create_job(connection, MatchOrder(need_ids, AOBA), max_open=9).job_id


def test_a_job_is_done_listed_and_forgotten(services: Services) -> None:
    catalogue = services.catalogue
    first, second = queue(catalogue, "N-aoba", "N-kitano"), queue(catalogue, "N-aoba")
    with catalogue.writing() as connection:
        assert ask_to_cancel(connection, AOBA, second).state == "cancelled"
    JobRunner(services.matching, lambda state: None).work(NOT_STOPPED)
    with catalogue.reading() as connection:
        job, items = job_of(connection, AOBA, first), result_of(connection, first)
        page = jobs_page(connection, AOBA, limit=1)
        rest = jobs_page(connection, AOBA, after=page.after, limit=1)
    assert (job.state, job.done, job.total) == ("done", 2, 2)
    assert [(item["need_id"], item["fault"]) for item in items] == [
        ("N-aoba", ""), ("N-kitano", "unknown"),
    ]  # fmt: skip
    assert [job.job_id for job in (*page.items, *rest.items)] == [second, first]
    with catalogue.writing() as connection:
        assert forget_results(connection, keep_days=-1) == 2
        assert forget_results(connection, keep_days=-1) == 0
        assert result_of(connection, first) == []


def test_a_message_is_sent_and_logged(services: Services) -> None:
    catalogue = services.catalogue
    with receiving(Receiver()) as receiver:
        with catalogue.writing() as connection:
            hook, _ = create_webhook(connection, AOBA, receiver.url, services.settings.sealing)
            assert enqueue_event(connection, LIST_RELEASED, "N-aoba", {"release_id": 1}) == 1
            assert enqueue_event(connection, LIST_RELEASED, "N-kitano", {"release_id": 2}) == 0
        Sender(catalogue, OPEN, services.settings.sealing, lambda outcome: None).send_due()
        assert receiver.data()["data"] == {"need_id": "N-aoba", "release_id": 1}
    with catalogue.writing() as connection:
        [sent] = deliveries_page(connection, AOBA, hook.webhook_id).items
        assert (sent.status, sent.next_at, sent.attempts) == (200, None, 1)
        delete_webhook(connection, AOBA, hook.webhook_id)
        assert webhooks_of(connection, AOBA) == []


def test_both_are_done_in_the_background_until_it_is_stopped(services: Services) -> None:
    catalogue, told = services.catalogue, services.metrics
    background = Background(services.matching, on_message=told.message_tried, on_job=told.job_ended)
    with receiving(Receiver()) as receiver:
        with catalogue.writing() as connection:
            create_webhook(connection, AOBA, receiver.url, services.settings.sealing)
            enqueue_event(connection, LIST_RELEASED, "N-aoba", {})
        job_id = queue(catalogue, "N-aoba")
        background.start()
        for _ in range(200):
            with catalogue.reading() as connection:
                state = job_of(connection, AOBA, job_id).state
            if receiver.got and state == "done":
                break
            threading.Event().wait(0.05)
        assert background.stop(20)
    assert (len(receiver.got), state) == (1, "done")
