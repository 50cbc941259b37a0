"""Leads each role through a day in a real browser, from sign-in to done: clicks, keys, seconds, pictures.

Copies the data folder that `enmusubi demo` made for each language, gives it accounts, serves it and ends the
server again. Example: python tools/measure_role_days.py ~/.local/share/enmusubi --output artefacts/role-days
"""

import argparse
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, sync_playwright

from catalogue.database.viewer import ADMINISTRATOR, OFFICE_ROLES, OPERATOR, Viewer
from catalogue.records.catalogue import open_catalogue
from office.accounts.users import Users

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
LANGUAGES = {"ja": "ja-JP", "en": "en-GB"}
PASSWORD = "a horse, a battery and a staple"  # noqa: S105 - of accounts in a folder that goes
START_S, WAIT_MS = 120, 60_000
REASON = {"ja": "書面で確認した", "en": "Seen in writing"}
NOTE = {"ja": "不在の間は共同研究者に依頼する", "en": "A colleague steps in meanwhile"}


@dataclass
class Hand:
    """What a user does on a page, counted; a picture is kept of each step."""

    page: Page
    address: str
    pictures: Path
    language: str
    role: str
    clicks: int = 0
    keys: int = 0
    steps: list[str] = field(default_factory=list)

    def click(self, place: str | Locator) -> None:
        """Click, and wait for the page that follows."""
        target = self.page.locator(place).first if isinstance(place, str) else place
        target.click()
        self.page.wait_for_load_state()
        self.clicks += 1

    def type(self, place: str, text: str) -> None:
        """Type into a field, which was clicked before."""
        self.page.locator(place).first.fill(text)
        self.clicks, self.keys = self.clicks + 1, self.keys + len(text)

    def choose(self, target: Locator, value: str) -> None:
        """Choose from a list: a click opens it, another chooses."""
        target.select_option(value)
        self.clicks += 2

    def see(self, name: str) -> None:
        """Keep a picture of the page, and hold that it fits the window and that nothing failed."""
        self.steps.append(name)
        file = f"{self.role}-{len(self.steps)}-{name}-{self.language}.png"
        self.page.screenshot(path=self.pictures / file, full_page=True)
        width = self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        faults = self.page.locator("[role=alert]").all_inner_texts()
        if width > 0 or faults:
            raise SystemExit(f"{file}: {width} px too wide; {faults}")

    def sign_in(self) -> None:
        """Sign in, to the home page with what waits."""
        self.page.goto(f"{self.address}/login")
        self.type("#login", self.role)
        self.type("#password", PASSWORD)
        self.click("main form button[type=submit]")
        self.see("home")


def chief(hand: Hand) -> None:
    """Decide the gate that has waited longest: all criteria are met, for a reason."""
    hand.click('main a[href^="/cases?due=to_decide"]')
    hand.see("waiting")
    hand.click('main th a[href^="/cases/"]')
    hand.see("case")
    for one in hand.page.locator("select[name=answer]").all():
        value = one.locator("option").first.get_attribute("value") or ""
        hand.choose(one, value)
    hand.type("#reason", REASON[hand.language])
    hand.click('form[action$="/gate"] button[type=submit]')
    hand.see("decided")


def project(hand: Hand) -> None:
    """Go from a need to its list, and from a row of it to a case that is open."""
    hand.click('section[aria-labelledby=own] a[href^="/needs/"]:not([href$="/new"])')
    hand.see("need")
    hand.click('main .heading form[action="/"] button[type=submit]')
    hand.see("list")
    link = hand.page.locator('main a[href^="/cases/new?"]').first
    for summary in link.locator("xpath=ancestor::details/summary").all():
        if not link.is_visible():
            hand.click(summary)
    hand.click(link)
    hand.see("new-case")
    hand.click('form[action="/cases"] button[type=submit]')
    hand.see("case")


def _contract(hand: Hand, heads: Callable[[Locator], bool]) -> None:
    hand.click('main a[href$="/contracts"]')
    hand.see("contracts")
    form = hand.page.locator('form[action$="/contracts/joint_research"]')
    hand.click(hand.page.locator("#joint_research > summary"))
    for row in form.locator("tbody tr").all():
        answer = row.locator("select[name=answer]")
        if answer.input_value() == "open" and heads(row):
            hand.choose(answer, "settled")
    hand.click(form.locator("button[type=submit]"))
    hand.see("saved")


def ip(hand: Hand) -> None:
    """Settle what a contract leaves open of intellectual property."""
    ids = ("ownership", "background", "publication", "freedom")

    def is_ip(row: Locator) -> bool:
        return (row.locator("input[name=item]").get_attribute("value") or "") in ids

    _contract(hand, is_ip)


def legal(hand: Hand) -> None:
    """Settle all that a contract leaves open."""
    _contract(hand, lambda row: True)


def finance(hand: Hand) -> None:
    """Check an estimate."""
    hand.click('main a[href*="/estimates/"]')
    hand.see("estimate")
    hand.click('button[name=do][value="accept"]')
    hand.see("checked")


def hr(hand: Hand) -> None:
    """See who will be away, what they are needed for, and leave a note for those who ask them."""
    hand.click('main .few a[href^="/researchers/"]')
    hand.see("researcher")
    hand.type("#note-text", NOTE[hand.language])
    hand.click('form[action="/notes"] button[type=submit]')
    hand.see("noted")
    hand.click('nav a[href="/projects"]')
    hand.click('main a[href="/projects/people"]')
    hand.see("time")


DAYS: dict[str, Callable[[Hand], None]] = {
    "chief": chief, "project": project, "ip": ip, "legal": legal, "finance": finance, "hr": hr,
}  # fmt: skip


def main() -> None:
    """Lead all roles through their day in both languages and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="A data folder that `enmusubi demo` made.")
    parser.add_argument("--output", type=Path, default=Path("artefacts/role-days"))
    chosen = parser.parse_args()
    chosen.output.mkdir(parents=True, exist_ok=True)
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    print("| role | language | clicks | keys | seconds | steps |\n|---|---|---|---|---|---|")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        for language in LANGUAGES:
            with _served(chosen.folder) as address:
                for role in DAYS:
                    print(_day(browser, address, chosen.output, language, role), flush=True)
        browser.close()


def _day(browser: Browser, address: str, pictures: Path, language: str, role: str) -> str:
    context = browser.new_context(
        viewport={"width": 1440, "height": 900}, locale=LANGUAGES[language]
    )
    page = context.new_page()
    page.set_default_timeout(WAIT_MS)
    hand, begun = Hand(page, address, pictures, language, role), time.perf_counter()
    hand.sign_in()
    DAYS[role](hand)
    seconds = time.perf_counter() - begun
    context.close()
    steps = " → ".join(hand.steps)
    return f"| {role} | {language} | {hand.clicks} | {hand.keys} | {seconds:.1f} | {steps} |"


@contextmanager
def _served(folder: Path) -> Iterator[str]:
    """Serve a copy of a data folder with an account for each role; gives the address."""
    with tempfile.TemporaryDirectory() as place, socket.create_server(("127.0.0.1", 0)) as free:
        data, port = Path(place) / "data", free.getsockname()[1]
        shutil.copytree(folder, data)
        _make_accounts(data)
        free.close()
        command = [sys.executable, "-m", "cli.main", "serve", "--port", str(port)]
        log = (Path(place) / "log").open("w")
        server = subprocess.Popen(
            command, env={**os.environ, "ENMUSUBI_DATA_DIR": str(data)}, stdout=log, stderr=log
        )
        try:
            _wait(port, server)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(timeout=60)
            log.close()


def _make_accounts(data: Path) -> None:
    by = Viewer(OPERATOR, ADMINISTRATOR)
    with open_catalogue(f"sqlite:///{data / 'catalogue.sqlite'}") as catalogue:
        users = Users(catalogue)
        for role in OFFICE_ROLES:
            users.create(
                by, role, role=role, name=role.upper(), password=PASSWORD, is_one_time=False
            )


def _wait(port: int, server: "subprocess.Popen[bytes]") -> None:
    for _ in range(START_S):
        if server.poll() is not None:
            raise SystemExit("The server did not start.")
        asked = HTTPConnection("127.0.0.1", port)
        try:
            asked.request("GET", "/readyz")
            if asked.getresponse().status == HTTPStatus.OK:
                return
        except OSError:
            pass
        finally:
            asked.close()
        time.sleep(1)
    raise SystemExit("The server was not ready in time.")


if __name__ == "__main__":
    main()
