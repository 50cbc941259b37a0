"""The wheels hold every file that the program reads, install into an empty environment and run there.

They are built by the setuptools that is installed, so that no network takes part.
"""

import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import venv
import zipfile
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from enmusubi import __version__
from tests.support.packages import PACKAGES

ROOT = Path(__file__).parents[2]
CLIENT = "enmusubi_client"
LEGAL = {"licenses/LICENSE", "licenses/NOTICE"}
BUILD = "import sys; from setuptools import build_meta as b; b.{}(sys.argv[1])"


def tracked(*folders: str) -> list[str]:
    """Return the repository's files in these folders, new ones included."""
    listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *folders]
    found = subprocess.run(listing, cwd=ROOT, capture_output=True, text=True, check=True)
    return [line for line in found.stdout.splitlines() if (ROOT / line).is_file()]


def built(kind: str, folder: Path, out: Path) -> Path:
    """Build a distribution of a project's folder and return it."""
    out.mkdir()
    command = [sys.executable, "-c", BUILD.format(f"build_{kind}"), str(out)]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)
    (made,) = out.iterdir()
    return made


def names_in(wheel: Path) -> set[str]:
    """Return the files of a wheel without what is said of it."""
    with zipfile.ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if ".dist-info/" not in name}


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what is in the repository: building leaves its folders there and not in ours."""
    folder = tmp_path_factory.mktemp("source")
    for name in tracked(*PACKAGES, "client", "pyproject.toml", "README.md", "LICENSE", "NOTICE"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, folder / name)
    return folder


@pytest.fixture(scope="module")
def wheel(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built("wheel", source, tmp_path_factory.mktemp("wheel") / "out")


@pytest.fixture(scope="module")
def client_wheel(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built("wheel", source / "client", tmp_path_factory.mktemp("client") / "out")


def installed(wheel: Path, folder: Path) -> Path:
    """Install a wheel alone into a new environment; returns the folder of its commands."""
    venv.create(folder, with_pip=False)
    pip = [sys.executable, "-m", "pip", "--python", str(folder), "install", "--quiet"]
    subprocess.run([*pip, "--no-deps", "--no-index", str(wheel)], check=True, cwd=folder)
    return folder / "bin"


def outside(bin_folder: Path, *command: str) -> str:
    """Run a command of the environment, which borrows other libraries than ours from this one.

    What is found by PYTHONPATH brings no editable install along.
    """
    environment = {**os.environ, "PYTHONPATH": sysconfig.get_paths()["purelib"]}
    done = subprocess.run(
        [str(bin_folder / command[0]), *command[1:]],
        cwd=bin_folder,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_the_wheel_holds_every_file_of_the_packages_and_nothing_else(wheel: Path) -> None:
    assert names_in(wheel) == set(tracked(*PACKAGES))


def test_licence_and_notice_go_with_it(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        said = {name.partition(".dist-info/")[2] for name in archive.namelist()}
    assert said >= LEGAL


def test_the_source_distribution_makes_the_same_wheel(
    source: Path, wheel: Path, tmp_path: Path
) -> None:
    packed = built("sdist", source, tmp_path / "sdist")
    with tarfile.open(packed) as archive:
        archive.extractall(tmp_path, filter="data")
    (unpacked,) = tmp_path.glob("enmusubi-*")

    assert names_in(built("wheel", unpacked, tmp_path / "again")) == names_in(wheel)


def test_the_installed_command_runs_far_from_the_repository(wheel: Path, tmp_path: Path) -> None:
    commands = installed(wheel, tmp_path / "environment")

    assert outside(commands, "enmusubi", "--version").strip().endswith(__version__)
    assert "nightly" in outside(commands, "enmusubi", "--help")
    imports = "; ".join(f"import {name}; print({name}.__file__)" for name in PACKAGES)
    places = outside(commands, "python", "-c", imports).splitlines()
    assert [place for place in places if not place.startswith(str(tmp_path))] == []


def test_the_client_alone_brings_neither_the_service_nor_its_libraries(
    client_wheel: Path, tmp_path: Path
) -> None:
    assert {name.split("/")[0] for name in names_in(client_wheel)} == {CLIENT}
    assert names_in(client_wheel) == {
        n.removeprefix("client/") for n in tracked(f"client/{CLIENT}")
    }
    project = tomllib.loads((ROOT / "client" / "pyproject.toml").read_text("utf-8"))["project"]
    assert [line.split(">")[0] for line in project["dependencies"]] == ["httpx2"]
    commands = installed(client_wheel, tmp_path / "environment")
    found = "import enmusubi_client as c, importlib.util as u; print(c.__file__, "
    found += f"[n for n in {PACKAGES} if u.find_spec(n)])"

    file, others = outside(commands, "python", "-c", found).split(" ", 1)

    assert file.startswith(str(tmp_path))
    assert others.strip() == "[]"


def test_no_other_distribution_provides_a_top_level_name_of_ours() -> None:
    provided = packages_distributions()
    others = {name: set(provided.get(name, ())) - {"enmusubi"} for name in PACKAGES}
    others[CLIENT] = set(provided.get(CLIENT, ())) - {"enmusubi-client"}
    assert {name: found for name, found in others.items() if found} == {}


def test_client_and_service_have_one_version() -> None:
    project = tomllib.loads((ROOT / "client" / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["version"] == __version__
