"""What a judgement of the office teaches, and when there are enough of them."""

import pandas as pd
import pytest

from catalogue.judgements.relevance import with_relevance
from training.office_examples import MIN_NEEDS, enough
from training.propensities import PAIR


def judged(*rows: tuple[str, str, str, str, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=[*PAIR, "verdict", "reason", "reached"])


def needs_with_both(count: int, suitable: int) -> pd.DataFrame:
    rows = []
    for need in range(count):
        rows += [(f"n{need}", f"r{n}", "suitable", "", "") for n in range(suitable)]
        rows.append((f"n{need}", "r9", "not_suitable", "wrong_field", ""))
    return judged(*rows)


@pytest.mark.parametrize(
    ("verdict", "reason", "reached", "relevance"),
    [
        ("not_suitable", "wrong_field", "", [0]),
        ("not_suitable", "too_early", "deployment", [0]),
        ("suitable", "", "", [1]),
        ("suitable", "", "dialogue", [1]),
        ("suitable", "", "nda", [2]),
        ("suitable", "", "deployment", [2]),
        ("not_suitable", "conflict", "", []),
        ("not_suitable", "no_capacity", "nda", []),
        ("not_suitable", "description_vague", "", []),
    ],
)
def test_relevance_is_by_verdict_and_stage_and_some_reasons_teach_nothing(
    verdict: str, reason: str, reached: str, relevance: list[int]
) -> None:
    found = with_relevance(judged(("n1", "r1", verdict, reason, reached)))

    assert found["relevance"].tolist() == relevance


def test_enough_needs_with_both_verdicts_suffice() -> None:
    found = enough(needs_with_both(MIN_NEEDS, 4))

    assert found.enough
    assert found.why.startswith("30 needs have a researcher judged suitable and one judged not")
    assert "(150 judgements), which suffices" in found.why


def test_needs_where_all_are_suitable_teach_no_order() -> None:
    many = judged(*((f"n{n}", f"r{k}", "suitable", "", "") for n in range(50) for k in range(9)))

    found = enough(pd.concat([many, judged(("n0", "x", "not_suitable", "conflict", ""))]))

    assert not found.enough
    assert found.why == (
        "0 needs have a researcher judged suitable and one judged not suitable (0 judgements), "
        "which is too few: at least 30 needs with 150 judgements are wanted. 1 judgements were left "
        "out: their reason is not about the fit."
    )


def test_many_needs_with_two_judgements_each_are_too_few() -> None:
    assert not enough(needs_with_both(MIN_NEEDS + 10, 1)).enough


def test_no_judgements_are_too_few() -> None:
    assert not enough(judged()).enough
