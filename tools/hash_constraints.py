"""Writes `hashes/`: every package that constraints.txt pins, with the SHA-256 of each of its files.

    make hashes          # or: .venv/tools/bin/python tools/hash_constraints.py --uv .venv/tools/bin/uv

`uv` asks the package index for the sums. Run it after each change of constraints.txt; a test compares the
versions. `pip install --require-hashes -r hashes/torch-cpu.txt -r hashes/postgresql.txt`, then
`pip install --no-deps .`, installs the service from files with these sums and no others.

- `postgresql.txt`, `postgresql,ray.txt`: the service with these extras, without PyTorch.
- `everything.txt`: tests and notebooks as well.
- `torch.txt`: PyTorch from the default index, with the GPU libraries that it wants; `torch-cpu.txt`: its
  build without them, from PyTorch's own index, where `--torch-wheel` names files whose sums are added.
"""

import argparse
import hashlib
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
OUT = ROOT / "hashes"
CONSTRAINTS = ROOT / "constraints.txt"
EXTRAS = ("postgresql", "postgresql,ray")
OLDEST_PYTHON = "3.11"
GPU = re.compile(r"(nvidia|cuda|triton)\b")
TORCH = "torch"
HEAD = "# Written by tools/hash_constraints.py from constraints.txt; not edited by hand.\n"
Blocks = dict[str, str]


def canonical(name: str) -> str:
    """Return a package's name as the index has it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(text: str) -> dict[str, str]:
    """Return version by name of each line `name==version`, whatever follows."""
    found = re.findall(r"^([A-Za-z0-9_.-]+)==([^\s;\\]+)", text, re.MULTILINE)
    return {canonical(name): version for name, version in found}


def compiled(uv: Path, *arguments: str) -> Blocks:
    """Return the lines of each package of a resolution, with the sums of all its files."""
    command = [str(uv), "pip", "compile", "--quiet", "--no-header", "--no-annotate", "--universal"]
    command += ["--generate-hashes", "--python-version", OLDEST_PYTHON, *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"uv failed:\n{done.stderr}")
    return dict(_blocks(done.stdout))


def _blocks(text: str) -> Iterator[tuple[str, str]]:
    for block in re.split(r"^(?=[A-Za-z])", text, flags=re.MULTILINE):
        if block.strip():
            yield canonical(re.split(r"[=\s]", block, maxsplit=1)[0]), block


def write(name: str, blocks: Blocks) -> None:
    """Write one file of sums."""
    OUT.mkdir(exist_ok=True)
    (OUT / f"{name}.txt").write_text(HEAD + "".join(blocks[key] for key in sorted(blocks)), "utf-8")


def of_the_cpu(wheels: Sequence[Path]) -> str:
    """Return the requirement of PyTorch's build for processors, with the sums of its files."""
    version = pins(CONSTRAINTS.read_text("utf-8"))[TORCH]
    lines = []
    for wheel in wheels:
        if not wheel.name.startswith(f"torch-{version}+cpu-"):
            sys.exit(f"{wheel.name} is not PyTorch {version} for processors.")
        with wheel.open("rb") as stream:
            lines.append(f"    --hash=sha256:{hashlib.file_digest(stream, 'sha256').hexdigest()}")
    return f"{TORCH}=={version} \\\n" + " \\\n".join(lines) + "\n"


def main() -> None:
    """Ask for all sums and write the files."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--uv", type=Path, default=Path("uv"), help="the program that asks")
    parser.add_argument(
        "--torch-wheel", type=Path, nargs="*", default=[], help="builds for processors, at hand"
    )
    chosen = parser.parse_args()
    everything = compiled(chosen.uv, "--no-deps", "constraints.txt")
    write("everything", {name: of for name, of in everything.items() if name != TORCH})
    for extras in EXTRAS:
        options = [part for extra in extras.split(",") for part in ("--extra", extra)]
        wanted = compiled(chosen.uv, "-c", "constraints.txt", *options, "pyproject.toml")
        left = {k: of for k, of in wanted.items() if k != TORCH and not GPU.match(k)}
        write(extras, left)
    of_torch = compiled(
        chosen.uv, "-c", "constraints.txt", "--only-binary", TORCH, "pyproject.toml"
    )
    write(TORCH, {k: of for k, of in of_torch.items() if k == TORCH or GPU.match(k)})
    if chosen.torch_wheel:
        write("torch-cpu", {TORCH: of_the_cpu(chosen.torch_wheel)})


if __name__ == "__main__":
    main()
