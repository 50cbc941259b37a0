"""The ways in to match lists: how each is asked for, told in the audit trail and recorded."""

from dataclasses import dataclass

from catalogue.database.judgement_models import API, MATCH, NIGHTLY


@dataclass(frozen=True)
class WayIn:
    """How a list is asked for: its code in the audit trail, and as what the list is recorded.

    `recorded_as` is a source of shown lists, empty where lists are not recorded. `quotes_need` says
    that the list comes with parts of the need, so that a closed one is noted as read. `spreads` says that a
    list may be asked for in another order than the plain one (see `office.spreading`).
    """

    code: str
    recorded_as: str = ""
    quotes_need: bool = False
    public_only: bool = False
    spreads: bool = False


REQUEST = WayIn("matches", recorded_as=API, quotes_need=True, spreads=True)
# of a need that was reworded or refined by its reader
VARIED = WayIn("matches", quotes_need=True, spreads=True)
COMMAND = WayIn("matches", recorded_as=MATCH, quotes_need=True, spreads=True)
TEAMS = WayIn("teams", quotes_need=True)  # nobody stands at a rank: it is recorded as no list
COUNTERFACTUAL = WayIn("counterfactual")  # a dozen lists, for which the page notes its need once
INQUIRY = WayIn("inquiry", public_only=True)  # what a letter may quote of a person's work
VEIL = WayIn("veil")  # a dozen lists that the need is veiled in, for which the page notes it once
CLINIC = WayIn("clinic")  # lists with answers that may be given; the page notes its need once
CLINIC_WORKS = WayIn("clinic", public_only=True)  # whose titles may be written into the need
CONSORTIUM = WayIn("consortium")  # of open needs alone, of which nothing is quoted
DEMONSTRATION = WayIn("demonstration", public_only=True)
ALERT = WayIn("alert")
RELEASE = WayIn("release", public_only=True)  # the release itself is noted with its need
JOB = WayIn("job", recorded_as=API)  # noted whenever its result is read
NIGHT = WayIn("night", recorded_as=NIGHTLY, public_only=True)  # noted before its report appears
FITTING = WayIn("fitting needs", quotes_need=True)  # lines of a person in the lists of many needs
OUTBOUND = WayIn("companies", quotes_need=True)  # lines of a seed's people
DORMANT = WayIn("dormant", public_only=True)  # kept, and noted where somebody reads it
