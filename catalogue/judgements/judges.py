"""Who judged, how much of it counts, and whom it favours: for an analyst who looks for bias."""

from dataclasses import dataclass

import pandas as pd

from catalogue.database.judgement_models import SUITABLE
from catalogue.judgements.relevance import bounded_weights, with_relevance

PAIR = ["need_id", "researcher_id"]


@dataclass(frozen=True)
class JudgeRow:
    """A judge: `judgements` stand and say something of the fit, `counted` of them after the bound.

    `most_for` is the researcher whom the judge found suitable most often, `for_them` how often, and
    `others_for_them` how often others did; `reversed` counts verdicts that replaced another's opposite one.
    """

    judge: str
    judgements: int
    counted: float
    suitable: int
    most_for: str
    for_them: int
    others_for_them: int
    reversed: int


def judge_rows(standing: pd.DataFrame, history: pd.DataFrame) -> list[JudgeRow]:
    """Return every judge who has a name, who judged most first.

    `standing` and `history` are what `catalogue.judgements.judgements` returns without and with history.
    """
    if standing.empty:
        return []
    fitting = standing.merge(with_relevance(standing)[PAIR], on=PAIR)
    fitting = fitting.assign(weight=bounded_weights(fitting))
    named = fitting[fitting["judged_by"].ne("")]
    liked = fitting[fitting["verdict"].eq(SUITABLE)]
    turned = _reversed(history)
    rows = [
        _row(str(judge), own, liked, turned.get(str(judge), 0))
        for judge, own in named.groupby("judged_by")
    ]
    return sorted(rows, key=lambda row: (-row.judgements, row.judge))


def _row(judge: str, own: pd.DataFrame, liked: pd.DataFrame, turned: int) -> JudgeRow:
    counts = own.loc[own["verdict"].eq(SUITABLE), "researcher_id"].value_counts().sort_index()
    favourite = str(counts.idxmax()) if len(counts) else ""
    theirs = liked[liked["researcher_id"].eq(favourite)]
    return JudgeRow(
        judge=judge,
        judgements=len(own),
        counted=round(float(own["weight"].sum()), 1),
        suitable=int(counts.sum()),
        most_for=favourite,
        for_them=int(counts.max()) if len(counts) else 0,
        others_for_them=int(theirs["judged_by"].ne(judge).sum()),
        reversed=turned,
    )


def _reversed(history: pd.DataFrame) -> dict[str, int]:
    """Return how often each judge's verdict replaced the opposite one of somebody else."""
    said = history[history["verdict"].ne("")].sort_values(["judged_at", "judgement_id"])
    before = said.groupby(PAIR)[["verdict", "judged_by"]].shift()
    turned = (
        before["verdict"].notna()
        & before["verdict"].ne(said["verdict"])
        & before["judged_by"].ne(said["judged_by"])
    )
    return {str(judge): int(n) for judge, n in said[turned]["judged_by"].value_counts().items()}
