"""Who is looking: a person of the office, a machine, or whoever sits at this computer."""

from dataclasses import dataclass, field

CHIEF, PROJECT, IP, LEGAL, FINANCE = "chief", "project", "ip", "legal", "finance"
HR = "hr"
MEMBER = "member"  # a company's user: sees the pages of that company alone
ANALYST, VIEWER, ADMINISTRATOR, PORTAL = "analyst", "viewer", "administrator", "portal"
OFFICE_ROLES = (CHIEF, PROJECT, IP, LEGAL, FINANCE, HR)
PERSON_ROLES = (*OFFICE_ROLES, ANALYST, VIEWER, ADMINISTRATOR)  # of the university
ACCOUNT_ROLES = (*PERSON_ROLES, MEMBER)
MACHINE_ROLES = (PORTAL, ANALYST)
ROLES = (*ACCOUNT_ROLES, PORTAL)
PERSON, MACHINE = "person", "machine"
OF_MEMBER = "member"  # the kind under which a company's user acts for the company
OF_COMPANIES = (f"{MACHINE}:", f"{OF_MEMBER}:")  # how what companies judged is signed
OPERATOR = "operator"  # who runs a command, on the machine that holds the data

NEEDS_READ, NEEDS_WRITE = "needs:read", "needs:write"
MATCHES_READ, FEEDBACK_WRITE = "matches:read", "feedback:write"
WEBHOOKS_WRITE, METRICS_READ = "webhooks:write", "metrics:read"
MEMBERS_READ = "members:read"
SCOPES = (
    NEEDS_READ,
    NEEDS_WRITE,
    MATCHES_READ,
    FEEDBACK_WRITE,
    MEMBERS_READ,
    WEBHOOKS_WRITE,
    METRICS_READ,
)


@dataclass(frozen=True)
class StandIn:
    """Whose gates or queue a viewer has while that one is away: the login, the name and the role of now.

    `what` is some of `gates` and `queue`.
    """

    user_id: str
    name: str
    role: str
    what: frozenset[str]


@dataclass(frozen=True)
class Viewer:
    """Who asks, with the role that decides what they may see.

    `viewer_id` is a person's login or a machine's id. A machine sees the needs of its `companies`
    (organisation ids) alone and may use its `scopes` alone; a company's user has one company; a person
    named on seeds is `researcher_id`. `stands_in` are colleagues who are away.
    """

    viewer_id: str
    role: str
    kind: str = PERSON
    name: str = ""
    companies: frozenset[str] = field(default=frozenset())
    scopes: frozenset[str] = field(default=frozenset())
    researcher_id: str = ""
    stands_in: tuple[StandIn, ...] = ()

    @property
    def owner(self) -> str:
        """Who jobs and kept answers belong to: `person:tanaka`, `machine:portal-1`."""
        return f"{self.kind}:{self.viewer_id}"


LOCAL_ID = "local"
LOCAL_VIEWER = Viewer(LOCAL_ID, CHIEF)  # this computer's own user, while there are no accounts
