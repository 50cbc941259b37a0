"""Fills a Word template with fields, in a process of its own (`filling_process`); knows no database.

A template may name fields, ask whether one is there (`if`, `and`, `or`, `not`), and nothing else: no loops,
filters, calls or attributes, so that no template can grow without bound, or reach beyond its fields. A field
without a value is a blank that one sees, and none to `if`. The package is measured and looked through before
it is opened (`word_packages`).
"""

import base64
import json
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import office
from enmusubi.errors import InputError
from enmusubi.messages import from_plain
from office.contracts.word_packages import MAX_FILE_BYTES, check_package, no_word_file

__all__ = ("MAX_FILE_BYTES", "check_package", "fields_used", "filled")
MAX_S = 20.0  # of the clock: the processor's time is bounded by the process itself
MADE_TIMES = 2  # so much larger than a template may be what is made of it
_AT_ONCE = threading.BoundedSemaphore(2)
_PROCESS = (
    "import sys; sys.path.append(sys.argv[1]); "
    "from office.contracts.filling_process import main; main()"
)
_OUT_OF_TIME = (-24, -9)  # how the process ends then: SIGXCPU, SIGKILL


def fields_used(content: bytes, known: Mapping[str, str]) -> tuple[str, ...]:
    """Return the fields that a template uses, in the order of the alphabet; `known` are all with a value.

    Raises InputError, with what is wrong, for a file that is no template.
    """
    return tuple(_made(content, known)["used"])


def filled(content: bytes, values: Mapping[str, str]) -> bytes:
    """Return a template with its fields filled; raises as `fields_used` does."""
    made: bytes = _made(content, values)["content"]
    return made


def _made(content: bytes, values: Mapping[str, str]) -> dict[str, Any]:
    """Return the file and its fields; the file is looked through, too: parts of a code may meet in it."""
    check_package(content)
    said = _asked(content, values)
    made = base64.b64decode(said["content"])
    check_package(made, times=MADE_TIMES)
    return {**said, "content": made}


def _asked(content: bytes, values: Mapping[str, str]) -> dict[str, Any]:
    asked = {"content": base64.b64encode(content).decode(), "values": dict(values)}
    root = str(Path(office.__file__).parents[1])  # where the process finds its module, too
    with _AT_ONCE:
        try:
            done = subprocess.run(  # noqa: S603 - our own module and folder
                [sys.executable, "-P", "-c", _PROCESS, root],
                input=json.dumps(asked).encode(),
                capture_output=True,  # what it says on failing could quote the file: nobody reads it
                timeout=MAX_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise _too_long() from None
    if done.returncode in _OUT_OF_TIME:
        raise _too_long()
    if done.returncode:  # a damaged package: python-docx and lxml raise whatever they meet
        raise no_word_file()
    said: dict[str, Any] = json.loads(done.stdout)
    if "fault" in said:
        raise InputError.saying(from_plain(said["fault"]))
    return said


def _too_long() -> InputError:
    return InputError("the file takes too long to fill. Make it simpler.", of_field="file")
