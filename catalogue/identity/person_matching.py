"""Whether two people are one: what their names say, and what that proves with what else is known.

Two who are taken for one are worse than one who is taken for two: names alone join no two people unless
a shared seed or the same department stands beside them, and what is doubtful is left to a user to decide.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from catalogue.database.models import JOINED, QUEUED
from catalogue.identity.person_names import INITIALS, KANA, KANJI, LATIN, name_keys
from enmusubi.language import LOST_LETTER

APART = ""  # nothing is to be done


@dataclass(frozen=True)
class PersonForm:
    """The names of a person; `aliases` are further ones, divided by `; `."""

    name_ja: str
    name_kana: str
    name_en: str
    aliases: str = ""


@dataclass(frozen=True)
class NameEvidence:
    """What two people's names have in common, and whether names of one script differ."""

    same_kanji: bool
    same_kana: bool
    same_romaji: bool
    same_initials: bool
    contradiction: bool
    incomplete: bool = False  # a name lacks a letter that could not be kept (〓)

    @property
    def same_reading(self) -> bool:
        """Whether the names sound alike."""
        return self.same_kana or self.same_romaji

    @property
    def same_name(self) -> bool:
        """Whether a full name is the same in any script."""
        return self.same_kanji or self.same_reading

    def reasons(self) -> tuple[str, ...]:
        """Return what speaks for and against, as codes."""
        codes = {
            "same_kanji": self.same_kanji,
            "same_kana": self.same_kana,
            "same_romaji": self.same_romaji,
            "same_initials": self.same_initials and not self.same_name,
            "different_names": self.contradiction,
        }
        return tuple(code for code, holds in codes.items() if holds)


@dataclass(frozen=True)
class Decision:
    """What is to be done with two people: `joined`, `queued` for a user to decide, or nothing."""

    state: str
    certainty: float
    reasons: tuple[str, ...]


def compare_people(first: PersonForm, second: PersonForm) -> NameEvidence:
    """Return what the names of two people say of their being one."""
    names, others = _keys_of_names(first), _keys_of_names(second)
    keys, other_keys = _by_kind(names), _by_kind(others)
    same = {kind: bool(keys[kind] & other_keys[kind]) for kind in keys}
    differ = [kind for kind in (KANJI, KANA) if keys[kind] and other_keys[kind] and not same[kind]]
    return NameEvidence(
        same_kanji=same[KANJI],
        same_kana=same[KANA],
        same_romaji=same[LATIN],
        same_initials=same[INITIALS],
        contradiction=bool(differ) or _read_differently(_readings(names), _readings(others)),
        incomplete=LOST_LETTER in f"{first}{second}",
    )


def _keys_of_names(person: PersonForm) -> list[frozenset[str]]:
    names = (person.name_ja, person.name_kana, person.name_en, *person.aliases.split(";"))
    return [name_keys(name) for name in names if name]


def _by_kind(names: Iterable[frozenset[str]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {kind: set() for kind in (KANJI, KANA, LATIN, INITIALS)}
    for key in frozenset().union(*names):
        found[key.partition(":")[0] + ":"].add(key)
    return found


def _readings(names: Sequence[frozenset[str]]) -> dict[str, set[str]]:
    """Return the keys in Latin letters; kana count only for people who have a name in kanji.

    The kana of other people's names say how it sounds in Japanese, not how it is spelt.
    """
    has_kanji = any(key.startswith(KANJI) for keys in names for key in keys)
    spelt = [keys for keys in names if not any(key.startswith(KANA) for key in keys)]
    return _by_kind(names if has_kanji else spelt)


def _read_differently(first: dict[str, set[str]], second: dict[str, set[str]]) -> bool:
    """Whether no full name, or else no initial, agrees; one may leave out a middle name."""
    if first[LATIN] and second[LATIN]:
        return not any(
            _holds(one, other) or _holds(other, one)
            for one in first[LATIN]
            for other in second[LATIN]
        )
    return bool(first[INITIALS] and second[INITIALS] and not first[INITIALS] & second[INITIALS])


def _holds(longer: str, shorter: str) -> bool:
    words = set(longer.removeprefix(LATIN).split())
    return words.issuperset(shorter.removeprefix(LATIN).split())


def decide(
    evidence: NameEvidence,
    *,
    same_organisation: bool | None,
    same_department: bool | None,
    shared_seed: bool,
    conflicting_ids: bool,
) -> Decision:
    """Return what is to be done with two people; None stands for what is not known.

    `conflicting_ids` are two different ids of one kind, or two records of one source.
    """
    together = same_department is True and same_organisation is not False
    reasons = (
        *evidence.reasons(),
        *(("same_organisation",) if same_organisation else ()),
        *(("same_department",) if together else ()),
        *(("shared_seed",) if shared_seed else ()),
        *(("different_ids",) if conflicting_ids else ()),
    )
    state, certainty = _judge(
        evidence,
        same_organisation=same_organisation is True,
        other_department=same_department is False,
        together=together,
        shared_seed=shared_seed,
        conflicting_ids=conflicting_ids,
    )
    return Decision(state, certainty, reasons if state else ())


def _judge(
    evidence: NameEvidence,
    *,
    same_organisation: bool,
    other_department: bool,
    together: bool,
    shared_seed: bool,
    conflicting_ids: bool,
) -> tuple[str, float]:
    # Certainties only order the queue: they are levels set by hand, no probabilities. 0.98 and 0.99 are
    # the levels at which the program joins people by itself.
    near = together or shared_seed
    if conflicting_ids:  # these speak for two people: never joined by the program
        is_doubtful = evidence.same_name and near and not evidence.contradiction
        return (QUEUED, 0.3) if is_doubtful else (APART, 0.0)
    if evidence.contradiction or evidence.incomplete:
        return _judge_contradiction(evidence, same_organisation, near)
    if not evidence.same_name:
        return (QUEUED, 0.4) if evidence.same_initials and near else (APART, 0.0)
    # A shared seed proves more than a shared place: 佐藤 花子 twice in one university is nothing rare,
    # twice among the authors of one paper is. Without one, kanji and reading must both agree.
    is_whole = evidence.same_kanji and evidence.same_reading
    if shared_seed or (is_whole and together and same_organisation):
        return JOINED, 0.99 if shared_seed else 0.98
    if not same_organisation or (other_department and not evidence.same_kanji):
        return APART, 0.0
    return QUEUED, 0.5 + 0.2 * evidence.same_kanji + 0.2 * together - 0.2 * other_department


def _judge_contradiction(
    evidence: NameEvidence, same_organisation: bool, near: bool
) -> tuple[str, float]:
    """Return the state of two whose names agree in one script and not, as far as is known, in another.

    Equal kanji may be read wrongly by a source, and one's own family name may have changed. A letter
    that could not be kept may tell two people apart as well.
    """
    if evidence.same_name and near:
        return QUEUED, 0.3
    return (QUEUED, 0.2) if evidence.same_kanji and same_organisation else (APART, 0.0)
