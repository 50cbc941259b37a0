"""The draft of a plan: each section said from what is known of the case, in a language."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from catalogue.database.case_models import GATES, LEAD
from catalogue.database.money_models import CHECKED
from enmusubi.translation import say
from matcher.passages import split_sentences
from office.cases.case_words import MEANS_WORDS, STAGE_WORDS, STATE_WORDS
from office.clinic.proposing import WISH
from office.estimates.amounts import LINE_KINDS
from office.estimates.words import KIND_WORDS, year_words
from office.estimates.words import SAID as OF_ESTIMATES
from office.estimates.words import STATE_WORDS as STATES_OF_ESTIMATES
from office.maturity.amounts import round_yen
from office.maturity.standing import steps_ahead
from office.plans.knowing import CaseKnowledge
from office.plans.words import SAID, SECTIONS, STEP_WORDS
from office.reports.given_list import GivenWork
from office.screening.screening import OF_NEED

MOST_MEANS, MOST_WISHES = 3, 10


@dataclass(frozen=True)
class PlanPart:
    """A paragraph or more; of one researcher alone, where their id stands."""

    text: str = field(repr=False)
    researcher_id: str = ""


@dataclass(frozen=True)
class PlanSection:
    """A section; an edited one has one part, as somebody wrote it."""

    name: str
    parts: tuple[PlanPart, ...]
    is_edited: bool = False

    @property
    def text(self) -> str:
        """All of it, part after part."""
        return "\n".join(part.text for part in self.parts if part.text)


def drafted(known: CaseKnowledge, language: str) -> tuple[PlanSection, ...]:
    """Return all sections, said from what is known."""
    said = SAID[language]
    return tuple(
        PlanSection(
            name, tuple(part for part in _WRITERS[name](known, said, language) if part.text)
        )
        for name in SECTIONS
    )


Said = Mapping[str, str]
Parts = Iterator[PlanPart]


def _outline(known: CaseKnowledge, said: Said, language: str) -> Parts:
    case, nda = known.case, known.nda
    yield PlanPart(said["company"].format(name=case.company or said["unknown"]))
    stage, state = STAGE_WORDS[language][case.stage], STATE_WORDS[language][case.state]
    yield PlanPart(said["stage"].format(stage=stage, state=state))
    yield PlanPart(said["manager"].format(name=known.manager or said["unknown"]))
    if known.need:
        yield PlanPart(said.get(f"area_{known.need.area}", ""))
    if nda and nda.valid_until:
        yield PlanPart(said["nda_until"].format(day=nda.valid_until.isoformat()))
    else:
        yield PlanPart(said["nda_open" if nda else "nda_none"])


def _need(known: CaseKnowledge, said: Said, language: str) -> Parts:
    need = known.need
    if need is None:
        yield PlanPart(known.case.title)
        yield PlanPart(said["no_need"])
        return
    yield PlanPart(need.title)
    yield PlanPart(need.text)
    if need.horizon:
        yield PlanPart(said["horizon"].format(text=need.horizon))
    if need.budget_jpy is not None:
        yield PlanPart(said["budget"].format(amount=f"{need.budget_jpy:,}"))
    if need.constraints:
        yield PlanPart(said["constraints"].format(text=need.constraints))


def _wishes(known: CaseKnowledge, said: Said, language: str) -> Parts:
    if known.purpose:
        yield PlanPart(said["purpose"].format(text=known.purpose))
    text = known.need.text if known.need else ""
    sentences = (text[start:end].strip() for start, end in split_sentences(text))
    wishes = [one for one in sentences if WISH.search(one)][:MOST_WISHES]
    for wish in wishes:
        yield PlanPart(f"{said['ahead']}{wish}")
    if not wishes and not known.purpose:
        yield PlanPart(said["no_wish"])


def _team(known: CaseKnowledge, said: Said, language: str) -> Parts:
    for one in known.case.people:
        card = one.card
        about = [card.affiliation(language), card.position(language)]
        told = said["between"].join(filter(None, about))
        part = said["lead" if one.part == LEAD else "member"]
        line = said["ahead"] + said["person"].format(name=card.name(language), part=part)
        yield PlanPart(f"{line} {told}".strip(), card.researcher_id)
    if not known.case.people:
        yield PlanPart(said["no_team"])


def _evidence(known: CaseKnowledge, said: Said, language: str) -> Parts:
    for one in known.case.people:
        person = one.card.researcher_id
        works, source = known.released.get(person, ()), said["released"]
        if not works:
            works, source = known.recent.get(person, ()), said["recent"]
        text = source if works else said["no_work"]
        lines = [said["whose"].format(name=one.card.name(language), text=text)]
        lines += [f"{said['ahead']}{_work(work)}" for work in works]
        yield PlanPart("\n".join(lines), person)
    if not known.case.people:
        yield PlanPart(said["no_team"])


def _work(work: GivenWork) -> str:
    head = " ".join(str(part) for part in (work.kind, work.year, work.title) if part)
    return f"{head} – {work.sentence}" if work.sentence else head


def _means(known: CaseKnowledge, said: Said, language: str) -> Parts:
    names, chosen = MEANS_WORDS[language], known.case.means
    yield PlanPart(said["chosen"].format(name=names[chosen]) if chosen else said["no_means"])
    best = said["between"].join(names[one.rule.name] for one in known.means[:MOST_MEANS])
    if known.need:
        yield PlanPart(said["proposed"].format(names=best))
    rule = next((one for one in known.means if one.rule.name == chosen), None)
    if rule:
        yield PlanPart(said["watch"].format(text=rule.rule.watch[language]))
        yield PlanPart(said["figures"].format(text=rule.rule.figures[language]))
        if rule.chain:
            chain = " → ".join(names[name] for name in rule.chain)
            yield PlanPart(said["chain"].format(names=chain))
    for part in ("core", "periphery"):
        if known.need:
            yield PlanPart(said[part].format(text=said.get(f"{part}_{known.need.area}", "")))
        yield from _works_apart(known, said, language, part)


def _works_apart(known: CaseKnowledge, said: Said, language: str, part: str) -> Parts:
    """Yield which works of the team belong to the core, as the university keeps them, or are out already."""
    for one in known.case.people:
        card = one.card
        works = known.apart[card.researcher_id]
        name, count = card.name(language), works.kept if part == "core" else works.public
        if not count:
            continue
        titles = said["between"].join(works.kept_titles) if part == "core" else ""
        told = said["titles"].format(titles=titles) if titles else ""
        line = said[f"{part}_works"].format(who=name, count=count, titles=told)
        yield PlanPart(line, card.researcher_id)


def _stages(known: CaseKnowledge, said: Said, language: str) -> Parts:
    stands, names = known.standing, STEP_WORDS[language]
    reason = stands.reason if stands.is_by_hand else stands.rule.reason[language]
    sentence = said["by_hand" if stands.is_by_hand else "stands"]
    yield PlanPart(sentence.format(step=names[stands.step], reason=reason))
    spent = known.estimate.total_jpy if known.estimate else known.case.amount_jpy
    for one in steps_ahead(stands.step, known.rules, spent):
        step = one.step
        about = said["about"].format(amount=f"{one.about_jpy:,}") if one.about_jpy else ""
        if one.own_jpy:
            kind = "own_estimate" if known.estimate else "own_amount"
            about = said[kind].format(amount=f"{one.own_jpy:,}", stands=said[one.own_stands])
        yield PlanPart(
            said["step"].format(
                mark=said["present" if one.is_present else "ahead"], name=names[step.name],
                task=step.task[language], passed=step.passed[language],
                low=round_yen(step.low_jpy, language), high=round_yen(step.high_jpy, language),
                about=about,
            )
        )  # fmt: skip
    yield PlanPart(said["times_ten"])
    left = GATES[GATES.index(known.case.gate) :] if known.case.gate else ()
    for gate in left:
        days, name = known.decision_days.get(gate), STAGE_WORDS[language][gate]
        sentence = said["gate_days" if days else "gate"]
        yield PlanPart(sentence.format(gate=name, days=days))


def _estimate(known: CaseKnowledge, said: Said, language: str) -> Parts:
    kept = known.estimate
    if kept is None:
        yield PlanPart(said["no_estimate"])
        return
    state = STATES_OF_ESTIMATES[language][kept.state]
    head = said["estimate_of"].format(number=kept.estimate_id, version=kept.version, state=state)
    yield PlanPart(f"{head} {kept.estimate.title}")
    total, words = kept.estimate.total(), OF_ESTIMATES[language]
    told = [(KIND_WORDS[language][k], total.by_kind[k]) for k in LINE_KINDS if total.by_kind[k]]
    told += [
        (words[n], getattr(total, f"{n}_jpy"))
        for n in ("indirect", "strategic", "net", "tax", "total")
    ]
    if kept.estimate.years > 1:
        first = kept.estimate.first_year
        told += [
            (year_words(year, first, language), sums.total_jpy)
            for year, sums in enumerate(kept.estimate.by_year(), start=1)
        ]
    for name, amount in told:
        yield PlanPart(said["line"].format(name=name, amount=f"{amount:,}"))


def _risks(known: CaseKnowledge, said: Said, language: str) -> Parts:
    case, found = known.case, []
    if known.nda is None and case.company:
        found.append(said["missing_nda"])
    if not any(one.is_lead for one in case.people):
        found.append(said["missing_lead"])
    if len(case.people) == 1:
        found.append(said["alone"])
    if known.estimate is None or known.estimate.state != CHECKED:
        found.append(said["missing_estimate"])
    if known.need and known.need.facts.is_closed:
        found.append(said["publication"])
    rule = next((one.rule for one in known.means if one.rule.name == case.means), None)
    if rule:
        found.append(said["watched"].format(text=rule.watch[language]))
    yield from map(PlanPart, found or [said["no_risk"]])


def _screens(known: CaseKnowledge, said: Said, language: str) -> Parts:
    if not known.need and not known.case.people:
        yield PlanPart(said["not_screened"])
        return
    names = {one.card.researcher_id: one.card.name(language) for one in known.case.people}
    count = 0
    for whose, findings in known.findings.items():
        person = "" if whose == OF_NEED else whose
        for one in findings:
            count += 1
            verdict = said[one.decision or one.verdict]
            who = names.get(whose, whose) if person else said["need_itself"]
            reason = say(one.reason, language)
            yield PlanPart(said["finding"].format(who=who, reason=reason, verdict=verdict), person)
    if not count:
        yield PlanPart(said["no_finding"])


def _next(known: CaseKnowledge, said: Said, language: str) -> Parts:
    yield PlanPart(known.case.next_step or said["no_next"])


_WRITERS: Mapping[str, Callable[[CaseKnowledge, Said, str], Parts]] = {
    "outline": _outline, "need": _need, "wishes": _wishes, "team": _team, "evidence": _evidence,
    "means": _means, "stages": _stages, "estimate": _estimate, "risks": _risks,
    "screens": _screens, "next": _next,
}  # fmt: skip
