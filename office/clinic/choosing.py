"""Which questions to ask of a vague need, and what each plausible answer would do to its list.

The measure of a question is the expected change of the list

    sum over its plausible answers a of p(a) * (1 - RBO(list, list with a))

where RBO is the rank-biased overlap (Webber, Moffat and Zobel 2010, "A similarity measure for indefinite
rankings") of the first TEN places with persistence PERSISTENCE, scaled so that equal lists have 1. The list
is made anew with every answer. Answers to *what* are the titles of public works, the nearest of each of the
first ten, weighted by 1/rank; ready answers are weighted by a softmax of their cosine to the need. "None of
these" is always an answer, and changes nothing. A need that is not vague is asked nothing: answers were
measured to help vague needs alone (docs/clinic.md).

Words of other companies' needs are never proposed: an answer must not carry one company's secret to another.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from catalogue.database.viewer import Viewer
from enmusubi.language import JAPANESE, clean_text, detect_language
from matcher.answer import Answer
from matcher.records import MatchList, Need
from office.clinic.questions import ACTING, AREAS, BESIDE, QUESTIONS, SECRET, WHAT
from office.matching import Question, ServedMatching
from office.ways_in import CLINIC, CLINIC_WORKS

TEN, PERSISTENCE = 10, 0.9
MOST_QUESTIONS = 3
TEMPERATURE = 0.05  # of the softmax over cosines
MAX_ANSWER_CHARS = 500
LEAST_CHANGE = 0.02  # a question that changes less is not asked
FEW_PARTS, FEW_LETTERS, FLAT = 2, {"ja": 90, "en": 45}, 0.12
PROFILE = "profile"  # a seed of catchwords: a work says more
_WORD = re.compile(r"[\w'-]+")


@dataclass(frozen=True)
class Vagueness:
    """The signs that a need is vague, which it is with two of three.

    `parts` of the text can be answered (few: below FEW_PARTS), `length` in letters (ja) or words (en;
    few: below FEW_LETTERS), and `spread` is by how much the first is likelier to fit than the tenth (flat:
    below FLAT).
    """

    parts: int
    length: int
    spread: float
    language: str

    @property
    def is_vague(self) -> bool:
        """Whether two signs of three are there."""
        signs = (
            self.parts < FEW_PARTS,
            self.length < FEW_LETTERS[self.language],
            self.spread < FLAT,
        )
        return sum(signs) >= 2


@dataclass(frozen=True)
class PlausibleAnswer:
    """An answer that may be given: its text, how plausible it is, and by how much it changes the list."""

    text: str = field(repr=False)
    probability: float
    change: float = 0.0
    language: str = ""  # of the text, ja or en


@dataclass(frozen=True)
class AskedQuestion:
    """A question with its plausible answers, and the change of the list that is expected of asking it."""

    question_id: str
    text: str
    answers: tuple[PlausibleAnswer, ...]

    @property
    def expected(self) -> float:
        """The expected change, from 0 to 1."""
        return sum(one.probability * one.change for one in self.answers)


@dataclass(frozen=True)
class Consultation:
    """A need as it is with its answers: whether it is vague, its list, and the questions that are left.

    `text` is the need's with the answers; `questions` have those first that would change the list most.
    """

    vagueness: Vagueness
    text: str = field(repr=False)
    area: str
    matches: MatchList
    before: MatchList
    questions: tuple[AskedQuestion, ...]


async def consult(
    matching: ServedMatching, viewer: Viewer, need: Need, given: Mapping[str, str]
) -> Consultation:
    """Return the list of a need with the answers given so far (by the question's id), and what to ask next.

    Raises what matching raises.
    """
    language = "ja" if detect_language(f"{need.title}\n{need.text}") == JAPANESE else "en"
    answered = with_answers(need, given, language)
    before = await matching.match_for(viewer, Question(need, TEN, is_varied=True), CLINIC)
    vagueness = vagueness_of(need, before, language)
    asking = Question(answered, TEN, is_varied=True)
    answer = await matching.answer_for(viewer, asking)
    wanted = [one for one in ACTING if vagueness.is_vague and not given.get(one)]
    works = await matching.match_for(viewer, asking, CLINIC_WORKS) if WHAT in wanted else None
    plausible = {
        one: _works(works, language) if one == WHAT and works else _answers(one, answer, language)
        for one in wanted
        if not (one == SECRET and need.area)
    }
    nearest = await matching.gate.run(
        lambda: {one: _nearness(matching, answered, found) for one, found in plausible.items()}
    )
    asked = []
    for question_id, answers in nearest.items():
        tried = [
            replace(one, change=await _change(matching, viewer, answered, question_id, one, answer))
            for one in answers
        ]
        asked.append(AskedQuestion(question_id, QUESTIONS[question_id].text, tuple(tried)))
    asked.sort(key=lambda one: -one.expected)
    worth = tuple(one for one in asked if one.expected >= LEAST_CHANGE)
    return Consultation(vagueness, answered.text, answered.area, answer.matches, before, worth)


def with_answers(need: Need, given: Mapping[str, str], language: str) -> Need:
    """Return the need with a sentence for each acting answer behind its text, and the area it says."""
    lines = _said([one for one in ACTING if one != SECRET], given, language)
    area = given.get(SECRET, "")
    text = "\n".join([need.text.rstrip(), *lines]) if lines else need.text
    return replace(need, text=text, area=area if area in AREAS else need.area)


def conditions_with(conditions: str, given: Mapping[str, str], language: str) -> str:
    """Return a need's conditions with a sentence for each answer that acts on no list, each once."""
    lines = [one for one in _said(BESIDE, given, language) if one not in conditions.splitlines()]
    return "\n".join([conditions.rstrip(), *lines] if conditions.strip() else lines)


def _said(questions: Sequence[str], given: Mapping[str, str], language: str) -> list[str]:
    """Return the sentences that answers are written as, in the order of the questions."""
    told = {one: clean_text(given.get(one, ""))[:MAX_ANSWER_CHARS].strip() for one in questions}
    return [
        QUESTIONS[one].said[language] % {"answer": said.rstrip("。.")}
        for one, said in told.items()
        if said
    ]


def vagueness_of(need: Need, matches: MatchList, language: str) -> Vagueness:
    """Return the signs of vagueness of a need with its list."""
    first = matches.matches[0] if matches.matches else None
    chances = [match.probability or 0.0 for match in matches.matches[:TEN]]
    text = clean_text(need.text)
    length = sum(map(str.isalnum, text)) if language == "ja" else len(_WORD.findall(text))
    spread = chances[0] - chances[-1] if chances else 0.0
    titled = len(clean_text(need.title))  # a title says nothing besides
    parts = [one for one in first.parts if one.part.start >= titled] if first else []
    return Vagueness(len(parts), length, round(spread, 4), language)


def rank_biased_overlap(first: Sequence[str], second: Sequence[str]) -> float:
    """Return the rank-biased overlap of the first TEN places of two lists, from 0 to 1 (equal)."""
    weights = [PERSISTENCE**depth for depth in range(TEN)]
    shared = [len(set(first[:depth]) & set(second[:depth])) / depth for depth in range(1, TEN + 1)]
    most = [min(1.0, max(len(first), len(second), 1) / depth) for depth in range(1, TEN + 1)]
    whole = sum(w * one for w, one in zip(weights, most, strict=True))
    return sum(w * one for w, one in zip(weights, shared, strict=True)) / whole


def people_of(matches: MatchList) -> list[str]:
    """Return the ids of a list's people by rank."""
    return [match.researcher.researcher_id for match in matches.matches]


def _works(matches: MatchList, language: str) -> list[PlausibleAnswer]:
    """Return the titles of works as answers, one of each person, rather in the need's language."""
    told: dict[str, tuple[float, str]] = {}
    for match in matches.matches[:TEN]:
        if not match.evidence:
            continue
        one = min(
            match.evidence,
            key=lambda seed: (seed.kind == PROFILE, seed.language != language),
        )
        told.setdefault(clean_text(one.title).strip(), (1 / match.rank, one.language))
    told.pop("", None)
    return _weighted([(title, weight, said_in) for title, (weight, said_in) in told.items()])


def _answers(question_id: str, answer: Answer, language: str) -> list[PlausibleAnswer]:
    """Return the ready answers to a question, without a probability yet, or those about secrecy."""
    if question_id == SECRET:
        likely = answer.understood.area.probability if answer.understood.area.area else 0.5
        is_competitive = answer.understood.area.area == "competitive"
        chance = likely if is_competitive else 1 - likely
        return _weighted([("competitive", chance, ""), ("non-competitive", 1 - chance, "")])
    ready = QUESTIONS[question_id].answers.get(language, ())
    return [PlausibleAnswer(text, -1.0, language=language) for text in ready]


def _nearness(
    matching: ServedMatching, need: Need, answers: Sequence[PlausibleAnswer]
) -> list[PlausibleAnswer]:
    """Return ready answers with their probabilities by nearness to the need; others as they are."""
    if not answers or answers[0].probability >= 0:
        return list(answers)
    texts = [Need(need.text, title=need.title), *(Need(one.text) for one in answers)]
    vectors = matching.live.get().likeness_vectors(texts)
    if vectors[0] is None:
        return []
    cosines = [
        float(np.dot(vectors[0].vector, one.vector)) if one is not None else -1.0
        for one in vectors[1:]
    ]
    return _weighted(
        [
            (one.text, math.exp(cosine / TEMPERATURE), one.language)
            for one, cosine in zip(answers, cosines, strict=True)
        ]
    )


def _weighted(answers: Sequence[tuple[str, float, str]]) -> list[PlausibleAnswer]:
    total = sum(weight for _, weight, _ in answers) or 1.0
    return [PlausibleAnswer(text, weight / total, language=said) for text, weight, said in answers]


async def _change(  # noqa: PLR0917 - an answer, and what it is tried on
    matching: ServedMatching,
    viewer: Viewer,
    need: Need,
    question_id: str,
    one: PlausibleAnswer,
    answer: Answer,
) -> float:
    """Return by how much an answer changes the list."""
    tried = with_answers(need, {question_id: one.text}, answer.matches.language)
    found = await matching.match_for(viewer, Question(tried, TEN, is_varied=True), CLINIC)
    return 1 - rank_biased_overlap(people_of(answer.matches), people_of(found))
