"""What docs/webhooks.md and docs/logging-and-metrics.md show works and is there."""

import re
import time
from pathlib import Path

from api.observability.metrics import Metrics
from office.webhooks.events import EVENTS
from office.webhooks.sender import sign

DOCS = Path(__file__).parents[2] / "docs"
WEBHOOKS = (DOCS / "webhooks.md").read_text("utf-8")
METRICS = (DOCS / "logging-and-metrics.md").read_text("utf-8")


def test_the_check_of_a_signature_that_is_shown_takes_ours_and_no_other():
    names = {}
    exec(re.findall(r"```python\n(.*?)```", WEBHOOKS, re.DOTALL)[0], names)  # noqa: S102
    is_ours, now = names["is_from_enmusubi"], int(time.time())
    header = sign("whsec_a", now, b"{}")
    assert is_ours("whsec_a", header, b"{}")
    assert not is_ours("whsec_a", header, b"{ }")
    assert not is_ours("whsec_b", header, b"{}")
    assert not is_ours("whsec_a", sign("whsec_a", now - 400, b"{}"), b"{}")
    assert not is_ours("whsec_a", "v1=00", b"{}")


def test_every_event_is_described():
    assert [event for event in EVENTS if f"`{event}`" not in WEBHOOKS] == []


def test_every_metric_is_described():
    described = METRICS.replace("_total{", "{")
    names = [found.name for found in Metrics()._registry.collect()]
    own = [name for name in names if name.startswith("enmusubi_")]
    assert len(own) == 12
    assert [name for name in own if f"`{name}" not in described] == []
