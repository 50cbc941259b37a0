"""The roles that a column of an office's table can have, by what the rows are about, and how each is called.

A role is what a person would say of a column: the name, the department, the amount. Which fields of the
catalogue it fills is told in `catalogue.importers.recognition.reading_rows`. The names that columns of a
role have in real tables stand in `column_names.json`, folded as `headers.folded` does and divided by blanks.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

from enmusubi.messages import N_

PEOPLE, SEEDS, PATENTS, NEEDS, JUDGEMENTS = "people", "seeds", "patents", "needs", "judgements"
KINDS = (PEOPLE, SEEDS, PATENTS, NEEDS, JUDGEMENTS)
IGNORED = ""  # the role of a column that is left out

KIND_LABELS: Mapping[str, str] = {
    PEOPLE: N_("Researchers"),
    SEEDS: N_("Seeds"),
    PATENTS: N_("Patents"),
    NEEDS: N_("Needs"),
    JUDGEMENTS: N_("Judgements"),
}
ROLE_LABELS: Mapping[str, Mapping[str, str]] = {
    PEOPLE: {
        "number": N_("Staff number"),
        "erad": N_("e-Rad or KAKEN number"),
        "orcid": N_("ORCID iD"),
        "researchmap": N_("researchmap"),
        "name": N_("Name"),
        "family": N_("Family name"),
        "given": N_("Given name"),
        "kana": N_("Reading"),
        "family_kana": N_("Reading of the family name"),
        "given_kana": N_("Reading of the given name"),
        "name_en": N_("Name in English"),
        "family_en": N_("Family name in English"),
        "given_en": N_("Given name in English"),
        "institution": N_("Institution"),
        "department": N_("Department"),
        "laboratory": N_("Laboratory"),
        "position": N_("Position"),
        "keywords": N_("Keywords"),
        "profile": N_("Research, in words"),
        "email": N_("E-mail"),
        "extension": N_("Extension or telephone"),
        "page": N_("Web page"),
    },
    SEEDS: {
        "number": N_("Number"),
        "kind": N_("Kind of seed"),
        "title": N_("Title"),
        "text": N_("Abstract or description"),
        "people": N_("Researchers, by name"),
        "person_number": N_("Researchers, by number"),
        "institution": N_("Institution"),
        "department": N_("Department"),
        "position": N_("Position"),
        "year": N_("Year or date"),
        "doi": N_("DOI"),
        "url": N_("Web page"),
        "venue": N_("Journal or meeting"),
        "companies": N_("Companies taking part"),
        "keywords": N_("Keywords"),
        "visibility": N_("Who may see it"),
    },
    PATENTS: {
        "title": N_("Name of the invention"),
        "application": N_("Number of the application"),
        "publication": N_("Number of the publication"),
        "registration": N_("Number of the grant"),
        "docket": N_("Number"),
        "filed_on": N_("Day of filing"),
        "published_on": N_("Day of publication"),
        "granted_on": N_("Day of the grant"),
        "inventors": N_("Inventors"),
        "person_number": N_("Researchers, by number"),
        "applicants": N_("Applicants"),
        "status": N_("Status"),
        "abstract": N_("Abstract or description"),
        "claims": N_("Claims"),
        "ipc": N_("IPC"),
        "url": N_("Web page"),
    },
    NEEDS: {
        "number": N_("Number"),
        "title": N_("Title"),
        "text": N_("What is looked for"),
        "company": N_("Company"),
        "budget": N_("Budget"),
        "horizon": N_("By when"),
        "constraints": N_("Conditions"),
        "confidentiality": N_("Secrecy"),
        "area": N_("Area"),
        "manager": N_("Who looks after it"),
        "status": N_("Status"),
        "posted_on": N_("Day it came in"),
    },
    JUDGEMENTS: {
        "need_id": N_("Need"),
        "researcher_id": N_("Researcher"),
        "verdict": N_("Verdict"),
        "reason": N_("Reason"),
        "stage": N_("How far it came"),
        "judged_by": N_("Who judged"),
        "judged_at": N_("When"),
    },
}
NEEDED: Mapping[str, tuple[tuple[str, ...], ...]] = {  # one of each of these groups must be there
    PEOPLE: (("name", "family", "name_en", "family_en", "kana"),),
    SEEDS: (("title", "text"),),
    PATENTS: (("title",), ("application", "publication", "registration", "docket", "inventors")),
    NEEDS: (("text", "title"),),
    JUDGEMENTS: (("need_id",), ("researcher_id",), ("verdict", "stage")),
}


@dataclass(frozen=True)
class Role:
    """How a role is recognised.

    `names` are those that columns have, `sure` those of them that no table of another kind has. `looks`
    are the kinds of values that speak for the role, as `values_seen` counts them, `must` those of which
    a column has to hold some. `tells` is how much the role says of the kind of the table, and `several`
    whether several columns may have it, joined in their order.
    """

    tells: float
    names: tuple[str, ...]
    sure: tuple[str, ...] = ()
    looks: str = ""
    must: str = ""
    several: bool = False


def _role(tells: float, names: str, sure: str = "", **more: object) -> Role:
    own = tuple(sure.split())
    return Role(tells, (*own, *names.split()), own, **more)  # type: ignore[arg-type]


def _read() -> tuple[dict[str, dict[str, Role]], tuple[str, ...]]:
    path = files("catalogue.importers.recognition") / "column_names.json"
    told = json.loads(path.read_text("utf-8"))
    roles = {kind: {name: _role(**role) for name, role in told[kind].items()} for kind in KINDS}
    return roles, tuple(told["left_out"].split())


# What office tables have and nothing is made of, some of it nobody's business here, is `LEFT_OUT`.
ROLES, LEFT_OUT = _read()
