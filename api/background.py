"""The threads beside the requests: one sends messages to portals, one works at jobs."""

import time

from api.services import Services
from office.background_loop import Loop
from office.jobs.runner import JobRunner
from office.webhooks.sender import Sender

LOOK_EVERY_S = 1.0


class Background:
    """What an application does by itself while it serves."""

    def __init__(self, services: Services) -> None:
        self._gate = services.gate
        sender = Sender(
            services.catalogue, services.settings.webhooks, services.metrics.message_tried
        )
        runner = JobRunner(services, services.metrics.job_ended)
        self._loops = (
            Loop("webhooks", sender.send_due, every_s=LOOK_EVERY_S),
            Loop("jobs", runner.work, every_s=LOOK_EVERY_S),
        )

    def start(self) -> None:
        """Begin to work."""
        for loop in self._loops:
            loop.start()

    def stop(self, timeout_s: float) -> bool:
        """End what runs, within a time; returns whether all of it ended. Nothing is lost by either."""
        until = time.monotonic() + timeout_s
        for loop in self._loops:
            loop.ask_to_stop()
        ended = [loop.wait(max(0.0, until - time.monotonic())) for loop in self._loops]
        self._gate.close()
        return all(ended)
