"""The command line: finds the command, loads only its module, and turns errors into messages.

Exit codes: 0 success, 1 failure (one message on stderr), 2 wrong usage, 130 interrupted.
"""

import importlib
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import typer
from typer.main import get_command

from cli.help_language import in_readers_language
from cli.telling import language_in_force, tell
from cli.usage import is_wrong_usage, show_wrong_usage
from enmusubi import __version__
from enmusubi.messages import Message, MessageError
from enmusubi.private_files import write_privately
from enmusubi.threads import one_thread_each

COMMANDS = {  # name: (module:function, line in the list of commands)
    "demo": ("demo:demo", "Set up the made-up university and show two match lists."),
    "import": ("import_:import_", "Read researchers, seeds and needs from files."),
    "refresh": ("refresh:refresh", "Make every row anew by the rules of this version."),
    "index": ("index:index", "Encode what is new and publish an index version."),
    "identities": ("identities:identities", "Decide who is who where the program is not sure."),
    "works": ("works:works", "Choose a researcher's representative works; withdraw others."),
    "show": ("show:show", "Show a researcher or seed, and where each field came from."),
    "match": ("match:match", "Find researchers for a need, with evidence."),
    "team": ("team:team", "Propose teams that cover a need's wishes together."),
    "need": ("need:need", "Look at a stored need before it goes further."),
    "judge": ("judge:judge", "Record what became of a match: suitable, not suitable, how far."),
    "companies": ("companies:companies", "Find companies for a technology, or import profiles."),
    "fits": ("fits:fits", "List the open needs that a researcher fits."),
    "dormant": ("dormant:dormant", "List dormant needs that new seeds may suit."),
    "screen": ("screen:screen", "Say what must be looked at before a list is released."),
    "clearances": ("clearances:clearances", "List what waits for legal, IP or the chief."),
    "nda": ("nda:nda", "Manage the NDAs with companies."),
    "member": ("member:member", "Keep which companies are members; let their people in."),
    "handover": ("handover:handover", "Hand over all that somebody manages."),
    "inquiries": ("inquiries:inquiries", "List letters to researchers and their answers."),
    "consortia": ("consortia:consortia", "List themes that needs of several companies share."),
    "case": ("case:case", "Keep the ledger of cases: stages, gates, clocks."),
    "project": ("project:project", "Lead projects: milestones, money, people, lights."),
    "neutrality": (
        "neutrality:neutrality",
        "Show how attention and first contacts are shared.",
    ),
    "kpi": ("kpi:kpi", "Count finance, speed and learning from the ledger of cases."),
    "nightly": ("nightly:nightly", "Import, index, match every open need, write the report."),
    "serve": ("serve:serve", "Serve the API and the page."),
    "person": ("person:person", "Show, forget or no longer match a researcher, as they ask."),
    "notice": ("notice:notice", "Read and edit the privacy notice."),
    "account": ("account:account", "Take away a lost second factor; change the key of secrets."),
    "user": ("user:user", "Manage who may sign in: accounts, roles, passwords."),
    "machine": ("machine:machine", "Manage which portals and notebooks may call the API."),
    "key": ("key:key", "Make, list and revoke the machines' keys."),
    "evaluate": ("evaluate:evaluate", "Measure the ranking on a judged collection."),
    "train": ("train:train", "Train the encoder on your own data."),
    "promote": ("promote:promote", "Let a newly trained re-ranker serve, unless it is worse."),
    "backup": ("backup:backup", "Write catalogue, settings and index manifests into one file."),
    "restore": ("backup:restore", "Bring a backup back, into SQLite or PostgreSQL."),
    "bench": ("bench:bench", "Measure how fast this installation is."),
    "doctor": ("doctor:doctor", "Say what is installed, which model and index, what is missing."),
}
INTERRUPTED = 130
EPILOG = """Examples:

\b
  enmusubi demo
  enmusubi match "食品包装の酸素バリア性を高めたい" --top 5
  enmusubi COMMAND --help"""


def main() -> None:
    """Run the command line and leave with its exit code."""
    one_thread_each()
    write_privately()
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code; prints errors on stderr, with no traceback.

    `--debug`, anywhere, shows the traceback.
    """
    if list(arguments) == ["--version"]:
        print(f"enmusubi {__version__}")
        return 0
    debug = "--debug" in arguments
    rest = [argument for argument in arguments if argument != "--debug"]
    try:
        command = in_readers_language(get_command(build_app(rest)))
        code = int(command.main(args=rest, prog_name="enmusubi", standalone_mode=False) or 0)
        if code == INTERRUPTED:  # Typer makes this of an interruption, and says nothing
            raise KeyboardInterrupt
        return code
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else 1
    except KeyboardInterrupt as interruption:
        tell(_message(interruption), error=True)
        return INTERRUPTED
    except Exception as error:
        if is_wrong_usage(error):
            return show_wrong_usage(error)
        if debug:
            raise
        tell(_failure(error), error=True)
        return 1


def build_app(arguments: Sequence[str]) -> typer.Typer:
    """Return the application; only the command that `arguments` names is imported."""
    app = typer.Typer(
        name="enmusubi",
        help="Enmusubi (縁結び): find the researchers who could meet a company's need.",
        epilog=EPILOG,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    app.callback()(_options)
    called = next((argument for argument in arguments if not argument.startswith("-")), "")
    for name, (target, summary) in COMMANDS.items():
        if name == called:
            loaded = _load(target)
            if isinstance(loaded, typer.Typer):
                app.add_typer(loaded, name=name)
            else:
                app.command(name)(loaded)
        else:
            app.command(name, help=summary)(_not_called)
    return app


def _options(
    context: typer.Context,
    version: bool = typer.Option(False, "--version", help="Print the version and leave."),
    debug: bool = typer.Option(False, "--debug", help="Show tracebacks of errors."),
) -> None:
    """Find the researchers who could meet a company's need, and say why.

    Settings come from ENMUSUBI_… variables or enmusubi.toml (docs/settings.md).
    """
    from enmusubi.errors import SettingsError
    from enmusubi.private_files import close_files_to_others, close_to_others
    from enmusubi.settings import load_settings, time_zone_in_force

    with suppress(SettingsError):  # the command tells it
        settings = load_settings()
        close_to_others(settings.data_dir)
        close_files_to_others(settings.cache_dir)  # vectors of confidential works
        context.with_resource(time_zone_in_force(settings))
        context.with_resource(language_in_force(settings))


def _not_called() -> None:
    """Stand in for a command that was not called; it lends its line to the list."""


def _load(target: str) -> Callable[..., Any] | typer.Typer:
    module_name, _, function_name = target.partition(":")
    module = importlib.import_module(f"cli.commands.{module_name}")
    command: Callable[..., Any] | typer.Typer = getattr(module, function_name)
    return command


def _failure(error: Exception) -> Message:
    if isinstance(error, typer.Abort):
        return Message("Aborted.")
    return Message("error: %(reason)s", {"reason": _message(error)})


def _message(error: BaseException) -> Message:
    if isinstance(error, MessageError):
        return error.message
    if isinstance(error, KeyboardInterrupt):
        return Message("Interrupted; what was finished is kept.")
    if isinstance(error, OSError):
        values = {"reason": error.strerror or type(error).__name__, "path": error.filename}
        return Message("%(reason)s (%(path)s)." if error.filename else "%(reason)s.", values)
    # other errors may carry text of a need in their message, so only their kind is shown
    return Message(
        "Unexpected %(kind)s. Run the command again with --debug for the details.",
        {"kind": type(error).__name__},
    )


if __name__ == "__main__":
    main()
