"""Reliability: bins, calibration error, and the picture."""

from pathlib import Path

import pytest

from enmusubi.errors import InputError
from training.calibration import calibration_figures, plot_reliability, reliability_table


def test_a_bin_has_the_mean_of_what_was_predicted_and_the_share_that_came_true() -> None:
    table = reliability_table([0.02, 0.06, 0.95, 1.0], [0, 1, 1, 1])

    assert table.to_dict("records") == [
        {"low": 0.0, "high": 0.1, "count": 2, "predicted": 0.04, "observed": 0.5},
        {"low": 0.9, "high": 1.0, "count": 2, "predicted": 0.975, "observed": 1.0},
    ]


def test_the_calibration_error_weighs_bins_by_their_count() -> None:
    figures = calibration_figures([0.25, 0.25, 0.25, 0.75], [0, 0, 0, 1])

    assert figures["expected_calibration_error"] == pytest.approx(0.25)
    assert figures["brier_score"] == pytest.approx(0.0625)
    assert (figures["base_rate"], figures["pairs"]) == (0.25, 4)


def test_probabilities_that_come_true_have_no_calibration_error() -> None:
    assert calibration_figures([0, 0, 1], [0, 0, 1])["expected_calibration_error"] == 0


def test_the_picture_is_a_png(tmp_path: Path) -> None:
    plot_reliability([0.1, 0.9], [0, 1], tmp_path / "plot.png")

    assert (tmp_path / "plot.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("probabilities", "outcomes", "message"),
    [
        ([], [], "at least one"),
        ([0.5], [0, 1], "one outcome for each"),
        ([1.5], [1], "from 0 to 1"),
        ([float("nan")], [1], "from 0 to 1"),
        ([0.5], [2], "0 or 1"),
    ],
)
def test_other_values_are_refused(
    probabilities: list[float], outcomes: list[int], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        calibration_figures(probabilities, outcomes)
