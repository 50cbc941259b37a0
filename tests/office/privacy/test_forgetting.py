"""A person who is forgotten is found nowhere: rows, files, index, cache, database pages, write-ahead log."""

import gzip
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from catalogue.database.models import Base
from catalogue.database.schema import tables_in_order
from catalogue.database.viewer import ADMINISTRATOR, CHIEF, Viewer
from catalogue.importers.registry import import_files
from catalogue.records.catalogue import Catalogue
from enmusubi.errors import ForbiddenError, UnknownIdError
from enmusubi.settings import Settings
from indexes.versions import version_folders
from office.access.audit import AuditEntry
from office.index_versions import FORGETTING, mark_forgetting, update_index
from office.privacy.holdings import HOLDINGS, NOBODY, OF_RECORDS, without_person
from office.privacy.rights import forget, opt_in, opt_out, stored_of
from tests.conftest import WordEncoder
from tests.office.privacy.rows_of_a_person import HIM, OTHER, fill, marks_in, places

ROOT = Viewer("root", ADMINISTRATOR)
PEOPLE = (
    "researcher_id,name_ja,name_en,orcid,email,profile_en\n"
    f"{HIM},縁野 標,Zyxwvu Enno,0000-0002-1825-0097,zyxwvu@example.org,Soft fingers pick fruit\n"
    f"{OTHER},森 花,Hana Mori,,mori@example.org,Thin films keep oxygen out\n"
)
SEEDS = (
    "seed_id,kind,title,text,researcher_ids\n"
    f"S-alone,paper,Alone,Soft fingers pick ripe fruit.,{HIM}\n"
    f"S-both,paper,Together,A hand for thin films.,{HIM}; {OTHER}\n"
    "S-other,paper,Other,Films that keep oxygen out.,R-02\n"
)
BY_NAME = "@article{a, title={Named works}, author={Enno, Zyxwvu and Mori, Hana}, year={2021}}\n"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data", cache_dir=tmp_path / "data" / "cache")


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "people.csv").write_text(PEOPLE)
    (folder / "seeds.csv").write_text(SEEDS)
    (folder / "works.bib").write_text(BY_NAME)
    return folder


def import_all(catalogue: Catalogue, folder: Path) -> None:
    import_files(catalogue, "general", [folder / "people.csv", folder / "seeds.csv"])
    import_files(catalogue, "bibtex", [folder / "works.bib"])


def index(catalogue: Catalogue, settings: Settings) -> None:
    update_index(catalogue, settings, WordEncoder())


def test_every_table_says_what_it_holds_of_people() -> None:
    tables = {table.name: table for table in tables_in_order()}
    assert set(HOLDINGS) | set(NOBODY) == set(tables), (
        "say in office/privacy/holdings.py what it holds"
    )
    assert set(HOLDINGS) & set(NOBODY) == set()
    for name, holding in HOLDINGS.items():
        named = {*holding.ids, *holding.blank, *holding.lists, *holding.cleared, *holding.pairs}
        assert named <= {*tables[name].c.keys()}, name
    silent = [
        name for name in NOBODY if any("researcher" in c for c in list(tables[name].c.keys()))
    ]
    assert silent == []
    referring = {
        table.name
        for table in Base.metadata.tables.values()
        for column in table.columns
        if "researcher_id" in column.name and column.name not in HOLDINGS[table.name].ids
    }
    assert referring == set()


def test_who_is_forgotten_is_found_nowhere_after_the_same_import(
    catalogue: Catalogue,
    catalogue_url: str,
    settings: Settings,
    files: Path,
    request: pytest.FixtureRequest,
) -> None:
    is_sqlite = catalogue_url.startswith("sqlite")
    server = None if is_sqlite else request.getfixturevalue("postgres_server")
    import_all(catalogue, files)
    index(catalogue, settings)
    with catalogue.writing() as connection:
        for table in tables_in_order():
            if table.name in HOLDINGS and table.name not in OF_RECORDS:
                fill(connection, table)
    for name in ("uploads/1/files/people.csv", "reports/2026-11-20.json", "rejects/x.csv"):
        (settings.data_dir / name).parent.mkdir(parents=True, exist_ok=True)
        (settings.data_dir / name).write_text(PEOPLE)
    (settings.data_dir / "uploads/2").mkdir()
    (settings.data_dir / "uploads/2/works.bib").write_text(BY_NAME)  # the name in the other order
    packed = settings.data_dir / "reports" / "2026-11-20.xlsx"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as sheet:
        sheet.writestr("sheet.xml", PEOPLE)
    backup = settings.data_dir / "backups" / "before.zip"
    backup.parent.mkdir()
    with zipfile.ZipFile(backup, "w") as kept:
        kept.writestr("x", "sealed")
    assert any(marks_in(path) for path in places(settings, catalogue_url, server))

    stored = stored_of(catalogue, settings, ROOT, HIM)
    assert set(stored.rows) >= {name for name, holding in HOLDINGS.items() if holding.ids}
    assert (stored.released, len(stored.files)) == ((1,), 5)
    assert "password_hash" not in stored.rows["user_account"][0]

    gone = forget(catalogue, settings, ROOT, HIM)
    index(catalogue, settings)
    import_all(catalogue, files)
    index(catalogue, settings)
    catalogue.close()
    found = [one for path in places(settings, catalogue_url, server) for one in marks_in(path)]
    assert found == []
    assert gone.quoted == {"audit_entry.object_id": 1}  # the export; its chain of hashes is kept
    assert (gone.released, gone.backups, len(gone.files)) == ((1,), (str(backup),), 5)
    with catalogue.reading() as connection:
        kept = connection.execute(select(Base.metadata.tables["judgement"])).mappings().one()
        assert kept["researcher_id"].startswith("forgotten-")
        document = connection.execute(text("SELECT content FROM released_list")).scalar_one()
        assert json.loads(document)["matches"] == [{"researcher_id": OTHER}]
        seeds = set(connection.execute(text("SELECT seed_id FROM seed")).scalars())
        trail = connection.execute(select(AuditEntry).order_by(AuditEntry.entry_id)).all()
    assert "S-alone" not in seeds
    assert {"S-both", "S-other"} <= seeds
    assert len(version_folders(settings.index_dir)) <= 2
    forgot = next(entry for entry in trail if entry.action == "forget")
    assert forgot.object_id == kept["researcher_id"]
    with pytest.raises(UnknownIdError):
        stored_of(catalogue, settings, ROOT, HIM)


def test_a_namesake_keeps_their_works(
    catalogue: Catalogue, settings: Settings, files: Path
) -> None:
    import_all(catalogue, files)
    (files / "more.csv").write_text("researcher_id,name_ja,name_en\nR-99,円野 印,Zyxwvu Enno\n")
    forget(catalogue, settings, ROOT, HIM)
    import_files(catalogue, "general", [files / "more.csv"])
    import_files(catalogue, "bibtex", [files / "works.bib"])
    with catalogue.reading() as connection:
        query = "SELECT count(*) FROM authorship WHERE researcher_id = 'R-99'"
        assert connection.execute(text(query)).scalar_one() == 1


def works_of(catalogue: Catalogue, researcher_id: str) -> int:
    query = text("SELECT count(*) FROM authorship WHERE researcher_id = :who")
    with catalogue.reading() as connection:
        return int(connection.execute(query, {"who": researcher_id}).scalar_one())


def test_a_namesake_who_was_there_first_loses_no_work_to_a_forgotten_one(
    catalogue: Catalogue, settings: Settings, files: Path
) -> None:
    namesake = files / "namesake.csv"
    namesake.write_text("researcher_id,name_en\nR-99,Zyxwvu Enno\n")
    import_files(catalogue, "general", [namesake])
    import_files(catalogue, "bibtex", [files / "works.bib"])
    assert works_of(catalogue, "R-99") == 1
    import_files(catalogue, "general", [files / "people.csv", files / "seeds.csv"])
    forget(catalogue, settings, ROOT, HIM)
    assert works_of(catalogue, "R-99") == 1
    with catalogue.reading() as connection:
        seeds = set(connection.execute(text("SELECT seed_id FROM seed")).scalars())
    assert "S-alone" not in seeds


def test_two_namesakes_are_asked_about_and_a_staff_number_of_another_place_is_nobodys(
    catalogue: Catalogue, settings: Settings, files: Path
) -> None:
    import_files(catalogue, "general", [files / "people.csv"])
    forget(catalogue, settings, ROOT, HIM)
    (files / "more.csv").write_text(
        "researcher_id,name_en,local_id\nR-98,Zyxwvu Enno,1\nR-99,Zyxwvu Enno,2\n"
        f"R-97,Ken Sato,{HIM}\nR-96,Zyxwvu Enno,{HIM}\n"
    )
    import_files(catalogue, "general", [files / "more.csv"])
    (files / "works.bib").write_text(BY_NAME.replace(" and Mori, Hana", ""))
    import_files(catalogue, "bibtex", [files / "works.bib"])
    with catalogue.reading() as connection:
        known = set(connection.execute(text("SELECT researcher_id FROM researcher")).scalars())
        titles = set(connection.execute(text("SELECT title FROM seed")).scalars())
    assert {"R-97", "R-98", "R-99"} <= known
    assert known.isdisjoint({HIM, "R-96"})
    assert titles == {"Named works"}


def test_files_of_others_and_of_the_service_stay_and_those_that_may_name_them_are_told(
    catalogue: Catalogue, settings: Settings, files: Path
) -> None:
    import_files(catalogue, "general", [files / "people.csv"])
    of_others, own, his = (
        settings.data_dir / name for name in ("uploads/1/x.csv", "local-token", "rejects/y.csv.gz")
    )
    for path in (of_others, own, his):
        path.parent.mkdir(parents=True, exist_ok=True)
    of_others.write_text(f"{HIM}0,Other\nA{HIM},Another\n")
    own.write_text(f"enmlocal_x-{HIM}")
    his.write_bytes(gzip.compress("氏名\n縁野　標\n".encode("cp932")))
    gone = forget(catalogue, settings, ROOT, HIM)
    assert gone.files == (str(his),)
    assert (of_others.exists(), own.exists(), his.exists()) == (True, True, False)
    assert gone.backups == (str(own),)


def test_what_is_only_about_them_goes_as_a_whole() -> None:
    of_him = {"researcher_id": HIM, "note": "Zyxwvu"}
    said = {"need_id": HIM, "lead": HIM, "best": of_him, "all": [of_him, {"researcher_id": OTHER}]}
    ids = frozenset({HIM})
    left = {"need_id": HIM, "lead": "", "best": {}, "all": [{"researcher_id": OTHER}]}
    assert without_person(said, ids) == left
    assert without_person(of_him, ids) == {}


def test_an_index_that_was_being_built_meanwhile_is_built_anew(
    catalogue: Catalogue, settings: Settings, files: Path
) -> None:
    import_all(catalogue, files)

    class Forgetful(WordEncoder):
        def encode(self, *args: Any, **kwargs: Any) -> Any:
            if not gone:
                gone.append(forget(catalogue, settings, ROOT, HIM))
            return super().encode(*args, **kwargs)

    gone: list[Any] = []
    mark_forgetting(settings)  # of somebody before
    update_index(catalogue, settings, Forgetful())
    assert gone
    assert (settings.data_dir / FORGETTING).exists()
    index(catalogue, settings)
    assert not (settings.data_dir / FORGETTING).exists()


def test_who_opts_out_is_not_matched_whatever_is_imported_until_it_is_undone(
    catalogue: Catalogue, settings: Settings, files: Path
) -> None:
    import_all(catalogue, files)
    everybody = {HIM, OTHER}
    assert set(catalogue.read_corpus().researchers.researcher_id) == everybody
    opt_out(catalogue, ROOT, HIM)
    assert set(catalogue.read_corpus().researchers.researcher_id) == {OTHER}
    (files / "people.csv").write_text(PEOPLE.replace("Soft fingers", "Softer fingers"))
    import_all(catalogue, files)
    assert set(catalogue.read_corpus().researchers.researcher_id) == {OTHER}
    opt_in(catalogue, ROOT, HIM)
    assert set(catalogue.read_corpus().researchers.researcher_id) == everybody


def test_nobody_but_an_administrator_may(
    catalogue: Catalogue, settings: Settings, files: Path
) -> None:
    import_all(catalogue, files)
    with pytest.raises(ForbiddenError):
        forget(catalogue, settings, Viewer("abe", CHIEF), HIM)
    with pytest.raises(ForbiddenError):
        stored_of(catalogue, settings, Viewer("abe", CHIEF), HIM)
