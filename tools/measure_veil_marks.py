"""Reports how well marks find what identifies a company, on 40 made-up needs that were annotated by hand.

    measure_veil_marks.py [--part dev|test] [--without-index] [--list]

`tests/samples/veil_needs.json` has the needs: 20 (dev) were looked at to mend the marks, 20 (test) were not.
Rarity of terms is that of the index of the settings, after `enmusubi demo`; without an index no term
is marked. Recall is the share of annotated spans of a kind on which any mark lies, precision the share of
marks of a kind that lie on any span: of all marks, and of those that are ticked.
"""

import argparse

from enmusubi.settings import load_settings
from matcher.veiling.cues import KINDS
from office.configured import configured_encoder, open_recommender
from office.veil.finding import UNKNOWN_RARITY
from tests.support.marked_needs import ALL, annotated_needs, marks_of, score


def main() -> None:
    """Mark, compare and report."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--part", choices=("dev", "test"), default="")
    parser.add_argument("--without-index", action="store_true")
    parser.add_argument("--list", action="store_true", help="print what is missed and wrong")
    chosen = parser.parse_args()
    needs = annotated_needs(chosen.part)
    if chosen.without_index:
        found = [marks_of(one, lambda terms: [UNKNOWN_RARITY] * len(terms)) for one in needs]
    else:
        settings = load_settings()
        recommender = open_recommender(settings, configured_encoder(settings, is_alone=True))
        found = [
            marks_of(one, lambda terms, one=one: recommender.rarities(terms, one.language))
            for one in needs
        ]
    both = {ticked: score(needs, found, ticked=ticked) for ticked in (False, True)}
    print(f"{len(needs)} needs; kind: spans, recall, precision (marks); the same of ticked marks")
    for kind in (*KINDS, ALL):
        told = []
        for scores in both.values():
            if (one := scores.get(kind)) is not None:
                told.append(f"{one.spans:3} {one.recall:.2f} {one.precision:.2f} ({one.marks})")
        print(f"  {kind:8} {'   '.join(told)}")
    if chosen.list:
        _print_faults(needs, found)


def _print_faults(needs, found) -> None:
    for need, marks in zip(needs, found, strict=True):
        placed = [(s, e, m) for m in marks for _, s, e in m.places]
        missed = [
            f"{span.kind}:{need.text[span.start : span.end]}"
            for span in need.spans
            if not any(s < span.end and span.start < e for s, e, _ in placed)
        ]
        wrong = [
            f"{mark.kind}:{need.text[s:e]}({mark.identifies})"
            for s, e, mark in placed
            if not any(s < span.end and span.start < e for span in need.spans)
        ]
        print(f"{need.part} {need.company}: missed {missed}, wrong {wrong}")


if __name__ == "__main__":
    main()
