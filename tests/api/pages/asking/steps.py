"""Steps of the tests of the page that asks: a need is sent, names are read."""

import re

NEED = "薄い膜で食品を包装したい。a thin film for food packaging that keeps moisture out"
MORI, LINDQVIST = "R-01", "R-02"


def post(client, path="/", need=NEED, browser="ja", **fields):
    return client.post(path, data={"need": need, **fields}, headers={"accept-language": browser})


def names(page):
    return re.findall(r'name="pick" value="([^"]+)"', page.text)
