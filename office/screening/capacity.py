"""The rules on capacity and on what may be told before an NDA. Pure functions of the facts.

Capacity never changes a probability; see `office.screening.order` for what a setting lets it do.
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from catalogue.database.screening_models import (
    CONTRACT_END,
    LEAVE,
    NOT_BEFORE,
    RETIREMENT,
    RUNNING,
    TEACHING,
)
from enmusubi.messages import N_, Message, word
from matcher.records import COMPETITIVE, CONFIDENTIAL, INTERNAL, NON_COMPETITIVE
from office.companies.ndas import KeptNda
from office.projects.shares import peak
from office.screening.conflicts import SCREENING_WORDS
from office.screening.findings import Finding
from office.screening.rule_book import NOTE, RuleBook
from office.screening.screened_facts import Row, ScreenedFacts
from office.screening.workload import AHEAD, CASE_EVIDENCE, Engagement, Workload

CASES = N_("At work in %(count)s cases already; the limit is %(limit)s.")
CASES_AND_ASKED = N_(
    "At work in %(count)s cases, and asked about %(asked)s needs more that wait for the answer or found "
    "interest; the limit is %(limit)s."
)
SHARED = N_(
    "%(percent)s percent of their time belongs to projects from %(since)s to %(until)s; the limit is "
    "%(limit)s percent."
)
AWAY = N_("On leave from %(since)s to %(until)s.")
AWAY_OPEN = N_("On leave since %(since)s.")
AWAY_UNTIL = N_("On leave until %(until)s.")
ENDING = N_("%(what)s on %(until)s.")
LATER = N_("Takes new work from %(since)s on.")
LESSONS = N_("Teaches %(count)s lessons a week.")
NDA_THERE = Message("An NDA was reached with this person: the need may be discussed within it.")
NDA_WITH_COMPANY = N_(
    "Under the NDA that the company signed on %(signed)s, valid until %(until)s: all of the need may be "
    "told in confidence."
)
NDA_WITHOUT_END = N_(
    "Under the NDA that the company signed on %(signed)s: all of the need may be told in confidence."
)
TELL_ALL = Message("The need is public: all of it may be told.")
TELL_INSIDE = Message(
    "Before an NDA: the need may be told inside the university, without the company's name."
)
TELL_VEIL = Message("Before an NDA: the need may be told in the words of its veil.")
TELL_LITTLE = Message(
    "Before an NDA: only the field of research may be told, neither the company nor the text."
)
ENDINGS_OF_WORK = {RETIREMENT: "Retirement", CONTRACT_END: "The contract ends"}
SOON = timedelta(days=183)  # leave that begins within half a year
ENDING_SOON = timedelta(days=731)  # retirement and ends of contracts within two years
_NEVER, _ALWAYS = date.min, date.max


def capacity(facts: ScreenedFacts, book: RuleBook, person: str) -> Iterator[Finding]:
    """Yield what bounds a person's time, as of today."""
    rows = facts.limits.get(person, ())
    yield from _cases(facts, book, person, [row for row in rows if row["kind"] == RUNNING])
    yield from _time(facts, book, person)
    for row in rows:
        said = _told(row, facts.today, book.settings.teaching_lessons)
        if said and (rule := book.rules.get(said[0])):
            evidence = (f"limit:{row['limit_id']}",)
            yield Finding(
                rule.rule_id, _need_id(facts), person, said[1], rule.verdict, rule.role, evidence
            )


def _cases(
    facts: ScreenedFacts, book: RuleBook, person: str, declared: list[Row]
) -> Iterator[Finding]:
    rule = book.rules.get("capacity_cases")
    load = facts.workloads.get(person, Workload())
    cases, asked = _of_others(load.running, facts), _of_others(load.asked, facts)
    limits = [r["amount"] for r in declared if r["amount"] is not None and _holds(r, facts.today)]
    limit = min(limits, default=book.settings.running_cases)
    if rule and len(cases) + len(asked) >= limit:
        told = {"count": len(cases), "asked": len(asked), "limit": limit}
        reason = Message(CASES_AND_ASKED if asked else CASES, told)
        evidence = tuple(work.source for work in (*cases, *asked))
        yield Finding(
            rule.rule_id, _need_id(facts), person, reason, rule.verdict, rule.role, evidence
        )


def _time(facts: ScreenedFacts, book: RuleBook, person: str) -> Iterator[Finding]:
    rule = book.rules.get("capacity_time")
    shares = [
        one for one in facts.workloads.get(person, Workload()).shares
        if not one.need_id or one.need_id != _need_id(facts)
    ]  # fmt: skip
    most = peak(shares, facts.today, facts.today + AHEAD)
    limit = book.settings.time_percent
    if rule and most and most.percent >= limit:
        told = {"percent": most.percent, "limit": limit}
        days = {"since": most.since.isoformat(), "until": most.until.isoformat()}
        evidence = tuple(f"{CASE_EVIDENCE}{number}" for number in most.case_ids)
        reason = Message(SHARED, {**told, **days})
        yield Finding(
            rule.rule_id, _need_id(facts), person, reason, rule.verdict, rule.role, evidence
        )


def _of_others(works: Iterable[Engagement], facts: ScreenedFacts) -> list[Engagement]:
    """Return what is not of the need that is looked at: that does not count against it."""
    return [work for work in works if not work.need_id or work.need_id != _need_id(facts)]


def _holds(row: Row, day: date) -> bool:
    return (row["since"] or _NEVER) <= day <= (row["until"] or _ALWAYS)


def _told(row: Row, today: date, lessons: int) -> tuple[str, Message] | None:
    """Return the rule that a limit belongs to and what is said of it; None where it doesn't bound today."""
    kind, since, until = row["kind"], row["since"], row["until"]
    if kind == LEAVE and (since or _NEVER) <= today + SOON and (until or _ALWAYS) >= today:
        return "capacity_away", _away(since, until)
    if kind in {RETIREMENT, CONTRACT_END} and until and until <= today + ENDING_SOON:
        what = {"what": word(SCREENING_WORDS, ENDINGS_OF_WORK[kind]), "until": until.isoformat()}
        return "capacity_end", Message(ENDING, what)
    if kind == NOT_BEFORE and since and since > today:
        return "capacity_later", Message(LATER, {"since": since.isoformat()})
    if kind == TEACHING and _holds(row, today) and (row["amount"] or 0) >= lessons:
        return "capacity_teaching", Message(LESSONS, {"count": row["amount"]})
    return None


def _away(since: date | None, until: date | None) -> Message:
    last = until.isoformat() if until else ""
    if since is None:
        return Message(AWAY_UNTIL, {"until": last})
    first = since.isoformat()
    return (
        Message(AWAY, {"since": first, "until": last})
        if until
        else Message(AWAY_OPEN, {"since": first})
    )


def before_nda(facts: ScreenedFacts, book: RuleBook, person: str) -> Iterator[Finding]:
    """Yield what a person may be told of the need before an NDA."""
    rule, need = book.rules.get("before_nda"), facts.need
    if rule is None or need is None:
        return
    evidence: tuple[str, ...] = ()
    verdict = rule.verdict
    if need.need_id in facts.workloads.get(person, Workload()).with_nda:
        told, verdict = NDA_THERE, NOTE  # with an NDA there is nothing to clear
    elif facts.nda:
        told, verdict, evidence = _under(facts.nda), NOTE, (f"nda:{facts.nda.nda_id}",)
    elif facts.is_veiled:
        told = TELL_VEIL
    elif need.area == COMPETITIVE or need.confidentiality == CONFIDENTIAL:
        told = TELL_LITTLE
    elif need.confidentiality == INTERNAL or need.area != NON_COMPETITIVE:
        told = TELL_INSIDE
    else:
        told = TELL_ALL
    yield Finding(rule.rule_id, need.need_id, person, told, verdict, rule.role, evidence)


def _under(nda: KeptNda) -> Message:
    signed = nda.signed_on.isoformat()
    if nda.valid_until is None:
        return Message(NDA_WITHOUT_END, {"signed": signed})
    return Message(NDA_WITH_COMPANY, {"signed": signed, "until": nda.valid_until.isoformat()})


def _need_id(facts: ScreenedFacts) -> str:
    return facts.need.need_id if facts.need else ""
