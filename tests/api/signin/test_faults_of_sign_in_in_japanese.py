"""What goes wrong at the door is told in Japanese on Japanese pages."""

import re

from tests.api.signin.conftest import PASSWORD, AppOf, PersonOf, browser


def test_what_goes_wrong_at_the_door_is_told_in_japanese(app_of: AppOf, person: PersonOf) -> None:
    visitor, login = browser(app_of()), person()
    visitor.sign_in(login)
    forged = visitor.post("/needs/new", {"csrf_token": "an older one"})
    foreign = visitor.post("/needs/new", {}, **{"sec-fetch-site": "cross-site"})
    weak = {"present": PASSWORD, "new": "short", "repeated": "short"}
    short = visitor.post("/password", {"csrf_token": visitor.token("/password"), **weak})
    slow = browser(app_of(attempts_per_address=1))
    wrong, often = slow.sign_in(login, "another password"), slow.sign_in(login)

    for answer, said in [
        (forged, "有効期限が切れています"),
        (foreign, "別のサイト"),
        (short, "10文字"),
        (wrong, "正しくありません"),
        (often, "試行回数が多すぎます"),
    ]:
        alert = re.search(r'<(section|p)[^>]* role="alert".*?</\1>', answer.text, re.S)
        assert alert
        assert said in alert[0], alert[0]
        assert 'lang="en"' not in alert[0]
