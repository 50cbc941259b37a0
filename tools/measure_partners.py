"""Counts past partners of the company among the first ten, from the safest order to the unexpected one.

    measure_partners.py

Of the open needs of the catalogue of the settings, after `enmusubi demo`. A past partner has public work with
the need's company on it. As few have, each need is asked once more as if the first person of its safest list
were one: what is told then is how many of these are still among the first ten, and their mean rank there.
"""

import argparse
from functools import partial
from statistics import fmean

from catalogue.records.catalogue import open_catalogue
from enmusubi.settings import load_settings
from matcher.records import MatchList
from matcher.spreading import FIRST, LEVELS, POOL, UNEXPECTED, Spread, spread_list
from office.configured import configured_encoder, open_recommender
from office.spreading import spread_for


def main() -> None:
    """Ask for every need at every level, and report."""
    argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    ).parse_args()
    settings = load_settings()
    recommender = open_recommender(settings, configured_encoder(settings, is_alone=True))
    with open_catalogue(settings.catalogue_url) as catalogue:
        needs = [need for need in catalogue.needs() if need.company]
        lists = [recommender.match(need, top=POOL) for need in needs]
        ask = partial(spread_for, catalogue, settings.matching, recommender)
        partner_of = [ask(need, UNEXPECTED).is_known for need in needs]
        print(f"{len(needs)} open needs with a company")
        for level in LEVELS:
            partners, ranks = 0, []
            for need, found, is_known in zip(needs, lists, partner_of, strict=True):
                shown = spread_list(found, ask(need, level), recommender.known_for, top=FIRST)
                partners += sum(is_known(match.researcher) for match in shown.matches)
                ranks.append(_rank_of_first(found, level, recommender.known_for))
            there = [rank for rank in ranks if rank]
            print(
                f"  {level:10} partners among the first ten: {partners}; as if the first were one: "
                f"{len(there)} of {len(ranks)} stay, at rank {fmean(there):.1f}"
            )


def _rank_of_first(found: MatchList, level: str, known_for) -> int:
    """Return the rank that the likeliest person has as a past partner, 0 behind the first ten."""
    first = found.matches[0].researcher.researcher_id
    spread = Spread(level, is_known=lambda card: card.researcher_id == first)
    shown = spread_list(found, spread, known_for, top=FIRST).matches
    return next((m.rank for m in shown if m.researcher.researcher_id == first), 0)


if __name__ == "__main__":
    main()
