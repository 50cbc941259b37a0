"""Fits the classifier of a need's sentences for the encoder of the settings, and prints figures.

    fit_need_roles.py [--out FILE]

Run it again whenever the encoder changes: the weights hold for one. The figures are of the texts that are
held out of the fit.
"""

import argparse
from pathlib import Path

from enmusubi.settings import load_settings
from matcher.need_roles.classifier import DEFAULT_FILE, save_roles
from office.configured import configured_encoder
from training.need_roles import fit_roles, read_texts, role_figures


def main() -> None:
    """Fit, report and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=DEFAULT_FILE)
    chosen = parser.parse_args()
    encoder = configured_encoder(load_settings())
    texts = read_texts(encoder)
    held_out = [text for text in texts if text.held_out]
    fitted = fit_roles([text for text in texts if not text.held_out])
    for language in ("", "ja", "en"):
        figures = role_figures(fitted, held_out, language)
        told = ", ".join(f"{name} {value:.3f}" for name, value in figures.items())
        print(f"{language or 'both'}: {told}")
    save_roles(chosen.out, fitted, encoder.checksum)


if __name__ == "__main__":
    main()
