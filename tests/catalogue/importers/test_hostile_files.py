"""Crafted files against every importer: nothing breaks, nothing is lost, executed or fetched."""

import logging
import resource
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from catalogue.database.models import Organisation, Researcher, Seed
from catalogue.importers.registry import FORMATS, import_files
from catalogue.importers.report import ImportReport
from catalogue.records.catalogue import Catalogue, open_catalogue
from catalogue.records.consistency import check_catalogue
from enmusubi.errors import EnmusubiError
from tests.support.extent import examples
from tests.support.hostile_files import PEOPLE, HostileFile, hostile_files, sample_files
from tests.support.hostile_workbooks import MARKER

log = logging.getLogger(__name__)
MAX_SECONDS = 20.0
MAX_GROWTH_BYTES = 1_500_000_000
EDITS = st.lists(
    st.tuples(st.floats(0, 1), st.integers(0, 40), st.binary(max_size=12)), min_size=1, max_size=6
)


@pytest.fixture
def outside(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the importers tried to reach outside of their files: nothing, one hopes."""
    tried: list[str] = []

    def refuse(what: str) -> Callable[..., NoReturn]:
        def call(*_: Any, **__: Any) -> NoReturn:
            tried.append(what)
            raise AssertionError(f"{what} was called")

        return call

    monkeypatch.setattr(socket.socket, "connect", refuse("connect"))
    monkeypatch.setattr(subprocess, "Popen", refuse("a program"))
    monkeypatch.setattr("os.system", refuse("a shell"))
    return tried


@pytest.fixture(scope="session")
def known_people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A catalogue that knows two people, for works that name nobody by id."""
    folder = tmp_path_factory.mktemp("known")
    (folder / "people.csv").write_bytes(PEOPLE)
    path = folder / "catalogue.sqlite"
    with open_catalogue(f"sqlite:///{path}") as catalogue:
        import_files(catalogue, "general", [folder / "people.csv"])
    return path


@contextmanager
def fresh(known_people: Path, folder: Path) -> Iterator[Catalogue]:
    """Give a catalogue that knows the two people only."""
    shutil.copyfile(known_people, folder / "catalogue.sqlite")
    with open_catalogue(f"sqlite:///{folder / 'catalogue.sqlite'}") as catalogue:
        yield catalogue


@contextmanager
def bounded() -> Iterator[None]:
    """Let the block take no more memory and time than any file may cost."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * resource.getpagesize() + MAX_GROWTH_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (limit, before[1]))
    began = time.monotonic()
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)
    assert time.monotonic() - began < MAX_SECONDS


def texts_of(catalogue: Catalogue) -> set[str]:
    """Return the titles of seeds and the names of people and organisations that went in."""
    with catalogue.reading() as connection:
        columns = (Seed.title, Researcher.name_ja, Researcher.name_en, Organisation.name_ja)
        return {text for column in columns for text in connection.execute(select(column)).scalars()}


def import_one(
    catalogue: Catalogue, format_name: str, folder: Path, name: str, content: bytes
) -> ImportReport | EnmusubiError:
    """Import one file and return the report, or the error that the importer raised."""
    path = folder / name
    path.write_bytes(content)
    try:
        with bounded():
            return import_files(
                catalogue, format_name, [path], researcher="r1" if format_name != "ror" else ""
            )
    except EnmusubiError as error:
        return error
    finally:
        path.unlink()


def assert_told(hostile: HostileFile, outcome: ImportReport | EnmusubiError) -> None:
    """Fail unless whatever is wrong with the file is told with its name and, of rows, the row."""
    if isinstance(outcome, EnmusubiError):
        assert hostile.name in str(outcome)
        assert not hostile.sample
        return
    assert all(hostile.name in found.file for found in outcome.rejections)
    rows = [found for found in outcome.rejections if found.scope == "row"]
    assert len({(found.file, found.row) for found in rows}) == outcome.rejected >= hostile.bad
    assert all(found.row > 0 and found.reason for found in rows)
    if not outcome.read and len(hostile.content.split()) > 1:  # more than a header
        assert outcome.rejections, "nothing was read, and nothing is said of it"


@pytest.mark.parametrize("format_name", FORMATS)
def test_crafted_files(
    format_name: str, known_people: Path, tmp_path: Path, outside: list[str], exhaustive: bool
) -> None:
    wanted, count = {}, 0
    for name, content in sample_files(format_name).items():
        with fresh(known_people, tmp_path) as catalogue:
            assert isinstance(
                import_one(catalogue, format_name, tmp_path, name, content), ImportReport
            )
            wanted[name] = texts_of(catalogue)
    with fresh(known_people, tmp_path / "..") as shared:
        for hostile in hostile_files(format_name, exhaustive=exhaustive):
            count += 1
            told = hostile.name, hostile.content
            if hostile.sample:
                with fresh(known_people, tmp_path) as catalogue:
                    outcome = import_one(catalogue, format_name, tmp_path, *told)
                    lost = wanted[hostile.sample] - texts_of(catalogue)
                    assert not lost, (hostile, lost, outcome)
            else:
                outcome = import_one(shared, format_name, tmp_path, *told)
            assert_told(hostile, outcome)
            left = {path.name.removeprefix("catalogue.sqlite") for path in tmp_path.iterdir()}
            assert left <= {"", "-wal", "-shm"}, (hostile, left)
        with shared.reading() as connection:
            assert check_catalogue(connection) == []
    assert outside == []
    assert not Path(MARKER).exists()
    log.info("%s: %s crafted files", format_name, count)


def edited(sample: bytes, edits: list[tuple[float, int, bytes]]) -> bytes:
    """Return the sample with bytes put in the place of others."""
    content = bytearray(sample)
    for share, length, new in edits:
        place = int(share * len(content))
        content[place : place + length] = new
    return bytes(content)


@pytest.mark.parametrize("format_name", FORMATS)
@settings(
    max_examples=examples(10, 40), suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data(), edits=EDITS)
def test_samples_with_any_bytes_changed(
    format_name: str, known_people: Path, tmp_path: Path, data: st.DataObject, edits: Any
) -> None:
    samples = sample_files(format_name)
    name = data.draw(st.sampled_from(sorted(samples)))
    path = tmp_path / "catalogue.sqlite"
    if not path.exists():
        shutil.copyfile(known_people, path)
    with open_catalogue(f"sqlite:///{path}") as catalogue:
        outcome = import_one(catalogue, format_name, tmp_path, name, edited(samples[name], edits))
    assert isinstance(outcome, EnmusubiError) or outcome.rejected <= outcome.read
