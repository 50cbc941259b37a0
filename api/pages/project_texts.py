"""The words of projects on pages, still to be translated, and the fields of their forms."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from api.pages.texts import STAGE_LABELS
from enmusubi.messages import N_
from office.projects.drafts import (
    ACTION,
    BUDGET,
    MILESTONE,
    MINUTES,
    PART,
    RISK,
    SHARE,
    SPENDING,
    WORST,
)
from office.projects.shares import PROJECT_STAGES

LIGHT_LABELS = {
    "green": N_("Green"),
    "amber": N_("Amber"),
    "red": N_("Red"),
    "grey": N_("Not told"),
}
LIGHT_OF_LABELS = {
    "schedule": N_("Schedule"),
    "money": N_("Money"),
    "risks": N_("Risks"),
    "people": N_("People and their time"),
}
PART_STATE_LABELS = {
    "planned": N_("Planned"),
    "running": N_("Under way"),
    "done": N_("Done"),
    "dropped": N_("Dropped"),
}
MILESTONE_STATE_LABELS = {
    "planned": N_("Planned"),
    "reached": N_("Reached"),
    "dropped": N_("Dropped"),
}
BUDGET_KIND_LABELS = {
    "people": N_("Personnel"),
    "equipment": N_("Equipment"),
    "facilities": N_("Use of facilities"),
    "travel": N_("Travel"),
    "outsourcing": N_("Outsourcing"),
    "indirect": N_("Indirect cost"),
    "other": N_("Other cost"),
}
RISK_STATE_LABELS = {
    "open": N_("Open risk"),
    "treated": N_("Treated"),
    "occurred": N_("Occurred"),
    "closed": N_("No risk any more"),
}
SCALE_LABELS = {
    str(number): label
    for number, label in enumerate(
        (N_("1: very low"), N_("2: low"), N_("3: middle"), N_("4: high"), N_("5: very high")),
        start=1,
    )
}
DUE_LABELS = {
    "overdue": N_("Milestones or actions overdue"),
    "soon": N_("Milestones in the next 30 days"),
}
ENTRY_LABELS = {
    PART: N_("Sub-project"),
    SHARE: N_("Share of time"),
    MILESTONE: N_("Milestone"),
    BUDGET: N_("Line of the budget"),
    SPENDING: N_("Money spent"),
    RISK: N_("Risk"),
    MINUTES: N_("Minutes"),
    ACTION: N_("Action item"),
    "light": N_("Light"),
    "period": N_("Time of the project"),
    "money": N_("Budget and spending"),
}
DONE_LABELS = {
    "add": N_("added"),
    "change": N_("changed"),
    "remove": N_("taken out"),
    "import": N_("taken over from a file"),
}
LINE, TEXT, DAY, NUMBER, CHOICE = "line", "text", "day", "number", "choice"
PERSON, USER, OF_ENTRY = "person", "user", "entry"


@dataclass(frozen=True)
class FormField:
    """A field of a form: its name, its label, what it takes, and whether it may be empty.

    `labels` are of a choice; `of` is the kind of entry that is chosen; least and most are of a number.
    """

    name: str
    label: str
    takes: str = LINE
    required: bool = True
    labels: Mapping[str, str] = field(default_factory=dict)
    of: str = ""
    least: int = 0
    most: int = 0


_PART = FormField("part_id", N_("Sub-project"), OF_ENTRY, required=False, of=PART)
FORM_FIELDS: Mapping[str, tuple[FormField, ...]] = {
    PART: (
        FormField("name", N_("Name")),
        FormField("lead", N_("Lead"), PERSON, required=False),
        FormField("starts_on", N_("From"), DAY, required=False),
        FormField("ends_on", N_("To"), DAY, required=False),
        FormField("state", N_("State"), CHOICE, labels=PART_STATE_LABELS),
    ),
    SHARE: (
        FormField("researcher_id", N_("Researcher"), PERSON),
        FormField("percent", N_("Percent of their time"), NUMBER, least=1, most=100),
        FormField("since", N_("From"), DAY),
        FormField("until", N_("To"), DAY),
        _PART,
    ),
    MILESTONE: (
        FormField("name", N_("Name")),
        FormField("planned_on", N_("Planned for"), DAY),
        FormField("state", N_("State"), CHOICE, labels=MILESTONE_STATE_LABELS),
        FormField("actual_on", N_("Reached on"), DAY, required=False),
        _PART,
    ),
    BUDGET: (
        FormField("name", N_("Name of the line")),
        FormField("kind", N_("Kind of cost"), CHOICE, labels=BUDGET_KIND_LABELS),
        FormField("amount_jpy", N_("Amount in yen"), NUMBER),
    ),
    SPENDING: (
        FormField("budget_id", N_("Line of the budget"), OF_ENTRY, of=BUDGET),
        FormField("amount_jpy", N_("Amount in yen"), NUMBER),
        FormField("spent_on", N_("Day of the payment"), DAY),
        FormField("voucher", N_("Voucher number"), required=False),
        FormField("note", N_("Remark"), required=False),
    ),
    RISK: (
        FormField("name", N_("Risk")),
        FormField("probability", N_("Probability"), CHOICE, labels=SCALE_LABELS, most=WORST),
        FormField("impact", N_("Impact"), CHOICE, labels=SCALE_LABELS, most=WORST),
        FormField("owner", N_("Who answers for it"), USER, required=False),
        FormField("measure", N_("Counter-measure"), TEXT, required=False),
        FormField("state", N_("State"), CHOICE, labels=RISK_STATE_LABELS),
    ),
    MINUTES: (
        FormField("held_on", N_("Day of the meeting"), DAY),
        FormField("name", N_("Title")),
        FormField("text", N_("What was said"), TEXT, required=False),
        FormField("decisions", N_("What was decided"), TEXT, required=False),
    ),
    ACTION: (
        FormField("name", N_("What is to be done")),
        FormField("owner", N_("By whom"), USER),
        FormField("due_on", N_("To be done by"), DAY),
        FormField("done_on", N_("Done on"), DAY, required=False),
        FormField("minutes_id", N_("Meeting"), OF_ENTRY, required=False, of=MINUTES),
    ),
}
NUMBERS = frozenset(
    {"percent", "amount_jpy", "probability", "impact", "part_id", "budget_id", "minutes_id"}
)
DAYS = frozenset(one.name for fields in FORM_FIELDS.values() for one in fields if one.takes == DAY)
SHOWN_OF_PROJECTS: dict[str, Any] = {
    "light_labels": LIGHT_LABELS,
    "light_of_labels": LIGHT_OF_LABELS,
    "part_state_labels": PART_STATE_LABELS,
    "milestone_state_labels": MILESTONE_STATE_LABELS,
    "budget_kind_labels": BUDGET_KIND_LABELS,
    "risk_state_labels": RISK_STATE_LABELS,
    "project_due_labels": DUE_LABELS,
    "entry_labels": ENTRY_LABELS,
    "done_labels": DONE_LABELS,
    "form_fields": FORM_FIELDS,
    "project_stages": {stage: STAGE_LABELS[stage] for stage in PROJECT_STAGES},
}
