"""Counts the modules and functions of the project that a need passes on `POST /v1/matches`.

    trace_request.py [--text TEXT] [--list]

Index, encoder and catalogue are those of the settings (`enmusubi demo` makes them). The need is asked once
to warm up, what is loaded on first use with it, and once counted. It is recorded like any request: name a
copy of the data folder where that is not wanted.
"""

import argparse
import sys
import threading
from pathlib import Path
from types import FrameType
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("enmusubi", "indexes", "matcher", "catalogue", "office", "api")
TEXT = "食品包装の酸素バリア性を高めたい。リサイクルできる薄い膜がよい。"
FOLDERS = tuple(f"{ROOT / package}/" for package in PACKAGES)


def called(frame: FrameType) -> tuple[str, str] | None:
    """Return module and function of a frame of ours; no comprehension, lambda or module body."""
    code = frame.f_code
    if not code.co_filename.startswith(FOLDERS) or code.co_name.startswith("<"):
        return None
    module = str(Path(code.co_filename).relative_to(ROOT).with_suffix("")).replace("/", ".")
    return module, code.co_qualname


def main() -> None:
    """Ask, count and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--text", default=TEXT, help="the need")
    parser.add_argument("--list", action="store_true", help="print every function")
    chosen = parser.parse_args()
    found: set[tuple[str, str]] = set()

    def profile(frame: FrameType, event: str, _: Any) -> None:
        if event == "call" and (one := called(frame)):
            found.add(one)

    # before the server's threads start; what is found until the second request is forgotten
    threading.setprofile(profile)
    ask(chosen.text, found)
    threading.setprofile(None)
    modules = {module for module, _ in found}
    if chosen.list:
        print("\n".join(f"{module}:{function}" for module, function in sorted(found)))
    print(f"{len(modules)} modules, {len(found)} functions")


def ask(text: str, found: set[tuple[str, str]]) -> None:
    """Send the need twice; `found` holds what the second request called."""
    from fastapi.testclient import TestClient

    from api.app import create_app
    from catalogue.records.catalogue import open_catalogue
    from enmusubi.settings import load_settings
    from office.accounts.local_token import local_token
    from office.live_recommender import live_recommender

    settings = load_settings()
    settings = load_settings()
    with open_catalogue(settings.catalogue_url) as catalogue:
        app = create_app(live_recommender(settings), catalogue, settings)
        with TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 50000)) as client:
            client.headers["Authorization"] = f"Bearer {local_token(settings.data_dir)}"
            for _ in range(2):
                found.clear()
                answer = client.post("/v1/matches", json={"need_text": text})
                if not answer.is_success:
                    sys.exit(f"The service answered {answer.status_code}: {answer.text}")


if __name__ == "__main__":
    main()
