"""Fits the classifier of fields of research for the encoder of the settings.

    fit_domains.py FOLDER [--vectors FILE] [--out FOLDER]

FOLDER holds public classifications: kaken_fields, ipc_titles, fterm_themes and jsic, each .csv.gz
(`training/domain_examples.py` names their columns). Writes `classifier.npz` with the
encoder's checksum, and the tables of codes made from the same folder, and prints figures. Run it
again whenever the encoder changes: a classifier for another encoder isn't used. It needs
scikit-learn; about 4,000 short texts are encoded, once.
"""

import argparse
import json
from pathlib import Path

from enmusubi.settings import load_settings
from matcher.domains import classifier
from matcher.encoder.vector_cache import VectorCache
from office.configured import configured_encoder
from training.domain_examples import fterm_groups, kaken_nodes, read_examples, read_industries
from training.domains import (
    encode_examples,
    fit_domains,
    language_agreement,
    predict,
    report,
    transfer_table,
)


def main() -> None:
    """Fit, write and report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--vectors", type=Path, help="file that keeps encoded texts")
    parser.add_argument("--out", type=Path, default=classifier.DEFAULT_FILE.parent)
    chosen = parser.parse_args()
    encoder = configured_encoder(load_settings())
    cache = VectorCache(chosen.vectors) if chosen.vectors else None
    write_codes(chosen.folder, chosen.out)
    examples = encode_examples(read_examples(chosen.folder), encoder, cache)
    domains, held_out = fit_domains(examples)
    domains.save(chosen.out / classifier.DEFAULT_FILE.name, encoder.checksum)
    industries = encode_examples(read_industries(chosen.folder), encoder, cache)
    print(f"encoder {encoder.checksum}, {len(examples.table)} vectors")
    print(f"temperature {domains.temperature:.3f}, threshold {domains.threshold:.3f}")
    print(report(held_out, domains.threshold).round(3).to_string())
    print(report(predict(domains, industries), domains.threshold).round(3).to_string())
    print(f"same field for both languages' names: {language_agreement(held_out):.3f}")
    print(transfer_table(examples).round(3).to_string())


def write_codes(folder: Path, out: Path) -> None:
    """Write the fields of KAKEN's numbers and of groups of F-terms: codes only, never names."""
    nodes = json.dumps(kaken_nodes(folder), separators=(",", ":"))
    (out / "kaken_nodes.json").write_text(nodes + "\n", "utf-8")
    groups = json.dumps(fterm_groups(folder), indent=1)
    (out / "fterm_groups.json").write_text(groups + "\n", "utf-8")


if __name__ == "__main__":
    main()
