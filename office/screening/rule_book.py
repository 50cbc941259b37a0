"""The rules of screening as data: read from `rules.toml`, changed by settings, checked at start."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any

from catalogue.database.viewer import CHIEF, IP, LEGAL
from enmusubi.errors import SettingsError
from enmusubi.messages import listed
from enmusubi.screening_settings import ScreeningSettings

NOTE, ASK, BLOCK = "note", "ask", "block"
SCREENING_VERDICTS = (NOTE, ASK, BLOCK)  # the mildest first
STOPPING = frozenset({ASK, BLOCK})  # what stops a release until it is cleared
CLEARING_ROLES = (LEGAL, IP, CHIEF)
INTEREST = "interest_"  # begins the ids of rules on declared interests
CAPACITY = "capacity_"
DECLARED = "declared_interest"  # what stands for all of those, to who may not read them
NO_AMOUNT = 0


@dataclass(frozen=True)
class ScreeningRule:
    """One rule; `name`, `looks_at` and `source` are texts by language (ja, en).

    Of declared interests with a smaller amount than `from_amount_jpy` only a note is made.
    """

    rule_id: str
    name: Mapping[str, str]
    looks_at: Mapping[str, str]
    verdict: str
    role: str
    source: Mapping[str, str]
    from_amount_jpy: int = NO_AMOUNT


@dataclass(frozen=True)
class RuleBook:
    """The rules that an office uses, by id and in order, and the settings of what they count."""

    rules: Mapping[str, ScreeningRule]
    settings: ScreeningSettings


_DECLARED_NAME = {"en": "Declared interest", "ja": "利益相反の申告"}


def rule_name(rule_id: str, language: str) -> str:
    """Return what a rule is called in ja or en; the id of one that does not ship any more."""
    if rule_id == DECLARED:
        return _DECLARED_NAME[language]
    known = shipped_rules().get(rule_id)
    return known.name[language] if known else rule_id


def rule_book(settings: ScreeningSettings) -> RuleBook:
    """Return the rules as an office uses them; raises SettingsError for an id that no rule has."""
    shipped = shipped_rules()
    named = {*settings.off, *settings.verdicts, *settings.roles}
    if unknown := sorted(named - set(shipped)):
        raise SettingsError(
            "`screening` names rules that there are not: %(unknown)s. The rules are %(known)s.",
            unknown=listed(unknown),
            known=listed(shipped),
        )
    used = {
        rule_id: replace(
            rule,
            verdict=settings.verdicts.get(rule_id, rule.verdict),
            role=settings.roles.get(rule_id, rule.role),
        )
        for rule_id, rule in shipped.items()
        if rule_id not in settings.off
    }
    return RuleBook(used, settings)


@cache
def shipped_rules() -> Mapping[str, ScreeningRule]:
    """Return the rules that ship with the service, by id; raises ValueError for a faulty file."""
    content = tomllib.loads(files(__package__).joinpath("rules.toml").read_text("utf-8"))
    sources = {name: source["title"] for name, source in content["sources"].items()}
    rules = [_rule(given, sources) for given in content["rule"]]
    return {rule.rule_id: rule for rule in rules}


def _rule(given: Mapping[str, Any], sources: Mapping[str, Mapping[str, str]]) -> ScreeningRule:
    rule = ScreeningRule(
        given["id"],
        given["name"],
        given["looks_at"],
        given["verdict"],
        given["role"],
        sources[given["source"]],
        given.get("from_amount_jpy", NO_AMOUNT),
    )
    if rule.verdict not in SCREENING_VERDICTS or rule.role not in CLEARING_ROLES:
        raise ValueError(f"rules.toml: {rule.rule_id} has an unknown verdict or role")
    for texts in (rule.name, rule.looks_at, rule.source):
        if {"en", "ja"} - set(texts):
            raise ValueError(f"rules.toml: {rule.rule_id} lacks a language")
    return rule
