"""The pages' texts: English in the templates and the code, Japanese in `locale/ja/*.po`."""

from functools import cache
from pathlib import Path

from enmusubi import translation
from enmusubi.translation import Texts, read_forms

LOCALE_DIR = Path(__file__).parents[1] / "locale"


@cache
def texts(language: str) -> Texts:
    """Return the texts of ja or en: those of the pages, and all messages."""
    return Texts(
        {**read_forms(translation.LOCALE_DIR / language), **read_forms(LOCALE_DIR / language)}
    )
