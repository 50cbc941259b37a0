"""Wrong usage, told in the language of the settings; what Click and pydantic say of it is translated here."""

import re
from collections.abc import Sequence
from functools import cache
from typing import Any

from cli.help_language import JAPANESE, texts
from cli.telling import write
from enmusubi.language_setting import stated_language

# What they say, the more particular first; a text that fits none is one of our own, translated already.
USAGE = (
    "No such option: %(option)s (Possible options: %(near)s)",
    "No such option: %(option)s Did you mean %(near)s?",
    "No such option: %(option)s",
    "No such command %(name)s. Did you mean %(near)s?",
    "No such command %(name)s.",
    "Missing command.",
    "Missing argument %(name)s.",
    "Missing option %(name)s.",
    "Got unexpected extra argument(s) (%(values)s)",
    "Got unexpected extra argument (%(values)s)",
    "Got unexpected extra arguments (%(values)s)",
    "Option %(name)s requires an argument.",
    "Option %(name)s does not take a value.",
    "Invalid value for %(name)s: %(reason)s",
    "Invalid value: %(reason)s",
)
REASONS = (
    "Input should be a valid integer, unable to parse string as an integer",
    "Input should be a valid number, unable to parse string as a number",
    "Input should be greater than or equal to %(least)s",
    "Input should be less than or equal to %(most)s",
    "Value error, %(value)s is not one of %(choices)s.",
)
_VALUE = re.compile(r"%\((\w+)\)s")


def show_wrong_usage(error: Any) -> int:
    """Print what is wrong with a call, with how it is meant, on stderr; return the exit code.

    `error` is an exception of the Click that Typer brings, or takes from the environment.
    """
    if stated_language() != JAPANESE or type(error).__name__ == "NoArgsIsHelpError":
        error.show()
        return int(error.exit_code)
    context = getattr(error, "ctx", None)
    if context is not None:
        write(context.get_usage(), error=True)
        command = f"{context.command_path} --help"
        write(texts().say("Try '%(command)s' for help.", command=command) + "\n", error=True)
    write(texts().say("Error: %(reason)s", reason=translated(error.format_message())), error=True)
    return int(error.exit_code)


def is_wrong_usage(error: Exception) -> bool:
    """Say whether an exception is one that Click shows to the user."""
    return hasattr(error, "format_message") and hasattr(error, "exit_code")


def translated(text: str, known: Sequence[str] = USAGE) -> str:
    """Return in Japanese what Click or pydantic said; a text that neither says as it is."""
    for template in known:
        if found := _pattern(template).fullmatch(text):
            values = found.groupdict()
            if "reason" in values:
                values["reason"] = translated(values["reason"], REASONS)
            return texts().say(template, **values)
    return text


@cache
def _pattern(template: str) -> re.Pattern[str]:
    parts = _VALUE.split(template)
    escaped = (
        f"(?P<{part}>.+?)" if place % 2 else re.escape(part) for place, part in enumerate(parts)
    )
    return re.compile("".join(escaped), re.DOTALL)
