"""The documents name commands, options and files that exist, and the architecture stays short."""

import re
from functools import cache
from pathlib import Path

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from cli.main import COMMANDS, build_app
from tests.support.packages import PACKAGES

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
LINK = re.compile(r"\]\((?!https?://|#)([^)#]+)")
BLOCK = re.compile(r"```(?:sh|console)?\n(.*?)```", re.DOTALL)
COMMAND = re.compile(r"(?<![\w/.-])enmusubi ([a-z]+)\b([^`#|\n]*)")
FOLDERS = (*PACKAGES, "client", "tests", "tools", "docs", "deploy", "notebooks", "examples")
PATH = re.compile(rf"(?<![\w./-])((?:{'|'.join(FOLDERS)})/[\w./*-]*[\w/*])")
OF_THE_DATA = re.compile(r"indexes/(?:v\d+|CURRENT|PINNED)")  # the data folder has that name, too
RUN_MODULE = re.compile(
    r"-m ((?:api|cli|training|office|catalogue|matcher|indexes|enmusubi)[\w.]*)"
)
MODULE_FILE = re.compile(r"(?<![\w./-])(\w+\.py)\b")
DOCUMENT = re.compile(r"\bdocs/[\w-]+\.md")
LEFT_OUT = re.compile(
    r"migrations|importers/.|^enmusubi/training"
)  # told of in one line with theirs
TWO_PAGES = 110  # lines


def commands_on(page: Path) -> list[tuple[str, str]]:
    """Return the commands shown in code of a page, each with what follows."""
    text = page.read_text("utf-8")
    code = [*BLOCK.findall(text), *re.findall(r"`([^`\n]+)`", text)]
    return [found for part in code for found in COMMAND.findall(part)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_files(page: Path) -> None:
    missing = [
        link for link in LINK.findall(page.read_text("utf-8")) if not (page.parent / link).exists()
    ]
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_shown_exists_with_its_options(page: Path) -> None:
    for name, rest in commands_on(page):
        assert name in COMMANDS, f"{page.name}: enmusubi {name}"
        command = get_command(build_app([name])).commands[name]  # type: ignore[attr-defined]
        kind = rest.split()[:1]
        if kind and isinstance(command, TyperGroup):
            assert kind[0] in command.commands, f"{page.name}: enmusubi {name} {kind[0]}"
            command = command.commands[kind[0]]
        known = {option for parameter in command.params for option in parameter.opts} | {"--help"}
        shown = re.findall(r"(?<!\S)(--[a-z-]+)", rest)
        assert [option for option in shown if option not in known] == [], f"{page.name}: {name}"


def test_every_command_stands_in_the_readme_or_a_page() -> None:
    shown = {name for page in PAGES for name, _ in commands_on(page)}
    assert sorted(set(COMMANDS) - shown) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_paths_and_modules_that_are_named_exist(page: Path) -> None:
    text = page.read_text("utf-8")
    code = re.findall(r"`([^`\n]+)`", text) + BLOCK.findall(text)
    paths = {path for part in code for path in PATH.findall(part) if not OF_THE_DATA.match(path)}
    modules = {name for part in code for name in RUN_MODULE.findall(part)}
    files = {name for part in code for name in MODULE_FILE.findall(part)}

    missing = [path for path in paths if not any(ROOT.glob(path.rstrip("/")))]
    missing += [
        name for name in modules if not (ROOT / name.replace(".", "/")).with_suffix(".py").exists()
    ]
    missing += [name for name in files if name not in _file_names()]

    assert sorted(missing) == []


@cache
def _file_names() -> frozenset[str]:
    return frozenset(path.name for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))


def test_documents_that_the_code_names_exist() -> None:
    sources = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")]
    named = {name for path in sources for name in DOCUMENT.findall(path.read_text("utf-8"))}
    assert named
    assert sorted(name for name in named if not (ROOT / name).exists()) == []


def drawn_folders(text: str) -> list[str]:
    """Return the folders that the tree draws, each with those above it; the last line names several."""
    (tree,) = re.findall(r"\A# Architecture\n\n```\n(.*?)```", text, re.DOTALL)
    folders: list[str] = []
    for line in tree.splitlines():
        if inner := re.match(r"  ((?:\w+/ +)+)", line):  # one, or several that belong together
            outer = folders[-1].split("/")[0]
            folders += [f"{outer}/{name}" for name in re.findall(r"(\w+)/", inner.group(1))]
        else:
            folders += re.findall(r"(?:^|  )(\w+)/(?= |$)", line)
    return folders


def test_the_architecture_fits_on_two_pages_and_draws_every_folder() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    assert len(text.splitlines()) <= TWO_PAGES
    drawn = drawn_folders(text)
    found = {
        path.parent.relative_to(ROOT) for name in PACKAGES for path in (ROOT / name).rglob("*.py")
    }
    wanted = {folder.as_posix() for folder in found if len(folder.parts) <= 2}
    assert sorted(wanted - {*drawn}) == []
    assert [name for name in drawn if not (ROOT / name).is_dir()] == []
