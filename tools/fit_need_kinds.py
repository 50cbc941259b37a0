"""Fits the classifier of kinds of needs for the encoder of the settings, and prints figures.

    fit_need_kinds.py [--out FILE]

Run it again whenever the encoder changes: the weights hold for one. The figures are of the needs that are
held out of the fit, by language.
"""

import argparse
from pathlib import Path

from enmusubi.settings import load_settings
from matcher.need_kinds.classifier import DEFAULT_FILE, save_kinds
from office.configured import configured_encoder
from training.need_kinds import fit_kinds, kind_figures, read_examples


def main() -> None:
    """Fit, report and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=DEFAULT_FILE)
    chosen = parser.parse_args()
    encoder = configured_encoder(load_settings(), is_alone=True)
    examples = read_examples(encoder)
    fitted = fit_kinds([one for one in examples if not one.held_out])
    for language in ("ja", "en"):
        measured = [one for one in examples if one.held_out and one.language == language]
        figures = kind_figures(fitted, measured)
        told = ", ".join(f"F1 {name} {value:.3f}" for name, value in figures.items())
        print(f"{language}: {told}")
    save_kinds(chosen.out, fitted, encoder.checksum)


if __name__ == "__main__":
    main()
