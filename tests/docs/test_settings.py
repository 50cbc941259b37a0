"""docs/settings.md is the settings' own description, and nothing is missing from it."""

import subprocess
import sys
import tomllib
from pathlib import Path

from pydantic import BaseModel

import enmusubi
from enmusubi.cli.settings_table import settings_page
from enmusubi.matcher.settings import Settings

PAGE = Path(enmusubi.__file__).parents[1] / "docs" / "settings.md"


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text("utf-8") == settings_page(), (
        "Run `python -m enmusubi.cli.settings_table docs/settings.md`."
    )


def test_every_setting_is_described() -> None:
    page = settings_page()
    for name, field in Settings.model_fields.items():
        assert field.description, name
        section = field.annotation
        if isinstance(section, type) and issubclass(section, BaseModel):
            for key, part in section.model_fields.items():
                assert part.description, f"{name}.{key}"
                assert f"`ENMUSUBI_{name.upper()}__{key.upper()}`" in page
        else:
            assert f"`ENMUSUBI_{name.upper()}`" in page


def test_no_folder_of_this_machine_stands_in_the_page() -> None:
    assert str(Path.home()) + "/" not in settings_page()


def test_the_example_of_a_settings_file_is_valid() -> None:
    example = settings_page().split("```toml\n")[1].split("```")[0]

    settings = Settings.model_validate(tomllib.loads(example))

    assert (settings.language, settings.encoder.precision) == ("ja", "fp32")


def test_the_command_writes_the_page(tmp_path: Path) -> None:
    written = tmp_path / "settings.md"

    subprocess.run([sys.executable, "-m", "enmusubi.cli.settings_table", str(written)], check=True)

    assert written.read_text("utf-8") == settings_page()
