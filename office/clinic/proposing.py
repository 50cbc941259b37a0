"""A need's purpose in one sentence, from what its company wrote: a wish, or a trouble turned round.

A wish is one of the company's own: what a customer, the board or a supplier wants is what happened to
them. A trouble is no purpose (「傷む」), what is said against it is (「傷むのを防ぐ」). Rules are data
(`purposes.toml`), tried in order; how many purposes read as such stands in docs/clinic.md.
"""

import re
import tomllib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from matcher.tokens import last_predicate, wished_act

MAX_CHARS = 500  # of a part that is read: what is longer is no sentence
_RULES = files("office.clinic") / "purposes.toml"
WISH = re.compile(  # somewhere in a sentence of the company's own
    r"^(?!.*(?:ほしい|欲しい)と(?:言わ|頼ま|求め)).*(?:(?<!ありが)たい|ほしい|欲しい|探して|求め(?!ら)|できないでしょうか)"
    r"|\b(?:want|need(?! not)|look(?:ing)? for|would like|wonder)\b",
    re.IGNORECASE | re.DOTALL,
)
_EDGES = " \u3000。.．!！?？「」"
_VAGUE_JA = re.compile(
    r"(?:相談|お願い|依頼|検討|協力|参加|分かち合い|公表|公開|発表|お話|会い|(?:何|なん)とかし)(?:し|いたし)?たい"
)
_OWN_WISH_JA = re.compile(
    r"たい(?:です|とのこと(?:です)?|と(?:考えて|思って|願って)い(?:ます|る)|と(?:思い|考え)ます|ところです)?$"
)
_US = r"(?:we|i|our (?:company|firm|office)|our team)"
_NOT_A_WISH_EN = re.compile(r"\b(?:need|want|wish) not\b|\bno wish\b", re.IGNORECASE)
_SENTENCE_EN = re.compile(rf"^(?:{_US}|our [\w ]+? (?:is|are|do|does|has|have)) ", re.IGNORECASE)
_TROUBLE_JA = re.compile(
    r"ない|ません|困|悩|すぎ|苦情|心配|不安|気にな|しま(?:う|い|っ)|失敗|追いつか|間に合わ|れて"
)
_BECAUSE_JA = re.compile(
    r"^.*(?:くて|ので|ため、)、?(?=.*ない|.*ません)"
)  # 高くて of 高くて売れない
_THINK_EN = re.compile(
    rf"^{_US} (?:think|believe|feel|fear|suspect|know|notice)(?: that)? ", re.IGNORECASE
)
_ENDED_BY_TE = frozenset({"いる", "ある", "おる"})
_VERB_ENDS = tuple("うくぐすつぬぶむる")


def proposed_wish(title: str, parts: Sequence[str], language: str) -> str:
    """Return what a need is for, without a full stop; empty where it has neither title nor parts.

    The parts' wishes are looked at in order, then the title's; without one, the title's trouble.
    """
    wish, trouble = (_wish_ja, _trouble_ja) if language == "ja" else (_wish_en, _trouble_en)
    title, parts = title[:MAX_CHARS], [one[:MAX_CHARS] for one in parts]
    for one in (*parts, title):
        if found := wish(one.strip(_EDGES)):
            return found
    told = title or next(filter(_TROUBLE_JA.search, parts), "".join(parts[:1]))
    return trouble(told.strip()) if told.strip() else ""


def with_answers(wish: str, whom: str, value: str, language: str) -> str:
    """Return the purpose as a sentence, with for whom it is and what should become better."""
    if language == "ja":
        of_value = value.rstrip(_EDGES)
        means = "ため、" if of_value.endswith(_VERB_ENDS) else "のため、"
        aim = f"{of_value}{means}" if of_value else ""
        return f"{aim}{f'{whom}において、' if whom else ''}{wish}。"
    said = f"{wish[:1].upper()}{wish[1:]}" + (f" in {whom}" if whom else "")
    return said + (f", so as to {value}." if value else ".")


def _applied(rules: str, text: str) -> str:
    for pattern, instead in _rules(rules):
        changed, count = pattern.subn(instead, text, count=1)
        if count:
            return changed
    return ""


@cache
def _rules(name: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    told = tomllib.loads(_RULES.read_text("utf-8"))[name]
    return tuple(
        (re.compile(pattern.replace("{us}", _US), re.IGNORECASE), said) for pattern, said in told
    )


def _wish_ja(text: str) -> str:
    if _VAGUE_JA.search(text):
        return ""
    if _OWN_WISH_JA.search(text) and (act := wished_act(text)) != text:
        return act.removesuffix("こと")
    return _applied("wishes_ja", text)


def _trouble_ja(text: str) -> str:
    text = _BECAUSE_JA.sub("", text.strip(_EDGES))
    if found := _applied("troubles_ja", text):
        return found
    predicate = last_predicate(text)
    if predicate is None:
        return f"{text}に関する課題を解決する"
    if predicate.is_negative and predicate.word in _ENDED_BY_TE:
        return f"{predicate.plain[:-1]}ないという課題を解決する"
    if predicate.is_negative and predicate.is_verb:
        return f"{predicate.plain}ようにする"
    if predicate.word in _ENDED_BY_TE:
        return f"{predicate.plain}状態を改善する"
    return f"{predicate.plain}の{'を防ぐ' if predicate.is_verb else 'を改善する'}"


def _wish_en(text: str) -> str:
    return "" if _NOT_A_WISH_EN.search(text) else _applied("wishes_en", text)


def _trouble_en(text: str) -> str:
    begun = text[:1].lower() + text[1:] if text[1:2].islower() or text[1:2] == " " else text
    if text.startswith("I "):
        begun = text
    plain = _THINK_EN.sub("", begun.strip(_EDGES))
    if found := _applied("troubles_en", plain):
        return found
    is_sentence = text.endswith((".", "!", "?")) or _SENTENCE_EN.search(text)
    return f"find out why {plain}, and remedy it" if is_sentence else f"resolve {plain}"
