"""The events that portals are told of: when each happens, and which ids and codes its message holds.

No message holds a text, an amount, a person or a company's name. Of what the office works out for a case
(estimates, plans, contracts) a portal learns that there is a version, and nothing that stands in it. Numbers
are by chance, or counted within a case: none tells how many others have. A machine is told what one of its
keys may read, and of nothing else.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from catalogue.database.viewer import MATCHES_READ, MEMBERS_READ, NEEDS_READ, WEBHOOKS_WRITE

LIST_RELEASED, LIST_REVOKED, TEST = "list.released", "list.revoked", "webhook.test"
CASE_STAGE_CHANGED, GATE_DECIDED = "case.stage", "case.gate"
ESTIMATE_MOVED, PLAN_SAVED = "case.estimate", "case.plan"
CONTRACT_MOVED, PROJECT_MOVED = "case.contract", "case.project"
MEMBER_BEGUN, MEMBER_CHANGED, MEMBER_ENDED = "member.begun", "member.changed", "member.ended"

_Data = Mapping[str, str | int]
_NEED: _Data = {"need_id": "The need's id."}
_CASE: _Data = {**_NEED, "case_id": 1, "link": "Where the case is read."}
_VERSION: _Data = {"version": 1}
_MEMBER: _Data = {
    "membership_id": 1,
    "link": "Where it is read.",
    "organisation_id": "The company's id, one of yours.",
    "kind": "regular, special, supporting, trial or other.",
    "since": "Its first day.",
    "until": "Its last day; left out where none is set.",
}


@dataclass(frozen=True)
class Event:
    """An event; `data` has for each value of its message what it says, or 1 for a number.

    `scope` is what a key needs to read what it tells of.
    """

    happens: str
    data: _Data
    scope: str


EVENTS: dict[str, Event] = {
    LIST_RELEASED: Event(
        "A match list was given to the need's company.",
        {**_NEED, "release_id": 1, "link": "Where the list is read."},
        MATCHES_READ,
    ),
    LIST_REVOKED: Event(
        "A released list was taken back.",
        {**_NEED, "release_id": 1, "link": "Where the list was read."},
        MATCHES_READ,
    ),
    CASE_STAGE_CHANGED: Event(
        "A case of which the company knows changed its stage or state.",
        {**_CASE, "stage": "The stage now.", "state": "running, held, declined or completed."},
        NEEDS_READ,
    ),
    GATE_DECIDED: Event(
        "A gate of such a case was decided.",
        {**_CASE, "gate": "The gate.", "decision": "go, hold, stop or recycle."},
        NEEDS_READ,
    ),
    ESTIMATE_MOVED: Event(
        "An estimate of such a case was put up for finance's check, or was checked.",
        {**_CASE, "estimate": 1, **_VERSION, "state": "asked or checked."},
        NEEDS_READ,
    ),
    PLAN_SAVED: Event(
        "A version of such a case's plan was saved.",
        {**_CASE, "language": "ja or en.", **_VERSION},
        NEEDS_READ,
    ),
    CONTRACT_MOVED: Event(
        "What a contract of such a case must settle was noted.",
        {**_CASE, "contract": "nda, joint_research or licence.", **_VERSION},
        NEEDS_READ,
    ),
    PROJECT_MOVED: Event(
        "The period of such a case's project changed, or a milestone was reached or dropped.",
        {
            **_CASE,
            "part": "period or milestone.",
            "milestone": 1,
            "state": "Of a milestone: reached or dropped.",
        },
        NEEDS_READ,
    ),
    MEMBER_BEGUN: Event(
        "A membership of one of your companies began to hold.", _MEMBER, MEMBERS_READ
    ),
    MEMBER_CHANGED: Event("What is recorded of such a membership changed.", _MEMBER, MEMBERS_READ),
    MEMBER_ENDED: Event("Such a membership ended, or was taken back.", _MEMBER, MEMBERS_READ),
    TEST: Event("You asked for it.", {"webhook_id": "The webhook's id."}, WEBHOOKS_WRITE),
}
