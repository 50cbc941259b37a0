"""A way to a route, and what the rules ask of who takes it: a row of the tables that the walk goes by."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from catalogue.database.viewer import MEMBER, PERSON, Viewer
from office.access import rules
from office.access.rules import NeedFacts, changes_need, may, sees_need


@dataclass(frozen=True)
class Place:
    """A way to a route: what is sent there, what the rules ask, and the statuses where they allow it.

    `{need_id}` and other names in braces are filled in where the walk knows an object for them.
    """

    method: str
    route: str
    actions: tuple[str, ...] = ()
    changes: bool = False
    good: frozenset[int] = frozenset({200})
    sent: dict[str, Any] = field(default_factory=dict)
    path: str = ""
    only_people: bool = False
    only_machines_of: tuple[str, ...] = ()  # roles whose people the way is not for

    def verdict(self, viewer: Viewer, need: NeedFacts | None = None) -> frozenset[int]:
        """Return the statuses that the rules allow for a viewer and a need."""
        if viewer.role == MEMBER and not self.route.startswith("/member"):
            return frozenset({403})  # whatever the rules say: such routes are not for them
        person = viewer.kind == PERSON
        wrong_kind = (self.only_people and not person) or (
            person and viewer.role in self.only_machines_of
        )
        if wrong_kind or not all(may(viewer, action) for action in self.actions):
            return frozenset({403})
        if need is None:
            return self.good
        if not may(viewer, rules.SEE_NEEDS):
            return frozenset({403})
        if not sees_need(viewer, need):
            return frozenset({404})
        return self.good if not self.changes or changes_need(viewer, need) else frozenset({403})

    def options(self, **names: str) -> dict[str, Any]:
        """Return what is sent, the names filled in."""
        return {key: _filled(value, names) for key, value in self.sent.items()}

    def address(self, **names: str) -> str:
        """Return the path, the names filled in as they stand in addresses."""
        wanted = self.path or self.route
        for kind in (":id", ":need", ":path", ":researcher", ":job"):
            wanted = wanted.replace(kind, "")
        return wanted.format(**{name: quote(value, safe="") for name, value in names.items()})


def _filled(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _filled(part, names) for key, part in value.items()}
    if isinstance(value, list):
        return [_filled(part, names) for part in value]
    return names[value[1:-1]] if isinstance(value, str) and value.startswith("{") else value


def codes(*codes: int) -> frozenset[int]:
    return frozenset(codes)


def read(route: str, *actions: str, **more: Any) -> Place:
    return Place("GET", route, actions, **more)


def post(route: str, good: int, *actions: str, **more: Any) -> Place:
    return Place("POST", route, actions, good=codes(good), **more)
