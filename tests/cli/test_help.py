"""Help, version and wrong usage: what is said, and how little is loaded for it."""

import os
import resource
import subprocess
import sys
from collections.abc import Callable

import pytest

from cli.main import COMMANDS
from enmusubi import __version__
from tests.cli.outcomes import Outcome

HEAVY = ("torch", "pandas", "pydantic", "numpy", "faiss", "sqlalchemy", "fastapi", "rich")
MAX_HELP_SECONDS = 0.5


def program(*arguments: str) -> subprocess.CompletedProcess[str]:
    code = (
        "import sys\nfrom cli.main import run\ncode = run(sys.argv[1:])\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)\n"
        "sys.exit(code)"
    )
    environment = {**os.environ, "COLUMNS": "100"}
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )


@pytest.mark.parametrize(
    ("arguments", "loaded"),
    [
        (["--help"], "[]"),
        (["--version"], "[]"),
        (["match", "--help"], "['pydantic']"),  # Typer's own
    ],
)
def test_help_loads_no_heavy_library(arguments: list[str], loaded: str) -> None:
    result = program(*arguments)

    assert (result.returncode, result.stderr.strip()) == (0, loaded)


def test_help_takes_under_half_a_second() -> None:
    command = [sys.executable, "-m", "cli.main", "--help"]
    seconds = []
    for _ in range(5):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, capture_output=True, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        # of the processor, which others' work on the same machine lengthens less
        seconds.append(after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime)

    assert min(seconds) < MAX_HELP_SECONDS


def test_help_lists_every_command_with_its_line(enmusubi: Callable[..., Outcome]) -> None:
    code, out, _ = enmusubi("--help")

    assert code == 0
    for name, (_, summary) in COMMANDS.items():
        assert name in out
        assert " ".join(summary.split())[:30] in " ".join(out.split())


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_an_example(
    enmusubi: Callable[..., Outcome], name: str
) -> None:
    code, out, err = enmusubi(name, "--help")

    assert (code, err) == (0, "")
    assert f"Example: enmusubi {name}" in " ".join(out.split())


def test_the_version_is_printed(enmusubi: Callable[..., Outcome]) -> None:
    assert enmusubi("--version") == (0, f"enmusubi {__version__}\n", "")


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["--nonsense"],
        ["match"],
        ["match", "a film", "--need", "n-1"],
        ["match", "a film", "--file", "need.txt"],
        ["match", "--need", "n-1", "--file", "need.txt"],
        ["match", "a film", "--top", "0"],
        ["match", "a film", "--top", "many"],
        ["match", "a film", "--since", "spring"],
        ["match", "a film", "--nonsense"],
        ["index", "now"],
        ["doctor", "--nonsense"],
    ],
)
def test_wrong_usage_leaves_with_2_and_says_why(
    enmusubi: Callable[..., Outcome], arguments: list[str]
) -> None:
    code, out, err = enmusubi(*arguments)

    assert (code, out) == (2, "")
    assert "Usage: enmusubi" in err
    assert "Traceback" not in err
