"""The rules on conflicts of interest: declared interests, joint work, competitors, the manager's past.

Pure functions of the facts: they read no database.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta

from catalogue.database.screening_models import (
    CHAIR,
    EMPLOYMENT,
    FAMILY,
    FEES,
    ROLE,
    SHARES,
    STARTUP,
)
from enmusubi.messages import N_, Message, word
from office.screening.company_ties import (
    COMPETITOR,
    GROUP_TIES,
    OWN,
    PARENT,
    SISTER,
    SUBSIDIARY,
    CompanyTie,
)
from office.screening.findings import Finding
from office.screening.rule_book import INTEREST, NOTE, RuleBook, ScreeningRule
from office.screening.screened_facts import JointSeed, Row, ScreenedFacts

SCREENING_WORDS = "screening"  # the context of what follows
RELATIONS = {
    OWN: "the need's company",
    PARENT: "its parent company",
    SUBSIDIARY: "its subsidiary",
    SISTER: "a company of its group",
    COMPETITOR: "a competitor",
}
KINDS_OF_INTEREST = {
    ROLE: "office or advisory role",
    SHARES: "shares",
    FEES: "fees",
    FAMILY: "family who work there or own it",
    STARTUP: "own start-up",
    CHAIR: "endowed chair",
    EMPLOYMENT: "former employment",
}
INTEREST_REASON = N_("Declared: %(kind)s, %(company)s (%(relation)s), %(period)s")
SINCE_UNTIL = N_("from %(since)s to %(until)s")
SINCE = N_("from %(since)s on")
UNTIL = N_("up to %(until)s")
NO_DATES = N_("without dates")
WITH_AMOUNT = N_("%(period)s, %(amount)s yen")
JOINT = N_("Joint work with %(company)s (%(relation)s): %(count)s, the newest of %(year)s.")
JOINT_UNDATED = N_("Joint work with %(company)s (%(relation)s): %(count)s, without a year.")
RIVAL = N_("Work with %(company)s, a competitor: %(count)s, the newest of %(year)s.")
RIVAL_UNDATED = N_("Work with %(company)s, a competitor: %(count)s, without a year.")
EMPLOYER = N_("The need's manager worked for %(company)s (%(relation)s), %(period)s.")
RULE_OF_KIND = {"patent": "joint_patents", "grant": "joint_grants"}
PAPERS, RIVALS, MANAGER = "joint_papers", "competitor_work", "manager_employer"
DAYS_OF_YEAR = 365.25


def interests(facts: ScreenedFacts, book: RuleBook, person: str) -> Iterator[Finding]:
    """Yield what a person declared of the need's company or its group, as far as it counts today."""
    for row in facts.interests.get(person, ()):
        rule = book.rules.get(f"{INTEREST}{row['kind']}")
        tie = facts.tie_of(row["organisation"])
        if rule is None or tie is None or tie.relation not in GROUP_TIES:
            continue
        if not counts(row, facts.today, book.settings.recent_years):
            continue
        yield _finding(
            facts,
            rule,
            person,
            Message(
                INTEREST_REASON,
                {
                    "kind": word(SCREENING_WORDS, KINDS_OF_INTEREST[row["kind"]]),
                    **_named(tie, row["organisation"]),
                    "period": period_and_amount(row),
                },
            ),
            (f"interest:{row['interest_id']}",),
            _verdict(rule, row, facts.today),
        )


def counts(row: Row, today: date, recent_years: int) -> bool:
    """Return whether an interest counts: one that ended counts for so many years."""
    until: date | None = row["until"]
    return until is None or until >= today - timedelta(days=recent_years * DAYS_OF_YEAR)


def _verdict(rule: ScreeningRule, row: Row, today: date) -> str:
    """Return what follows: of what ended, but for employment, and of small amounts only a note."""
    is_small = row["amount_jpy"] is not None and row["amount_jpy"] < rule.from_amount_jpy
    has_ended = row["until"] is not None and row["until"] < today and row["kind"] != EMPLOYMENT
    return NOTE if is_small or has_ended else rule.verdict


def joint_work(facts: ScreenedFacts, book: RuleBook, person: str) -> Iterator[Finding]:
    """Yield what a person did with the company and its group, and with competitors in the need's field."""
    seeds: defaultdict[tuple[str, CompanyTie], list[JointSeed]] = defaultdict(list)
    for seed in facts.joint.get(person, ()):
        if seed.tie.relation == COMPETITOR:
            if _competes(facts, seed.tie):
                seeds[RIVALS, seed.tie].append(seed)
        else:
            seeds[RULE_OF_KIND.get(seed.kind, PAPERS), seed.tie].append(seed)
    for (rule_id, tie), found in seeds.items():
        if rule := book.rules.get(rule_id):
            evidence = tuple(sorted(f"seed:{seed.seed_id}" for seed in found))
            yield _finding(facts, rule, person, _joint_reason(tie, found), evidence)


def _competes(facts: ScreenedFacts, tie: CompanyTie) -> bool:
    """Return whether a competitor competes in the need's field; in doubt it does."""
    return not (tie.field_id and facts.need_field) or tie.field_id == facts.need_field


def _joint_reason(tie: CompanyTie, found: list[JointSeed]) -> Message:
    newest = max((seed.year for seed in found if seed.year), default=None)
    said: dict[str, object] = {"count": len(found), "company": tie.name}
    if newest:
        said["year"] = newest
    if tie.relation == COMPETITOR:
        return Message(RIVAL, said) if newest else Message(RIVAL_UNDATED, said)
    said["relation"] = word(SCREENING_WORDS, RELATIONS[tie.relation])
    return Message(JOINT, said) if newest else Message(JOINT_UNDATED, said)


def managers_past(facts: ScreenedFacts, book: RuleBook) -> Iterator[Finding]:
    """Yield where the need's manager worked: the company, its group or a competitor, in recent years."""
    rule = book.rules.get(MANAGER)
    for row in facts.employers if rule else ():
        tie = facts.tie_of(row["organisation"])
        if tie and rule and counts(row, facts.today, book.settings.recent_years):
            until = row["until"]
            period = Message(UNTIL, {"until": until.isoformat()}) if until else Message(NO_DATES)
            reason = Message(EMPLOYER, {**_named(tie, row["organisation"]), "period": period})
            yield _finding(facts, rule, "", reason, (f"employer:{row['organisation_key']}",))


def _named(tie: CompanyTie, name: str) -> dict[str, object]:
    return {"company": name, "relation": word(SCREENING_WORDS, RELATIONS[tie.relation])}


def period_and_amount(row: Row) -> Message:
    """Return when an interest holds, and how much it is where that is known."""
    period = period_of(row["since"], row["until"])
    if row["amount_jpy"] is None:
        return period
    return Message(WITH_AMOUNT, {"period": period, "amount": f"{row['amount_jpy']:,}"})


def period_of(since: date | None, until: date | None) -> Message:
    """Return from when to when something holds."""
    if since and until:
        return Message(SINCE_UNTIL, {"since": since.isoformat(), "until": until.isoformat()})
    if since:
        return Message(SINCE, {"since": since.isoformat()})
    return Message(UNTIL, {"until": until.isoformat()}) if until else Message(NO_DATES)


def _finding(  # noqa: PLR0917 - a finding has so many parts
    facts: ScreenedFacts,
    rule: ScreeningRule,
    person: str,
    reason: Message,
    evidence: tuple[str, ...],
    verdict: str = "",
) -> Finding:
    need_id = facts.need.need_id if facts.need else ""
    return Finding(
        rule.rule_id, need_id, person, reason, verdict or rule.verdict, rule.role, evidence
    )
