"""Reports where a company stands among all for the technologies of researchers who suit its need.

    measure_outbound.py

Of the catalogue of the settings, after `enmusubi demo`. The technologies are the evidence of the people
graded 3 in the demonstration; the company's own need is held out, so that its profile, work made with it,
and the others' needs and profiles are all that is compared.
"""

import argparse
from collections import defaultdict
from dataclasses import replace

import pandas as pd

from catalogue.database.viewer import CHIEF, LOCAL_VIEWER
from catalogue.demonstration.loading import demonstration_qrels
from catalogue.records.catalogue import open_catalogue
from enmusubi.settings import load_settings
from matcher.outbound import NEED
from office.access.scoped import reading_as
from office.configured import configured_encoder, open_recommender
from office.matching import Question, ViewerMatching
from office.needs.reading import need_of
from office.outbound.companies import CompanySearch
from office.outbound.found import TechnologyAsked
from office.ways_in import OUTBOUND
from training.metrics import bootstrap_intervals

SUITS = 3


def main() -> None:
    """Ask with every technology and report."""
    argparse.ArgumentParser(description=__doc__.splitlines()[0]).parse_args()
    viewer, settings = replace(LOCAL_VIEWER, role=CHIEF), load_settings()
    recommender = open_recommender(settings, configured_encoder(settings, is_alone=True))
    suitable = defaultdict(list)
    for line in demonstration_qrels().read_text("utf-8").splitlines():
        need_id, _, researcher_id, grade = line.split()
        if int(grade) >= SUITS:
            suitable[need_id].append(researcher_id)
    rows = []
    with open_catalogue(settings.catalogue_url) as catalogue:
        search = CompanySearch(ViewerMatching(catalogue, settings))
        for need_id, people in suitable.items():
            with reading_as(catalogue, viewer) as connection:
                need = need_of(connection, viewer, need_id)
            question = Question(need.as_need())
            lines = search.matching.people_with(recommender, viewer, question, people, OUTBOUND)
            for match in lines.matches:
                asked = TechnologyAsked(seed_id=match.evidence[0].seed_id, top=1_000)
                if asked.seed_id.startswith("profile:"):
                    continue
                technology, _, texts = search.read(viewer, asked)
                kept = [t for t in texts.texts if t.kind != NEED or t.document_id != need_id]
                held = replace(texts, texts=tuple(kept))
                search.encode_all(recommender, held)
                found = search.rank(recommender, technology, held, asked.top)
                wanted = texts.names[f"id {need.organisation_id}"]
                place = next(n for n, one in enumerate(found, 1) if one.names == wanted)
                rows.append((need_id, 1 / place, float(place <= 1), float(place <= 5), len(found)))
    columns = ["need_id", "reciprocal rank", "first", "first five", "companies"]
    measured = pd.DataFrame(rows, columns=columns).set_index("need_id")
    print(f"{len(measured)} technologies of {measured.index.nunique()} needs")
    for name, interval in bootstrap_intervals(measured).items():
        print(f"  {name}: {interval.mean:.3f} [{interval.low:.3f}, {interval.high:.3f}]")


if __name__ == "__main__":
    main()
