"""The documents name commands, options and files that exist, and the architecture stays short."""

import re
from pathlib import Path

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from cli.main import COMMANDS, build_app

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
LINK = re.compile(r"\]\((?!https?://|#)([^)#]+)")
BLOCK = re.compile(r"```(?:sh|console)?\n(.*?)```", re.DOTALL)
COMMAND = re.compile(r"(?<![\w/.-])enmusubi ([a-z]+)\b([^`#|\n]*)")
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


def test_the_architecture_fits_on_two_pages_and_names_modules_that_exist() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    assert len(text.splitlines()) <= TWO_PAGES
    table = [line.split("|")[1:3] for line in text.splitlines() if line.startswith("| `enmusubi")]
    for place, owns in table:
        first, *others = re.findall(r"`([^`]+)`", place)
        paths = [ROOT / first, *((ROOT / first).parent / name for name in others)]
        paths += [ROOT / first / name for name in re.findall(r"`(\w+\.py)`", owns)]
        assert [path for path in paths if not path.exists()] == []
