"""Who is forgotten is forgotten though a kill comes between the rows and the files."""

import pytest
from sqlalchemy import text

from catalogue.database.viewer import ADMINISTRATOR, Viewer
from catalogue.importers.registry import import_files
from catalogue.records.catalogue import open_catalogue
from enmusubi.settings import Settings
from office.privacy import files
from office.privacy.rights import finish_forgetting, forget, opt_out, people_opted_out
from tests.support.databases import new_sqlite

ROOT = Viewer("root", ADMINISTRATOR)
MARK = "Zyxwvu Enno"


def test_a_kill_between_rows_and_files_is_made_good_at_the_next_start(tmp_path, monkeypatch):
    settings = Settings(data_dir=tmp_path)
    upload = tmp_path / "uploads" / "0001" / "people.csv"
    upload.parent.mkdir(parents=True)
    upload.write_text(f"researcher_id,name_en,name_ja\nR-1,{MARK},\nR-2,Hana Mori,森 花\n", "utf-8")
    with open_catalogue(new_sqlite(tmp_path / "catalogue.sqlite")) as catalogue:
        import_files(catalogue, "general", [upload])
        opt_out(catalogue, ROOT, "R-2")
        with catalogue.reading() as connection:
            [gone] = people_opted_out(connection)
        assert (gone.name("ja"), gone.name("en"), gone.researcher_id) == (
            "森 花",
            "Hana Mori",
            "R-2",
        )

        def killed(*_):
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(files, "files_that_hold", killed)
            with pytest.raises(KeyboardInterrupt):
                forget(catalogue, settings, ROOT, "R-1")
        assert upload.exists()  # before: nobody knew any more whose it was
        assert finish_forgetting(catalogue, settings) == 1
        assert not upload.exists()
        assert finish_forgetting(catalogue, settings) == 0
        with catalogue.reading() as connection:
            assert connection.execute(text("SELECT count(*) FROM forgetting")).scalar_one() == 0
    held = [path for path in tmp_path.rglob("*sqlite*") if MARK.encode() in path.read_bytes()]
    assert held == []
