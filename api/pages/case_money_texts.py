"""The words of codes of estimates, plans and contracts on pages, still to be translated."""

from typing import Any

from enmusubi.messages import N_

COST_LABELS = {
    "people": N_("People, by the hour"),
    "equipment": N_("Equipment"),
    "facilities": N_("Use of facilities"),
    "travel": N_("Travel"),
    "outsourcing": N_("Outsourcing"),
    "consumables": N_("Consumables"),
    "advice": N_("Fee for advice"),
    "data": N_("Fee for data"),
}
ESTIMATE_STATE_LABELS = {
    "draft": N_("Draft"),
    "asked": N_("Waits for a check"),
    "checked": N_("Checked by finance"),
    "returned": N_("Sent back by finance"),
}
MATURITY_LABELS = {
    "seed": N_("Seed"),
    "module": N_("Product module"),
    "unit": N_("Product unit"),
    "sale": N_("Sale"),
}
CONTRACT_LABELS = {
    "nda": N_("NDA"),
    "joint_research": N_("Joint research contract"),
    "licence": N_("Licence contract"),
}
SETTLED_LABELS = {
    "open": N_("Not settled yet"),
    "settled": N_("Settled"),
    "not_applicable": N_("Does not apply"),
}
SUM_LABELS = {
    "direct": N_("Direct cost"),
    "indirect": N_("Indirect cost"),
    "strategic": N_("Strategic cost"),
    "fees": N_("Fees"),
    "net": N_("Without tax"),
    "tax": N_("Consumption tax"),
    "total": N_("Total, tax included"),
}
SHOWN_OF_MONEY: dict[str, Any] = {
    "cost_labels": COST_LABELS,
    "estimate_labels": ESTIMATE_STATE_LABELS,
    "maturity_labels": MATURITY_LABELS,
    "contract_labels": CONTRACT_LABELS,
    "settled_labels": SETTLED_LABELS,
    "sum_labels": SUM_LABELS,
}
