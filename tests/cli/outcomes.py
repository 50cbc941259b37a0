"""What a command left: its exit code and what it printed; and a need that no output may show."""

HUSHED = "a zeppelin that picks ripe fruit"
Outcome = tuple[int, str, str]


def failure(outcome: Outcome) -> str:
    """Return the one message of a command that failed as it should."""
    code, out, err = outcome
    assert (code, out) == (1, "")
    message = err.lstrip("\n")  # a progress display leaves an empty line
    assert message.startswith("error: ")
    assert "Traceback" not in message
    return message
