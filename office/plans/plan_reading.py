"""A plan taken back from its Word file: which sections somebody edited there, told from its headings.

Changes that Word tracked are read as accepted; headers, footers and comments are no part of a plan. Of
sections that the file leaves as they were nothing is written, so that what others saved meanwhile stays.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection

from catalogue.database.viewer import Viewer
from catalogue.importers.need_files.office_package import Package, child
from catalogue.importers.need_files.word_text import Story, StoryPlace, WordFile
from enmusubi.errors import EnmusubiError, InputError, StaleVersionError
from enmusubi.language import clean_text
from enmusubi.messages import listed
from enmusubi.settings import Settings
from office.access.rules import WORK_ON_CASES, require
from office.contracts.filling import check_package
from office.plans.kept import DRAFT, LANGUAGES, STALE_PLAN, KeptPlan, read_plan, save_plan
from office.plans.words import HEADINGS, SAID, SECTIONS

_NUMBERED = re.compile(r"^\d{1,2}\s*[.．]\s*")
_ABOUT = re.compile(r"#(?P<case>\d{1,19}) · (?P<version>[^·]{1,60}) · \d{4}-\d{2}-\d{2}")


@dataclass(frozen=True)
class PlanFile:
    """What a Word file says: the texts of sections by name, and whose plan it is where it still says so."""

    language: str
    texts: Mapping[str, str] = field(repr=False)
    case_id: int | None = None
    version: int | None = None


@dataclass(frozen=True)
class PlanChanges:
    """What a file changes of a plan: the texts, the newest version, and whether another changed them, too."""

    language: str
    texts: Mapping[str, str] = field(repr=False)
    newest: int
    is_late: bool


def plan_in(content: bytes) -> PlanFile:
    """Return what a plan's Word file says; raises InputError for a file that is no such plan."""
    check_package(content)
    try:
        package = Package(content)
        body = child(package.root(package.main), "body")
        place = StoryPlace(WordFile(package, package.main), package.main)
        found = list(Story(place).lines(body)) if body is not None else []
    except EnmusubiError:
        raise
    except Exception:  # damage: lxml and the package raise whatever they meet
        raise InputError("not a Word file (.docx) that can be read.", of_field="file") from None
    lines = [clean_text(part).rstrip() for line in found for part in line.split("\n")]
    heads = {language: _heads(lines, language) for language in LANGUAGES}
    language = max(LANGUAGES, key=lambda one: len(heads[one]))
    places = heads[language]
    if missing := [name for name in SECTIONS if name not in places.values()]:
        raise InputError(
            "the file lacks headings by which sections are told apart: %(missing)s. Leave all eleven "
            "as they were.",
            of_field="file",
            missing=listed([HEADINGS[language][name] for name in missing]),
        )
    if len(places) > len(SECTIONS):
        raise InputError("the file has a heading of a section twice.", of_field="file")
    ends = [*sorted(places)[1:], len(lines)]
    texts = {
        places[start]: "\n".join(line for line in lines[start + 1 : end] if line)
        for start, end in zip(sorted(places), ends, strict=True)
    }
    return PlanFile(language, texts, *_whose(lines[: min(places)], language))


def changes_in(
    connection: Connection, viewer: Viewer, case_id: int, content: bytes, settings: Settings
) -> PlanChanges:
    """Return what a Word file says otherwise than the version that it was made of.

    Raises InputError, also for a file that changes nothing or is another case's, and as `read_plan` does.
    """
    require(viewer, WORK_ON_CASES)
    file = plan_in(content)
    if file.case_id not in {None, case_id}:
        raise InputError(
            "the file is the plan of case %(found)s, not of this one.",
            of_field="file",
            found=file.case_id,
        )
    newest = read_plan(connection, viewer, case_id, file.language, settings).plan
    wanted = newest.version if file.version is None else file.version
    base = read_plan(connection, viewer, case_id, file.language, settings, wanted).plan
    before, now = _texts(base), _texts(newest)
    texts = {
        name: text
        for name, text in file.texts.items()
        if _plain(text) not in (_plain(before[name]), _plain(now[name]))
    }
    if not texts:
        raise InputError("the file says what the plan says already.", of_field="file")
    is_late = any(_plain(before[name]) != _plain(now[name]) for name in texts)
    return PlanChanges(file.language, texts, newest.version, is_late)


def save_changes(
    connection: Connection, viewer: Viewer, case_id: int, changes: PlanChanges, settings: Settings
) -> KeptPlan:
    """Keep what a file changes as the plan's next version; raises as `save_plan` does."""
    if changes.is_late:
        raise StaleVersionError(STALE_PLAN)
    return save_plan(
        connection, viewer, case_id, changes.language, changes.texts, settings,
        expected_version=changes.newest,
    )  # fmt: skip


def _heads(lines: list[str], language: str) -> dict[int, str]:
    """Return the lines that are headings in a language, each with its section."""
    named = {heading: name for name, heading in HEADINGS[language].items()}
    # a section may have a line that is like a heading of another; with its number it is one
    found = {
        place: (named[bare], bare != line.strip())
        for place, line in enumerate(lines)
        if (bare := _NUMBERED.sub("", line.strip())) in named
    }
    numbered = {name for name, has_number in found.values() if has_number}
    return {
        place: name
        for place, (name, has_number) in found.items()
        if has_number or name not in numbered
    }


def _whose(lines: list[str], language: str) -> tuple[int | None, int | None]:
    """Return the case and version that the lines above the first heading name, None where they do not."""
    said = SAID[language]
    for line in lines:
        if (about := _ABOUT.search(line)) is None:
            continue
        pattern = re.escape(said["version"]).replace(re.escape("{version}"), r"(\d{1,6})")
        number = re.fullmatch(pattern, about["version"])
        version = int(number[1]) if number else DRAFT if about["version"] == said["draft"] else None
        return min(int(about["case"]), 2**63 - 1), version
    return None, None


def _texts(plan: KeptPlan) -> dict[str, str]:
    return {one.name: one.text for one in plan.sections}


def _plain(text: str) -> list[str]:
    """Return the lines of a text that say something, as a Word file has them."""
    lines = (clean_text(line).strip() for line in text.split("\n"))
    return [line for line in lines if line]
