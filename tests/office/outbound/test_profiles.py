"""Company profiles: tables of an office are imported, faulty rows told, and profiles edited by the office."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Barrier

import pytest
from openpyxl import Workbook

from catalogue.database.viewer import ANALYST, LOCAL_VIEWER, PROJECT
from catalogue.records.catalogue import Catalogue, open_catalogue
from enmusubi.errors import ConflictError, ForbiddenError, InputError, MappingError, UnknownIdError
from office.access.scoped import reading_as, writing_as
from office.outbound.profile_tables import ProfileImport, import_profiles
from office.outbound.profiles import (
    all_profiles,
    parse_profile,
    profile_of,
    profiles_page,
    save_profile,
    set_withdrawn,
)

MANAGER = replace(LOCAL_VIEWER, viewer_id="kato", role=PROJECT)
OUTSIDE = replace(LOCAL_VIEWER, viewer_id="ota", role=ANALYST)
TABLE = """企業名,事業内容,主要製品,分野,会員種別,ホームページ,担当
青波化学株式会社,食品を包む膜を作る。,酸素を通しにくい袋,食品・栄養,正会員,https://aonami.example,佐藤
,名前のない会社,,,,,
星図工業,天文台のドームを作る。,,占星術,,,
月見鉄工,鉄を鍛える。,,,,javascript:alert(1),
無言商会,,,,賛助会員,,
青波化学,同じ会社,,,,,
Kasumi Works,We forge steel bridges.,Girders; bolts,,,,
"""


def listed(catalogue: Catalogue, name: str = "") -> dict[str, object]:
    with reading_as(catalogue, MANAGER) as connection:
        page = profiles_page(connection, MANAGER, name=name)
    return {one.name("ja"): one for one in page.items}


def test_good_rows_of_a_table_go_in_and_each_faulty_one_is_told_with_row_and_field(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    path = tmp_path / "companies.csv"
    path.write_text(TABLE, "utf-8-sig")

    report = import_profiles(catalogue, MANAGER, path)

    told = {(one.row, one.field) for one in report.rejections if one.row}
    assert told == {
        (3, "name_ja"),
        (4, "fields"),
        (5, "homepage"),
        (6, "business_ja"),
        (7, "name_ja"),
    }
    assert [one.field for one in report.rejections if not one.row] == ["担当"]
    assert (report.read, report.added, report.left_out) == (7, 2, 5)
    assert "占星術" not in str([str(one.message) for one in report.rejections])
    found = listed(catalogue)
    aonami, kasumi = found["青波化学株式会社"], found["Kasumi Works"]
    assert (aonami.fields, aonami.membership) == (("food-science",), "正会員")
    assert (kasumi.business_en, kasumi.business_ja) == ("We forge steel bridges.", "")
    assert import_profiles(catalogue, MANAGER, path).unchanged == 2
    assert set(listed(catalogue, "kasumi")) == {"Kasumi Works"}


def test_a_later_workbook_changes_what_it_says_and_takes_nothing_away(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    first, second = tmp_path / "first.csv", tmp_path / "second.xlsx"
    first.write_text("company,business,membership\nAonami,Films for food.,gold\n", "utf-8")
    import_profiles(catalogue, MANAGER, first)
    book = Workbook()
    book.active.append(["Company", "Products", "Membership"])
    book.active.append(["Aonami", "Bags", None])
    book.save(second)

    assert import_profiles(catalogue, MANAGER, second).changed == 1
    (profile,) = listed(catalogue).values()
    assert (profile.business_en, profile.products_en, profile.membership) == (
        "Films for food.", "Bags", "gold",
    )  # fmt: skip


def test_a_table_of_something_else_and_a_reader_from_outside_are_refused(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    path = tmp_path / "people.csv"
    path.write_text("name,department\nMori,Chemistry\n", "utf-8")
    with pytest.raises(MappingError, match="no table of companies"):
        import_profiles(catalogue, MANAGER, path)
    with pytest.raises(ForbiddenError):
        import_profiles(catalogue, OUTSIDE, path)


def test_a_profile_is_written_changed_taken_away_and_brought_back(catalogue: Catalogue) -> None:
    given = {"name_ja": "白山機工", "business_ja": "歯車を削る。"}
    with writing_as(catalogue, MANAGER) as connection:
        number = save_profile(connection, MANAGER, parse_profile(given))
        with pytest.raises(ConflictError):
            save_profile(connection, MANAGER, parse_profile(given))
        changed = parse_profile({**given, "fields": "food-science"})
        assert save_profile(connection, MANAGER, changed, number) == number
        set_withdrawn(connection, MANAGER, number, withdrawn=True)
        assert profiles_page(connection, MANAGER).items == ()
        set_withdrawn(connection, MANAGER, number, withdrawn=False)
        assert profile_of(connection, MANAGER, number).fields == ("food-science",)
        with pytest.raises(UnknownIdError):
            profile_of(connection, MANAGER, number + 1)
        with pytest.raises(ForbiddenError):
            profile_of(connection, OUTSIDE, number)
    named = "Computing, software and networks; Geography, culture and regions,vehicles"
    fields = parse_profile({**given, "fields": named})["fields"]
    assert fields == "computing; geography-culture; vehicles"  # as the page in English shows them
    with pytest.raises(InputError) as refused:
        parse_profile({"homepage": "ftp://x", "fields": "astrology", "business_ja": "x" * 5_001})
    assert len(str(refused.value).splitlines()) == 3


def test_two_imports_of_one_company_at_once_leave_one_profile(
    catalogue_url: str, tmp_path: Path
) -> None:
    path = tmp_path / "companies.csv"
    rows = "".join(f"Company {number},Forges part {number}.\n" for number in range(30))
    path.write_text(f"company,business\n{rows}", "utf-8")
    together = Barrier(4)

    def take(_: int) -> ProfileImport:
        together.wait(30)
        with open_catalogue(catalogue_url) as own:  # as another process would
            return import_profiles(own, MANAGER, path)

    with ThreadPoolExecutor(4) as pool:
        reports = list(pool.map(take, range(4)))

    assert sorted(report.added for report in reports) == [0, 0, 0, 30]
    assert sum(report.unchanged for report in reports) == 90
    with (
        open_catalogue(catalogue_url) as catalogue,
        reading_as(catalogue, MANAGER) as connection,
    ):
        assert len(all_profiles(connection, MANAGER, 1_000)) == 30
