"""Files in folders, archives and standard input are found, named safely and opened as streams."""

import gzip
import io
import sys
import time
import zipfile
from pathlib import Path

import pytest

from catalogue.importers.reading import packed
from catalogue.importers.reading.files import InputFile, file_type, list_files, opened
from catalogue.importers.reading.packed import shown_name
from enmusubi.errors import UnreadableFileError

PEOPLE = b"researcher_id,name_en\nr1,Ann\n"


def archive(path, members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in members.items():
            target.writestr(name, content)
    return path


def content_of(file):
    with opened(file) as (content, _):
        return content.read()


def test_every_member_of_an_archive_is_a_file(tmp_path):
    members = {
        "b/two.csv": PEOPLE,
        "a.json": b"{}",
        "__MACOSX/a.csv": b"",
        ".hidden": b"",
        "d/": b"",
    }
    files = list_files([archive(tmp_path / "office.ZIP", members)])
    assert [(f.label, f.name) for f in files] == [
        ("office.ZIP/a.json", "a.json"),
        ("office.ZIP/b/two.csv", "two.csv"),
    ]
    assert content_of(files[1]) == PEOPLE
    assert str(files[1]).endswith("office.ZIP/b/two.csv")
    assert [file_type(f) for f in files] == [".json", ".csv"]
    assert 0 < files[1].size < files[1].path.stat().st_size


def test_gzip_is_unpacked_inside_an_archive_too(tmp_path):
    path = archive(tmp_path / "a.zip", {"people.csv.gz": gzip.compress(PEOPLE)})
    file = list_files([path])[0]
    assert (file_type(file), content_of(file)) == (".csv", PEOPLE)


def test_reading_tells_how_far_it_is_on_disk(tmp_path):
    noise = bytes(n * n % 251 for n in range(300_000))
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(noise))
    archive(tmp_path / "b.zip", {"1.csv": noise, "2.csv": noise})
    for file in list_files([tmp_path]):
        with opened(file) as (content, position):
            begun = position.tell()
            while content.read(10_000):
                pass
            assert (begun, position.tell()) == (0, file.size)


def test_a_folder_of_mixed_files_gives_them_by_name(tmp_path):
    (tmp_path / "sub").mkdir()
    for name in ("b.csv", "sub/a.xml", ".secret", "~$open.xlsx", "sub/.git"):
        (tmp_path / name).write_bytes(b"")
    archive(tmp_path / "c.zip", {"d.csv": PEOPLE})
    archive(tmp_path / "book.xlsx", {"xl/workbook.xml": b""})
    labels = [file.label for file in list_files([tmp_path])]
    assert labels == ["b.csv", "book.xlsx", "c.zip/d.csv", "a.xml"]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", "etc/passwd"),
        ("/etc/passwd", "etc/passwd"),
        ("C:\\Windows\\..\\a.csv", "Windows/a.csv"),
        ("a\x1b[31m\n\u202eb.csv", "a[31m b.csv"),
        ("..", "unnamed"),
        ("", "unnamed"),
        ("名簿/研究者.csv", "名簿/研究者.csv"),
    ],
)
def test_names_from_archives_cannot_point_elsewhere(name, shown):
    assert shown_name(name) == shown


def test_members_with_evil_names_are_only_read(tmp_path):
    path = archive(tmp_path / "a.zip", {"../../evil.csv": PEOPLE, "/abs.csv": PEOPLE})
    before = sorted(tmp_path.parent.rglob("*"))
    files = list_files([path])
    assert [file.label for file in files] == ["a.zip/abs.csv", "a.zip/evil.csv"]
    assert {content_of(file) for file in files} == {PEOPLE}
    assert sorted(tmp_path.parent.rglob("*")) == before


def test_names_that_windows_wrote_in_japanese_can_be_read(tmp_path):
    path = archive(tmp_path / "a.zip", {"XXXX.csv": PEOPLE})
    path.write_bytes(path.read_bytes().replace(b"XXXX", "名簿".encode("cp932")))
    file = list_files([path])[0]
    assert (file.label, content_of(file)) == ("a.zip/名簿.csv", PEOPLE)


def fault_of(file):
    with pytest.raises(UnreadableFileError) as refusal:
        content_of(file)
    with pytest.raises(UnreadableFileError):
        file_type(file)
    return str(refusal.value)


def test_an_archive_in_an_archive_and_an_encrypted_member_are_named(tmp_path):
    path = archive(tmp_path / "a.zip", {"inner.zip": b"PK", "secret.csv": PEOPLE, "z.csv": PEOPLE})
    whole = bytearray(path.read_bytes())
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = -1
        for _ in range(2):  # the second of the three members
            place = whole.index(signature, place + 1)
        whole[place + flags] |= 1
    path.write_bytes(whole)
    inner, secret, good = list_files([path])
    assert "archive inside another" in fault_of(inner)
    assert "is encrypted" in fault_of(secret)
    assert content_of(good) == PEOPLE


def test_two_members_of_one_name_and_unusual_packing_are_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as target:
        target.writestr("a.csv", PEOPLE)
        target.writestr("b.csv", PEOPLE)
        target.writestr("c.csv", PEOPLE, zipfile.ZIP_BZIP2)
    raw = (tmp_path / "a.zip").read_bytes().replace(b"b.csv", b"a.csv")
    (tmp_path / "a.zip").write_bytes(raw)
    faults = [fault_of(file) for file in list_files([tmp_path / "a.zip"])]
    assert ["name of another" in fault for fault in faults] == [True, True, False]
    assert "unusual method" in faults[2]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "damaged: its zip data"),
        (b"PK\x03\x04 nothing", "damaged: its zip data"),
        (b"PK\x05\x06" + bytes(18), "without files"),
    ],
)
def test_archives_that_cannot_be_listed_are_among_the_files_with_their_fault(
    tmp_path, content, message
):
    (tmp_path / "a.zip").write_bytes(content)
    (tmp_path / "b.csv").write_bytes(PEOPLE)
    broken, good = list_files([tmp_path])
    assert message in fault_of(broken)
    assert content_of(good) == PEOPLE


def test_an_archive_with_too_many_members_is_refused(tmp_path, monkeypatch):
    path = archive(tmp_path / "a.zip", {f"{n}.csv": b"" for n in range(20)})
    monkeypatch.setattr(packed, "MAX_MEMBERS", 10)
    assert "has 20 files, at most 10" in fault_of(list_files([path])[0])
    monkeypatch.setattr(packed, "MAX_DIRECTORY_BYTES", 100)
    assert "damaged" in fault_of(list_files([path])[0])


def test_a_bomb_is_refused_by_its_directory_and_while_it_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(packed, "RATIO_FREE_BYTES", 1_000_000)
    zeros = bytes(5_000_000)
    listed = list_files([archive(tmp_path / "a.zip", {"zeros.csv": zeros})])
    assert "more than 200 times" in fault_of(listed[0])
    (tmp_path / "b.csv.gz").write_bytes(gzip.compress(zeros))
    with pytest.raises(UnreadableFileError, match="more than 200 times"):
        content_of(InputFile(tmp_path / "b.csv.gz"))
    archive(tmp_path / "c.zip", {"b.csv.gz": gzip.compress(zeros)})
    with pytest.raises(UnreadableFileError, match="more than 200 times"):
        content_of(list_files([tmp_path / "c.zip"])[0])


def test_nothing_unpacks_to_more_than_the_limit(tmp_path, monkeypatch):
    monkeypatch.setattr(packed, "MAX_UNPACKED_BYTES", 1_000)
    (tmp_path / "b.csv.gz").write_bytes(gzip.compress(bytes(2_000)))
    with pytest.raises(UnreadableFileError, match="more than 1,000 bytes"):
        content_of(InputFile(tmp_path / "b.csv.gz"))


def test_an_archive_cut_in_a_member_gives_what_came_before(tmp_path):
    noise = "".join(f"{n * 7919 % 100_003}\n" for n in range(50_000)).encode()
    path = archive(tmp_path / "a.zip", {"a.csv": noise})
    whole = bytearray(path.read_bytes())
    whole[100_000:100_400] = bytes(400)
    path.write_bytes(whole)
    file, got = list_files([path])[0], b""
    with pytest.raises(UnreadableFileError, match="zip data breaks off"), opened(file) as (c, _):
        while piece := c.read1(8_192):
            got += piece
    assert len(got) > 50_000
    assert noise.startswith(got[:50_000])


def test_an_archive_that_changed_since_it_was_listed_is_named(tmp_path):
    path = archive(tmp_path / "a.zip", {"a.csv": PEOPLE})
    file = list_files([path])[0]
    path.write_bytes(b"something else")
    with pytest.raises(UnreadableFileError, match="damaged"):
        content_of(file)


def test_an_archive_of_many_files_is_read_in_little_time(tmp_path):
    path = archive(tmp_path / "a.zip", {f"{n}.csv": PEOPLE for n in range(3_000)})
    started = time.monotonic()
    assert sum(len(content_of(file)) for file in list_files([path])) == 3_000 * len(PEOPLE)
    assert time.monotonic() - started < 5


def workbook_bytes():
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as book:
        book.writestr("xl/workbook.xml", "<workbook/>")
    return target.getvalue()


def zip_bytes():
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as book:
        book.writestr("people.csv", PEOPLE)
    return target.getvalue()


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b'\xef\xbb\xbf {"a": 1}', "standard-input.json"),
        ("[1]".encode("utf-16"), "standard-input.json"),
        (b"\n <?xml version='1.0'?><a/>", "standard-input.xml"),
        (b"@article{key, title={A}}", "standard-input.bib"),
        (b"TY  - JOUR\r\nER  - ", "standard-input.ris"),
        (PEOPLE, "standard-input.csv"),
        (b"", "standard-input.csv"),
        (gzip.compress(b"<a/>", mtime=0), "standard-input.xml.gz"),
        (b"\x1f\x8b broken", "standard-input.csv.gz"),
        (workbook_bytes(), "standard-input.xlsx"),
        (zip_bytes(), "people.csv"),
    ],
)
def test_what_standard_input_is_shows_in_its_content(monkeypatch, content, name):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
    (file,) = list_files([Path("-")])
    assert file.name == name
    assert file.path.stat().st_mode & 0o077 == 0 or file.path.parent.stat().st_mode & 0o077 == 0
    if not file.member:
        assert file.path.read_bytes() == content
