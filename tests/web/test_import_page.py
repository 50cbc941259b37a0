"""The page Import in a real browser: both languages, three widths, by keyboard, without a script."""

import pytest
from playwright.sync_api import expect

from catalogue.records.catalogue import open_catalogue
from tests.support.office_tables import TABLE
from tests.support.service import as_viewer, service
from tests.support.worlds import copied
from tests.support.worlds.administration import BOSS
from tests.web.conftest import serious, serving

WIDTHS = {"phone": 360, "tablet": 800, "desk": 1600}
UPLOAD = {"ja": "アップロードして確認", "en": "Upload and look at it"}
IMPORT = {"ja": "取り込む", "en": "Import it"}
DONE = {"ja": "ファイルを取り込みました。", "en": "The file was imported."}


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """The application with a well-filled office, open to its administrator."""
    folder = tmp_path_factory.mktemp("office")
    with open_catalogue(copied("administration", folder)) as catalogue:
        app = service(catalogue, folder)
        as_viewer(app, BOSS)
        with serving(app) as served:
            yield served


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_table_goes_in_on_pages_that_fit_and_are_sound(
    open_page, address, language, shoot, tmp_path
):
    page = open_page(language)
    page.goto(f"{address}/admin/import")
    look(page, shoot, f"import-{language}")
    page.locator("#file").set_input_files(TABLE["secretary"].write(tmp_path))
    page.get_by_role("button", name=UPLOAD[language]).first.press("Enter")
    page.wait_for_url("**/admin/import/*")
    assert page.locator("html").get_attribute("lang") == language
    look(page, shoot, f"import-table-{language}")
    page.get_by_role("button", name=IMPORT[language]).first.press("Enter")
    expect(page.get_by_role("status").first).to_have_text(DONE[language])
    look(page, shoot, f"import-done-{language}")


def test_a_column_is_corrected_by_keyboard_without_a_script(open_page, address, tmp_path):
    page = open_page("ja", java_script_enabled=False)
    page.goto(f"{address}/admin/import")
    page.locator("#file").set_input_files(TABLE["secretary"].write(tmp_path))
    page.get_by_role("button", name=UPLOAD["ja"]).first.press("Enter")
    page.wait_for_url("**/admin/import/*")
    choice = page.get_by_label("「備考」を取り込む項目")
    choice.select_option("profile")
    page.get_by_role("button", name="この内容で表示").last.press("Enter")
    expect(page.get_by_label("「備考」を取り込む項目")).to_have_value("profile")
    expect(page.get_by_role("region").first).to_contain_text("サバティカル中")


@pytest.mark.parametrize("language", ["ja", "en"])
def test_how_a_file_is_got_is_said_where_an_id_is_typed(open_page, address, language, shoot):
    page = open_page(language)
    page.goto(f"{address}/admin/import")
    page.locator("#identifier").fill("https://researchmap.jp/hana_mori")
    page.locator("#identifier").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("researchmap hana_mori")
    look(page, shoot, f"import-one-{language}")


def look(page, shoot, name):
    """Hold the page to its window at three widths, and to axe."""
    for width_name, width in WIDTHS.items():
        page.set_viewport_size({"width": width, "height": 900})
        fits = page.evaluate("document.documentElement.scrollWidth") <= width
        assert fits, f"{name} at {width}"
        shoot(page, f"{name}-{width_name}")
    assert serious(page) == [], name
