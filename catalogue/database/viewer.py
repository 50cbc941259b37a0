"""Who is looking: a person of the office, a machine, or whoever sits at this computer."""

from dataclasses import dataclass, field

CHIEF, PROJECT, IP, LEGAL, FINANCE = "chief", "project", "ip", "legal", "finance"
ANALYST, VIEWER, ADMINISTRATOR, PORTAL = "analyst", "viewer", "administrator", "portal"
OFFICE_ROLES = (CHIEF, PROJECT, IP, LEGAL, FINANCE)
PERSON_ROLES = (*OFFICE_ROLES, ANALYST, VIEWER, ADMINISTRATOR)
MACHINE_ROLES = (PORTAL, ANALYST)
ROLES = (*PERSON_ROLES, PORTAL)
PERSON, MACHINE = "person", "machine"
OPERATOR = "operator"  # who runs a command, on the machine that holds the data

NEEDS_READ, NEEDS_WRITE = "needs:read", "needs:write"
MATCHES_READ, FEEDBACK_WRITE = "matches:read", "feedback:write"
WEBHOOKS_WRITE, METRICS_READ = "webhooks:write", "metrics:read"
SCOPES = (
    NEEDS_READ,
    NEEDS_WRITE,
    MATCHES_READ,
    FEEDBACK_WRITE,
    WEBHOOKS_WRITE,
    METRICS_READ,
)


@dataclass(frozen=True)
class Viewer:
    """Who asks, with the role that decides what they may see.

    `viewer_id` is a person's login or a machine's id. A machine sees the needs of its `companies`
    (organisation ids) alone and may use its `scopes` alone; a person named on seeds is `researcher_id`.
    """

    viewer_id: str
    role: str
    kind: str = PERSON
    name: str = ""
    companies: frozenset[str] = field(default=frozenset())
    scopes: frozenset[str] = field(default=frozenset())
    researcher_id: str = ""

    @property
    def owner(self) -> str:
        """Who jobs and kept answers belong to: `person:tanaka`, `machine:portal-1`."""
        return f"{self.kind}:{self.viewer_id}"


LOCAL_ID = "local"
LOCAL_VIEWER = Viewer(LOCAL_ID, CHIEF)  # this computer's own user, while there are no accounts
