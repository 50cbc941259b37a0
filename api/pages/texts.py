"""What pages say: their texts, the labels of codes, and what went wrong, in the reader's language.

English stands in the templates and the code, Japanese in `locale/ja/*.po`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from starlette.datastructures import Headers
from starlette.types import Scope

from api.languages import choose_language
from catalogue.database.viewer import LOCAL_ID, OPERATOR, PERSON
from enmusubi import translation
from enmusubi.messages import N_, Message
from enmusubi.translation import Texts, is_translated, read_forms, say

LOCALE_DIR = Path(__file__).parents[1] / "locale"

STATUS_LABELS = {"open": N_("Open"), "closed": N_("Closed")}
AREA_LABELS = {
    "": N_("Not declared"),
    "competitive": N_("Competitive"),
    "non-competitive": N_("Non-competitive"),
}
CONFIDENTIALITY_LABELS = {
    "public": N_("Public"),
    "internal": N_("Internal"),
    "confidential": N_("Confidential"),
}
VERDICT_LABELS = {"suitable": N_("Suitable"), "not_suitable": N_("Not suitable")}
REASON_LABELS = {
    "too_early": N_("Too early"),
    "no_benefit": N_("No benefit over what exists"),
    "no_commercial_route": N_("No commercial route"),
    "description_vague": N_("Description too vague"),
    "wrong_field": N_("Wrong field"),
    "no_capacity": N_("No capacity"),
    "conflict": N_("Conflict of interest"),
    "other": N_("Another reason"),
}
STAGE_LABELS = {
    "discovery": N_("Discovery"),
    "dialogue": N_("Dialogue"),
    "nda": N_("NDA"),
    "small_prototype": N_("Small prototype"),
    "full_prototype": N_("Full prototype"),
    "deployment": N_("Deployment"),
    "declined": N_("Declined"),
}
ROLE_LABELS = {
    "chief": N_("Chief creative manager"),
    "project": N_("Project manager"),
    "ip": N_("IP manager"),
    "legal": N_("Legal manager"),
    "finance": N_("Finance manager"),
    "hr": N_("HR manager"),
    "member": N_("Member company's user"),
    "analyst": N_("Analyst"),
    "viewer": N_("Viewer"),
    "administrator": N_("Administrator"),
    "portal": N_("Portal"),
}
SCREENING_LABELS = {  # verdicts of rules, and what became of them
    "note": N_("For your information"),
    "ask": N_("To be cleared"),
    "block": N_("Must not be released"),
    "waiting": N_("Waits for a decision"),
    "cleared": N_("Cleared"),
    "refused": N_("Not cleared"),
    "revoked": N_("Taken back"),
}
PROFILE_LABELS = {  # fields of a company profile
    "name": N_("Company"),
    "name_ja": N_("Name in Japanese"),
    "name_en": N_("Name in English"),
    "business_ja": N_("Business in Japanese"),
    "business_en": N_("Business in English"),
    "products_ja": N_("Products in Japanese"),
    "products_en": N_("Products in English"),
    "fields": N_("Fields of interest"),
    "membership": N_("Membership"),
    "homepage": N_("Web page"),
}
NEED_KIND_LABELS = {
    "sustaining": N_("Sustaining: does better what the company does"),
    "disruptive": N_("Disruptive: looks for another market or principle"),
}
SPREAD_LABELS = {  # from the plain order to the widest
    "safest": N_("Safest"),
    "balanced": N_("Balanced"),
    "wide": N_("Wide"),
    "unexpected": N_("Unexpected"),
}
KIND_LABELS = {
    "paper": N_("Paper"),
    "patent": N_("Patent"),
    "grant": N_("Grant"),
    "course": N_("Course"),
    "note": N_("Technology note"),
    "presentation": N_("Presentation"),
    "award": N_("Award"),
    "profile": N_("Profile"),
}
FORMAT_LABELS = {  # of imports; registers and standards have their own names
    "general": N_("General table"),
    "patents": N_("Patents"),
    "researchmap": "researchmap",
    "kaken": "KAKEN",
    "orcid": "ORCID",
    "openalex": "OpenAlex",
    "crossref": "Crossref",
    "bibtex": "BibTeX",
    "ris": "RIS",
    "ror": "ROR",
}
USER_LABELS = {  # who has no account
    LOCAL_ID: N_("this computer's user"),
    OPERATOR: N_("a command on the server"),
}
LANGUAGE_LABELS = {"ja": N_("Japanese"), "en": N_("English")}

ENGLISH = "en"
FIRST_ACCOUNT = "enmusubi user add LOGIN --role administrator"  # what makes it


@cache
def texts(language: str) -> Texts:
    """Return the texts of ja or en: those of the pages, and all messages."""
    return Texts(
        {**read_forms(translation.LOCALE_DIR / language), **read_forms(LOCALE_DIR / language)}
    )


def named_user(language: str, login: str, names: Mapping[str, str]) -> str:
    """Return what a user is called: by `names`, by what they are where there is no account, or the login."""
    who = login.removeprefix(f"{PERSON}:")
    return names.get(who) or texts(language).gettext(USER_LABELS.get(who, who))


@dataclass(frozen=True)
class Told:
    """What went wrong, and the language that it is said in: English where it has no translation."""

    text: str
    language: str


def told(message: Message, language: str) -> Told:
    """Return a message in a language; as a whole in English unless all of its sentences are known."""
    known = is_translated(message, language)
    chosen = language if known else ENGLISH
    return Told(say(message, chosen), chosen)


def language_of_problem(scope: Scope) -> str:
    """Return the language of a problem document: programs that ask for none read English."""
    asked = Headers(scope=scope).get("accept-language", "")
    return choose_language("", "", asked) if asked else ENGLISH
