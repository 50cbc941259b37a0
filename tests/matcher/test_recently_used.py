"""What was asked for last stays, whoever asks, and nothing else does."""

from concurrent.futures import ThreadPoolExecutor

from matcher.recently_used import RecentlyUsed


def test_what_was_asked_for_longest_ago_goes() -> None:
    kept: RecentlyUsed[int] = RecentlyUsed(2)
    kept.put("a", 1)
    kept.put("b", 2)
    assert kept.get("a") == 1
    kept.put("c", 3)
    assert [kept.get(key) for key in "abc"] == [1, None, 3]
    kept.put("a", 4)
    kept.put("d", 5)
    assert [kept.get(key) for key in "acd"] == [4, None, 5]


def test_several_threads_never_get_the_value_of_another_key() -> None:
    kept: RecentlyUsed[int] = RecentlyUsed(3)

    def ask(number: int) -> bool:
        key = number % 7
        found = kept.get(key)
        kept.put(key, key)
        return found in (None, key)

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(ask, range(5000)))
    assert sum(kept.get(key) is not None for key in range(7)) == 3
