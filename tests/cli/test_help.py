"""Help, version and wrong usage: what is said, and how little is loaded for it."""

import os
import re
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from cli.help_language import LOCALE_DIR, paragraphs
from cli.main import COMMANDS, build_app
from cli.usage import REASONS, USAGE
from enmusubi import __version__
from enmusubi.translation import read_forms
from tests.cli.outcomes import Outcome

HEAVY = ("torch", "pandas", "pydantic", "numpy", "faiss", "sqlalchemy", "fastapi", "rich")
MAX_HELP_SECONDS = 0.5
LAYOUT = {  # the words around the texts
    "Usage:", "[OPTIONS]", "COMMAND [ARGS]...", "Arguments", "Options", "Commands", "Example:",
    "Show this message and exit.", "required", "default: %(value)s", "%(least)s to %(most)s",
    "%(least)s or more", "%(most)s or less", "Try '%(command)s' for help.", "Error: %(reason)s",
}  # fmt: skip
JAPANESE_OR_VALUE = re.compile(r"[\u3001-\u9fff]|^%\(reason\)s$")
ENGLISH = re.compile(r"[A-Za-z']{2,} [a-z]{2,} [a-z]{2,}|No such|Missing").search


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


def told_by(command: Any) -> Iterator[str]:
    """Yield the texts of a command's help, and of all below it."""
    for text in (command.help, command.short_help, command.epilog):
        yield from (part.text for part in paragraphs(text or "") if part.text)
    yield from (option.help for option in command.params if getattr(option, "help", None))
    for below in getattr(command, "commands", {}).values():
        yield from told_by(below)


def test_every_text_of_help_is_translated_and_no_other() -> None:
    apps = [get_command(build_app([name])) for name in COMMANDS]
    told = {text for app in apps for text in told_by(app)} | {*USAGE, *REASONS, *LAYOUT}

    forms = read_forms(LOCALE_DIR / "ja")
    assert {text for _, text in forms} == told
    assert [text for (text,) in forms.values() if not JAPANESE_OR_VALUE.search(text)] == []


@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_help_in_japanese_has_no_english_sentence(
    enmusubi: Callable[..., Outcome], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("ENMUSUBI_LANGUAGE", "ja")
    code, out, err = enmusubi(*filter(None, [name]), "--help")

    assert (code, err) == (0, "")
    assert "この説明を表示します。" in out
    assert [line for line in out.splitlines() if "enmusubi" not in line and ENGLISH(line)] == []


def test_the_language_is_that_of_the_settings_file(
    enmusubi: Callable[..., Outcome], tmp_path: Path
) -> None:
    (tmp_path / "enmusubi.toml").write_text('language = "ja"\n', "utf-8")
    _, japanese, _ = enmusubi("--help")
    (tmp_path / "enmusubi.toml").write_text("language = nonsense", "utf-8")
    _, english, _ = enmusubi("--help")

    assert japanese.startswith("使い方: enmusubi")
    assert english.startswith("Usage: enmusubi")


def test_settings_that_are_wrong_elsewhere_still_name_the_language(
    enmusubi: Callable[..., Outcome], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The frame of a wrong call and what is wrong with it are in one language, as an error is."""
    monkeypatch.setenv("ENMUSUBI_LANGUAGE", "ja")
    monkeypatch.setenv("ENMUSUBI_INDEX__KEEP", "many")
    _, _, usage = enmusubi("match")
    _, _, error = enmusubi("match", "a film")

    assert usage.startswith("使い方: enmusubi")
    assert not ENGLISH(usage.splitlines()[-1])
    assert error.lstrip("\n").startswith("エラー：設定を使えません")


@pytest.mark.parametrize("option", ["--top", "--json=1"])
def test_an_option_without_its_value_or_with_one_too_many_is_told_in_japanese(
    enmusubi: Callable[..., Outcome], monkeypatch: pytest.MonkeyPatch, option: str
) -> None:
    monkeypatch.setenv("ENMUSUBI_LANGUAGE", "ja")
    code, out, err = enmusubi("match", "a film", option)

    assert (code, out) == (2, "")
    assert f"エラー：オプション '{option.partition('=')[0]}' に値" in err


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["nonsens"],
        ["matc"],
        ["user"],
        ["evaluate"],
        ["works", "r-1", "r-2"],
        ["identities", "frob"],
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
    enmusubi: Callable[..., Outcome],
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    language: str,
) -> None:
    monkeypatch.setenv("ENMUSUBI_LANGUAGE", language)
    code, out, err = enmusubi(*arguments)

    assert (code, out) == (2, "")
    assert {"en": "Usage: enmusubi", "ja": "使い方: enmusubi"}[language] in err
    assert "Traceback" not in err
    assert bool(ENGLISH(err.splitlines()[-1])) == (language == "en") or arguments == ["user"]
