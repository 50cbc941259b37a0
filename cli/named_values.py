"""Options that give something by name a value: `--weight NAME=N`, several times."""

from collections.abc import Iterator, Sequence

from cli.telling import wrong_usage
from enmusubi.messages import Message


def named_values(options: Sequence[str], option: str) -> Iterator[tuple[str, str]]:
    """Yield name and value of each; a wrong one ends the command with a line that names it."""
    for stated in options:
        name, separator, value = stated.partition("=")
        if not (name and separator and value.strip()):
            raise wrong_usage(
                Message(
                    "%(option)s takes NAME=VALUE, not %(value)s.",
                    {"option": option, "value": repr(stated)},
                )
            )
        yield name, value.strip()


def named_weights(options: Sequence[str]) -> dict[str, float]:
    """Return the numbers of `--weight NAME=NUMBER` by name."""
    return {name: _number(value) for name, value in named_values(options, "--weight")}


def _number(value: str) -> float:
    try:
        return float(value)
    except ValueError:
        raise wrong_usage(
            Message("--weight takes NAME=NUMBER, not %(value)s.", {"value": repr(value)})
        ) from None
