"""The command line: exit codes, messages without tracebacks, lists for people and for programs."""

import io
import json
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from catalogue.records.catalogue import open_catalogue
from catalogue.records.drafts import NEEDS, RESEARCHERS, SEEDS, Draft
from cli import wiring
from cli.main import COMMANDS, run
from enmusubi import __version__
from matcher.recommender import Recommender
from tests.conftest import WordEncoder
from tests.support.databases import new_sqlite

HUSHED = "a zeppelin that picks ripe fruit"
HEAVY = ("torch", "pandas", "pydantic", "numpy", "faiss", "sqlalchemy", "fastapi", "rich")
MAX_HELP_SECONDS = 0.5
Outcome = tuple[int, str, str]


@pytest.fixture
def enmusubi(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    word_encoder: Any,
) -> Callable[..., Outcome]:
    """A function that runs a command in an empty data folder: exit code, stdout, stderr."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ENMUSUBI_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("ENMUSUBI_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr(wiring, "encoder_of", lambda settings: word_encoder)

    def call(*arguments: str) -> Outcome:
        code = run(arguments)
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return call


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the data of an office: two researchers and an index; made once, then copied."""
    folder = tmp_path_factory.mktemp("office")
    people = [
        Draft(
            RESEARCHERS, {"researcher_id": "r-mori", "name_ja": "森 絵里", "name_en": "Eri Mori"}
        ),
        Draft(RESEARCHERS, {"researcher_id": "r-sato", "name_en": "Ken Sato"}),
    ]
    texts = {"r-mori": "Soft fingers pick ripe fruit.", "r-sato": "薄膜の欠陥を光で検査する。"}
    seeds = [
        Draft(SEEDS, {"seed_id": f"s-{person}", "kind": "paper", "text": text}, people=(person,))
        for person, text in texts.items()
    ]
    need = Draft(NEEDS, {"need_id": "n-1", "text": "A hand for ripe fruit"})
    with open_catalogue(new_sqlite(folder / "data" / "catalogue.sqlite")) as catalogue:
        catalogue.write([*people, *seeds, need], source="test")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ENMUSUBI_DATA_DIR", str(folder / "data"))
        patch.setenv("ENMUSUBI_CACHE_DIR", str(folder / "cache"))
        patch.setattr(wiring, "encoder_of", lambda settings: WordEncoder())
        assert run(["index"]) == 0
    return folder


@pytest.fixture
def office(
    enmusubi: Callable[..., Outcome], furnished: Path, tmp_path: Path
) -> Callable[..., Outcome]:
    """The same with a catalogue of two researchers and an index."""
    shutil.copytree(furnished, tmp_path, dirs_exist_ok=True)
    return enmusubi


def program(*arguments: str) -> subprocess.CompletedProcess[str]:
    code = (
        "import sys\nfrom cli.main import run\ncode = run(sys.argv[1:])\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)\n"
        "sys.exit(code)"
    )
    environment = {**os.environ, "COLUMNS": "100"}
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )


@pytest.mark.parametrize(
    ("arguments", "loaded"),
    [
        (["--help"], "[]"),
        (["--version"], "[]"),
        (["match", "--help"], "['pydantic']"),  # Typer's own
    ],
)
def test_help_loads_no_heavy_library(arguments: list[str], loaded: str) -> None:
    result = program(*arguments)

    assert (result.returncode, result.stderr.strip()) == (0, loaded)


def test_help_takes_under_half_a_second() -> None:
    command = [sys.executable, "-m", "cli.main", "--help"]
    seconds = []
    for _ in range(5):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, capture_output=True, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        # of the processor, which others' work on the same machine lengthens less
        seconds.append(after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime)

    assert min(seconds) < MAX_HELP_SECONDS


def test_help_lists_every_command_with_its_line(enmusubi: Callable[..., Outcome]) -> None:
    code, out, _ = enmusubi("--help")

    assert code == 0
    for name, (_, summary) in COMMANDS.items():
        assert name in out
        assert " ".join(summary.split())[:30] in " ".join(out.split())


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_an_example(
    enmusubi: Callable[..., Outcome], name: str
) -> None:
    code, out, err = enmusubi(name, "--help")

    assert (code, err) == (0, "")
    assert f"Example: enmusubi {name}" in " ".join(out.split())


def test_the_version_is_printed(enmusubi: Callable[..., Outcome]) -> None:
    assert enmusubi("--version") == (0, f"enmusubi {__version__}\n", "")


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["--nonsense"],
        ["match"],
        ["match", "a film", "--need", "n-1"],
        ["match", "a film", "--file", "need.txt"],
        ["match", "--need", "n-1", "--file", "need.txt"],
        ["match", "a film", "--top", "0"],
        ["match", "a film", "--top", "many"],
        ["match", "a film", "--since", "spring"],
        ["match", "a film", "--nonsense"],
        ["index", "now"],
        ["doctor", "--nonsense"],
    ],
)
def test_wrong_usage_leaves_with_2_and_says_why(
    enmusubi: Callable[..., Outcome], arguments: list[str]
) -> None:
    code, out, err = enmusubi(*arguments)

    assert (code, out) == (2, "")
    assert "Usage: enmusubi" in err
    assert "Traceback" not in err


def failure(outcome: Outcome) -> str:
    code, out, err = outcome
    assert (code, out) == (1, "")
    message = err.lstrip("\n")  # a progress display leaves an empty line
    assert message.startswith("error: ")
    assert "Traceback" not in message
    return message


def test_a_missing_index_says_what_to_run(enmusubi: Callable[..., Outcome]) -> None:
    assert "then run `enmusubi index`" in failure(enmusubi("match", "a film"))


def test_an_index_of_nothing_says_what_to_import(enmusubi: Callable[..., Outcome]) -> None:
    assert "Import seeds with `enmusubi import`" in failure(enmusubi("index"))


def test_a_half_written_index_says_what_to_run(
    office: Callable[..., Outcome], tmp_path: Path
) -> None:
    (tmp_path / "data" / "indexes" / "v000001" / "dense.faiss").write_bytes(b"half")

    assert "Run `enmusubi index --rebuild`" in failure(office("match", "a film"))
    assert office("index")[0] == 0
    assert office("match", "a film")[0] == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["match", "。"], "0 letters"),
        (["match", "x"], "1 letters"),
        (["match", "x" * 200_000], "200,000 characters, at most 20,000"),
        (["match", "--need", "n-none"], "No need has the id 'n-none'"),
        (["match", "--file", "none.txt"], "none.txt cannot be read: No such file"),
        (["match", "a film", "--kind", "novel"], "Unknown kind of seed: novel"),
    ],
)
def test_what_cannot_be_matched_leaves_with_1_and_one_message(
    office: Callable[..., Outcome], arguments: list[str], message: str
) -> None:
    assert message in failure(office(*arguments))


def test_wrong_settings_are_one_message(
    enmusubi: Callable[..., Outcome], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENMUSUBI_LANGUAGE", "fr")

    for name in ("match", "index", "doctor"):
        arguments = [name, "a film"] if name == "match" else [name]
        assert "Settings cannot be used: language" in failure(enmusubi(*arguments))


@pytest.mark.parametrize(
    ("variables", "is_japanese"),
    [
        ({"LC_ALL": "ja_JP.UTF-8"}, True),
        ({"LC_ALL": "", "LC_MESSAGES": "ja_JP.UTF-8", "LANG": "en_GB.UTF-8"}, True),
        ({"LC_ALL": "", "LC_MESSAGES": "", "LANG": "ja_JP.UTF-8"}, True),
        ({"LC_ALL": "C.UTF-8", "LANG": "ja_JP.UTF-8"}, False),
        ({"LC_ALL": "", "LC_MESSAGES": "", "LANG": ""}, False),
        ({"LC_ALL": "ja_JP.UTF-8", "ENMUSUBI_LANGUAGE": "en"}, False),
        ({"LC_ALL": "C.UTF-8", "ENMUSUBI_LANGUAGE": "ja"}, True),
    ],
)
def test_an_error_is_said_in_the_language_of_the_settings_or_the_locale(
    enmusubi: Callable[..., Outcome],
    monkeypatch: pytest.MonkeyPatch,
    variables: dict[str, str],
    is_japanese: bool,
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    code, out, err = enmusubi("match", "a film")

    assert (code, out) == (1, "")
    assert err.lstrip("\n").startswith(
        "エラー：索引がまだありません" if is_japanese else "error: There is"
    )


def test_doctor_speaks_japanese(
    enmusubi: Callable[..., Outcome], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "ja_JP.UTF-8")

    code, out, _ = enmusubi("doctor")

    assert code == 1
    assert "初めて使うときに e5-small-q4.bin から作られます" in out
    assert "組織 0件、研究者 0件" in out
    assert "索引がまだありません" in out


def unexpected(*_: Any, **__: Any) -> Any:
    raise ValueError(f"cannot parse {HUSHED}")


def test_an_unexpected_error_never_shows_the_needs_text(
    office: Callable[..., Outcome], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Recommender, "match", unexpected)

    message = failure(office("match", HUSHED))

    assert message == (
        "error: Unexpected ValueError. Run the command again with --debug for the details.\n"
    )


@pytest.mark.parametrize("place", [0, 2])
def test_debug_shows_the_traceback(
    office: Callable[..., Outcome], monkeypatch: pytest.MonkeyPatch, place: int
) -> None:
    monkeypatch.setattr(Recommender, "match", unexpected)
    arguments = ["match", HUSHED]
    arguments.insert(place, "--debug")

    with pytest.raises(ValueError, match="zeppelin"):
        office(*arguments)


def test_an_interrupted_command_says_so(
    office: Callable[..., Outcome], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: Any, **__: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(Recommender, "match", interrupted)

    code, _, err = office("match", "a film")

    assert (code, "Traceback" in err) == (130, False)


def test_a_match_list_shows_who_and_the_sentence(office: Callable[..., Outcome]) -> None:
    code, out, err = office("match", HUSHED, "--top", "1")

    assert (code, err) == (0, "")
    assert "Researcher" in out
    assert "Eri Mori" in out
    assert "Soft fingers pick ripe fruit." in out
    assert "Ken Sato" not in out


def test_a_japanese_need_gets_a_japanese_list(office: Callable[..., Outcome]) -> None:
    _, out, _ = office("match", "薄膜の欠陥を検査したい")

    assert "研究者" in out
    assert "薄膜の欠陥を光で検査する。" in out


def test_nobody_left_is_said_in_words(office: Callable[..., Outcome]) -> None:
    code, out, _ = office("match", "a film", "--institution", "nowhere")

    assert (code, out.startswith("Nobody matches.")) == (0, True)


def first_id(out: str) -> str:
    return str(json.loads(out)["matches"][0]["researcher"]["researcher_id"])


def test_json_carries_the_whole_list(office: Callable[..., Outcome]) -> None:
    _, out, _ = office("match", HUSHED, "--json")

    answer = json.loads(out)
    assert (answer["index_version"], answer["model"]) == ("v000001", "words@0123456789abcdef")
    assert [match["rank"] for match in answer["matches"]] == [1, 2]
    assert first_id(out) == "r-mori"
    evidence = answer["matches"][0]["evidence"][0]
    assert (evidence["seed_id"], evidence["sentence_field"]) == ("s-r-mori", "text")


def test_a_need_comes_from_the_catalogue_a_file_or_standard_input(
    office: Callable[..., Outcome], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "need.txt").write_bytes("薄膜の欠陥を検査したい".encode("cp932"))
    piped = io.TextIOWrapper(io.BytesIO("薄膜の欠陥を検査したい".encode()))
    monkeypatch.setattr(sys, "stdin", piped)

    assert first_id(office("match", "--need", "n-1", "--json")[1]) == "r-mori"
    assert first_id(office("match", "--file", "need.txt", "--json")[1]) == "r-sato"
    assert first_id(office("match", "-", "--json")[1]) == "r-sato"


def test_an_up_to_date_index_is_not_built_again(office: Callable[..., Outcome]) -> None:
    code, out, _ = office("index")
    _, as_json, _ = office("index", "--rebuild", "--json")

    assert (code, "v000001 is up to date: 2 researchers, 2 seeds" in out) == (0, True)
    told = json.loads(as_json)
    assert (told["version"], told["built"], told["pinned"]) == ("v000002", True, False)
    assert told["counts"] == {"researchers": 2, "seeds": 2, "passages": 2}
    assert told["encodings"] == {"encoded": 0, "from_cache": 2}


def test_doctor_names_what_is_missing_and_how_to_get_it(enmusubi: Callable[..., Outcome]) -> None:
    code, out, _ = enmusubi("doctor")

    assert code == 1
    assert "missing index" in " ".join(out.split())
    assert "`enmusubi index`" in out
    assert "is built on first use from e5-small-q4.bin" in out


def test_doctor_is_content_with_an_index(office: Callable[..., Outcome]) -> None:
    code, out, _ = office("doctor", "--json")

    states = {check["check"]: check for check in json.loads(out)}
    assert code == 0
    assert not [check for check in states.values() if check["state"] == "missing"]
    assert states["index"]["detail"].startswith("v000001, 2 passages")
    assert "2 researchers, 2 seeds" in states["catalogue"]["detail"]


def test_doctor_finds_a_model_that_is_not_complete(
    office: Callable[..., Outcome], tmp_path: Path
) -> None:
    (tmp_path / "cache" / "models" / "multilingual-e5-small-q4-v1").mkdir(parents=True)

    code, out, _ = office("doctor")

    assert (code, "is not complete" in out) == (1, True)
