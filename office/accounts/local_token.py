"""The token of this computer's own user, before there is an account; the data folder has it."""

import os
from pathlib import Path

from enmusubi.atomic_files import storage_errors
from office.accounts.fingerprints import new_secret

PREFIX = "enmlocal_"
NAME = "local-token"


def local_token(data_dir: Path) -> str:
    """Return the token, which is made once and kept in a file that its owner alone may read."""
    path = data_dir / NAME
    with storage_errors(data_dir):
        data_dir.mkdir(parents=True, exist_ok=True)
        try:
            opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            if kept := path.read_text("ascii", errors="replace").strip():
                return kept
            opened = os.open(path, os.O_WRONLY | os.O_TRUNC, 0o600)  # a full disk left it empty
        made = PREFIX + new_secret()
        with os.fdopen(opened, "w") as stream:
            stream.write(made)
    return made
