"""A letter says nothing that the need's veil keeps secret, whenever it was written, until an NDA."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from catalogue.database.models import StoredNeed
from catalogue.database.viewer import VIEWER, Viewer
from catalogue.judgements.judgements import Judgement
from enmusubi.errors import ConflictError, ForbiddenError, InputError, StaleVersionError
from office.access.scoped import reading_as, writing_as
from office.companies.ndas import NdaDraft, keep_nda
from office.inquiries.answering import open_inquiry
from office.needs.editing import change_need
from office.needs.judging import judge
from office.needs.reading import need_of
from office.veil.deciding import (
    DecidedMark,
    VeilDraft,
    decide_veil,
    revoke_veil,
    veil_before_nda,
    veil_of,
)
from office.veil.kept import VEILS
from tests.office.inquiries.steps import ask_mori, stored, today, token_in
from tests.office.mail.steps import trail
from tests.support.worlds.personal import HEAD, SATO, TANAKA

SECRET = "食品包装"
MARKS = (DecidedMark(SECRET, "term", is_secret=True), DecidedMark("膜", "term", is_secret=False))
GUEST = Viewer("guest", VIEWER)


def veil(catalogue, viewer=SATO, **changed):
    texts = {"title": "薄い膜", "text": "ある用途の膜を探しています。", "constraints": ""}
    draft = VeilDraft(**{**texts, "horizon": "", "company": "", "marks": MARKS, **changed})
    with writing_as(catalogue, viewer) as connection:
        return decide_veil(connection, viewer, "N-open", draft, max_chars=1_000)


def agreed_until(catalogue, token, last_day):
    """Return what a link shows under an NDA that was signed a week ago and holds until a day."""
    signed = today() - timedelta(days=7)
    with catalogue.writing() as connection:
        chosen = StoredNeed.need_id == "N-open"
        connection.execute(update(StoredNeed).where(chosen).values(organisation_id="hu"))
        keep_nda(connection, HEAD, NdaDraft("hu", signed, last_day))
    return open_inquiry(catalogue, token).message


def seen_by(catalogue, viewer):
    with reading_as(catalogue, viewer) as connection:
        return need_of(connection, viewer, "N-open").text


def test_a_letter_that_tells_a_secret_is_refused_until_the_two_came_to_an_nda(catalogue):
    veil(catalogue)
    for telling in (f"{SECRET}の膜です。", "食 品\n包装の膜です。"):
        with pytest.raises(InputError, match="keeps secret until an NDA"):
            ask_mori(catalogue, message=telling)
    with writing_as(catalogue, SATO) as connection:
        judge(connection, SATO, Judgement("N-open", "R-1", "suitable", stage="nda"))
        need = need_of(connection, SATO, "N-open")
        assert veil_before_nda(connection, SATO, need, "R-1") is None
        assert veil_before_nda(connection, SATO, need, "R-2") is not None
    assert ask_mori(catalogue, message=f"{SECRET}の膜です。").token


def test_a_letter_from_before_goes_out_and_is_shown_without_what_is_secret_now(
    catalogue, settings, sender, post
):
    ask_mori(catalogue, settings, message=f"{SECRET}の膜です。\nお尋ねします。")
    veil(catalogue)
    assert sender.send_all() == ["sent"]
    assert SECRET not in post.texts[0] and "お尋ねします。" in post.texts[0]
    token = token_in(post.texts[0])
    shown = open_inquiry(catalogue, token).message
    assert shown == "■■の膜です。\nお尋ねします。"
    assert SECRET in stored(catalogue)  # what was written is kept
    assert agreed_until(catalogue, token, today() - timedelta(days=1)) == shown
    assert SECRET in agreed_until(catalogue, token, today())


def test_outsiders_are_shown_the_veil_until_it_is_taken_back_and_it_goes_stale(catalogue):
    assert SECRET in seen_by(catalogue, GUEST)
    veil(catalogue)
    assert (SECRET in seen_by(catalogue, GUEST), SECRET in seen_by(catalogue, TANAKA)) == (
        False,
        True,
    )
    with writing_as(catalogue, SATO) as connection:
        need = change_need(connection, SATO, "N-open", {"text": f"{SECRET}の袋"}, max_chars=1_000)
        assert veil_of(connection, SATO, need).is_stale
    assert SECRET not in seen_by(catalogue, GUEST)
    with writing_as(catalogue, SATO) as connection:
        revoke_veil(connection, SATO, "N-open")
        with pytest.raises(ConflictError, match="no veil"):
            revoke_veil(connection, SATO, "N-open")
    assert seen_by(catalogue, GUEST) == f"{SECRET}の袋"
    noted = [trail(catalogue, action) for action in ("veil", "unveil")]
    assert [len(one) for one in noted] == [1, 1] and noted[0][0]["secret"] == 1


def test_a_veil_that_tells_or_is_of_an_older_need_is_refused_and_only_its_manager_decides(
    catalogue,
):
    with pytest.raises(InputError, match="still says what is marked secret, in: title") as refused:
        veil(catalogue, title=f"{SECRET}の膜")
    assert SECRET not in str(refused.value)
    with pytest.raises(StaleVersionError):
        veil(catalogue, version="an older one")
    for other in (TANAKA, GUEST):
        with pytest.raises(ForbiddenError):
            veil(catalogue, viewer=other)
    with catalogue.reading() as connection:
        assert connection.execute(VEILS.select()).all() == []
