"""A need's id and the addresses of the service: each need can be opened, or is not taken at all."""

import re

import pytest

from catalogue.records.drafts import is_reserved
from tests.api.signin.test_forgery import walk

OF_NEEDS = re.compile(r"(?:/v1)?/needs/(?:\{need_id:\w+\})?([^{].*)")
A_NAME = re.compile(r"\{\w+\}")


def endings(client):
    """What addresses have in place of a need's id, or behind one."""
    found = (OF_NEEDS.fullmatch(route.path) for route in walk(client.app.routes))
    return {A_NAME.sub("kato", one[1]) for one in found if one}


def test_no_need_may_have_an_id_that_an_address_says_something_else_by(client):
    found = endings(client)
    assert {"new", "/close", "/change", "/guests/kato", "/matches"} <= found
    free = {one for one in found if not is_reserved(f"N{one}" if one.startswith("/") else one)}
    assert free == set()


@pytest.mark.parametrize("need_id", ["News", "N/new", "close", "a/matches-2", "a/guests/b/c", "/"])
def test_other_ids_are_taken(need_id):
    assert not is_reserved(need_id)
