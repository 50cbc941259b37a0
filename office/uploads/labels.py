"""What the catalogue's columns are called where rows are shown as they would go in."""

from collections.abc import Mapping

from catalogue.importers.recognition.roles import TABLE_WORDS
from enmusubi.messages import Message, verbatim, word


def _label(text: str) -> Message:
    return word(TABLE_WORDS, text)


COLUMN_LABELS: Mapping[str, Message] = {
    "researcher_id": _label("Researcher's id"),
    "name_ja": _label("Name"),
    "name_kana": _label("Reading"),
    "name_en": _label("Name in English"),
    "aliases": _label("Other names"),
    "institution": _label("Institution"),
    "department_ja": _label("Department"),
    "department_en": _label("Department in English"),
    "position_ja": _label("Position"),
    "position_en": _label("Position in English"),
    "keywords_ja": _label("Keywords"),
    "keywords_en": _label("Keywords in English"),
    "profile_ja": _label("Research, in words"),
    "profile_en": _label("Research, in English"),
    "email": _label("E-mail"),
    "extension": _label("Extension or telephone"),
    "homepage": _label("Web page"),
    "laboratory": _label("Laboratory"),
    "local_id": _label("Staff number"),
    "erad_id": _label("e-Rad or KAKEN number"),
    "orcid": _label("ORCID iD"),
    "researchmap_id": _label("researchmap"),
    "seed_id": _label("Seed's id"),
    "kind": _label("Kind of seed"),
    "title": _label("Title"),
    "text": _label("Text"),
    "year": _label("Year"),
    "researcher_ids": _label("Researchers"),
    "doi": _label("DOI"),
    "url": _label("Web page"),
    "venue": _label("Journal or meeting"),
    "visibility": _label("Who may see it"),
    "patent_status": _label("Status of the patent"),
    "family_id": _label("Application"),
    "field_codes": _label("Field codes"),
    "companies": _label("Companies taking part"),
    "need_id": _label("Need's id"),
    "lang": _label("Language"),
    "company": _label("Company"),
    "area": _label("Area"),
    "horizon": _label("By when"),
    "budget_jpy": _label("Budget in yen"),
    "constraints": _label("Conditions"),
    "confidentiality": _label("Secrecy"),
    "manager": _label("Who looks after it"),
    "status": _label("Status"),
    "posted_on": _label("Day it came in"),
    "organisation_id": _label("Organisation's id"),
    "ror_id": _label("ROR id"),
    "need": _label("Need"),
    "researcher": _label("Researcher"),
    "verdict": _label("Verdict"),
    "reason": _label("Reason"),
    "stage": _label("How far it came"),
    "judged_by": _label("Who judged"),
    "judged_at": _label("When"),
}


def label_of(column: str) -> Message:
    """Return what a column is called; one without a label by its own name."""
    return COLUMN_LABELS.get(column) or verbatim(column)
