"""A new index version is taken over while people ask; a broken one is not."""

import threading
import time

import pytest

from enmusubi.errors import IndexDamagedError, IndexMissingError
from tests.support.service import Shelf
from tests.support.small_recommender import SmallRecommender


def wait_for(condition, timeout_s=5.0):
    end = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.005)


def test_a_new_version_is_taken_over_without_a_failed_request(client_of):
    shelf = Shelf()
    client = client_of(shelf)
    seen, failed, stop = [], [], threading.Event()

    def ask():
        while not stop.is_set():
            response = client.post("/v1/matches", json={"need_text": "薄い膜"})
            if response.status_code != 200:
                failed.append(response.text)
                return
            seen.append(response.json()["index_version"])

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    wait_for(lambda: "v000001" in seen or failed)
    for number in range(2, 6):
        name = f"v{number:06}"
        shelf.publish(name)
        wait_for(lambda name=name: name in seen or failed)
    stop.set()
    for thread in threads:
        thread.join()
    assert failed == []
    assert list(dict.fromkeys(seen)) == sorted(set(seen))
    assert shelf.opened == 5


def test_while_a_version_loads_the_present_one_answers():
    shelf, loading, go_on = Shelf(), threading.Event(), threading.Event()
    live = shelf.live()
    live.get()
    usual = shelf.open

    def slow(present):
        loading.set()
        assert go_on.wait(5)
        return usual(present)

    live._opener = slow
    shelf.publish("v000002")
    assert live.get().index_version == "v000001"
    assert loading.wait(5)
    assert live.get().index_version == "v000001"
    go_on.set()
    wait_for(lambda: live.get().index_version == "v000002")


def test_a_version_that_changes_twice_while_it_loads_is_loaded_again():
    shelf = Shelf()
    live = shelf.live()
    usual = shelf.open

    def rolled_back_meanwhile(present):
        shelf.publish("v000001")
        return usual(present)

    shelf.publish("v000002")
    live._opener = rolled_back_meanwhile
    assert live.get().index_version == "v000001"
    live._opener = usual
    shelf.publish("v000002")
    wait_for(lambda: live.get().index_version == "v000002")


@pytest.mark.parametrize("fault", [IndexDamagedError("damaged"), OSError("disk"), KeyError("x")])
def test_a_broken_version_leaves_the_present_one_serving_until_it_is_mended(caplog, fault):
    shelf = Shelf()
    live = shelf.live()
    live.get()
    shelf.publish("v000002", fault=fault)
    wait_for(lambda: live.get() and shelf.opened >= 3)
    assert live.get().index_version == "v000001"
    assert f"cannot be served: {type(fault).__name__}" in caplog.text
    shelf.publish("v000003")
    wait_for(lambda: live.get().index_version == "v000003")


def test_a_version_that_vanishes_goes_on_serving():
    shelf = Shelf()
    live = shelf.live()
    live.get()
    shelf.published, shelf.name = None, None
    for _ in range(5):
        assert live.get().index_version == "v000001"


def test_an_index_published_later_is_found_without_a_restart():
    shelf = Shelf(published=None, name=None)
    live = shelf.live()
    with pytest.raises(IndexMissingError, match="enmusubi index"):
        live.get()
    shelf.publish("v000001")
    assert live.get().index_version == "v000001"


def test_many_first_requests_load_once():
    shelf = Shelf()
    live = shelf.live(check_every_s=60)
    usual = shelf.open

    def slow(present):
        time.sleep(0.05)
        return usual(present)

    live._opener = slow
    threads = [threading.Thread(target=live.get) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert shelf.opened == 1


def test_between_two_checks_the_disk_is_left_alone():
    asked = []
    shelf = Shelf(published=SmallRecommender())
    live = shelf.live(check_every_s=60)
    live.get()
    live._published = lambda: asked.append(1)
    for _ in range(50):
        live.get()
    assert asked == []
