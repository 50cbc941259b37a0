"""The fields that templates of contracts may use, what each says, and their values for a case."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import Connection

from catalogue.database.viewer import Viewer
from enmusubi.settings import Settings
from office.cases.case_words import MEANS_WORDS, STAGE_WORDS
from office.cases.kept import KeptCase
from office.estimates.kept import newest_estimate
from office.estimates.words import year_words
from office.needs.reading import need_of
from office.people import name_in_documents

FIELDS: Mapping[str, tuple[str, str]] = {
    "university": ("大学の名称（設定 estimates.university）", "The university (estimates.university)"),
    "company": ("企業の名称", "Name of the company"),
    "case_number": ("案件番号", "Number of the case"),
    "title": ("案件の題名", "Title of the case"),
    "today": ("作成日（例 2026-06-01）", "Day on which it is made, such as 2026-06-01"),
    "area": ("competitive か non-competitive、ニーズがなければ空", "the need's area, empty without one"),
    "is_competitive": ("競争領域のときだけ値がある", "Has a value for the competitive area alone"),
    "is_non_competitive": ("非競争領域のときだけ値がある", "Has a value for the non-competitive area alone"),
    "means": ("手段", "Means"),
    "stage": ("段階", "Stage"),
    "lead": ("代表となる研究者", "Researcher who leads"),
    "lead_affiliation": ("代表の所属", "Their affiliation"),
    "researchers": ("研究者全員（代表が先）", "All researchers, whoever leads first"),
    "manager": ("学内担当者", "Manager"),
    "estimate_title": ("見積の題名", "Title of the estimate"),
    "estimate_version": ("見積の番号と版", "Number and version of the estimate"),
    "years": ("研究の年数", "Years of the research"),
    "first_year": ("初年度", "First year"),
    "direct_jpy": ("直接経費（円）", "Direct cost in yen"),
    "indirect_jpy": ("間接経費（円）", "Indirect cost in yen"),
    "strategic_jpy": ("戦略的産学連携経費（円）", "Strategic cost in yen"),
    "fees_jpy": ("学術指導料・データ利用料（円）", "Fees for advice and data in yen"),
    "net_jpy": ("税抜 計（円）", "Sum without tax in yen"),
    "tax_jpy": ("消費税（円）", "Consumption tax in yen"),
    "total_jpy": ("税込 合計（円）", "Total with tax in yen"),
}  # fmt: skip
SAMPLE: Mapping[str, str] = dict.fromkeys(FIELDS, "…")  # for looking at a template without a case


@dataclass(frozen=True)
class FieldPerson:
    """A researcher as fields name them, in the template's language."""

    researcher_id: str
    name: str = field(repr=False)
    affiliation: str = field(repr=False)
    is_lead: bool


@dataclass(frozen=True)
class FieldsOf:
    """What the fields of a template say in its language: of researchers apart, so that they can go."""

    said: Mapping[str, str]
    people: tuple[FieldPerson, ...]
    language: str

    @property
    def values(self) -> Mapping[str, str]:
        """The values of all fields."""
        lead = next((one for one in self.people if one.is_lead), None)
        between = "、" if self.language == "ja" else ", "
        of_people = {
            "lead": lead.name if lead else "",
            "lead_affiliation": lead.affiliation if lead else "",
            "researchers": between.join(one.name for one in self.people),
        }
        return dict.fromkeys(FIELDS, "") | dict(self.said) | of_people

    @property
    def empty(self) -> tuple[str, ...]:
        """Fields without a value, but for those that are empty by their meaning."""
        meant = {"is_competitive", "is_non_competitive"}
        return tuple(name for name, value in self.values.items() if not value and name not in meant)

    def as_json(self) -> str:
        """Return all that is said, as it is kept."""
        people = [vars(one) for one in self.people]
        return json.dumps({"said": dict(self.said), "people": people}, ensure_ascii=False)


def fields_from_json(text: str, language: str) -> FieldsOf:
    """Return what was kept; who was forgotten is not in it any more."""
    kept = json.loads(text)
    people = tuple(FieldPerson(**one) for one in kept["people"] if one)
    return FieldsOf(kept["said"], people, language)


def fields_of_case(  # noqa: PLR0917 - whose case, as read, for a day in a language
    connection: Connection,
    viewer: Viewer,
    case: KeptCase,
    settings: Settings,
    language: str,
    day: date,
) -> FieldsOf:
    """Return the values of all fields; money is of the newest estimate that was checked, else the newest."""
    area = need_of(connection, viewer, case.need_id).area if case.need_id else ""
    manager = name_in_documents(connection, case.manager)
    values = {
        "university": settings.estimates.university,
        "company": case.company,
        "case_number": str(case.case_id),
        "title": case.title,
        "today": day.isoformat(),
        "area": area,
        "is_competitive": "yes" if area == "competitive" else "",
        "is_non_competitive": "yes" if area == "non-competitive" else "",
        "means": MEANS_WORDS[language].get(case.means, ""),
        "stage": STAGE_WORDS[language][case.stage],
        "manager": manager,
    }
    kept = newest_estimate(connection, viewer, case)
    if kept:
        total, first = kept.estimate.total(), kept.estimate.first_year
        values |= {
            "estimate_title": kept.estimate.title,
            "estimate_version": f"{kept.estimate_id}-{kept.version}",
            "years": str(kept.estimate.years),
            "first_year": year_words(1, first, language) if first else "",
        }
        money = ("direct", "indirect", "strategic", "fees", "net", "tax", "total")
        values |= {f"{name}_jpy": f"{getattr(total, f'{name}_jpy'):,}" for name in money}
    people = tuple(
        FieldPerson(
            one.card.researcher_id, one.card.name(language), one.card.affiliation(language),
            one.is_lead,
        )
        for one in case.people
    )  # fmt: skip
    return FieldsOf(values, people, language)
