"""`enmusubi user`, `machine` and `key`: what they do, print, and never print."""

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from catalogue.records.catalogue import open_catalogue
from catalogue.records.drafts import ORGANISATIONS, RESEARCHERS, Draft
from cli import wiring
from cli.main import run
from enmusubi.sealing import SealingKeys
from office.access.audit import verify
from office.accounts import passwords
from office.accounts.keys import Keys
from office.accounts.signing_in import PasswordAuthenticator
from office.webhooks.webhooks import create_webhook

PASSWORD = "four words that stay"
Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def url(tmp_path: Path) -> str:
    """A catalogue with a company and a researcher."""
    made = f"sqlite:///{tmp_path / 'catalogue.sqlite'}"
    with open_catalogue(made) as catalogue:
        company = Draft(ORGANISATIONS, {"organisation_id": "C-1", "name_en": "Company"})
        person = Draft(RESEARCHERS, {"researcher_id": "R-1", "name_en": "Hana Mori"})
        catalogue.write([company, person], source="test")
    return made


@pytest.fixture
def enmusubi(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    """A function that runs a command: exit code, stdout, stderr; `typed` is what stdin holds."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ENMUSUBI_DATABASE_URL", url)
    monkeypatch.setenv("ENMUSUBI_SIGN_IN__OIDC__ISSUER", "https://id.example.org")
    quick = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    monkeypatch.setattr(passwords, "PasswordHasher", lambda: quick)

    def call(*arguments: str, typed: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        code = run(arguments)
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return call


def added(enmusubi: Command, login: str, role: str = "ip", *more: str) -> tuple[int, str, str]:
    command = ("user", "add", login, "--role", role, "--password-stdin", *more)
    return enmusubi(*command, typed=f"{PASSWORD}\n")


def test_an_account_is_made_listed_changed_and_disabled(enmusubi: Command, url: str) -> None:
    code, out, err = added(enmusubi, "Mori", "ip", "--name", "森 花")
    assert (code, out, err) == (0, "mori can sign in as ip.\n", "")
    assert enmusubi("user", "role", "mori", "chief")[1] == "mori is chief now.\n"
    assert enmusubi("user", "change", "mori", "--researcher", "R-1")[0] == 0
    assert enmusubi("user", "link", "mori", "s-1")[0] == 0
    listed = json.loads(enmusubi("user", "list", "--json")[1])
    assert [(u["user_id"], u["name"], u["role"], u["researcher_id"]) for u in listed] == [
        ("mori", "森 花", "chief", "R-1")
    ]
    assert listed[0]["oidc_subject"] == "https://id.example.org|s-1"
    assert "mori" in enmusubi("user", "list")[1]
    assert enmusubi("user", "disable", "mori")[0] == 0
    assert enmusubi("user", "enable", "mori")[0] == 0

    with open_catalogue(url) as catalogue:
        assert PasswordAuthenticator(catalogue).sign_in("mori", PASSWORD).role == "chief"
        with catalogue.reading() as connection:
            assert verify(connection).head.entries == 8


def test_a_password_is_asked_for_twice_and_not_shown(
    enmusubi: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[dict[str, object]] = []
    typed = iter([PASSWORD, "not the same words", PASSWORD, PASSWORD])

    def prompt(text: str, **options: object) -> str:
        asked.append(options)
        return next(typed)

    monkeypatch.setattr("typer.prompt", prompt)
    code, out, err = enmusubi("user", "add", "mori", "--role", "ip")

    assert code == 0
    assert asked == [{"hide_input": True, "err": True}] * 4
    assert "The two entries differ." in err
    assert PASSWORD not in out + err


def test_another_password_ends_the_old_one(enmusubi: Command, url: str) -> None:
    added(enmusubi, "mori")

    code, out, _ = enmusubi(
        "user", "password", "mori", "--password-stdin", typed="another four good words\r\n"
    )

    assert (code, "signed out everywhere" in out) == (0, True)
    with open_catalogue(url) as catalogue:
        assert PasswordAuthenticator(catalogue).sign_in("mori", "another four good words")


@pytest.mark.parametrize(
    ("arguments", "typed", "fault"),
    [
        (("user", "add", "mori", "--role", "boss"), PASSWORD, "no role of a person"),
        (("user", "add", "mori", "--role", "ip"), "mori-mori-1", "easy to guess"),
        (("user", "add", "a b", "--role", "ip"), PASSWORD, "A login name has"),
        (("user", "password", "nobody"), PASSWORD, "There is no account 'nobody'"),
    ],
)
def test_what_cannot_be_done_is_said_without_the_password(
    enmusubi: Command, arguments: tuple[str, ...], typed: str, fault: str
) -> None:
    code, out, err = enmusubi(*arguments, "--password-stdin", typed=typed)

    assert code == 1
    assert fault in err
    assert typed not in out + err


def test_wrong_usage_is_told(enmusubi: Command) -> None:
    assert enmusubi("user", "add", "mori", "--role", "ip", "--password-stdin")[0] == 2
    assert enmusubi("user", "change", "mori")[0] == 2
    assert enmusubi("machine", "change", "portal-1")[0] == 2
    assert enmusubi("user", "add", "mori", "--role", "ip", "--no-password")[0] == 0


def test_companies_are_named_by_name_and_listed_with_their_ids(enmusubi: Command, url: str) -> None:
    firm = {"organisation_id": "C-2", "name_ja": "霞ヶ浦つくだ煮株式会社", "kind": "company"}
    with open_catalogue(url) as catalogue:
        catalogue.write([Draft(ORGANISATIONS, firm)], source="test")
    assert json.loads(enmusubi("machine", "companies", "つくだ煮", "--json")[1]) == [
        {"organisation_id": "C-2", "name_ja": firm["name_ja"], "name_en": ""}
    ]
    assert "C-2" in enmusubi("machine", "companies")[1]
    assert enmusubi("machine", "add", "portal-1", "--company", firm["name_ja"])[0] == 0
    (listed,) = json.loads(enmusubi("machine", "list", "--json")[1])
    assert (listed["companies"], listed["names"]) == (["C-2"], [firm["name_ja"]])
    code, _, told = enmusubi("machine", "add", "portal-2", "--company", "株式会社どこにもない")
    assert (code, "どこにも" in told) == (1, False)


def test_a_machine_gets_a_key_that_is_printed_once(enmusubi: Command, url: str) -> None:
    code, out, _ = enmusubi("machine", "add", "portal-1", "--company", "C-1", "--name", "Portal")
    assert (code, "portal-1 is known" in out) == (0, True)
    code, key, told = enmusubi(
        "key", "add", "portal-1", "--scope", "needs:read", "--scope", "matches:read"
    )
    assert (code, key.startswith("enm_"), len(key.splitlines())) == (0, True, 1)
    assert "not shown again" in told

    with open_catalogue(url) as catalogue:
        viewer = Keys(catalogue).viewer_of(key.strip())
    assert viewer is not None
    assert (viewer.viewer_id, viewer.companies) == ("portal-1", frozenset({"C-1"}))
    secret = key.strip().split("_", 2)[2]
    lists = [enmusubi("key", "list", *more)[1] for more in ((), ("--json",), ("portal-1",))]
    assert secret not in "".join(lists)
    assert json.loads(lists[1])[0]["scopes"] == ["needs:read", "matches:read"]


def test_keys_and_machines_are_stopped(enmusubi: Command, url: str) -> None:
    enmusubi("machine", "add", "notebook", "--role", "analyst")
    made = json.loads(
        enmusubi("key", "add", "notebook", "--scope", "matches:read", "--days", "0", "--json")[1]
    )
    assert made["expires_at"] is None
    assert enmusubi("machine", "disable", "notebook")[0] == 0
    with open_catalogue(url) as catalogue:
        assert Keys(catalogue).viewer_of(made["key"]) is None
    assert enmusubi("machine", "enable", "notebook")[0] == 0
    assert enmusubi("machine", "change", "notebook", "--name", "Notebook")[0] == 0
    assert json.loads(enmusubi("machine", "list", "--json")[1])[0]["name"] == "Notebook"
    assert "Notebook" in enmusubi("machine", "list")[1]

    assert enmusubi("key", "revoke", made["key_id"])[0] == 0

    with open_catalogue(url) as catalogue:
        assert Keys(catalogue).viewer_of(made["key"]) is None
    assert enmusubi("key", "revoke", "nosuchkey")[2].startswith("error: There is no key")


def test_a_webhook_outlives_its_key_is_told_of_and_ended(
    enmusubi: Command, url: str, tmp_path: Path
) -> None:
    enmusubi("machine", "add", "portal-1", "--company", "C-1")
    made = json.loads(enmusubi("key", "add", "portal-1", "--scope", "webhooks:write", "--json")[1])
    with open_catalogue(url) as catalogue:
        viewer = Keys(catalogue).viewer_of(made["key"])
        assert viewer
        with catalogue.writing() as connection:
            sealing = SealingKeys(tmp_path)
            hook, _ = create_webhook(connection, viewer, "https://evil.example/take", sealing)

    _, _, told = enmusubi("key", "revoke", made["key_id"])

    assert "1 webhooks" in told and "enmusubi machine webhooks portal-1" in told
    listed = json.loads(enmusubi("machine", "webhooks", "portal-1", "--json")[1])
    assert [(one["webhook_id"], one["url"]) for one in listed] == [(hook.webhook_id, hook.url)]
    assert enmusubi("machine", "webhooks", "portal-1", "--end", "wh_other")[0] == 1
    assert enmusubi("machine", "webhooks", "portal-1", "--end", hook.webhook_id)[0] == 0
    assert json.loads(enmusubi("machine", "webhooks", "portal-1", "--json")[1]) == []
    assert "webhook" not in enmusubi("key", "revoke", made["key_id"])[2]
    assert enmusubi("machine", "webhooks", "nobody")[2].startswith("error: There is no machine")


def test_an_operator_without_a_name_is_noted_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> str:
        raise KeyError

    monkeypatch.setattr("getpass.getuser", nobody)

    assert wiring.operator().owner == "operator:unknown"


@pytest.mark.parametrize("name", ["user", "machine", "key"])
def test_the_help_has_an_example(enmusubi: Command, name: str) -> None:
    code, out, _ = enmusubi(name, "--help")

    assert (code, f"Example: enmusubi {name}" in out) == (0, True)
