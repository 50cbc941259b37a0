"""The page Import: a table is uploaded, looked at, corrected, imported, and its rejected rows mended."""

import io
import re
import zipfile

import pytest
from sqlalchemy import text

from catalogue.database.viewer import ADMINISTRATOR, CHIEF, Viewer
from catalogue.importers.recognition.layout import MAX_COLUMNS
from catalogue.importers.recognition.roles import KIND_LABELS, ROLE_LABELS, ROLES
from enmusubi.translation import translations
from office.uploads.labels import COLUMN_LABELS
from tests.api.admin.steps import entries, shown
from tests.support.office_tables import SAMPLES, TABLE
from tests.support.service import as_viewer

PEOPLE = "職員番号,氏名,学部,謎の欄\nA1,森 花,工学部,膜\nA2,佐藤 次郎,工学部,画像\n"
NEEDS = (
    "受付番号,企業名,相談内容,予算\nR7-001,霞製紙,紙の包装,300万円程度\nR7-002,海野食品,,50万円\n"
)


def upload(client, name, content, path="/admin/import", **fields):
    """Upload a file and return the address of what became of it."""
    data = content.encode("cp932") if isinstance(content, str) else content
    answer = client.post(path, files={"file": (name, data)}, data=fields)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def run(client, where):
    answer = client.post(f"{where}/run")
    assert answer.status_code == 303, answer.text
    return shown(client, where)


def rows_of(catalogue, query):
    with catalogue.reading() as connection:
        return [dict(row) for row in connection.execute(text(query)).mappings()]


def test_ten_rows_are_shown_before_anything_goes_in(office, catalogue, tmp_path):
    before = rows_of(catalogue, "SELECT count(*) AS n FROM researcher")
    where = upload(office, "研究者一覧.xlsx", TABLE["secretary"].write(tmp_path).read_bytes())
    page = shown(office, where)
    assert "Taken for: <span>Researchers</span>" in page
    for said in (
        "研究者一覧.xlsx [Sheet1]",
        "鈴木 葵",
        "スズキ アオイ",
        "suzuki@kasumino.example.ac.jp",
    ):
        assert said in page
    assert re.search(r'aria-label="フリガナ goes in as">.*?value="kana" selected', page, re.DOTALL)
    assert rows_of(catalogue, "SELECT count(*) AS n FROM researcher") == before


def test_a_table_is_imported_with_its_report_and_in_the_audit_trail(office, catalogue, tmp_path):
    where = upload(office, "研究者一覧.xlsx", TABLE["secretary"].write(tmp_path).read_bytes())
    page = run(office, where)
    assert "The file was imported." in page
    assert "<dt>Added</dt><dd>5</dd>" in page
    run_id = re.search(r"/admin/imports/(\d+)", page)[1]
    assert ("import", run_id) in entries(catalogue)
    assert "a heading or a note, alone in its row" in shown(office, f"/admin/imports/{run_id}")
    again = office.post(f"{where}/run")
    assert again.status_code == 422 or "imported already" in again.text


def test_a_correction_goes_in_and_is_kept_for_the_next_table(office, catalogue):
    where = upload(office, "名簿.csv", PEOPLE)
    page = shown(office, where)
    labels = re.findall(r'<tr><th scope="row">([^<]*)</th>', page)
    chosen = dict(
        re.findall(r'<select name="role-(\d+)".*?value="([a-z_]*)" selected', page, re.DOTALL)
    )
    mystery = labels.index("謎の欄")
    sent = {f"role-{n}": chosen.get(str(n), "") for n in range(len(labels))} | {
        f"role-{mystery}": "keywords",
        "kind": "people",
        "place": "0",
        "institution": "霞野大学",
    }
    sent["table"] = re.search(r'name="table" value="([0-9a-f]{64})"', page)[1]
    answer = office.post(f"{where}/table", data=sent)
    assert answer.headers["location"] == f"{where}#part-0"
    assert "霞野大学" in shown(office, where)
    run(office, where)
    found = rows_of(catalogue, "SELECT keywords_ja FROM researcher WHERE researcher_id = 'A1'")
    assert found == [{"keywords_ja": "膜"}]
    assert "keep reading" in [action for action, _ in entries(catalogue)]
    page = shown(office, upload(office, "来年.csv", PEOPLE.replace("A1", "A9")))
    assert "read as it was corrected before" in page
    assert re.search(r'謎の欄 goes in as">.*?value="keywords" selected', page, re.DOTALL)


def test_the_last_column_of_the_widest_table_is_corrected(office):
    names = ["職員番号", "氏名", *(f"欄{n}" for n in range(3, MAX_COLUMNS + 1))]
    values = ["A1", "森 花", *(f"値{n}" for n in range(3, MAX_COLUMNS + 1))]
    where = upload(office, "名簿.csv", f"{','.join(names)}\n{','.join(values)}\n")
    sent = {"kind": "people", "place": "0", "institution": "霞野大学"}
    sent["table"] = re.search(r'name="table" value="([0-9a-f]{64})"', shown(office, where))[1]
    sent |= {f"role-{place}": "" for place in range(MAX_COLUMNS)}
    sent |= {"role-0": "number", "role-1": "name", f"role-{MAX_COLUMNS - 1}": "keywords"}
    assert office.post(f"{where}/table", data=sent).status_code == 303
    assert f"<td>値{MAX_COLUMNS}</td>" in shown(office, where)


def test_a_column_with_a_long_name_of_several_lines_is_corrected(office):
    long = "今後産業界と取り組みたいこと\n（自由にお書きください）" * 15  # over 300 letters
    assert len(long) > 300
    where = upload(office, "名簿.csv", f'職員番号,氏名,"{long}"\nA1,森 花,膜\n')
    sent = {"kind": "people", "place": "0", "institution": "霞野大学"}
    sent["table"] = re.search(r'name="table" value="([0-9a-f]{64})"', shown(office, where))[1]
    sent |= {"role-0": "number", "role-1": "name", "role-2": "keywords"}
    assert office.post(f"{where}/table", data=sent).status_code == 303
    page = shown(office, where)
    assert re.search(r'name="role-2".*?value="keywords" selected', page, re.DOTALL)


def test_another_kind_is_chosen_and_a_table_left_out(office):
    where = upload(office, "名簿.csv", PEOPLE)
    table = re.search(r'name="table" value="([0-9a-f]{64})"', shown(office, where))[1]
    office.post(f"{where}/table", data={"table": table, "kind": "needs"})
    assert "Taken for: <span>Needs</span>" in shown(office, where)
    office.post(f"{where}/table", data={"table": table, "kind": ""})
    assert "left out, as was decided" in shown(office, where)


def test_a_table_that_nothing_tells_can_be_read_by_hand(office, catalogue):
    where = upload(office, "x.csv", "欄甲,欄乙\nK1,森 花\nK2,佐藤 次郎\n")
    page = shown(office, where)
    assert "neither its columns nor their values" in page
    table = re.search(r'name="table" value="([0-9a-f]{64})"', page)[1]
    office.post(f"{where}/table", data={"table": table, "kind": "people"})
    sent = {"role-0": "number", "role-1": "name"}
    office.post(f"{where}/table", data={"table": table, "kind": "people", **sent})
    assert "<dt>Added</dt><dd>2</dd>" in run(office, where)
    assert rows_of(catalogue, "SELECT name_ja FROM researcher WHERE researcher_id = 'K2'")


def test_rejected_rows_are_downloaded_mended_and_uploaded_again(office, catalogue):
    page = run(office, upload(office, "相談.csv", NEEDS))
    assert "<dt>Rejected</dt><dd>1</dd>" in page
    path = re.search(r'href="([^"]+/rejects/0)"', page)[1]
    name = re.search(r'/rejects/0" download>([^<]+)<', page)[1]
    answer = office.get(path)
    content = answer.content.decode("utf-8-sig")
    assert "R7-002" in content and "R7-001" not in content
    mended = content.replace("海野食品,,", "海野食品,香りの管理,").encode()
    again = run(office, upload(office, name, mended))
    assert "<dt>Rejected</dt><dd>0</dd>" in again
    found = rows_of(catalogue, "SELECT source, budget_jpy FROM need WHERE need_id = 'R7-002'")
    assert found == [{"source": "general:相談.csv", "budget_jpy": 500_000}]


def test_a_zip_of_several_formats_goes_in_as_a_whole(office, catalogue):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("people.csv", "職員番号,氏名,英語氏名\nA1,海野 若葉,Wakaba Umino\n")
        archive.writestr(
            "works.bib", "@article{a, title={Paper films}, author={Umino, Wakaba}, year={2025}}"
        )
        archive.writestr("more.ris", "TY  - JOUR\nTI  - Dense films\nAU  - Umino, Wakaba\nER  - \n")
    where = upload(office, "全部.zip", packed.getvalue())
    page = shown(office, where)
    assert "Format: bibtex" in page and "Format: ris" in page
    assert "<dt>Added</dt><dd>3</dd>" in run(office, where)


@pytest.mark.parametrize(
    ("typed", "system", "told"),
    [
        ("https://researchmap.jp/hana_mori", "researchmap", "https://api.researchmap.jp/hana_mori"),
        ("0000-0002-1825-0097", "ORCID", "https://pub.orcid.org/v3.0/0000-0002-1825-0097/record"),
        ("20123456", "KAKEN", "https://nrid.nii.ac.jp/ja/search/?qm=20123456"),
        ("https://ror.org/057zh3y96", "ROR", "https://api.ror.org/v2/organizations/057zh3y96"),
    ],
)
def test_an_id_alone_leads_to_how_its_file_is_got(office, typed, system, told):
    answer = office.post("/admin/import/one", data={"identifier": typed})
    assert answer.status_code == 200
    assert told in answer.text
    assert "fetches nothing from the network" in answer.text


def test_of_an_export_one_person_alone_is_taken(office, catalogue):
    content = (SAMPLES / "researchmap" / "profile.json").read_bytes()
    sent = {"identifier": "https://researchmap.jp/hana_mori"}
    where = upload(office, "profile.json", content, "/admin/import/one", **sent)
    assert "researchmap:hana_mori" in shown(office, where)
    assert "The file was imported." in run(office, where)
    assert rows_of(catalogue, "SELECT 1 FROM researcher WHERE researchmap_id = 'hana_mori'")
    other = upload(office, "profile.json", content, "/admin/import/one", identifier="somebody-else")
    assert "has nothing on researchmap somebody-else" in run(office, other)


def test_why_an_import_failed_names_no_folder(office, folder):
    page = run(office, upload(office, "x.exe", b"MZ"))
    assert "The import failed." in page and "of an unknown kind" in page
    assert str(folder) not in page


@pytest.mark.parametrize("typed", ["", "0000-0002-1825-0098", "森 花", "x" * 300])
def test_what_is_no_id_is_said_to_be_none(office, typed):
    answer = office.post("/admin/import/one", data={"identifier": typed})
    assert answer.status_code == 422
    assert "This is no id that is known here" in answer.text


def test_an_upload_is_its_owners_alone(app, office):
    where = upload(office, "名簿.csv", PEOPLE)
    as_viewer(app, Viewer("other", ADMINISTRATOR))
    for method, path in (("GET", ""), ("POST", "/run"), ("POST", "/drop"), ("GET", "/rejects/0")):
        assert office.request(method, f"{where}{path}").status_code == 404
    as_viewer(app, Viewer("head", CHIEF))
    assert office.get("/admin/import").status_code == 403


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("x.xlsx", b"PK\x03\x04 no workbook", "not an .xlsx workbook"),
        ("x.csv", b"", "The file is empty."),
        ("x.exe", b"MZ", "of an unknown kind"),
        ("x.json", b'[{"permalink":"hana_mori","insert":{"type":"researchers"}', "it breaks off"),
        ("../../x.csv", b"a", "no table is found in it"),
    ],
)
def test_a_file_that_is_none_is_told_and_harms_nothing(office, folder, name, content, said):
    answer = office.post("/admin/import", files={"file": (name, content)})
    page = answer.text if answer.status_code == 422 else shown(office, answer.headers["location"])
    assert said in page
    assert str(folder) not in page
    assert not list(folder.glob("x.*"))


def test_an_upload_is_deleted(office, folder):
    where = upload(office, "名簿.csv", PEOPLE)
    assert list((folder / "uploads").iterdir())
    assert office.post(f"{where}/drop").headers["location"] == "/admin/import"
    assert not list((folder / "uploads").iterdir())
    assert office.get(where).status_code == 404


def test_what_tables_and_columns_are_called_is_said_in_japanese():
    labels = [*KIND_LABELS.values(), *COLUMN_LABELS.values()]
    labels += [label for roles in ROLE_LABELS.values() for label in roles.values()]
    said = translations("ja")
    assert [str(one) for one in labels if not said.has(one.context, one.id)] == []
    assert {kind: set(roles) for kind, roles in ROLE_LABELS.items()} == {
        kind: set(roles) for kind, roles in ROLES.items()
    }
