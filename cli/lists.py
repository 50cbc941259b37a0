"""Prints a match list for people and for programs."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from matcher.records import Evidence, Match, MatchList

LABELS: dict[str, dict[str, Any]] = {
    "ja": {
        "none": "該当する研究者がいません。条件を緩めるか、ニーズを詳しく書いてください。",
        "kinds": {
            "paper": "論文",
            "patent": "特許",
            "grant": "研究課題",
            "course": "授業",
            "note": "技術資料",
            "presentation": "発表",
            "award": "受賞",
            "profile": "プロフィール",
        },
        "evened": "適合の見込みがほぼ同じ研究者の並び順は、ニーズと検索データの版ごとに抽選で決めています。",
        "representative": "代表業績",
        "against": "留意点",
        "spread": "期待される適任者数 {plain:.1f} → {spread:.1f}　上位10人の部局数 {before} → {after}",
        "columns": ("順位", "研究者", "所属", "適合の見込み", "根拠"),
    },
    "en": {
        "none": "Nobody matches. Loosen the filters, or describe the need in more detail.",
        "kinds": {},
        "evened": "People whose chances are nearly equal stand in an order drawn by lot, the same for this "
        "need and index version.",
        "representative": "representative work",
        "against": "To consider",
        "spread": "Expected suitable people {plain:.1f} → {spread:.1f}, departments among the first ten "
        "{before} → {after}",
        "columns": ("Rank", "Researcher", "Department", "Fit", "Evidence"),
    },
}
MAX_SENTENCE_CHARS = 220
MAX_OBJECTIONS = 2
EVIDENCE, EVIDENCE_CELLS = 4, 44  # the column of sentences, and how narrow it may become


def as_json(matches: "MatchList") -> dict[str, Any]:
    """Return the match list as plain values, in the shape that the API answers with."""
    return asdict(matches)


def print_matches(matches: "MatchList", language: str, console: "Console", title: str = "") -> None:
    """Print rank, researcher, department, strength, the carrying sentence and what speaks against.

    A list whose people all fit badly is printed below a line that says so, with the need's title;
    those who are less likely to fit stand apart, below the others.
    """
    from cli.telling import fold
    from matcher.explaining.standing import UNLIKELY, standing

    labels = LABELS[language]

    def say(text: str, style: str = "") -> None:
        console.print("\n".join(fold(text, console.width)), style=style, markup=False)

    stands = standing(
        matches.matches,
        language,
        fits_nobody=matches.fits_nobody,
        title=title,
        not_asked=matches.not_asked,
    )
    if stands.notice:
        say(stands.notice, "bold")
    if not matches.matches:
        if not matches.not_asked:
            say(labels["none"])
        return
    if stands.notice:
        say(stands.heading, "bold")
    if matches.is_evened:
        say(labels["evened"])
    if (effect := matches.spread) is not None:
        told = {"plain": effect.expected_plain, "spread": effect.expected}
        places = {"before": effect.departments_plain, "after": effect.departments}
        say(labels["spread"].format(**told, **places))
    if stands.likely:
        _print(stands.likely, language, labels, console)
    if stands.unlikely:
        if stands.likely:
            say(UNLIKELY[language], "bold")
        _print(stands.unlikely, language, labels, console)


def _print(
    matches: "Sequence[Match]", language: str, labels: dict[str, Any], console: "Console"
) -> None:
    from cli.tables import Heading, print_table

    columns = [
        Heading(heading, is_number=n == 0, min_width=EVIDENCE_CELLS if n == EVIDENCE else 0)
        for n, heading in enumerate(labels["columns"])
    ]
    print_table(columns, [_cells(m, language, labels) for m in matches], console=console)


def _cells(match: "Match", language: str, labels: dict[str, Any]) -> tuple[str, ...]:
    from matcher.explaining.words import strength_text

    person = match.researcher
    other = person.name("en" if language == "ja" else "ja")
    names = dict.fromkeys([person.name(language), other])
    departments = (person.department_ja, person.department_en)
    department = departments[language == "en"] or departments[language == "ja"]
    best = match.evidence[0] if match.evidence else None
    return (
        str(match.rank),
        "\n".join(names),
        department or person.affiliation(language),
        strength_text(match, language),
        "\n".join([*([_sentence(best, labels)] if best else []), *_against(match, language)]),
    )


def _against(match: "Match", language: str) -> list[str]:
    """Return the weightiest objections as lines; `weak` is told by the strength already."""
    from matcher.explaining.words import objection_text

    told = [o for o in match.against if o.reason != "weak"][:MAX_OBJECTIONS]
    label = LABELS[language]["against"]
    return [f"({label}: {objection_text(objection, language)})" for objection in told]


def _sentence(evidence: "Evidence", labels: dict[str, Any]) -> str:
    sentence = " ".join(evidence.sentence.split())
    if len(sentence) > MAX_SENTENCE_CHARS:
        sentence = sentence[: MAX_SENTENCE_CHARS - 1] + "…"
    year = f" {evidence.year}" if evidence.year else ""
    chosen = f", {labels['representative']}" if evidence.representative else ""
    kind = labels["kinds"].get(evidence.kind, evidence.kind)
    source = f"[{kind}{year}{chosen}] {evidence.title}".rstrip()
    return source if evidence.sentence_field == "title" else f"{sentence}\n{source}"
