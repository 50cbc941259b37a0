"""The figures that Prometheus reads; no label is ever made of what a user wrote."""

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)
from sqlalchemy import Connection, func, select

from catalogue.database.service_models import QUEUED, RUNNING
from office.jobs.jobs import JOB
from office.live_recommender import NeedMatcher
from office.mail.queue import SENT, count_mails
from office.webhooks.webhooks import DELIVERY

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Metrics:
    """The figures of one application."""

    def __init__(self) -> None:
        registry = CollectorRegistry()
        self._registry = registry
        ProcessCollector(registry=registry)
        self._requests = Counter(
            "enmusubi_requests", "Requests answered.", ("method", "route", "status"),
            registry=registry,
        )  # fmt: skip
        self._seconds = Histogram(
            "enmusubi_request_seconds", "Seconds until a request was answered.",
            ("method", "route"), buckets=_SECONDS, registry=registry,
        )  # fmt: skip
        self._waiting = Gauge(
            "enmusubi_encoder_waiting", "Requests that wait for the encoder.", registry=registry
        )
        self._together = Histogram(
            "enmusubi_encoder_batch_needs", "Needs that were encoded together.",
            buckets=(1, 2, 3, 4, 6, 8), registry=registry,
        )  # fmt: skip
        self._match_seconds = Histogram(
            "enmusubi_match_seconds", "Seconds to encode needs and answer them, for each batch.",
            buckets=_SECONDS, registry=registry,
        )  # fmt: skip
        self._jobs = Counter("enmusubi_jobs", "Jobs that ended.", ("state",), registry=registry)
        self._open_jobs = Gauge(
            "enmusubi_jobs_open", "Jobs that wait or run.", ("state",), registry=registry
        )
        self._attempts = Counter(
            "enmusubi_webhook_attempts", "AttemptLimiter to send a message.", ("outcome",),
            registry=registry,
        )  # fmt: skip
        self._undelivered = Gauge(
            "enmusubi_webhook_messages_waiting", "Messages not sent yet.", registry=registry
        )
        self._mail_attempts = Counter(
            "enmusubi_mail_attempts", "Attempts to send a mail.", ("outcome",), registry=registry
        )
        self._mails = Gauge(
            "enmusubi_mails",
            "Mails that wait, or could not be sent.",
            ("state",),
            registry=registry,
        )
        self._index = Gauge(
            "enmusubi_index_info", "The index version that answers.", ("version", "model"),
            registry=registry,
        )  # fmt: skip

    def request_answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request; `route` is the template of its path."""
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)

    def batch_answered(self, needs: int, seconds: float) -> None:
        """Count needs that were encoded together."""
        self._together.observe(needs)
        self._match_seconds.observe(seconds)

    def job_ended(self, state: str) -> None:
        """Count a job."""
        self._jobs.labels(state).inc()

    def message_tried(self, outcome: str) -> None:
        """Count an attempt to send a message: delivered, failed or given_up."""
        self._attempts.labels(outcome).inc()

    def mail_tried(self, outcome: str) -> None:
        """Count an attempt to send a mail: sent, failed, given_up, uncertain or called_off."""
        self._mail_attempts.labels(outcome).inc()

    def read(self, connection: Connection, waiting: int, serving: NeedMatcher | None) -> bytes:
        """Return all figures as Prometheus reads them."""
        self._waiting.set(waiting)
        counted = select(JOB.c.state, func.count()).group_by(JOB.c.state)
        jobs = {row[0]: row[1] for row in connection.execute(counted).all()}
        for state in (QUEUED, RUNNING):
            self._open_jobs.labels(state).set(jobs.get(state, 0))
        unsent = select(func.count()).where(DELIVERY.c.next_at.is_not(None))
        self._undelivered.set(connection.execute(unsent).scalar_one())
        for state, count in count_mails(connection).items():
            if state != SENT:
                self._mails.labels(state).set(count)
        self._index.clear()
        if serving is not None:
            self._index.labels(serving.index_version, serving.model).set(1)
        return generate_latest(self._registry)
