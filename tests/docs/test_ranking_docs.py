"""docs/ranking.md describes every feature as the program defines it."""

from pathlib import Path

import pytest

from matcher.features.definitions import FEATURES, Feature

PAGE = Path(__file__).parents[2] / "docs" / "ranking.md"


@pytest.mark.parametrize("feature", FEATURES, ids=lambda feature: feature.name)
def test_a_feature_has_its_line(feature: Feature) -> None:
    sign = {1: "+", -1: "−", 0: ""}[feature.direction]
    line = (
        f"| `{feature.name}` | {feature.low:g} to {feature.high:g} | {feature.source} "
        f"| {feature.missing:g} | {sign} |"
    )

    assert line in PAGE.read_text("utf-8")
