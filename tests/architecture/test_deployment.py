"""Image, compose file and units name files, commands and settings that exist, and stay locked down."""

import configparser
import fnmatch
import re
import subprocess
import sys
import threading
import tomllib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command

from cli.main import COMMANDS, build_app
from enmusubi.settings import Settings

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
UNITS = sorted(DEPLOY.glob("*.service"))
HARDENED = {
    "User": "enmusubi",
    "NoNewPrivileges": "yes",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "PrivateTmp": "yes",
    "CapabilityBoundingSet": "",
    "StateDirectory": "enmusubi",
    "StateDirectoryMode": "0700",
    "CacheDirectory": "enmusubi",
    "CacheDirectoryMode": "0700",
    "UMask": "0077",
    "LimitCORE": "0",
    "MemoryMax": "80%",
    "MemorySwapMax": "0",
    "TasksMax": "512",
}
MAY_TAKE = ("mem_limit", "pids_limit")  # a container that has no limit can starve the others


def sections_of(unit: Path) -> dict[str, dict[str, str]]:
    parser = configparser.RawConfigParser(strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(unit.read_text("utf-8"))
    return {name: dict(parser[name]) for name in parser.sections()}


def copied() -> list[str]:
    lines = re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE)
    return [source for line in lines for source in line.split()[:-1]]


def is_in_build_context(path: str) -> bool:
    """Whether .dockerignore lets a path through: its last rule that fits counts."""
    kept = True
    for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        rule = line.removeprefix("!")
        pattern = rule.removeprefix("**/")
        if path == rule or path.startswith(f"{rule}/") or fnmatch.fnmatch(path, pattern):
            kept = line.startswith("!")
    return kept


def check_command(words: list[str]) -> None:
    name, *rest = words
    assert name in COMMANDS
    command = get_command(build_app([name])).commands[name]  # type: ignore[attr-defined]
    known = {option for parameter in command.params for option in parameter.opts}
    assert [word for word in rest if word.startswith("-") and word not in known] == []


def test_everything_that_the_image_copies_is_there_and_not_ignored() -> None:
    assert copied()
    assert [source for source in copied() if not (ROOT / source).exists()] == []
    assert [source for source in copied() if not is_in_build_context(source)] == []


def test_the_image_has_every_package() -> None:
    included = PROJECT["tool"]["setuptools"]["packages"]["find"]["include"]
    packages = {pattern.partition(".")[0] for pattern in included}
    assert packages <= set(copied())


@pytest.mark.parametrize(
    "name", ["secrets/enmusubi.toml", "enmusubi.toml", "catalogue.sqlite", ".git/config", "inbox/a"]
)
def test_data_and_secrets_stay_out_of_the_image(name: str) -> None:
    assert not is_in_build_context(name)


def test_every_file_of_the_package_is_installed_with_it() -> None:
    for package, patterns in PROJECT["tool"]["setuptools"]["package-data"].items():
        listed = subprocess.run(
            ["git", "ls-files", package], cwd=ROOT, capture_output=True, text=True, check=True
        )
        files = [Path(line).relative_to(package) for line in listed.stdout.splitlines()]
        others = [
            f for f in files if f.suffix not in {".py", ".md"} and (ROOT / package / f).exists()
        ]
        missed = [str(f) for f in others if not any(_fits(f, pattern) for pattern in patterns)]
        assert (package, missed) == (package, [])


def _fits(file: Path, pattern: str) -> bool:
    return fnmatch.fnmatch(f"/{file}", f"/{pattern.replace('**/', '*')}")


def test_the_image_runs_the_installed_command_as_nobody_special() -> None:
    final = DOCKERFILE.split("\nFROM ")[-1]
    assert re.findall(r"^USER (.+)$", final, re.MULTILINE) == ["enmusubi"]
    entry = yaml.safe_load(re.findall(r"^ENTRYPOINT (.+)$", final, re.MULTILINE)[0])
    check_command(yaml.safe_load(re.findall(r"^CMD (.+)$", final, re.MULTILINE)[0]))
    assert entry == ["enmusubi"]
    assert "enmusubi" in PROJECT["project"]["scripts"]
    assert '"python", "/usr/local/lib/enmusubi/healthcheck.py"' in final
    assert "COPY deploy/healthcheck.py /usr/local/lib/enmusubi/healthcheck.py" in final


def test_the_environment_of_image_and_units_names_settings() -> None:
    environment = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))["x-enmusubi"]
    texts = [DOCKERFILE, *environment["environment"], *(u.read_text("utf-8") for u in UNITS)]
    named = {name for text in texts for name in re.findall(r"\bENMUSUBI_[A-Z_]+", text)}
    page = (ROOT / "docs" / "settings.md").read_text("utf-8")
    assert named
    assert [name for name in sorted(named) if f"`{name}`" not in page] == []


def test_the_example_settings_are_valid() -> None:
    example = tomllib.loads((DEPLOY / "enmusubi.toml").read_text("utf-8"))
    settings = Settings.model_validate(example)
    assert set(example) <= set(Settings.model_fields)
    assert settings.catalogue_url.startswith("postgresql://enmusubi:")


def test_every_container_is_read_only_without_capabilities_and_checked() -> None:
    compose = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
    for name, one in compose["services"].items():
        assert one["read_only"], name
        assert one["cap_drop"] == ["ALL"], name
        assert "no-new-privileges:true" in one["security_opt"], name
        assert set(one["secrets"]) <= set(compose["secrets"]), name
        assert "healthcheck" in one or one["restart"] == "no", name
        assert all(one[limit] for limit in MAY_TAKE), name
        assert one["ulimits"] == {"core": 0}, name
        assert all(port.startswith("127.0.0.1:") for port in one.get("ports", [])), name


def test_what_compose_starts_and_mounts_exists() -> None:
    compose = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
    for one in compose["services"].values():
        if "build" in one:
            check_command(one["command"])
        sources = [volume.split(":")[0] for volume in one["volumes"]]
        assert [s for s in sources if s.startswith("./deploy") and not (ROOT / s).exists()] == []
        named = {source for source in sources if not source.startswith("./")}
        assert named <= set(compose["volumes"])


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_a_unit_starts_a_command_that_exists_and_may_write_to_its_own_folders_only(
    unit: Path,
) -> None:
    service = sections_of(unit)["Service"]
    program, *words = service["ExecStart"].split()
    assert program == "/opt/enmusubi/bin/enmusubi"
    check_command(words)
    assert {name: service.get(name) for name in HARDENED} == HARDENED
    assert "ReadWritePaths" not in service


def test_the_timer_starts_the_nightly_unit() -> None:
    timer = sections_of(DEPLOY / "enmusubi-nightly.timer")["Timer"]
    assert (DEPLOY / "enmusubi-nightly.service").exists()
    assert timer["Persistent"] == "true"


class Answering(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/healthz" else 503)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def answering() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Answering)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def checked(address: str) -> int:
    script = [sys.executable, str(DEPLOY / "healthcheck.py"), address]
    return subprocess.run(script, check=False).returncode


def test_the_health_check_tells_a_server_that_answers_from_one_that_does_not(
    answering: str,
) -> None:
    assert checked(f"{answering}/healthz") == 0
    assert checked(f"{answering}/elsewhere") == 1
    assert checked("http://127.0.0.1:1/healthz") == 1


def test_containers_of_a_ray_cluster_are_as_locked_up_and_name_settings() -> None:
    compose = yaml.safe_load((DEPLOY / "compose.ray.yaml").read_text("utf-8"))
    page = (ROOT / "docs" / "settings.md").read_text("utf-8")
    for name in ("ray-head", "ray-worker"):
        one = compose["services"][name]
        assert one["read_only"] and one["cap_drop"] == ["ALL"], name
        assert "no-new-privileges:true" in one["security_opt"], name
        assert one["networks"] == ["inside"] and "ports" not in one, name
        assert all(one[limit] for limit in MAY_TAKE) and one["ulimits"] == {"core": 0}, name
        check_ray_start(one["command"])
        assert one["environment"]["RAY_AUTH_MODE"] == "token", name
    ours = [name for name in compose["x-cluster"] if name.startswith("ENMUSUBI_")]
    assert ours and all(f"`{name}`" in page for name in ours)


def test_the_ray_cluster_file_starts_ray_with_options_that_exist() -> None:
    cluster = yaml.safe_load((DEPLOY / "ray-cluster.yaml").read_text("utf-8"))
    for key in ("head_start_ray_commands", "worker_start_ray_commands"):
        check_ray_start(cluster[key][-1].partition("/bin/ray ")[2].split())


def check_ray_start(words: list[str]) -> None:
    """Check that Ray has the options, and tells nobody of what it does."""
    from ray.scripts.scripts import start

    known = {option for parameter in start.params for option in parameter.opts}
    named = {word.partition("=")[0] for word in words if word.startswith("--")}
    assert words[0] == "start"
    assert named <= known
    assert "--disable-usage-stats" in named
    assert ("--head" in named) <= ("--include-dashboard=false" in words)
