"""Notes in a real catalogue: who reads, writes and deletes them."""

import pytest

from enmusubi.errors import ForbiddenError, InputError, UnknownIdError
from office import notes
from tests.support.worlds.personal import HEAD, NUMBERS, PATENTS, SATO, TANAKA, account


def test_a_note_is_read_by_those_who_see_the_need_and_by_nobody_else(catalogue):
    account(catalogue, SATO)
    notes.write_note(catalogue, SATO, "N-closed", "R-1", "  電話した。\x00 来週また。 ")
    for reader in (SATO, HEAD):
        [note] = notes.notes_of(catalogue, reader, researcher_id="R-1")
        assert (note.text, note.author_name, note.need_title) == (
            "電話した。 来週また。", "佐藤", "接着剤",
        )  # fmt: skip
    assert notes.notes_of(catalogue, TANAKA, researcher_id="R-1") == []
    assert notes.notes_of(catalogue, PATENTS, need_id="N-closed") == []
    with pytest.raises(ForbiddenError, match="may not note"):
        notes.notes_of(catalogue, NUMBERS, need_id="N-open")


def test_a_note_is_deleted_by_its_author_alone(catalogue):
    number = notes.write_note(catalogue, SATO, "N-closed", "R-1", "a")
    with pytest.raises(UnknownIdError, match="none that you may see"):
        notes.delete_note(catalogue, TANAKA, number)
    with pytest.raises(ForbiddenError, match="another user's"):
        notes.delete_note(catalogue, HEAD, number)
    notes.delete_note(catalogue, SATO, number)
    assert notes.notes_of(catalogue, SATO) == []


@pytest.mark.parametrize("text", ["", " \n ", "a" * (notes.MAX_NOTE_CHARS + 1)])
def test_a_note_has_some_text_but_not_too_much(catalogue, text):
    with pytest.raises(InputError, match="expected 1 to 4000"):
        notes.write_note(catalogue, SATO, "N-open", "R-1", text)
