"""Writes a data folder with enmusubi 0.1.0 as it was before its packages moved to the top.

Run from a checkout of that version (see README.md beside this file); it imports that version's names.
Every person, company, need and password in it is made up.
"""

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

COMPANY, PORTAL = "青波化学株式会社", "portal-1"
LOGIN, PASSWORD = "sato", "four words that stay"
NEED = "N-film"
TEXT = "We look for thin films that keep oxygen away from packed food."
NIGHT = "2026-11-20"

# ruff: noqa: E501 - the rows of tables
RESEARCHERS = """researcher_id,name_ja,name_en,institution_ja,department_ja,keywords_en,orcid
R-01,森 花,Hana Mori,星ヶ野大学,材料工学科,thin films; gas barrier,0000-0002-1825-0097
R-02,,Ada Lindqvist,星ヶ野大学,包装科学科,packaging,
R-03,石井 健,Ken Ishii,星ヶ野大学,機械工学科,grippers; soft robotics,
R-04,大野 司,Tsukasa Ohno,星ヶ野大学,農学科,fruit storage,
R-05,北村 葵,Aoi Kitamura,星ヶ野大学,電気工学科,battery ageing,
R-06,三浦 蓮,Ren Miura,星ヶ野大学,土木工学科,corrosion of bridges,
R-07,,Jonas Weber,星ヶ野大学,化学科,enzymes,
R-08,林 結衣,Yui Hayashi,星ヶ野大学,情報学科,search in documents,
R-09,清水 大翔,Hiroto Shimizu,星ヶ野大学,物理学科,laser and glass,
R-10,山口 凛,Rin Yamaguchi,星ヶ野大学,化学科,membranes,
R-11,森 華,Hana Mori,星ヶ野大学,材料工学科,films of clay,
R-12,,Lucía Ortega,星ヶ野大学,経済学科,price of food,
R-13,,,星ヶ野大学,,a row without a name is rejected,
"""
SEEDS = """seed_id,kind,title,text,year,researcher_ids,visibility,companies
S-01,paper,食品包装の薄い膜,酸素を通しにくい薄い膜を作った。水蒸気にも強い。再利用もしやすい。,2019,R-01,public,青波化学株式会社
S-02,patent,Packaging sheet,The sheet of two thin layers keeps oxygen out of packed food.,2021,R-02;R-01,public,
S-03,paper,Soft gripper for fruit,A gripper of silicone picks ripe fruit without bruising it.,2020,R-03,public,
S-04,grant,果実の貯蔵,低温と湿度を制御して果実を長く貯蔵する。,2018,R-04,public,
S-05,paper,Ageing of cells,The ageing of lithium cells shows early in their impedance.,2022,R-05,public,
S-06,paper,橋梁の腐食,塩分による橋の腐食を電位の測定で早く見つける。,2017,R-06,public,
S-07,paper,Enzymes for paper,Enzymes save energy when pulp is refined.,2016,R-07,public,
S-08,course,文書の検索,古い保守記録を言葉の意味で検索する方法を学ぶ。,2023,R-08,public,
S-09,paper,Laser and glass,Short pulses write channels into glass.,2021,R-09,public,
S-10,paper,Membranes,Membranes of polymer separate oxygen from air.,2020,R-10,public,
S-11,paper,粘土の膜,粘土を並べた膜は酸素をほとんど通さない。,2015,R-11,public,
S-12,note,未公開の膜,まだ発表していない、酸素を通さない膜の配合。,2024,R-01,confidential,
"""
NEEDS = f"""need_id,title,text,company,area,confidentiality,manager,posted_on
{NEED},酸素を通さない膜,食品を包む、酸素を通さない薄い膜を探しています。再利用しやすいもの。,{COMPANY},non-competitive,public,{LOGIN},2026-10-01
N-fruit,Picking fruit,A machine should pick ripe fruit without bruising it.,Kasumi Farm,non-competitive,public,,2026-10-05
N-quiet,新しい接着剤,誰にも言えない接着剤の配合を確かめたい。,{COMPANY},competitive,confidential,{LOGIN},2026-11-01
N-bridge,橋の点検,海辺の橋の傷みを早く見つける方法がほしい。,Kasumi Bridges,non-competitive,internal,,2026-11-02
"""
SETTINGS = """# the settings of a made-up office
language = "ja"

[encoder]
precision = "fp32"

[server]
port = 8123
search_burst = 500

[nightly]
top = 4
"""
INTERRUPTED = "researcher_id,name_ja,institution_ja\n" + "".join(
    f"R-{number},星野 {number}郎,星ヶ野大学\n" for number in range(50, 62)
)
ROWS_BEFORE_THE_KILL = 5


def enmusubi(*arguments: str) -> str:
    command = [sys.executable, "-m", "enmusubi.cli.main", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def in_short(printed: str) -> list[dict[str, Any]]:
    """Return who is on a list, how well they fit, and by which seeds."""
    return [
        {
            "researcher_id": match["researcher"]["researcher_id"],
            "score": match["score"],
            "probability": match["probability"],
            "strength": match["strength"],
            "seeds": {seed["seed_id"]: seed["similarity"] for seed in match["evidence"]},
        }
        for match in json.loads(printed)["matches"]
    ]


def import_interrupted(catalogue: Any) -> None:
    """Import a file until its second batch; batches are small here, the state is that of any kill."""
    from enmusubi.matcher.importers import batching
    from enmusubi.matcher.importers.registry import import_files

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    batching.BATCH_ROWS = ROWS_BEFORE_THE_KILL
    try:
        import_files(catalogue, "general", [Path("more.csv")], on_progress=killed)
    except KeyboardInterrupt:
        return
    raise SystemExit("the import was not interrupted")


def train_champion(settings: Any) -> str:
    """Register a re-ranker as training does, and let it serve."""
    from enmusubi.matcher.reranking.reranker import load_reranker, reranker_of
    from enmusubi.training.metrics import Interval
    from enmusubi.training.registry import TrainingRecord, register_reranker

    document = dict(load_reranker().document)
    document["weights"] = [round(weight * 0.9, 6) for weight in document["weights"]]
    trained = reranker_of(document)
    record = TrainingRecord(
        parameters={"kind": "linear"},
        results={"made-up": {"ndcg@10": Interval(0.5, 0.4, 0.6)}},
        hashes={"made-up": {"qrels.txt": "ab" * 32}},
        probabilities=[0.1, 0.2, 0.8, 0.9],
        outcomes=[0, 0, 1, 1],
    )
    register_reranker(trained, record, settings)
    enmusubi("promote", "--force", "--reason", "made up", "--yes")
    return str(trained.checksum)


def keep_things(catalogue: Any, settings: Any) -> None:
    """Put somebody on the shortlist, write a note, save a search, register a webhook."""
    from enmusubi.api.work.webhooks import create_webhook
    from enmusubi.matcher.access.viewer import PROJECT, Viewer
    from enmusubi.matcher.desk.notes import write_note
    from enmusubi.matcher.desk.searches import SearchDraft, save_search
    from enmusubi.matcher.desk.shortlist import add_to_shortlist
    from enmusubi.matcher.records import Filters

    viewer = Viewer(LOGIN, PROJECT, name="佐藤 みどり")
    add_to_shortlist(catalogue, viewer, "R-01", NEED)
    write_note(catalogue, viewer, NEED, "R-02", "電話で話した。")
    draft = SearchDraft("膜", text=TEXT, filters=Filters(since=2015), alert=True)
    save_search(catalogue, viewer, draft, max_chars=settings.need.max_chars)
    with catalogue.writing() as connection:
        create_webhook(connection, PORTAL, "https://portal.example/hook")


def use_the_service(catalogue: Any, settings: Any, key: str) -> tuple[str, int]:
    """Release a list by the page and do a job by the API; returns the job's id and the release's."""
    from fastapi.testclient import TestClient

    from enmusubi.api.app import create_app
    from enmusubi.api.live import live_recommender
    from enmusubi.api.work.background import Background

    app = create_app(live_recommender(settings), catalogue, settings)
    background = Background(app.state.services)
    background.start()
    browser = TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 50_000))
    form = {"csrf_token": _token(browser.get("/login").text)}
    browser.post("/login", data=form | {"login": LOGIN, "password": PASSWORD}).raise_for_status()
    form = {"csrf_token": _token(browser.get(f"/needs/{NEED}").text)}
    browser.post(f"/needs/{NEED}/releases", data=form | {"top": "3"}).raise_for_status()

    portal = TestClient(app, headers={"Authorization": f"Bearer {key}"})
    asked = portal.post("/v1/jobs/matches", json={"need_ids": [NEED], "top": 3})
    job_id = str(asked.raise_for_status().json()["job_id"])
    while portal.get(f"/v1/jobs/{job_id}").json()["state"] != "done":
        time.sleep(0.2)
    (release,) = portal.get(f"/v1/needs/{NEED}/releases").json()["items"]
    background.stop(30)
    return job_id, int(release["release_id"])


def _token(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    if not found:
        raise SystemExit("the page has no form")
    return found.group(1)


def main(expected: Path) -> None:
    """Fill the data folder that ENMUSUBI_DATA_DIR names, working in it; write what it answers."""
    from enmusubi.matcher.access.audit import head_of
    from enmusubi.matcher.access.viewer import ADMINISTRATOR, PROJECT, Viewer
    from enmusubi.matcher.accounts.users import Users
    from enmusubi.matcher.catalogue.catalogue import open_catalogue
    from enmusubi.matcher.settings import load_settings

    os.chdir(os.environ["ENMUSUBI_DATA_DIR"])
    Path("enmusubi.toml").write_text(SETTINGS, "utf-8")
    files = {"researchers": RESEARCHERS, "seeds": SEEDS, "needs": NEEDS, "more": INTERRUPTED}
    for name, text in files.items():
        Path(f"{name}.csv").write_text(text, "utf-8")
        os.utime(f"{name}.csv", (1_790_000_000, 1_790_000_000))
    settings = load_settings()
    enmusubi("import", "general", "researchers.csv", "seeds.csv", "needs.csv")
    enmusubi("index")
    company = json.loads(enmusubi("machine", "companies", "--json"))
    (aonami,) = [one for one in company if COMPANY in str(one)]
    enmusubi("machine", "add", PORTAL, "--company", str(aonami["organisation_id"]))
    scopes = ["needs:read", "matches:read", "webhooks:write"]
    added = enmusubi("key", "add", PORTAL, *(f"--scope={s}" for s in scopes), "--days=0", "--json")
    (key,) = re.findall(r"enm_[\w.-]+", added)[:1]
    operator = Viewer("operator", ADMINISTRATOR, "operator")
    with open_catalogue(settings.catalogue_url) as catalogue:
        Users(catalogue).create(
            operator, LOGIN, role=PROJECT, name="佐藤 みどり", password=PASSWORD, is_one_time=False
        )
        keep_things(catalogue, settings)
    checksum = train_champion(settings)
    with open_catalogue(settings.catalogue_url) as catalogue:
        job_id, release_id = use_the_service(catalogue, settings, key)
    enmusubi("judge", NEED, "R-01", "--suitable")
    enmusubi("judge", NEED, "R-05", "--not-suitable", "wrong_field")
    enmusubi("nightly", "--date", NIGHT)
    lists = [
        {"arguments": arguments, "matches": in_short(enmusubi("match", *arguments, "--json"))}
        for arguments in (["--need", NEED, "--top", "6"], [TEXT], [TEXT, "--since", "2018"])
    ]
    with open_catalogue(settings.catalogue_url) as catalogue:
        import_interrupted(catalogue)
        with catalogue.reading() as connection:
            audit_entries = head_of(connection).entries
    enmusubi("backup", "backup.zip")
    known = {
        "need_id": NEED, "text": TEXT, "portal": PORTAL, "key": key, "login": LOGIN,
        "password": PASSWORD, "job_id": job_id, "release_id": release_id, "night": NIGHT,
        "champion": checksum, "rows_before_the_kill": ROWS_BEFORE_THE_KILL,
        "audit_entries": audit_entries, "lists": lists,
    }  # fmt: skip
    expected.write_text(json.dumps(known, ensure_ascii=False, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]).absolute())
