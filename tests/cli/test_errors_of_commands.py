"""Errors of commands: one message in the reader's language, an exit code, no traceback, no need's text."""

from collections.abc import Callable
from typing import Any

import pytest

from matcher.recommender import Recommender
from tests.cli.outcomes import HUSHED, Outcome, failure


def test_a_missing_index_says_what_to_run(enmusubi: Callable[..., Outcome]) -> None:
    assert "then run `enmusubi index`" in failure(enmusubi("match", "a film"))


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
        "エラー：検索データがまだありません" if is_japanese else "error: There is"
    )


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
    assert err.lstrip("\n").startswith("Interrupted; what was finished is kept.")
