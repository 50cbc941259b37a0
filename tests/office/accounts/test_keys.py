"""Machines, their keys and tokens."""

import json
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from sqlalchemy import select

from catalogue.database.account_models import ApiKey
from catalogue.database.viewer import (
    ADMINISTRATOR,
    ANALYST,
    MACHINE,
    MATCHES_READ,
    NEEDS_READ,
    NEEDS_WRITE,
    PORTAL,
    Viewer,
)
from catalogue.importers.general.columns import read_record
from catalogue.records.catalogue import Catalogue
from catalogue.records.drafts import NEEDS, ORGANISATIONS, Draft, organisation_id
from enmusubi.errors import ConflictError, InputError, NotSignedInError, UnknownIdError
from office.access.audit import export_lines
from office.accounts import fingerprints
from office.accounts.keys import LIFETIME, Keys, NewKey, Tokens, split_key
from office.accounts.machines import Machines, known_companies

OPERATOR = Viewer("operator", ADMINISTRATOR)
NOW = datetime.now(UTC)
DAY = timedelta(days=1)


@pytest.fixture
def machines(catalogue: Catalogue) -> Machines:
    companies = [{"organisation_id": f"C-{n}", "name_en": f"Company {n}"} for n in (1, 2)]
    catalogue.write([Draft(ORGANISATIONS, company) for company in companies], source="test")
    made = Machines(catalogue)
    made.create(OPERATOR, "portal-1", name="Portal", companies=["C-1"])
    return made


@pytest.fixture
def keys(catalogue: Catalogue, machines: Machines) -> Keys:
    return Keys(catalogue)


@pytest.fixture
def key(keys: Keys) -> NewKey:
    return keys.create(OPERATOR, "portal-1", [NEEDS_READ, MATCHES_READ], expires_at=NOW + DAY)


def test_a_key_opens_the_door_for_its_machine(keys: Keys, key: NewKey) -> None:
    viewer = keys.viewer_of(key.text)

    scopes = frozenset({NEEDS_READ, MATCHES_READ})
    assert viewer == Viewer("portal-1", PORTAL, MACHINE, "Portal", frozenset({"C-1"}), scopes)


def test_a_key_is_stored_as_a_hash_and_never_shown_again(
    catalogue: Catalogue, keys: Keys, key: NewKey
) -> None:
    secret = split_key(key.text)[1]
    with catalogue.reading() as connection:
        row = connection.execute(select(ApiKey.__table__)).one()
    assert secret not in str(row)
    assert secret not in repr(key) + repr(keys.list())


def test_keys_that_are_unknown_wrong_revoked_over_or_of_a_disabled_machine_open_nothing(
    machines: Machines, keys: Keys, key: NewKey
) -> None:
    key_id, secret = split_key(key.text)
    for text in ("", "enm_", f"enm_{key_id}_", f"enm_{key_id}_{secret}x", f"enm_x_{secret}",
                 f"abc_{key_id}_{secret}", "enm__", "enm_\x00_\ud800"):  # fmt: skip
        assert keys.viewer_of(text) is None
    assert keys.viewer_of(key.text, now=NOW + DAY) is None
    machines.disable(OPERATOR, "portal-1")
    assert keys.viewer_of(key.text) is None
    machines.enable(OPERATOR, "portal-1")
    assert keys.viewer_of(key.text) is not None

    keys.revoke(OPERATOR, key_id)

    assert keys.viewer_of(key.text) is None


@pytest.mark.parametrize("known", [True, False])
def test_a_secret_is_compared_in_constant_time_whether_its_key_exists_or_not(
    keys: Keys, key: NewKey, known: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[tuple[int, int]] = []

    def watched(first: str, second: str) -> bool:
        compared.append((len(first), len(second)))
        return first == second

    monkeypatch.setattr(fingerprints.hmac, "compare_digest", watched)

    assert keys.viewer_by(key.key.key_id if known else "nosuchkey", "wrong") is None
    assert compared == [(64, 64)]


def test_the_last_use_is_written_at_most_once_a_minute(keys: Keys, key: NewKey) -> None:
    keys.viewer_of(key.text, now=NOW)
    keys.viewer_of(key.text, now=NOW + timedelta(seconds=59))
    assert keys.list()[0].last_used_at == NOW

    keys.viewer_of(key.text, now=NOW + timedelta(seconds=60))

    assert keys.list()[0].last_used_at == NOW + timedelta(seconds=60)


def test_what_makes_no_sense_is_refused(machines: Machines, keys: Keys) -> None:
    with pytest.raises(InputError, match="'all' is no scope"):
        keys.create(OPERATOR, "portal-1", ["all"])
    with pytest.raises(InputError, match="A key needs a scope"):
        keys.create(OPERATOR, "portal-1", [])
    with pytest.raises(InputError, match="over already"):
        keys.create(OPERATOR, "portal-1", [NEEDS_READ], expires_at=NOW - DAY)
    with pytest.raises(UnknownIdError, match="no machine 'portal-9'"):
        keys.create(OPERATOR, "portal-9", [NEEDS_READ])
    with pytest.raises(UnknownIdError, match="no key 'abc'"):
        keys.revoke(OPERATOR, "abc")
    with pytest.raises(InputError, match="small letters"):
        machines.create(OPERATOR, "Portal 2", companies=["C-1"])
    with pytest.raises(InputError, match="at least one company"):
        machines.create(OPERATOR, "portal-2")
    with pytest.raises(InputError, match="no role of a machine"):
        machines.create(OPERATOR, "portal-2", role="chief")
    with pytest.raises(InputError, match="belong to portals only"):
        machines.create(OPERATOR, "notebook", role=ANALYST, companies=["C-1"])
    with pytest.raises(UnknownIdError, match="Company 2 of those given: no organisation has") as no:
        machines.create(OPERATOR, "portal-2", companies=["C-1", "株式会社霞ヶ浦つくだ煮"])
    assert "霞ヶ浦" not in str(no.value)
    with pytest.raises(ConflictError, match="'portal-1' already"):
        machines.create(OPERATOR, "portal-1", companies=["C-1"])
    assert [machine.client_id for machine in machines.list()] == ["portal-1"]


def test_a_company_is_named_by_its_id_or_its_name_and_shown_with_both(
    catalogue: Catalogue, machines: Machines
) -> None:
    name = "株式会社霞ヶ浦つくだ煮"
    need = read_record(NEEDS, {"need_id": "N-1", "text": "膜", "company": name})
    catalogue.write(need.drafts, source="test")
    made = organisation_id(name)

    for named in (made, name, "霞ヶ浦つくだ煮", f" {name} "):
        machines.change(OPERATOR, "portal-1", companies=["Company 1", named, "C-1"])
        portal = machines.get("portal-1")
        assert portal.companies == ("C-1", made)
        assert portal.named_companies == ("C-1 Company 1", f"{made} {name}")
    with catalogue.reading() as connection:
        assert [c.organisation_id for c in known_companies(connection)] == [made]
        assert [c.name_ja for c in known_companies(connection, "つくだ")] == [name]
        assert known_companies(connection, "Company") == []


def test_a_name_that_two_companies_have_is_asked_for_by_id(
    catalogue: Catalogue, machines: Machines
) -> None:
    for ror_id in ("05hz8m414", "057zh3y96"):
        values = {"organisation_id": ror_id, "ror_id": ror_id, "name_en": "Aonami Works"}
        catalogue.write([Draft(ORGANISATIONS, values)], source="test")
    with pytest.raises(InputError, match="Company 1 of those given: 2 organisations") as told:
        machines.change(OPERATOR, "portal-1", companies=["Aonami Works"])
    assert "Aonami" not in str(told.value)
    machines.change(OPERATOR, "portal-1", companies=["057zh3y96"])
    assert machines.get("portal-1").named_companies == ("057zh3y96 Aonami Works",)


def test_companies_change_for_keys_that_are_out(
    machines: Machines, keys: Keys, key: NewKey
) -> None:
    machines.change(OPERATOR, "portal-1", companies=["C-2"], name="Second portal")

    viewer = keys.viewer_of(key.text)

    assert viewer is not None
    assert (viewer.companies, viewer.name) == (frozenset({"C-2"}), "Second portal")


def test_the_trail_does_not_name_the_companies_of_a_machine(
    catalogue: Catalogue, machines: Machines
) -> None:
    name = "株式会社霞ヶ浦つくだ煮"
    made = Draft(ORGANISATIONS, {"organisation_id": name, "name_ja": name, "kind": "company"})
    catalogue.write([made], source="test")
    machines.create(OPERATOR, "portal-2", companies=[name])
    machines.change(OPERATOR, "portal-2", companies=["C-1", name])
    with catalogue.reading() as connection:
        lines = list(export_lines(connection, OPERATOR))[-2:]
    entries = [json.loads(line) for line in lines]
    made_with, changed_to = (json.loads(entry["detail"])["companies"] for entry in entries)
    assert name not in json.dumps(entries, ensure_ascii=False)
    assert made_with == [sha256(name.encode()).hexdigest()[:12]]
    assert len(changed_to) == 2


def test_a_token_does_what_its_key_does_for_an_hour(
    catalogue: Catalogue, keys: Keys, key: NewKey
) -> None:
    tokens = Tokens(catalogue)
    token = tokens.issue(*split_key(key.text), now=NOW)

    assert tokens.viewer_of(token.text, now=NOW) == keys.viewer_of(key.text)
    assert tokens.viewer_of(token.text, now=NOW + LIFETIME) is None
    assert tokens.viewer_of("x", now=NOW) is None
    assert token.text not in repr(token)
    keys.revoke(OPERATOR, key.key.key_id)
    assert tokens.viewer_of(token.text, now=NOW) is None


def test_a_token_may_have_fewer_scopes_and_never_more(catalogue: Catalogue, key: NewKey) -> None:
    tokens = Tokens(catalogue)
    token = tokens.issue(*split_key(key.text), [NEEDS_READ])
    viewer = tokens.viewer_of(token.text)

    assert viewer is not None
    assert viewer.scopes == {NEEDS_READ}
    with pytest.raises(InputError, match="doesn't have all of those scopes"):
        tokens.issue(*split_key(key.text), [NEEDS_WRITE])
    with pytest.raises(NotSignedInError, match="unknown, revoked or over"):
        tokens.issue(key.key.key_id, "wrong")
