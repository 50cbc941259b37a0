"""docs/settings.md is the settings' own description, and nothing is missing from it."""

import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from cli.settings_table import settings_page
from enmusubi.settings import Settings

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text("utf-8") == settings_page(), (
        "Run `python -m cli.settings_table docs/settings.md`."
    )


def test_every_setting_is_described() -> None:
    page = settings_page()
    for name, field in all_settings("ENMUSUBI_", Settings):
        assert field.description, name
        assert f"`{name}`" in page


def all_settings(prefix: str, section: type[BaseModel]) -> Iterator[tuple[str, FieldInfo]]:
    """Yield the variable of each setting, those of inner sections included."""
    for name, field in section.model_fields.items():
        part = field.annotation
        if isinstance(part, type) and issubclass(part, BaseModel):
            yield from all_settings(f"{prefix}{name.upper()}__", part)
        else:
            yield f"{prefix}{name.upper()}", field


def test_no_folder_of_this_machine_stands_in_the_page() -> None:
    assert str(Path.home()) + "/" not in settings_page()


def test_the_example_of_a_settings_file_is_valid() -> None:
    example = settings_page().split("```toml\n")[1].split("```")[0]

    settings = Settings.model_validate(tomllib.loads(example))

    assert (settings.language, settings.encoder.precision) == ("ja", "fp32")


def test_the_command_writes_the_page(tmp_path: Path) -> None:
    written = tmp_path / "settings.md"

    subprocess.run([sys.executable, "-m", "cli.settings_table", str(written)], check=True)

    assert written.read_text("utf-8") == settings_page()
