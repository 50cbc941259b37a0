"""Labels of the codes that pages show, in English; each is translated where it is shown."""

from enmusubi.messages import N_

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
    "analyst": N_("Analyst"),
    "viewer": N_("Viewer"),
    "administrator": N_("Administrator"),
    "portal": N_("Portal"),
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
LANGUAGE_LABELS = {"ja": N_("Japanese"), "en": N_("English")}
