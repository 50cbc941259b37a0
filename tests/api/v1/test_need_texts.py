"""Files over the API: read as text for somebody to correct, bounded, and kept nowhere."""

import pytest
from sqlalchemy import text

from catalogue.database.viewer import MATCHES_READ, NEEDS_WRITE
from tests.support.need_documents import word
from tests.support.worlds.companies import AONAMI, KATO, OTA, ROOT, UEDA, portal

PATH = "/v1/need-texts"
TEXT = "さびにくい塗料を探しています。"
TRACKED = word(f"<w:p><w:ins><w:r><w:t>{TEXT}</w:t></w:r></w:ins></w:p>")
MARK = "qzvname"


def sent(name, content, **more):
    return {"files": {"file": (name, content)}, **more}


@pytest.mark.parametrize(
    ("language", "note"),
    [
        ("ja", "変更履歴は、すべて承諾したものとして読み取りました。"),
        ("en", "Tracked changes were read as if all were accepted."),
    ],
)
def test_the_text_of_a_file_comes_back_with_what_was_left_out(office, language, note):
    headers = {"accept-language": language}
    answer = office.post(KATO, PATH, **sent("a.docx", TRACKED, headers=headers))
    assert (answer.status_code, answer.json()) == (200, {"text": TEXT, "notes": [note]})


def test_readers_and_portals_with_the_scope_have_files_read(office):
    writer = portal("portal-w", "aonami", scopes=frozenset({NEEDS_WRITE}))
    reader = portal("portal-r", "aonami", scopes=frozenset({MATCHES_READ}))
    expected = {UEDA: 200, OTA: 200, AONAMI: 200, writer: 200, reader: 403, ROOT: 403}
    file = sent("a.txt", TEXT.encode("cp932"))
    assert {v: office.post(v, PATH, **file).status_code for v in expected} == expected


def test_nothing_of_a_file_is_kept(office):
    def rows():
        with office.catalogue.reading() as connection:
            tables = ("need", "audit_entry")
            return [connection.execute(text(f"select count(*) from {t}")).scalar() for t in tables]  # noqa: S608

    before = rows()
    office.post(KATO, PATH, **sent("a.docx", TRACKED))
    assert rows() == before


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        (f"{MARK}.pdf", b"%PDF-1.7 broken", "file.pdf cannot be read as .pdf"),
        (f"{MARK}.exe", b"MZ", "file is of an unknown kind; readable are .docm"),
        (f"a.{MARK}", b"text", "file is of an unknown kind"),
        (f"{MARK}.txt", b"x" * 20_000_001, "file.txt has 20,000,001 bytes, at most 20,000,000."),
    ],
    ids=["damaged", "unknown", "odd", "large"],
)
def test_what_cannot_be_read_is_told_without_the_name_that_a_company_gave(
    office, name, content, said
):
    answer = office.post(KATO, PATH, **sent(name, content, headers={"accept-language": "en"}))
    assert answer.status_code == 400
    assert said in answer.json()["detail"]
    assert MARK not in answer.text


def test_another_body_than_a_form_with_a_file_is_refused(office):
    assert office.post(KATO, PATH, json={"text": TEXT}).status_code == 415
    kind = {"content-type": "application/pdf"}
    assert office.post(KATO, PATH, content=b"%PDF-", headers=kind).status_code == 415
    assert office.post(KATO, PATH, files={"other": ("a.txt", b"x")}).status_code == 422
    kind = {"content-type": "multipart/form-data; boundary=x"}
    assert office.post(KATO, PATH, content=b"--x\r\n", headers=kind).status_code in {400, 422}
