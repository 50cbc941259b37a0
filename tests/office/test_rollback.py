"""Going back to an older index version: what serves, what stays, what `index` does afterwards."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from catalogue.records.catalogue import Catalogue, open_catalogue
from catalogue.records.drafts import RESEARCHERS, SEEDS, Draft
from cli.wiring import operator
from enmusubi.errors import (
    AlreadyRunningError,
    IndexDamagedError,
    IndexMismatchError,
    IndexMissingError,
    InputError,
)
from enmusubi.locks import exclusive_lock
from enmusubi.settings import IndexSettings, Settings
from indexes.versions import MANIFEST_NAME, current_name, pinned_name
from matcher.records import Need
from office.access.audit import AuditFilter, entries_page
from office.configured import open_recommender
from office.index_versions import kept_versions, roll_back, update_index

CHECKSUM = "0123456789abcdef"
TEXTS = ("Films keep air out.", "Bread rises slowly.", "Steel rusts in rain.")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        data_dir=tmp_path / "data", cache_dir=tmp_path / "cache", index=IndexSettings(keep=3)
    )


def write_seed(catalogue: Catalogue, number: int) -> None:
    text = TEXTS[number % len(TEXTS)]
    catalogue.write(
        [
            Draft(RESEARCHERS, {"researcher_id": "r1", "name_en": "Aki Mori"}),
            Draft(
                SEEDS,
                {"seed_id": f"s{number}", "kind": "paper", "text": f"{text} {number}"},
                people=("r1",),
            ),
        ],
        source="test",
    )


@pytest.fixture
def catalogue(settings: Settings, word_encoder: Any) -> Iterator[Catalogue]:
    """A catalogue that grew twice: three versions of one, two and three seeds."""
    settings.data_dir.mkdir()
    with open_catalogue(settings.catalogue_url) as catalogue:
        for number in range(3):
            write_seed(catalogue, number)
            update_index(catalogue, settings, word_encoder)
        yield catalogue


def back(settings: Settings, name: str = "", checksum: str = CHECKSUM) -> str:
    return roll_back(settings, model_checksum=checksum, name=name).name


def seeds_found(settings: Settings, encoder: Any) -> int:
    recommender = open_recommender(settings, encoder)
    matches = recommender.match(Need("Films, bread, steel"))
    return len(matches.matches[0].evidence)


@pytest.mark.usefixtures("catalogue")
def test_rollback_returns_to_the_version_before(settings: Settings, word_encoder: Any) -> None:
    assert seeds_found(settings, word_encoder) == 3

    assert back(settings) == "v000002"
    assert seeds_found(settings, word_encoder) == 2
    assert back(settings) == "v000001"
    assert seeds_found(settings, word_encoder) == 1
    with pytest.raises(InputError, match="no version before v000001: 3 on disk, none of them"):
        back(settings)


def test_an_unchanged_and_a_changed_catalogue_leave_the_pinned_version_serving(
    settings: Settings, catalogue: Catalogue, word_encoder: Any
) -> None:
    back(settings, "v000001")

    version, built = update_index(catalogue, settings, word_encoder)
    write_seed(catalogue, 3)
    again, built_again = update_index(catalogue, settings, word_encoder)

    assert (version.name, built, again.name, built_again) == ("v000001", False, "v000001", False)
    assert pinned_name(settings.index_dir) == "v000001"


def test_rebuilding_ends_the_pin(
    settings: Settings, catalogue: Catalogue, word_encoder: Any
) -> None:
    back(settings)

    version, built = update_index(catalogue, settings, word_encoder, rebuild=True)

    assert (version.name, built, pinned_name(settings.index_dir)) == ("v000004", True, None)
    assert update_index(catalogue, settings, word_encoder) == (version, False)


def test_naming_the_newest_follows_the_catalogue_again(
    settings: Settings, catalogue: Catalogue, word_encoder: Any
) -> None:
    back(settings)
    back(settings, "v000003")
    write_seed(catalogue, 3)

    version, built = update_index(catalogue, settings, word_encoder)

    assert (version.name, built) == ("v000004", True)


def test_the_pinned_version_is_kept_while_it_serves_and_goes_when_others_do(
    settings: Settings, catalogue: Catalogue, word_encoder: Any
) -> None:
    back(settings, "v000001")
    for _ in range(3):
        update_index(catalogue, settings, word_encoder)
    assert [one.name for one in kept_versions(settings)] == ["v000001", "v000002", "v000003"]

    update_index(catalogue, settings, word_encoder, rebuild=True)

    assert [one.name for one in kept_versions(settings)] == ["v000002", "v000003", "v000004"]


@pytest.mark.parametrize("name", ["v000009", "3", "latest", "../data", ""])
@pytest.mark.usefixtures("catalogue")
def test_a_version_that_is_not_there_is_told_with_those_that_are(
    settings: Settings, name: str
) -> None:
    with pytest.raises(InputError, match=r"Kept are: v000001, v000002, v000003"):
        back(settings, name or "v1")
    assert current_name(settings.index_dir) == "v000003"


@pytest.mark.usefixtures("catalogue")
def test_a_version_of_another_model_is_refused(settings: Settings) -> None:
    with pytest.raises(IndexMismatchError, match=r"v000001 was built with the model words \(0123"):
        back(settings, "v000001", checksum="fedcba")
    assert (current_name(settings.index_dir), pinned_name(settings.index_dir)) == ("v000003", None)


def edit_manifest(settings: Settings, name: str, **changes: Any) -> None:
    path = settings.index_dir / name / MANIFEST_NAME
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


@pytest.mark.usefixtures("catalogue")
def test_a_version_of_an_older_format_and_a_damaged_one_are_refused(settings: Settings) -> None:
    edit_manifest(settings, "v000001", format=1)
    (settings.index_dir / "v000002" / "seeds" / "title.bin").unlink()

    with pytest.raises(IndexMismatchError, match="v000001 has format 1, this program reads 5"):
        back(settings, "v000001")
    with pytest.raises(IndexDamagedError, match="v000002 cannot be gone back to"):
        back(settings, "v000002")
    faults = {one.name: (one.fault, one.serves) for one in kept_versions(settings)}
    assert faults == {
        "v000001": ("format 1", False),
        "v000002": ("damaged", False),
        "v000003": ("", True),
    }


def test_a_pinned_version_that_cannot_be_used_any_more_gives_way_to_a_new_one(
    settings: Settings, catalogue: Catalogue, word_encoder: Any
) -> None:
    back(settings)
    edit_manifest(settings, "v000002", format=1)

    version, built = update_index(catalogue, settings, word_encoder)

    assert (version.name, built, pinned_name(settings.index_dir)) == ("v000004", True, None)


def test_nothing_is_there_to_go_back_to_before_the_first_index(settings: Settings) -> None:
    with pytest.raises(IndexMissingError, match="There is no index yet"):
        back(settings)


@pytest.mark.usefixtures("catalogue")
def test_nobody_goes_back_while_an_index_is_built(settings: Settings) -> None:
    with (
        exclusive_lock(settings.data_dir / "index.lock", activity="index"),
        pytest.raises(AlreadyRunningError, match="`enmusubi index` is already running"),
    ):
        back(settings)


@pytest.mark.usefixtures("catalogue")
def test_the_command_goes_back_lists_and_says_what_serves(
    settings: Settings, word_encoder: Any, command: Callable[..., str]
) -> None:
    assert "Index version v000002 serves now: 1 researchers, 2 seeds" in command("--rollback")
    assert "v000002 is pinned by --rollback" in command()
    assert json.loads(command("--json"))["pinned"] is True
    listed = json.loads(command("--list", "--json"))
    assert [(one["name"], one["serves"], one["pinned"]) for one in listed] == [
        ("v000001", False, False),
        ("v000002", True, True),
        ("v000003", False, False),
    ]
    assert "serves, pinned" in command("--list")
    assert "the newest" in command("--rollback", "v000003")
    assert "v000003 is up to date" in command()
    with open_catalogue(settings.catalogue_url) as catalogue, catalogue.reading() as connection:
        found = entries_page(connection, operator(), AuditFilter(action="roll back index")).items
    assert [(one.actor, one.object_id) for one in found] == [
        (operator().owner, "v000003"),
        (operator().owner, "v000002"),
    ]


@pytest.mark.usefixtures("catalogue")
def test_the_command_says_what_was_encoded_and_what_changed(
    settings: Settings, command: Callable[..., str]
) -> None:
    with open_catalogue(settings.catalogue_url) as catalogue:
        write_seed(catalogue, 3)

    told = command()

    assert "Encoded 1 passages, 3 from the cache." in told
    assert "Since v000003: seeds 1 added, 0 changed, 0 removed; researchers 0 added" in told


@pytest.mark.parametrize(
    "arguments",
    [["--rollback", "--rebuild"], ["--list", "--rollback"], ["v000001"], ["--rebuild", "v000001"]],
)
def test_options_that_do_not_go_together_are_refused(
    command: Callable[..., str], arguments: list[str]
) -> None:
    with pytest.raises(AssertionError, match=r"Give one of|named with --rollback only"):
        command(*arguments)


@pytest.fixture
def command(
    settings: Settings,
    word_encoder: Any,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Callable[..., str]:
    """Runs `enmusubi index` with these arguments and returns what it printed."""
    from cli import wiring
    from cli.main import run

    monkeypatch.setenv("ENMUSUBI_DATA_DIR", str(settings.data_dir))
    monkeypatch.setenv("ENMUSUBI_CACHE_DIR", str(settings.cache_dir))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr(wiring, "encoder_of", lambda settings: word_encoder)

    def call(*arguments: str) -> str:
        code = run(["index", *arguments])
        printed = capsys.readouterr()
        assert code == 0, printed.err
        return printed.out

    return call
