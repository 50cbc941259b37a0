"""`enmusubi bench run` measures on made-up data alone; `compare` tells what got worse and leaves with 1."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cli import wiring
from cli.measuring import parts
from cli.measuring.imports import measure_import
from cli.measuring.parts import Extent
from cli.measuring.results import WORSE, Findings, Ratio, RunFile
from cli.measuring.service import settings_in
from matcher.encoder.encoder import Encoder
from tests.cli.outcomes import Outcome, failure
from tests.support.small_bert import small_bert

Command = Callable[..., Outcome]
TINY = Extent(6, (60, 120), 1, 60, 6, 12, 8, 3)
NAMES = {
    "encoder": {"share of the processor's limit", "short need / its limit"},
    "match": {
        "60 passages, match / one encoding",
        "60 passages, filtered match / one encoding",
        "120 passages, match / one encoding",
        "120 passages, filtered match / one encoding",
        "120 / 60 passages, without encoder",
    },
    "http": {"one user / in process", "rate of 8 users / one user", "rate of 32 users / one user"},
    "import": {"sqlite / reading JSON"},
    "night": {"need / one encoding"},
}


@pytest.fixture
def small_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small BERT in a folder that the settings name, for this process and the server's."""
    folder = tmp_path / "model"
    small_bert(tmp_path / "bert").save(str(folder))
    monkeypatch.setenv("ENMUSUBI_ENCODER__MODEL", str(folder))
    monkeypatch.setenv("ENMUSUBI_ENCODER__ADAPTER", "none")
    monkeypatch.setattr(parts, "QUICK", TINY)
    return folder


def with_the_settings_encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Undo what commands' tests stand in with."""
    from office.configured import configured_encoder

    def load(settings: Any) -> Encoder:
        return configured_encoder(settings, is_alone=True)

    monkeypatch.setattr(wiring, "encoder_of", load)


def written(path: Path, **ratios: float) -> Path:
    """Write a run that found these ratios, of which less is better."""
    file = RunFile(path, is_quick=True, precision="fp32")
    file.add("match", Findings({name: Ratio(value) for name, value in ratios.items()}), 1.0)
    return path


def test_all_parts_are_measured_and_written(
    enmusubi: Command, small_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A real server in its own process, real imports and nights; the office's data folder stays empty."""
    with_the_settings_encoder(monkeypatch)

    code, out, err = enmusubi("bench", "run", "--quick", "--output", "found/now.json", "--debug")
    run = json.loads((tmp_path / "found" / "now.json").read_text())

    assert code == 0, err
    assert "Written to" in out
    assert {name: set(found["ratios"]) for name, found in run["parts"].items()} == NAMES
    ratios = [one["value"] for part in run["parts"].values() for one in part["ratios"].values()]
    assert all(value > 0 for value in ratios)
    figures = run["parts"]["match"]["figures"]
    assert run["parts"]["match"]["ratios"]["60 passages, match / one encoding"]["value"] > 1
    assert sum(name.startswith("60_passages_") for name in figures) > 4  # stages among them
    assert run["machine"]["cores"] >= 1
    assert run["quick"] is True
    assert run["libraries"]["torch"]
    assert list((tmp_path / "data").glob("*.sqlite")) == []
    assert enmusubi("bench", "compare", "found/now.json", "found/now.json")[0] == 0


def test_nothing_of_the_offices_is_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its inbox would be imported by the night, its catalogue filled, its users be written to."""
    monkeypatch.setenv("ENMUSUBI_NIGHTLY__INBOX", str(tmp_path / "inbox"))
    monkeypatch.setenv("ENMUSUBI_DATABASE_URL", "postgresql://office@localhost/catalogue")
    monkeypatch.setenv("ENMUSUBI_SIGN_IN__PUBLIC_URL", "https://office.example")
    monkeypatch.setenv("ENMUSUBI_MAIL__HOST", "mail.example")
    monkeypatch.setenv("ENMUSUBI_MAIL__SENDER", "office@office.example")
    monkeypatch.setenv("ENMUSUBI_NIGHTLY__TOP", "7")

    settings = settings_in(tmp_path / "bench")

    assert settings.nightly.inbox is None
    assert settings.catalogue_url == f"sqlite:///{tmp_path / 'bench' / 'catalogue.sqlite'}"
    assert settings.mail.host == ""
    assert settings.nightly.top == 7


def test_a_part_alone_is_measured_and_an_unknown_one_is_wrong_usage(
    enmusubi: Command, small_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_the_settings_encoder(monkeypatch)

    assert enmusubi("bench", "run", "encoder", "--quick", "--output", "one.json")[0] == 0
    assert list(json.loads((tmp_path / "one.json").read_text())["parts"]) == ["encoder"]
    code, _, err = enmusubi("bench", "run", "speed")
    assert code == 2
    assert "Not a part: speed" in err


def test_imports_into_a_servers_new_database_leave_nothing(postgres_server: Any) -> None:
    """PostgreSQL is measured in a database of its own, which goes."""
    from sqlalchemy import create_engine, text

    def databases() -> set[str]:
        engine = create_engine(postgres_server)
        with engine.connect() as connection:
            names = set(connection.scalars(text("SELECT datname FROM pg_database")))
        engine.dispose()
        return {name for name in names if name.startswith("enmusubi_bench_")}

    seen: list[set[str]] = []
    url = postgres_server.render_as_string(hide_password=False)
    found = measure_import(
        n_works=12, server_url=url, on_progress=lambda *step: seen.append(databases())
    )

    assert found.figures["postgresql_works_a_second"] > 0
    assert set(found.ratios) == {"sqlite / reading JSON", "postgresql / reading JSON"}
    assert any(seen)
    assert databases() == set()


@pytest.mark.parametrize(
    ("now", "code", "told"),
    [
        (2.0 * (1 + WORSE) + 0.1, 1, "match a: 2 → 2.4, worse by 20 %"),
        (2.0 * (1 + WORSE) - 0.1, 0, "0 of 1 ratios"),
        (1.0, 0, "0 of 1 ratios"),
    ],
)
def test_what_got_worse_by_more_than_the_bound_is_told(
    enmusubi: Command, tmp_path: Path, now: float, code: int, told: str
) -> None:
    old, new = written(tmp_path / "old.json", a=2.0), written(tmp_path / "new.json", a=now, b=9.0)

    found, out, _ = enmusubi("bench", "compare", str(old), str(new))

    assert (found, told in out) == (code, True)


def test_less_of_what_should_be_high_is_worse(enmusubi: Command, tmp_path: Path) -> None:
    for name, rate in (("old", 2.0), ("new", 1.0)):
        file = RunFile(tmp_path / f"{name}.json", is_quick=True, precision="fp32")
        file.add("http", Findings({"rate": Ratio(rate, "higher")}), 1.0)

    code, out, _ = enmusubi("bench", "compare", "old.json", "new.json")

    assert code == 1
    assert "http rate: 2 → 1, worse by 100 %" in out


def test_files_that_hold_no_run_and_runs_without_anything_in_common_are_refused(
    enmusubi: Command, tmp_path: Path
) -> None:
    old, new = written(tmp_path / "old.json", a=1.0), written(tmp_path / "new.json", b=1.0)
    (tmp_path / "other.json").write_text("[]")

    assert "holds no measurements" in failure(enmusubi("bench", "compare", "other.json", str(old)))
    assert "nothing in common" in failure(enmusubi("bench", "compare", str(old), str(new)))
    assert failure(enmusubi("bench", "compare", "missing.json", str(old)))


def test_a_quick_run_is_not_compared_with_a_whole_one(enmusubi: Command, tmp_path: Path) -> None:
    """Its data are smaller, and ratios of small data are others."""
    old = written(tmp_path / "old.json", a=1.0)
    whole = RunFile(tmp_path / "whole.json", is_quick=False, precision="fp32")
    whole.add("match", Findings({"a": Ratio(1.0)}), 1.0)

    assert "--quick" in failure(enmusubi("bench", "compare", str(old), "whole.json"))
