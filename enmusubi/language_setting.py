"""The language of the command line, found without reading all settings: help would wait for them.

Reads the environment and the settings file, as `settings.py` does, which takes over what stands here.
"""

import os
import tomllib
from pathlib import Path

SETTINGS_FILE_VARIABLE = "ENMUSUBI_SETTINGS"
LANGUAGE_VARIABLE = "ENMUSUBI_LANGUAGE"
AUTO = "auto"


def settings_file() -> Path:
    """Return the settings file in force; it need not exist unless a variable names it."""
    return Path(os.environ.get(SETTINGS_FILE_VARIABLE) or "enmusubi.toml")


def message_language(setting: str = AUTO) -> str:
    """Return ja or en for what the command line says of itself: the setting, else the locale's language."""
    if setting != AUTO:
        return setting
    named = (os.environ.get(variable) for variable in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return "ja" if next(filter(None, named), "").startswith("ja") else "en"


def stated_language() -> str:
    """Return ja or en, as the settings say; those that cannot be used have no say."""
    stated = next(
        (value for name, value in os.environ.items() if name.upper() == LANGUAGE_VARIABLE), None
    )
    if stated is None:
        try:
            stated = tomllib.loads(settings_file().read_text("utf-8")).get("language")
        except (OSError, ValueError):
            stated = None
    return message_language(stated if stated in ("ja", "en") else AUTO)
