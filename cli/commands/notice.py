"""`enmusubi notice`: the privacy notice, which the office edits in versions."""

from pathlib import Path
from typing import Literal

import typer

from cli.telling import tell, write
from cli.wiring import opened, operator, show
from enmusubi.messages import Message

AS_JSON = typer.Option(False, "--json", help="Print JSON.")
COLUMNS = {
    "version": Message("version"),
    "saved_at": Message("saved"),
    "saved_by": Message("by whom"),
}

notice = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@notice.callback()
def notices() -> None:
    """Read and edit the privacy notice, which everybody sees at /privacy.

    Example: enmusubi notice show --language en
    """


@notice.command("show")
def show_(
    version: int = typer.Option(None, "--version", min=0, help="None: the one in force."),
    language: Literal["ja", "en"] = typer.Option("ja", "--language", help="ja or en."),
) -> None:
    """Print a version of the notice. Example: enmusubi notice show --version 2 > notice.txt"""
    from office.privacy.notice import notice_in_force

    with opened() as catalogue, catalogue.reading() as connection:
        found = notice_in_force(connection, version)
    write(found.text(language))


@notice.command("list")
def list_(as_json: bool = AS_JSON) -> None:
    """List the versions that were saved, the newest first. Example: enmusubi notice list"""
    from office.privacy.notice import versions

    with opened() as catalogue, catalogue.reading() as connection:
        found = versions(connection)
    show(found, COLUMNS, as_json=as_json)


@notice.command("save")
def save(
    japanese: Path = typer.Option(..., "--ja", help="A text file in UTF-8 with the Japanese text."),
    english: Path = typer.Option(..., "--en", help="A text file in UTF-8 with the English text."),
) -> None:
    """Put a new version in force; earlier ones are kept.

    A line with `# ` before it is a heading, one with `- ` an item of a list, an empty line ends a paragraph.
    Example: enmusubi notice save --ja notice-ja.txt --en notice-en.txt
    """
    from office.privacy.notice import notice_in_force, save_notice

    texts = _text_of(japanese), _text_of(english)
    with opened() as catalogue, catalogue.writing() as connection:
        before = notice_in_force(connection).version
        now = save_notice(connection, operator(), *texts).version
    said = {"version": now}
    same = Message("Version %(version)s says the same already: nothing was changed.", said)
    tell(same if now == before else Message("Version %(version)s is in force.", said))


def _text_of(path: Path) -> str:
    from enmusubi.errors import UnreadableFileError

    try:
        return path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableFileError(
            "%(path)s cannot be read as a text in UTF-8.", path=path
        ) from error
