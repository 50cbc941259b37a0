"""What tests of the administrator's pages do with a page: open it, send a form, read a secret."""

import html
import re

from office.access import audit
from tests.support.worlds.administration import BOSS


def entries(catalogue):
    with catalogue.reading() as connection:
        page = audit.entries_page(connection, BOSS, limit=200)
    return [(entry.action, entry.object_id) for entry in page.items]


def shown(client, path):
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return html.unescape(answer.text)


def submit(client, path, **fields):
    """Send a form and return the page that its redirect leads to."""
    answer = client.post(path, data=fields)
    assert answer.status_code == 303, answer.text
    return shown(client, answer.headers["location"])


def secret_of(page):
    return re.search(r'<p class="secret"><code>([^<]+)</code>', page).group(1)
