"""Makes the record of a researcher out of an ORCID record."""

import re
from collections.abc import Iterable
from typing import Any

from catalogue.importers import values
from catalogue.importers.citations import full_name
from catalogue.importers.general.columns import ParsedRecord, read_record
from catalogue.importers.orcid.nodes import each, is_public, objects, orcid_of, text, texts
from catalogue.importers.reading.json_parts import Json, sided, valid
from catalogue.records.drafts import RESEARCHERS
from catalogue.records.rejections import Rejection
from enmusubi.messages import Message

MAX_ALIASES = 30
EMPLOYMENTS = ("activities-summary", "employments", "affiliation-group")
SUMMARY = "employment-summary"

_KANA = re.compile(r"[ァ-ヺー・\s]+")
_KEYWORD_BORDERS = re.compile(r"[,，、;；\n]")
_RESEARCHMAP = re.compile(r"https?://(?:www\.)?researchmap\.jp/([\w.~@-]{1,100})/?", re.ASCII)
_ID_OF_TYPE = {"researchmap": "researchmap_id", "kaken": "kaken_id", "e-rad": "erad_id"}
_PLAIN_ID = re.compile(r"[\w.~@-]{1,100}", re.ASCII)  # a link is read by what it leads to
_KAKEN = re.compile(r"https?://nrid\.nii\.ac\.jp/(?:(?:ja|en)/)?nrid/(\d{1,20})/?", re.ASCII)


def read_person(record: Json) -> list[ParsedRecord]:
    """Return the record of a researcher; what they do not show to everybody stays out of it.

    A record that was given up is rejected: it has no name any more.
    """
    if each(record, "history", "deactivation-date"):
        message = Message("the ORCID record was deactivated")
        return [
            ParsedRecord(rejections=(Rejection("orcid-identifier", message, Message("object")),))
        ]
    own = orcid_of(record)
    fields = {
        "researcher_id": own,
        "orcid": own,
        **_other_ids(record),
        **_names(record),
        **_workplace(record),
        **_by_script("keywords", _keywords(record)),
        **_by_script("profile", _shown_texts(record, "biography"), "\n\n"),
    }
    return [read_record(RESEARCHERS, {name: value for name, value in fields.items() if value})]


def _shown(record: Json, *path: str) -> list[Json]:
    return [part for part in objects(record, "person", *path) if is_public(part)]


def _shown_texts(record: Json, *path: str) -> list[str]:
    return [own for part in _shown(record, *path) for own in texts(part, "content")]


def _names(record: Json) -> dict[str, str]:
    """Return the name in each script: the first that is written in it; the others are aliases."""
    name: Any = next(iter(_shown(record, "name")), {})
    written = full_name(text(name, "family-name"), text(name, "given-names"))
    others = _shown_texts(record, "other-names", "other-name")
    listed = dict.fromkeys(filter(None, (written, text(name, "credit-name"), *others)))
    columns: dict[str, str] = {}
    aliases = []
    for spelling in listed:
        column = "name_kana" if _KANA.fullmatch(spelling) else sided("name", spelling)
        if columns.setdefault(column, spelling) != spelling:
            aliases.append(spelling.replace(";", " "))
    columns["aliases"] = values.LIST_SEPARATOR.join(aliases[:MAX_ALIASES])
    return columns


def _keywords(record: Json) -> list[str]:
    """Return the keywords; many people write several into one."""
    listed = _shown_texts(record, "keywords", "keyword")
    words = (word.strip() for entry in listed for word in _KEYWORD_BORDERS.split(entry))
    return list(dict.fromkeys(filter(None, words)))


def _by_script(
    name: str, listed: Iterable[str], separator: str = values.LIST_SEPARATOR
) -> dict[str, str]:
    """Return the texts under the column of the language that each is written in."""
    sides: dict[str, list[str]] = {}
    for entry in listed:
        sides.setdefault(sided(name, entry), []).append(entry)
    return {column: separator.join(entries) for column, entries in sides.items()}


def _other_ids(record: Json) -> dict[str, str]:
    """Return the ids in other systems, where the person's links name one, and only one."""
    links = [
        *(text(part, "url") for part in _shown(record, "researcher-urls", "researcher-url")),
        *(
            text(part, "external-id-url")
            for part in _shown(record, "external-identifiers", "external-identifier")
        ),
    ]
    found = {}
    for part in _shown(record, "external-identifiers", "external-identifier"):
        column = _ID_OF_TYPE.get(text(part, "external-id-type").casefold(), "")
        value = text(part, "external-id-value")
        if column and _PLAIN_ID.fullmatch(value):
            found[column] = value
    for column, pattern in (("researchmap_id", _RESEARCHMAP), ("kaken_id", _KAKEN)):
        ids = {match[1] for link in links if (match := pattern.fullmatch(link.strip()))}
        if len(ids) == 1:
            found[column] = ids.pop()
    return found


def _workplace(record: Json) -> dict[str, str]:
    """Return the employment that goes on and that the person put first."""
    groups = objects(record, *EMPLOYMENTS)
    listed = [s for g in groups for s in (*objects(g, "summaries", SUMMARY), *objects(g, SUMMARY))]
    going_on = [s for s in listed if is_public(s) and not text(s, "end-date", "year")]
    for summary in sorted(going_on, key=_precedence, reverse=True):
        if name := text(summary, "organization", "name"):
            department, position = text(summary, "department-name"), text(summary, "role-title")
            columns = {sided("institution", name): name, "institution_ror": _ror(summary)}
            for column, own in (("department", department), ("position", position)):
                if own:
                    columns[sided(column, own)] = own
            return columns
    return {}


def _precedence(summary: Json) -> tuple[int, str]:
    """Return a key by which what is shown first, and of it what began last, comes last."""
    index = text(summary, "display-index")
    year, month = (text(summary, "start-date", part) for part in ("year", "month"))
    return int(index) if index.isdecimal() and len(index) < 10 else 0, f"{year:0>4}-{month:0>2}"


def _ror(summary: Json) -> str:
    named = objects(summary, "organization", "disambiguated-organization")
    ids = (
        valid(values.ror, text(part, "disambiguated-organization-identifier"))
        for part in named
        if text(part, "disambiguation-source").casefold() == "ror"
    )
    return next(filter(None, ids), "")
