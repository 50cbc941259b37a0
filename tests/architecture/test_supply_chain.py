"""What is installed is what was looked at: sums of every package's files, images by digest, a list of all."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

import enmusubi

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tools"))
import hash_constraints  # noqa: E402

HASHES = sorted((ROOT / "hashes").glob("*.txt"))
CONSTRAINTS = hash_constraints.pins((ROOT / "constraints.txt").read_text("utf-8"))
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
COMPOSE = (ROOT / "compose.yaml").read_text("utf-8")
DIGEST = "sha256:" + "ab" * 32
DOCKER = f"""#!/bin/sh
[ "$1 $2 $3" = "buildx imagetools inspect" ] && echo {DIGEST}
"""


@pytest.mark.parametrize("path", HASHES, ids=lambda path: path.stem)
def test_every_package_is_pinned_as_in_the_constraints_and_has_sums(path: Path) -> None:
    text = path.read_text("utf-8")
    found = hash_constraints.pins(text)
    known = {name: CONSTRAINTS[name] for name in found if name in CONSTRAINTS}
    assert {name: found[name] for name in known} == known, "run `make hashes`"
    blocks = re.split(r"^(?=[A-Za-z])", text, flags=re.MULTILINE)[1:]
    assert len(blocks) == len(found)
    assert [b.split()[0] for b in blocks if not re.search(r"--hash=sha256:[0-9a-f]{64}", b)] == []
    assert "://" not in text and " @ " not in text


def test_every_pin_of_the_constraints_has_sums() -> None:
    torch, everything = (
        hash_constraints.pins((ROOT / "hashes" / f"{name}.txt").read_text("utf-8"))
        for name in ("torch", "everything")
    )
    assert {**everything, "torch": torch["torch"]} == CONSTRAINTS, "run `make hashes`"


def test_pip_takes_a_file_with_its_sum_and_no_other(tmp_path: Path) -> None:
    pip = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--quiet",
        "--no-deps",
        "--no-index",
        "-d",
        "out",
    ]
    wheel = tmp_path / "thing-1.0-py3-none-any.whl"
    wheel.write_bytes(b"PK\x05\x06" + bytes(18))
    (tmp_path / "wanted.txt").write_text(f"thing==1.0 --hash={DIGEST}\n")
    done = subprocess.run(
        [*pip, "--require-hashes", "-f", str(tmp_path), "-r", str(tmp_path / "wanted.txt")],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PIP_CONFIG_FILE": os.devnull},
    )
    assert done.returncode == 1
    assert "DO NOT MATCH THE HASHES" in done.stderr


def test_the_image_installs_by_sums_alone() -> None:
    installs = re.findall(r"pip install (.+)", DOCKERFILE.replace("\\\n", ""))
    assert len(installs) == 2
    assert installs[0].startswith("--require-hashes ")
    assert installs[1].startswith("--no-deps --no-build-isolation .")
    for extras in re.findall(r"^ARG EXTRAS=(.+)$", DOCKERFILE, re.MULTILINE):
        assert ROOT / "hashes" / f"{extras}.txt" in HASHES
    ray = yaml.safe_load((ROOT / "deploy" / "compose.ray.yaml").read_text("utf-8"))
    named = ray["services"]["service"]["build"]["args"]["EXTRAS"]
    assert ROOT / "hashes" / f"{named}.txt" in HASHES


def test_every_image_can_be_named_by_digest(tmp_path: Path) -> None:
    assert re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE) == ["${PYTHON_IMAGE}"] * 2
    images = re.findall(r"image: (\S+)", COMPOSE)
    assert [image for image in images if image != "enmusubi" and "_IMAGE:-" not in image] == []
    (tmp_path / "docker").write_text(DOCKER)
    (tmp_path / "docker").chmod(0o755)
    env = {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}
    file = tmp_path / ".env"
    file.write_text("ENMUSUBI_MEMORY=4g\nPYTHON_IMAGE=old\n")
    script = ["sh", str(ROOT / "tools" / "pin_images.sh"), str(file)]
    subprocess.run(script, env=env, check=True, capture_output=True)
    assert file.read_text().splitlines() == [
        "ENMUSUBI_MEMORY=4g",
        f"PYTHON_IMAGE=python:3.11-slim@{DIGEST}",
        f"POSTGRES_IMAGE=postgres:17@{DIGEST}",
    ]
    (tmp_path / "docker").write_text("#!/bin/sh\nexit 1\n")
    before = file.read_text()
    failed = subprocess.run(script, env=env, check=False, capture_output=True, text=True)
    assert (failed.returncode, file.read_text()) == (1, before)
    assert "does not tell the digest" in failed.stderr


def test_the_list_of_what_is_installed_names_the_programs_own_version() -> None:
    printed = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "versioned_pyproject.py")],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    project = tomllib.loads(printed)["project"]
    assert (project["version"], "dynamic" in project) == (enmusubi.__version__, False)
    recipe = (ROOT / "Makefile").read_text("utf-8").partition("\nsbom:")[2].partition("\n\n")[0]
    assert "tools/versioned_pyproject.py > artefacts/pyproject.toml" in recipe
    assert "--pyproject artefacts/pyproject.toml" in recipe
