"""The words of cases' codes on pages, still to be translated."""

from typing import Any

from api.pages.case_money_texts import CONTRACT_LABELS, MATURITY_LABELS
from api.pages.texts import REASON_LABELS, STAGE_LABELS
from enmusubi.messages import N_

STATE_LABELS = {
    "active": N_("Under way or on hold"),
    "running": N_("Under way"),
    "held": N_("On hold"),
    "declined": N_("Declined"),
    "completed": N_("Completed"),
    "all": N_("All"),
}
MEANS_LABELS = {
    "": N_("Not decided"),
    "joint_research": N_("Joint research"),
    "licence_out": N_("Licence out"),
    "licence_in": N_("Licence in"),
    "alliance": N_("Alliance, joint sales, OEM"),
    "cvc": N_("Corporate venture capital"),
    "accelerator": N_("Accelerator or contest"),
    "joint_venture": N_("Joint venture"),
    "m_and_a": N_("Merger or acquisition"),
    "consulting": N_("Technical consulting"),
}
GATE_LABELS = {
    "dialogue": N_("First review"),
    "nda": N_("Decision on the NDA"),
    "small_prototype": N_("Approval of the small prototype"),
    "full_prototype": N_("Approval of the full prototype"),
    "deployment": N_("Decision on deployment"),
}
DECISION_LABELS = {
    "go": N_("Go"),
    "hold": N_("Hold"),
    "stop": N_("Stop: decline the case"),
    "recycle": N_("Recycle: back to this stage or an earlier one"),
}
DECIDED_LABELS = {
    "go": N_("Go"),
    "hold": N_("Hold"),
    "stop": N_("Declined"),
    "recycle": N_("Sent back"),
}
ANSWER_LABELS = {
    "met": N_("Met"),
    "unmet": N_("Not met"),
    "not_applicable": N_("Does not apply"),
}
DUE_LABELS = {
    "attention": N_("Due soon or overdue"),
    "overdue": N_("Overdue"),
    "due_soon": N_("Due soon"),
    "paused": N_("Clock stands"),
    "to_decide": N_("Waits for my decision"),
}
CLOCK_STATE_LABELS = {
    "on_time": N_("On time"),
    "due_soon": N_("Due soon"),
    "overdue": N_("Overdue"),
    "paused": N_("Clock stands"),
}
ORDER_LABELS = {
    "due": N_("Last day"),
    "opened": N_("Newest first"),
    "changed": N_("Last changed first"),
    "stage": N_("Stage"),
    "company": N_("Company"),
    "amount": N_("Amount"),
}
TURN_LABELS = {"office": N_("The office"), "company": N_("The company")}
ORIGIN_LABELS = {
    "list": N_("A match list"),
    "team": N_("A team"),
    "release": N_("A released list"),
    "portal": N_("The company's portal"),
    "file": N_("A spreadsheet"),
    "hand": N_("Entered by hand"),
}
DOCUMENT_LABELS = {
    "nda": N_("NDA"),
    "contract": N_("Contract"),
    "plan": N_("Plan"),
    "report": N_("Report of results"),
    "minutes": N_("Minutes"),
    "other": N_("Other document"),
}
EVENT_LABELS = {
    "opened": N_("Case opened"),
    "changed": N_("Case changed"),
    "assigned": N_("Manager named"),
    "submitted": N_("Put up for decision"),
    "decided": N_("Gate decided"),
    "turned": N_("On turn"),
    "escalated": N_("Overdue: the chief was told"),
    "reopened": N_("Reopened"),
    "completed": N_("Case completed"),
    "document": N_("Document"),
    "note": N_("Note"),
    "estimate": N_("Estimate"),
    "plan": N_("Plan"),
    "maturity": N_("Maturity"),
    "contract": N_("Contract"),
    "project": N_("Project"),
}
ESTIMATE_STEP_LABELS = {
    "save": N_("version saved"),
    "ask": N_("put up for a check"),
    "checked": N_("checked"),
    "returned": N_("sent back"),
}
FIELD_LABELS = {
    "title": N_("Title"),
    "company": N_("Company"),
    "means": N_("Means"),
    "amount_jpy": N_("Amount"),
    "next_step": N_("Next step"),
    "people": N_("Researchers"),
    "is_closed": N_("Closed circle"),
}
SHOWN_OF_CASES: dict[str, Any] = {
    "state_labels": STATE_LABELS,
    "means_labels": MEANS_LABELS,
    "gate_labels": GATE_LABELS,
    "decision_labels": DECISION_LABELS,
    "decided_labels": DECIDED_LABELS,
    "answer_labels": ANSWER_LABELS,
    "due_labels": DUE_LABELS,
    "clock_labels": CLOCK_STATE_LABELS,
    "order_labels": ORDER_LABELS,
    "turn_labels": TURN_LABELS,
    "origin_labels": ORIGIN_LABELS,
    "document_labels": DOCUMENT_LABELS,
    "event_labels": EVENT_LABELS,
    "field_labels": FIELD_LABELS,
    "estimate_step_labels": ESTIMATE_STEP_LABELS,
    "maturity_labels": MATURITY_LABELS,
    "contract_labels": CONTRACT_LABELS,
    "stages": tuple(stage for stage in STAGE_LABELS if stage != "declined"),
    "decline_labels": REASON_LABELS,
}
