"""A real Chromium and the real application on a port of its own; no test here is skipped."""

import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from fastapi import FastAPI
from playwright.sync_api import Browser, Page, expect, sync_playwright

from catalogue.records.catalogue import open_catalogue
from tests.support.service import Shelf, service
from tests.support.worlds import copied

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
WITHOUT = (
    # of a window's address bar: each is a page of its own, which takes as long as the one that is tested
    "WebUIOmniboxPopup",
    "WebUIOmniboxFullPopup",
    "WebUIOmniboxAimPopup",
    # what Playwright leaves out: the browser heeds the last list alone
    "AimEnabled",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "ThirdPartyStoragePartitioning",
)
BROWSER_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    f"--disable-features={','.join(WITHOUT)}",
]
TIMEOUT_MS = 20_000  # a machine that runs other tests beside this one takes its time
expect.set_options(timeout=TIMEOUT_MS)
HARMLESS = (  # messages of the browser
    "Failed to load resource: the server responded with a status of ",
    "Autofocus processing was blocked",  # a test was quicker in a field than the page
)
# what the dark does to a page, axe alone can tell
COLOURS = ("light", pytest.param("dark", marks=pytest.mark.exhaustive))
SCREENSHOTS = Path(__file__).parents[2] / "artefacts" / "screenshots"


@dataclass
class FailedRequests:
    """What the browser said and asked for while a test ran."""

    requests: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)

    def follow(self, page: Page) -> None:
        """Note every request, message of the console and uncaught error of a page."""
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("console", lambda message: self.messages.append(message.text))
        page.on("pageerror", lambda error: self.messages.append(str(error)))

    def check(self, address: str) -> None:
        """Hold that nothing left the host and nothing was complained of."""
        outside = [url for url in self.requests if not url.startswith((address, "data:"))]
        assert outside == []
        assert [text for text in self.messages if not text.startswith(HARMLESS)] == []


def violations(page: Page, *impacts: str) -> list[tuple[str, str]]:
    """Return what axe-core finds on a page, of these impacts or of all: the rule and the place."""
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [
        (fault["id"], fault["nodes"][0]["html"][:200])
        for fault in found
        if not impacts or fault["impact"] in impacts
    ]


def serious(page: Page) -> list[tuple[str, str]]:
    """Return what axe-core finds serious on a page."""
    return violations(page, "serious", "critical")


@pytest.fixture
def read_aloud(exhaustive: bool) -> Callable[[str, str, int], bool]:
    """A function that says whether axe looks at the n-th page; it takes a second a page.

    It looks at all of them in Japanese on a phone, and in English on a desk at every third.
    """

    def say(language: str, window: str, number: int) -> bool:
        every = exhaustive or language == "ja" or number % 3 == 0
        return every and window == {"ja": "phone", "en": "desk"}[language]

    return say


@pytest.fixture
def shoot(pytestconfig: pytest.Config) -> Callable[[Page, str], None]:
    """A function that keeps a picture of a whole page, if pictures are asked for."""

    def keep(page: Page, name: str) -> None:
        if pytestconfig.getoption("screenshots"):
            page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)

    return keep


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, as the system has it."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        pytest.fail(
            f"The tests of the page need a browser; none of {', '.join(BROWSERS)} is installed. "
            "Run `sh tools/ensure_browser.sh`, or install the package 'chromium'."
        )
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=BROWSER_OPTIONS)
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def shelf() -> Shelf:
    """What the served application finds published."""
    return Shelf()


@contextmanager
def serving(app: FastAPI) -> Iterator[str]:
    """Serve an application on a port of its own; gives its address without a slash at the end."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        config = uvicorn.Config(app, log_config=None, ws="none", lifespan="off")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        while not server.started:
            assert thread.is_alive(), "the server did not start"
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join(timeout=10)


@pytest.fixture(scope="module")
def app(shelf: Shelf, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    """The application, around a catalogue with a few rows; used from this computer."""
    folder = tmp_path_factory.mktemp("service")
    with open_catalogue(copied("small", folder)) as catalogue:
        yield service(catalogue, folder, shelf)


@pytest.fixture(scope="module")
def address(app: FastAPI) -> Iterator[str]:
    """The application, served; its address without a slash at the end."""
    with serving(app) as served:
        yield served


@pytest.fixture
def watch(address: str) -> Iterator[FailedRequests]:
    """What happened in the test's pages; checked at its end."""
    noted = FailedRequests()
    yield noted
    noted.check(address)


@pytest.fixture
def open_page(
    browser: Browser, address: str, watch: FailedRequests
) -> Iterator[Callable[..., Page]]:
    """A function that opens the page in a fresh profile; options are those of the profile."""
    contexts = []

    def start(language: str = "ja", **options: Any) -> Page:
        locale = {"ja": "ja-JP", "en": "en-GB"}[language]
        context = browser.new_context(locale=locale, **options)
        contexts.append(context)
        context.set_default_timeout(TIMEOUT_MS)
        page = context.new_page()
        watch.follow(page)
        page.goto(address)
        return page

    yield start
    for context in contexts:
        context.close()
