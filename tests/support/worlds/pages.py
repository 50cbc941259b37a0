"""An office to test the office's pages with: people, made-up researchers with seeds, needs, a night.

All names are made up.
"""

from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy import insert

from catalogue.database.account_models import UserAccount
from catalogue.database.judgement_models import API, NIGHTLY
from catalogue.database.viewer import (
    ADMINISTRATOR,
    ANALYST,
    CHIEF,
    IP,
    LEGAL,
    PROJECT,
    VIEWER,
    Viewer,
)
from catalogue.judgements.shown_lists import record_shown
from catalogue.records.catalogue import Catalogue
from catalogue.records.drafts import NEEDS, ORGANISATIONS, RESEARCHERS, SEEDS, Draft
from matcher.records import Evidence, Match, MatchList, Need, ResearcherCard
from office.reports.publication import write_report
from office.reports.records import (
    NeedReport,
    NightReport,
    PreviousRun,
    ReportedMatch,
    mark_new,
    read_run,
)

SATO = Viewer("sato", PROJECT, name="佐藤 みどり")
TANAKA = Viewer("tanaka", PROJECT, name="田中 一郎")
HEAD = Viewer("head", CHIEF, name="大野 司")
PATENTS = Viewer("chizai", IP, name="千財 守")
LAW = Viewer("houmu", LEGAL, name="法村 正")
NUMBERS = Viewer("numbers", ANALYST)
GUEST = Viewer("guest", VIEWER)
ROOT = Viewer("root", ADMINISTRATOR)
PEOPLE = (SATO, TANAKA, HEAD, PATENTS, LAW, NUMBERS, GUEST, ROOT)

HUSHED = "誰にも言えない接着剤の配合"
COMPANY = "青波化学株式会社"
OPEN_NEED, CLOSED_NEED, PLAIN_NEED = "N-open", "N-closed", "N/2 %"
HOSTILE = "<script>alert('題')</script>"


def furnish(catalogue: Catalogue, folder: Path) -> None:
    """Write the office into an empty catalogue, and two nights into the folder's reports."""
    outcomes = catalogue.write([*_places(), *_people(), *_seeds(), *_needs()], source="test")
    refused = [outcome for outcome in outcomes if outcome.change == "refused"]
    assert refused == [], refused
    _accounts(catalogue)
    record_shown(catalogue, match_list(OPEN_NEED, "R-02", "R-01"), NIGHTLY)
    record_shown(catalogue, match_list(OPEN_NEED, "R-01", "R-02"), API)
    record_shown(catalogue, match_list(CLOSED_NEED, "R-01"), NIGHTLY)
    _nights(folder / "reports")


def match_list(need_id: str, *people: str) -> MatchList:
    """Return a list of these people in this order."""
    matches = tuple(
        Match(rank, ResearcherCard(person), 1.0 / rank, (), 0.5 / rank, "good")
        for rank, person in enumerate(people, start=1)
    )
    return MatchList(need_id, "ja", matches, len(people), "v000001", "words@01")


def _places() -> list[Draft]:
    return [
        Draft(ORGANISATIONS, {
            "organisation_id": "hu", "name_ja": "星ヶ野大学", "name_en": "Hoshigano University",
        }),
        Draft(ORGANISATIONS, {
            "organisation_id": "aonami", "name_ja": COMPANY, "kind": "company",
        }),
    ]  # fmt: skip


def _people() -> list[Draft]:
    return [
        Draft(RESEARCHERS, {
            "researcher_id": "R-01", "name_ja": "森 花", "name_kana": "モリ ハナ",
            "name_en": "Hana Mori", "organisation_id": "hu", "department_ja": "材料工学科",
            "department_en": "Materials Engineering", "position_ja": "教授",
            "position_en": "Professor", "orcid": "0000-0002-1825-0097",
            "researchmap_id": "hana_mori", "kaken_id": "1000012345678",
            "keywords_ja": "ガスバリア膜、高分子、包装",
            "profile_ja": "食品を包む薄い膜を研究しています。酸素や水蒸気を通さず、"
            "使用後に再利用できる材料をめざしています。",
            "profile_en": "Works on thin films for food packaging that keep oxygen out.",
        }),
        Draft(RESEARCHERS, {
            "researcher_id": "R-02", "name_en": "Ada Lindqvist", "organisation_id": "hu",
            "department_en": "Packaging Science",
        }),
        Draft(RESEARCHERS, {
            "researcher_id": "R-03", "name_ja": HOSTILE, "organisation_id": "hu",
        }),
        *(
            Draft(RESEARCHERS, {
                "researcher_id": f"R-{n}", "name_ja": f"星野 {n}郎", "name_en": f"Hoshino No. {n}",
                "organisation_id": "hu", "department_ja": "化学科",
            })
            for n in range(10, 45)
        ),
    ]  # fmt: skip


def _seeds() -> list[Draft]:
    kinds = ("paper", "paper", "patent", "grant", "presentation", "paper", "award")
    seeds = [
        Draft(
            SEEDS,
            {
                "seed_id": f"S-{n:02}", "kind": kinds[n % len(kinds)], "lang": "ja",
                "title": f"食品包装の薄い膜に関する研究 第 {n} 報", "text": "酸素を通しにくい膜を作った。",
                "year": 2004 + n // 2, "url": f"https://example.org/s{n}", "visibility": "public",
                "field_codes": "ipc:C08L 1/02" if n % 2 else "ipc:B65D 65/40",
                "companies": COMPANY if n % 9 == 0 else "",
            },
            people=("R-01",),
        )
        for n in range(40)
    ]  # fmt: skip
    hidden = {
        "seed_id": "S-hidden", "kind": "note", "lang": "ja", "title": "未公開の膜", "text": "秘密。",
        "year": 2024, "visibility": "confidential",
    }  # fmt: skip
    return [*seeds, Draft(SEEDS, hidden, people=("R-01",))]


def _needs() -> list[Draft]:
    return [
        Draft(NEEDS, {
            "need_id": OPEN_NEED, "title": "酸素を通さない薄い膜",
            "text": "食品包装の膜を探しています。酸素を通さず、再利用しやすいものを求めています。",
            "area": "non-competitive", "confidentiality": "public", "manager": "sato",
            "organisation_id": "aonami", "posted_on": date(2026, 10, 1), "horizon": "2 年以内",
            "budget_jpy": 5_000_000, "constraints": "食品衛生法に適合すること。",
        }),
        Draft(NEEDS, {
            "need_id": CLOSED_NEED, "title": "新しい接着剤", "text": HUSHED, "area": "competitive",
            "confidentiality": "confidential", "manager": "sato", "organisation_id": "aonami",
            "posted_on": date(2026, 11, 1),
        }),
        Draft(NEEDS, {
            "need_id": PLAIN_NEED, "title": HOSTILE, "text": "A thin film for packaging.",
            "area": "non-competitive", "confidentiality": "public",
        }),
    ]  # fmt: skip


def _accounts(catalogue: Catalogue) -> None:
    now = datetime.now(UTC)
    rows = [
        {
            "user_id": person.viewer_id, "name": person.name, "role": person.role,
            "password_hash": "", "failed_logins": 0, "created_at": now,
        }
        for person in PEOPLE
    ]  # fmt: skip
    with catalogue.writing() as connection:
        connection.execute(insert(UserAccount), rows)


def _nights(reports: Path) -> None:
    found = {OPEN_NEED: ["R-02"], CLOSED_NEED: ["R-01"]}
    previous = PreviousRun()
    for day in ("2026-11-19", "2026-11-20"):
        needs = tuple(
            mark_new(_reported(need_id, people), previous) for need_id, people in found.items()
        )
        night = NightReport(day, day, "v000001", "words@01", 20, needs, previous=previous.name)
        folder = write_report(night, previous, reports)
        previous = read_run(folder) or PreviousRun()
        found = {OPEN_NEED: ["R-01", "R-02", "R-gone"], CLOSED_NEED: ["R-01"]}


def _reported(need_id: str, people: list[str]) -> NeedReport:
    matches = tuple(
        ReportedMatch(Match(rank, ResearcherCard(p), 1.0, (_evidence(p),), 0.5, "good"))
        for rank, p in enumerate(people, start=1)
    )
    text = HUSHED if need_id == CLOSED_NEED else "膜"
    return NeedReport(Need(text, need_id, title=need_id), matches)


def _evidence(person: str) -> Evidence:
    return Evidence(f"S-{person}", "paper", "ja", "膜", 2020, "", "膜。", "text", 0, "膜。", 0.4)
