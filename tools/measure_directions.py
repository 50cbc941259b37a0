"""Measures how long routes beside the list take: companies, needs of a person, teams, veil, letters …

    measure_directions.py [--more 5000] [--times 9] [--only WORD] [--made-up]

Index, encoder and catalogue are those of the settings, after `enmusubi demo`. `--more` adds so many made-up
open needs of two hundred companies, and as many company profiles, whose sentences come from the
demonstration's in another order: name a copy of the data folder or database then. What is told is the first
request, which encodes what is not kept, and the median of the others, in milliseconds, within this process,
and the median of their processor time, which other work of the computer changes less (a database server's is
not in it). With `--made-up` needs and profiles that are compared have vectors by chance: the first request
takes no minutes then, the others what they take anyway.
"""

import argparse
import random
import statistics
import time
import zlib
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
from fastapi.testclient import TestClient
from sqlalchemy import select

from api.app import create_app
from catalogue.database.models import StoredNeed
from catalogue.database.viewer import CHIEF, LOCAL_VIEWER
from catalogue.records.catalogue import Catalogue, open_catalogue
from catalogue.records.drafts import NEEDS, ORGANISATIONS, Draft
from enmusubi.settings import load_settings
from matcher.alike_needs import NeedVector
from matcher.records import Need
from office.access.scoped import writing_as
from office.accounts.local_token import local_token
from office.live_recommender import live_recommender
from office.outbound.profiles import keep_imported, parse_profile

TECHNOLOGY = "酸素を通さない薄い膜を、植物の繊維から作る技術。食品の包装に使える。"
COMPANIES, BATCH = 200, 500
MANY = 1_000_000  # requests at once
CHIEF_HERE = replace(LOCAL_VIEWER, role=CHIEF)


def routes(need: str, person: str, seed: str) -> tuple[tuple[str, str, dict[str, Any]], ...]:
    """Return method, path and what is sent."""
    drafts = {"need_id": need, "researcher_ids": [person]}
    return (
        ("POST", "/v1/companies/search", {"json": {"technology_text": TECHNOLOGY}}),
        ("POST", "/v1/companies/search (seed)", {"json": {"seed_id": seed}}),
        ("POST", "/company-profiles/find", {"data": {"technology": TECHNOLOGY}}),
        ("GET", "/v1/company-profiles", {}),
        ("GET", f"/v1/researchers/{person}/needs", {}),
        ("GET", "/v1/dormant-needs", {}),
        ("GET", "/v1/consortia", {}),
        ("GET", "/v1/consortia/GROUP", {}),
        ("GET", f"/v1/needs/{need}/teams", {}),
        ("GET", f"/v1/needs/{need}/veil/marks", {}),
        ("POST", f"/v1/needs/{need}/clinic", {"json": {"answers": {}}}),
        ("GET", "/v1/inquiries", {}),
        ("POST", "/v1/inquiry-drafts", {"json": drafts}),
    )


def main() -> None:
    """Fill, ask and report."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--more", type=int, default=0, help="needs and profiles to add")
    parser.add_argument("--times", type=int, default=9)
    parser.add_argument("--only", default="", help="part of the paths that are asked")
    parser.add_argument(
        "--made-up", action="store_true", help="do not encode what is compared, draw vectors"
    )
    chosen = parser.parse_args()
    settings = load_settings()
    patient = dict.fromkeys(("search_burst", "rate_burst", "address_burst"), MANY)
    server = settings.server.model_copy(update=patient)
    settings = settings.model_copy(update={"server": server})
    with open_catalogue(settings.catalogue_url) as catalogue:
        if chosen.more:
            fill(catalogue, chosen.more)
        live = live_recommender(settings)
        if chosen.made_up:
            draw_vectors(live.get())
        app = create_app(live, catalogue, settings)
        with TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 50000)) as client:
            client.headers["Authorization"] = f"Bearer {local_token(settings.data_dir)}"
            groups = client.get("/v1/consortia").json()["items"]
            group = groups[0]["consortium_id"] if groups else ""
            seeds = client.get("/v1/researchers/HU-0101/seeds").json()["items"]
            for method, path, sent in routes("N-01", "HU-0101", seeds[0]["seed_id"]):
                if chosen.only in path and (group or "GROUP" not in path):
                    asked = path.replace("GROUP", group).removesuffix(" (seed)")
                    took = told(client, method, asked, sent, chosen.times)
                    print(f"{method:4} {path:36} {took}", flush=True)


def draw_vectors(recommender: Any) -> None:
    """Let texts that are compared have vectors by chance, always the same."""
    dimension = recommender.encoder.dimension

    def drawn(needs: list[Need], *, cache: object = None) -> list[NeedVector]:
        found = []
        for need in needs:
            chance = np.random.default_rng(zlib.crc32(need.text.encode()))
            vector = chance.standard_normal(dimension).astype(np.float32)
            found.append(NeedVector("ja", vector / np.linalg.norm(vector)))
        return found

    recommender.likeness_vectors = drawn


def told(client: TestClient, method: str, path: str, sent: dict[str, Any], times: int) -> str:
    """Return the first time and the medians of the others, in milliseconds."""
    taken, processor = [], []
    for _ in range(times + 1):
        began, began_processor = time.perf_counter(), time.process_time()
        answer = client.request(method, path, **sent)
        taken.append((time.perf_counter() - began) * 1_000)
        processor.append((time.process_time() - began_processor) * 1_000)
        if not answer.is_success:
            return f"answered {answer.status_code}: {answer.text[:300]}"
    first, p50, cpu = taken[0], statistics.median(taken[1:]), statistics.median(processor[1:])
    return f"first {first:8.0f}  p50 {p50:7.0f}  processor p50 {cpu:7.0f}"


def fill(catalogue: Catalogue, more: int) -> None:
    """Add made-up needs of COMPANIES companies, and company profiles."""
    chance = random.Random(7)  # noqa: S311 - draws sentences
    with catalogue.reading() as connection:
        texts = connection.execute(select(StoredNeed.text)).scalars().all()
    sentences = [
        f"{one.strip()}。"
        for text in texts
        for one in text.replace("\n", "。").split("。")
        if one.strip()
    ]
    drafts = [
        Draft(ORGANISATIONS, {"organisation_id": f"made-{n}", "name_ja": f"試験{n}号工業株式会社",
                              "kind": "company"})
        for n in range(COMPANIES)
    ]  # fmt: skip
    drafts += [
        Draft(NEEDS, {"need_id": f"made-{n}", "lang": "ja", "title": chance.choice(sentences)[:40],
                      "text": "".join(chance.sample(sentences, 3)), "status": "open",
                      "organisation_id": f"made-{n % COMPANIES}", "area": "non-competitive",
                      "confidentiality": "public", "posted_on": date(2026, 11, 1)})
        for n in range(more)
    ]  # fmt: skip
    for first in range(0, len(drafts), BATCH):
        catalogue.write(drafts[first : first + BATCH], source="measure_directions")
    with writing_as(catalogue, CHIEF_HERE) as connection:
        for n in range(more):
            given = {
                "name_ja": f"計測{n}番製作所",
                "business_ja": "".join(chance.sample(sentences, 2)),
            }
            keep_imported(connection, CHIEF_HERE, parse_profile(given), "measure_directions")


if __name__ == "__main__":
    main()
