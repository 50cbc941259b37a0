"""Tools start, and those that install tell progress and what a machine lacks.

The programs that the latter call are fakes in PATH.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

TOOLS = Path(__file__).parents[2] / "tools"
SHELL = ("sh", "env", "rm", "id", "printf")
MEASURING = sorted({tool.name for tool in TOOLS.glob("*.py")} - {"install.py"})
PIP = """
import sys, time
from pathlib import Path
print("Collecting alpha==1.0")
print("  Downloading alpha-1.0-py3-none-any.whl (180.5 MB)")
time.sleep(0.3)
print("Collecting beta>=2 (from alpha)")
print("Installing collected packages: beta, alpha")
for name in ("beta", "alpha"):
    Path(r"{packages}", name + "-1.dist-info").mkdir()
    time.sleep(0.3)
"""
CARRYING = """
import sys
from pathlib import Path
assert "--no-compile" in sys.argv
for name in ("alpha", "alpha/tests", "template"):
    Path(r"{packages}", name).mkdir()
    Path(r"{packages}", name, "module.py").write_text("1 +" if name == "template" else "1")
"""
FAILING = "import sys; print('WARNING: Retrying after ProxyError'); print('ERROR: no'); sys.exit(2)"
ALL_HELPS = """
import contextlib, io, json, runpy, sys, traceback
from pathlib import Path
told = {}
for tool in sys.argv[1:]:
    sys.argv, out, status = [tool, "--help"], io.StringIO(), "did not end"
    with contextlib.redirect_stdout(out):
        try:
            runpy.run_path(tool, run_name="__main__")
        except SystemExit as end:
            status = end.code or 0
        except BaseException:
            status = traceback.format_exc()
    told[Path(tool).name] = (status, out.getvalue())
print(json.dumps(told))
"""
INSTALL = """
import sys
from pathlib import Path
sys.path.insert(0, r"{tools}")
import install
install.EVERY_S = {{False: 0.1}}
install.NEEDED_GB = {needed_gb}
sys.exit(install.install("Step 2 of 3: PyTorch", ["torch"], Path(r"{packages}")))
"""


@pytest.fixture(scope="module")
def helps() -> dict[str, Any]:
    """What each tool prints when it is asked for help, and its exit status: all from one process."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(TOOLS.parent), *sys.path])}
    command = [sys.executable, "-c", ALL_HELPS, *(str(TOOLS / tool) for tool in MEASURING)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


@pytest.mark.parametrize("tool", MEASURING)
def test_a_tool_says_how_it_is_used(tool: str, helps: dict[str, Any]) -> None:
    status, printed = helps[tool]

    assert status == 0, printed
    assert f"usage: {tool}" in printed


def installed(
    folder: Path, pip: str, *, needed_gb: float = 0
) -> "subprocess.CompletedProcess[str]":
    """Run the tool with a pip that does what it is told."""
    packages = folder / "site-packages"
    packages.mkdir()
    (folder / "pip").mkdir()
    (folder / "pip" / "__init__.py").touch()
    (folder / "pip" / "__main__.py").write_text(pip.format(packages=packages))
    script = INSTALL.format(tools=TOOLS, packages=packages, needed_gb=needed_gb)
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    command = [sys.executable, "-c", script]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_progress_tells_what_is_fetched_and_how_many_are_in_place(tmp_path: Path) -> None:
    done = installed(tmp_path, PIP)

    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert lines[0] == "Step 2 of 3: PyTorch …"
    assert any("1 packages found, fetching alpha (180.5 MB)" in line for line in lines)
    assert any("1 of 2 packages are in place" in line for line in lines)
    assert "done in" in lines[-1]


def test_what_is_installed_is_compiled_but_for_tests_and_what_is_no_python(tmp_path: Path) -> None:
    done = installed(tmp_path, CARRYING)

    assert (done.returncode, done.stderr) == (0, "")
    compiled = (tmp_path / "site-packages").rglob("*.pyc")
    assert [path.parents[1].name for path in compiled] == ["alpha"]


def test_a_failure_behind_a_proxy_shows_what_pip_said_and_what_to_do(tmp_path: Path) -> None:
    done = installed(tmp_path, FAILING)

    assert done.returncode == 2
    assert "ERROR: no" in done.stderr
    assert "export HTTPS_PROXY=" in done.stderr


def test_a_disk_without_room_is_told_before_anything_is_fetched(tmp_path: Path) -> None:
    done = installed(tmp_path, PIP, needed_gb=10**9)

    assert done.returncode == 1
    assert "GB are needed" in done.stderr
    assert list((tmp_path / "site-packages").iterdir()) == []


@pytest.fixture
def fakes(tmp_path: Path) -> Path:
    """A folder of programs that is all of PATH; it has what the shell scripts themselves use."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in SHELL:
        found = next(Path(p) / name for p in ("/usr/bin", "/bin") if (Path(p) / name).exists())
        (folder / name).symlink_to(found)
    return folder


def fake(folder: Path, name: str, script: str) -> None:
    (folder / name).unlink(missing_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


def run_tool(
    name: str, path: Path, *arguments: str, folder: Path | None = None
) -> "subprocess.CompletedProcess[str]":
    command = [str(path / "sh"), str(TOOLS / name), *arguments]
    environment = {"PATH": str(path)}
    return subprocess.run(
        command, env=environment, cwd=folder, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("browser", ["chromium", "chromium-browser", "google-chrome"])
def test_a_browser_that_is_there_is_enough(fakes: Path, browser: str) -> None:
    fake(fakes, browser, "exit 0")
    assert run_tool("ensure_browser.sh", fakes).returncode == 0


def test_root_gets_the_browser_installed(fakes: Path, tmp_path: Path) -> None:
    fake(fakes, "id", "echo 0")
    fake(fakes, "apt-get", f'echo "$@" >> {tmp_path}/asked')
    assert run_tool("ensure_browser.sh", fakes).returncode == 0
    asked = (tmp_path / "asked").read_text().splitlines()
    assert asked == ["update -qq", "install -y -qq chromium fonts-noto-cjk"]


@pytest.mark.parametrize(
    ("user", "apt_get", "why"),
    [
        ("1000", "exit 0", "only root can install it"),
        ("0", "exit 100", "export https_proxy="),
        ("0", None, "no apt-get"),
    ],
)
def test_without_a_browser_it_is_said_what_to_do(
    fakes: Path, user: str, apt_get: str | None, why: str
) -> None:
    fake(fakes, "id", f"echo {user}")
    if apt_get:
        fake(fakes, "apt-get", apt_get)

    done = run_tool("ensure_browser.sh", fakes)

    assert done.returncode == 1
    assert why in done.stderr
    assert "sudo apt-get install chromium fonts-noto-cjk" in done.stderr
    assert "pytest --ignore tests/web" in done.stderr


def test_the_first_python_that_fits_makes_the_environment(fakes: Path, tmp_path: Path) -> None:
    fake(fakes, "python3.11", "exit 1")  # such as a shim of a version that is not switched on
    fake(fakes, "python3.12", f'[ "$1" = -m ] && echo "$@" > {tmp_path}/asked; exit 0')

    done = run_tool("make_environment.sh", fakes, ".venv", folder=tmp_path)

    assert done.returncode == 0
    assert "a few minutes" in done.stdout
    assert "Step 1 of 3: the environment .venv" in done.stdout
    assert (tmp_path / "asked").read_text() == "-m venv .venv\n"


def test_without_a_python_that_fits_it_is_said_which_ones_do(fakes: Path, tmp_path: Path) -> None:
    fake(fakes, "python3", "exit 1")

    done = run_tool("make_environment.sh", fakes, ".venv", folder=tmp_path)

    assert done.returncode == 1
    assert "Enmusubi needs Python 3.11, 3.12 or 3.13" in done.stderr


def test_a_python_without_venv_is_told_by_its_package(fakes: Path, tmp_path: Path) -> None:
    fake(fakes, "python3.11", '[ "$1" != -m ]')

    done = run_tool("make_environment.sh", fakes, ".venv", folder=tmp_path)

    assert done.returncode == 1
    assert "python3-venv" in done.stderr
