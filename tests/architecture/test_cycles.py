"""No module imports itself by way of others, imports inside functions and for types included."""

import graphlib
from collections.abc import Iterable, Mapping

import grimp

from tests.support.packages import PACKAGES


def first_circle(imports: Mapping[str, Iterable[str]]) -> list[str]:
    """Return the modules of one circle, each imported by the next, the first again last; or none."""
    try:
        graphlib.TopologicalSorter(imports).prepare()
    except graphlib.CycleError as error:
        return list(error.args[1])
    return []


def test_no_modules_import_one_another_in_a_circle() -> None:
    graph = grimp.build_graph(*PACKAGES, cache_dir=None)
    imports = {name: graph.find_modules_directly_imported_by(name) for name in graph.modules}

    assert {name.partition(".")[0] for name in imports} == set(PACKAGES)
    assert first_circle(imports) == []


def test_a_circle_is_found_and_named() -> None:
    circle = first_circle({"a": ["b"], "b": ["c"], "c": ["a"], "d": ["a"]})

    assert (set(circle), circle[0]) == ({"a", "b", "c"}, circle[-1])
    assert first_circle({"a": ["b", "c"], "b": ["c"]}) == []
