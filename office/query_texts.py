"""What is asked for in a text, before it goes into a query."""

from enmusubi.errors import InputError


def check_text(name: str, value: str) -> None:
    """Raise InputError for a text with a zero character, which no database compares."""
    if "\x00" in value:
        raise InputError("a zero character found, expected text.", of_field=name)
