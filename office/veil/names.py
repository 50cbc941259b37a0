"""The names by which a text could tell whose need it is: the company's own, and other companies'."""

import re

from sqlalchemy import Connection, select

from catalogue.database.models import Organisation
from catalogue.identity.legal_forms import JAPANESE_FORMS
from matcher.veiling.cues import KnownNames

COMPANY_KIND = "company"
MIN_CHARS = 3  # of another company's name: shorter ones stand in words
_LEGAL_FORM = re.compile(
    rf"{JAPANESE_FORMS}|㈱|㈲|,? \b(?:Inc|Ltd|Co|Corp|LLC|GmbH|AG|K\.K)\b\.?", re.IGNORECASE
)


def without_legal_form(name: str) -> str:
    """Return a company's name without 株式会社, Ltd. and the like."""
    return _LEGAL_FORM.sub("", name).strip(" .,・　")


def names_of_company(connection: Connection, organisation_id: str, company: str = "") -> list[str]:
    """Return the names that a company has in the catalogue, with their legal forms and without."""
    found = [company]
    if organisation_id:
        query = select(Organisation.name_ja, Organisation.name_en, Organisation.aliases)
        row = connection.execute(query.where(Organisation.organisation_id == organisation_id))
        for ja, en, aliases in row:
            found += [ja, en, *aliases.split(";")]
    named = [name.strip() for name in found if name.strip()]
    return sorted({n for name in named for n in (name, without_legal_form(name)) if len(n) > 1})


def known_names(connection: Connection, organisation_id: str, company: str) -> KnownNames:
    """Return the names to look for in a need of a company."""
    own = names_of_company(connection, organisation_id, company)
    query = select(Organisation.name_ja, Organisation.name_en).where(
        Organisation.kind == COMPANY_KIND,
        Organisation.organisation_id != organisation_id,
        Organisation.withdrawn_at.is_(None),
    )
    others = {
        plain
        for names in connection.execute(query)
        for name in names
        if len(plain := without_legal_form(name)) >= MIN_CHARS
    }
    return KnownNames(tuple(own), tuple(sorted(others - set(own))))
