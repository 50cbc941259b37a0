"""A name means one thing in the whole project, and is the field's: no word of the old dialect is left."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.support.sources import ROOT, trees

MODULES = {  # a module's old name, and the term that took its place
    "ledger": "source_records",
    "derivation": "survivorship",
    "resolution": "entity_resolution",
    "namesakes": "person_matching",
    "letters": "character_folding",
    "settle_people": "resolve_authorship",
    "circles": "visibility_level",
    "noting": "access_log",
    "desk": "shortlists, notes, saved_searches",
    "doorkeeper": "authenticator",
    "guard": "authentication",
    "targets": "ssrf",
    "sending": "http_delivery",
    "watch": "request_log",
    "observing": "observability",
    "kept_answers": "idempotency_store",
    "takeaway": "exports",
    "keeping": "shortlist_page",
    "asked": "search_form",
    "shapes": "schemas",
    "passing_vectors": "memory_cache",
    "storage": "atomic_files",
    "storing": "a name that says what is stored",
    "stored": "a name that says what is stored",
}
DEFINITIONS = {  # an old class, function, parameter or attribute, and its term
    "Workspace": "UnitOfWork",
    "FrontDoor": "Authenticator",
    "PasswordDoor": "PasswordAuthenticator",
    "Doorkeeper": "RequestAuthenticator",
    "doorkeeper": "authenticator",
    "Repeats": "FormDeduplicator",
    "repeats": "form_deduplicator",
    "_Deed": "_Submission",
    "deed": "submission",
    "Pace": "LatencyEstimate",
    "_pace": "_latency",
    "Rates": "RateLimiter",
    "Asked": "SearchForm",
    "Watch": "RequestLog",
    "settle_people": "resolve_authorship",
    "uncounted": "in_statistics",
    "circles": "visibility_level",
    "ledger": "source_records",
    "desk": "shortlists, notes, saved_searches",
    "kept_answers": "idempotency_store",
    "passing_vectors": "memory_cache",
}


def modules() -> list[Path]:
    return [path for path in trees() if "versions" not in path.parts]  # migrations stay as they ran


@cache
def definitions() -> dict[str, list[str]]:
    """Return where each name is defined."""
    places = defaultdict(list)
    for path in modules():
        for name in sorted(set(defined(trees()[path]))):
            places[name].append(str(path.relative_to(ROOT)))
    return places


def defined(tree: ast.Module) -> Iterator[str]:
    """The names that a module gives: of classes, functions, parameters, variables and attributes."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr
        elif isinstance(node, ast.alias) and node.asname:
            yield node.asname


def test_a_public_class_name_means_one_thing():
    places = defaultdict(list)
    for path in modules():
        for node in trees()[path].body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places[node.name].append(str(path.relative_to(ROOT)))
    twice = {name: found for name, found in places.items() if len(found) > 1}
    assert not twice, f"public classes that share a name: {twice}"


@pytest.mark.parametrize(("old", "term"), MODULES.items(), ids=list(MODULES))
def test_no_module_has_an_old_name(old, term):
    named = [path for path in modules() if old in (path.stem, path.parent.name)]
    assert not named, f"{old} is called {term}: {named}"


@pytest.mark.parametrize(("old", "term"), DEFINITIONS.items(), ids=list(DEFINITIONS))
def test_nothing_is_defined_by_an_old_name(old, term):
    places = definitions().get(old, [])
    assert not places, f"{old} is called {term}: {places}"
