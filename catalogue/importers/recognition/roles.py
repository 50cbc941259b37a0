"""The roles that a column of an office's table can have, by what the rows are about, and how each is called.

A role is what a person would say of a column: the name, the department, the amount. Which fields of the
catalogue it fills is told in `catalogue.importers.recognition.reading_rows`. The names that columns of a
role have in real tables stand in `column_names.json`, folded as `headers.folded` does and divided by blanks.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.resources import files

from enmusubi.messages import Message, word

TABLE_WORDS = "table"  # the context of what tables and their columns are called


def _label(text: str) -> Message:
    return word(TABLE_WORDS, text)


PEOPLE, SEEDS, PATENTS, NEEDS, JUDGEMENTS = "people", "seeds", "patents", "needs", "judgements"
KINDS = (PEOPLE, SEEDS, PATENTS, NEEDS, JUDGEMENTS)
IGNORED = ""  # the role of a column that is left out

KIND_LABELS: Mapping[str, Message] = {
    PEOPLE: _label("Researchers"),
    SEEDS: _label("Seeds"),
    PATENTS: _label("Patents"),
    NEEDS: _label("Needs"),
    JUDGEMENTS: _label("Judgements"),
}
ROLE_LABELS: Mapping[str, Mapping[str, Message]] = {
    PEOPLE: {
        "number": _label("Staff number"),
        "erad": _label("e-Rad or KAKEN number"),
        "orcid": _label("ORCID iD"),
        "researchmap": _label("researchmap"),
        "name": _label("Name"),
        "family": _label("Family name"),
        "given": _label("Given name"),
        "kana": _label("Reading"),
        "family_kana": _label("Reading of the family name"),
        "given_kana": _label("Reading of the given name"),
        "name_en": _label("Name in English"),
        "family_en": _label("Family name in English"),
        "given_en": _label("Given name in English"),
        "institution": _label("Institution"),
        "department": _label("Department"),
        "laboratory": _label("Laboratory"),
        "position": _label("Position"),
        "keywords": _label("Keywords"),
        "profile": _label("Research, in words"),
        "email": _label("E-mail"),
        "extension": _label("Extension or telephone"),
        "page": _label("Web page"),
    },
    SEEDS: {
        "number": _label("Number"),
        "kind": _label("Kind of seed"),
        "title": _label("Title"),
        "text": _label("Abstract or description"),
        "people": _label("Researchers, by name"),
        "person_number": _label("Researchers, by number"),
        "institution": _label("Institution"),
        "department": _label("Department"),
        "position": _label("Position"),
        "year": _label("Year or date"),
        "doi": _label("DOI"),
        "url": _label("Web page"),
        "venue": _label("Journal or meeting"),
        "companies": _label("Companies taking part"),
        "keywords": _label("Keywords"),
        "visibility": _label("Who may see it"),
    },
    PATENTS: {
        "title": _label("Name of the invention"),
        "application": _label("Number of the application"),
        "publication": _label("Number of the publication"),
        "registration": _label("Number of the grant"),
        "docket": _label("Number"),
        "filed_on": _label("Day of filing"),
        "published_on": _label("Day of publication"),
        "granted_on": _label("Day of the grant"),
        "inventors": _label("Inventors"),
        "person_number": _label("Researchers, by number"),
        "applicants": _label("Applicants"),
        "status": _label("Status"),
        "abstract": _label("Abstract or description"),
        "claims": _label("Claims"),
        "ipc": _label("IPC"),
        "url": _label("Web page"),
    },
    NEEDS: {
        "number": _label("Number"),
        "title": _label("Title"),
        "text": _label("What is looked for"),
        "company": _label("Company"),
        "budget": _label("Budget"),
        "horizon": _label("By when"),
        "constraints": _label("Conditions"),
        "confidentiality": _label("Secrecy"),
        "area": _label("Area"),
        "manager": _label("Who looks after it"),
        "status": _label("Status"),
        "posted_on": _label("Day it came in"),
    },
    JUDGEMENTS: {
        "need_id": _label("Need"),
        "need_title": _label("Title of the need"),
        "company": _label("Company"),
        "researcher_id": _label("Researcher, by number"),
        "researcher": _label("Researcher, by name"),
        "institution": _label("Institution"),
        "department": _label("Department"),
        "verdict": _label("Verdict"),
        "reason": _label("Reason"),
        "stage": _label("How far it came"),
        "judged_by": _label("Who judged"),
        "judged_at": _label("When"),
    },
}
NEEDED: Mapping[str, tuple[tuple[str, ...], ...]] = {  # one of each of these groups must be there
    PEOPLE: (("name", "family", "name_en", "family_en", "kana"),),
    SEEDS: (("title", "text"),),
    PATENTS: (("title",), ("application", "publication", "registration", "docket", "inventors")),
    NEEDS: (("text", "title"),),
    JUDGEMENTS: (
        ("need_id", "need_title", "company"),
        ("researcher_id", "researcher"),
        ("verdict", "stage"),
    ),
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


_OF_A_PERSON = frozenset({"institution", "department", "position"})


def _read() -> tuple[dict[str, dict[str, Role]], tuple[str, ...]]:
    path = files("catalogue.importers.recognition") / "column_names.json"
    told = json.loads(path.read_text("utf-8"))
    roles = {kind: {name: _role(**role) for name, role in told[kind].items()} for kind in KINDS}
    for kind in (SEEDS, JUDGEMENTS):
        for name in (
            _OF_A_PERSON & roles[kind].keys()
        ):  # what is called so beside people is called so beside their seeds
            names = (*roles[kind][name].names, *roles[PEOPLE][name].names)
            roles[kind][name] = replace(roles[kind][name], names=tuple(dict.fromkeys(names)))
    return roles, tuple(told["left_out"].split())


# What office tables have and nothing is made of, some of it nobody's business here, is `LEFT_OUT`.
ROLES, LEFT_OUT = _read()
