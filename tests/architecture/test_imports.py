"""The house's order: who may import whom, who may read the environment, what is public."""

import ast
import inspect
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest
from importlinter import cli as import_linter

import enmusubi
from cli.main import COMMANDS
from enmusubi import errors
from enmusubi.errors import EnmusubiError
from matcher.recommender import Recommender
from matcher.records import (
    AnsweredPart,
    Contribution,
    Evidence,
    Filters,
    Match,
    MatchList,
    Need,
    NeedPart,
    Objection,
    ResearcherCard,
)
from matcher.tables import RUN_COLUMNS
from tests.support.sources import ROOT, trees

SETTINGS = ROOT / "enmusubi" / "settings.py"
LANGUAGE_SETTING = ROOT / "enmusubi" / "language_setting.py"
THREADS = ROOT / "enmusubi" / "threads.py"  # variables of libraries, which they read when loaded
HEAVY = {
    "torch",
    "sentence_transformers",
    "transformers",
    "faiss",
    "tantivy",
    "mlflow",
    "sudachipy",
    "sklearn",
    "ray",
}
# their classes extend those of heavy libraries or hold their tensors; only functions import them
HEAVY_MODULES = {
    "training.encoder.corrections",
    "training.encoder.losses",
    "training.encoder.trainer",
}


def test_the_import_contracts_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)

    assert import_linter.lint_imports(no_cache=True) == import_linter.EXIT_STATUS_SUCCESS


def reads_environment(node: ast.AST) -> bool:
    if isinstance(node, ast.Attribute):
        return node.attr in {"environ", "environb", "getenv", "getenvb"}
    if isinstance(node, ast.ImportFrom):
        return any(alias.name in {"environ", "getenv"} for alias in node.names)
    return False


def tells_a_library(statement: ast.stmt) -> bool:
    """A statement that alone sets what another library reads; we read nothing."""
    return isinstance(statement, ast.Expr) and ast.unparse(statement).startswith(
        ("os.environ.setdefault(", "os.environ.update(")
    )


def environment_is_read(tree: ast.Module) -> bool:
    told = {
        id(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.stmt) and tells_a_library(node)
        for part in ast.walk(node)
    }
    return any(reads_environment(node) and id(node) not in told for node in ast.walk(tree))


def test_only_the_settings_read_the_environment() -> None:
    readers = {path for path, tree in trees().items() if environment_is_read(tree)}

    assert readers == {SETTINGS, LANGUAGE_SETTING, THREADS}


def imported_above(tree: ast.Module) -> Iterator[str]:
    """Names of the modules that a module imports when it is itself imported."""
    for node in tree.body:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def test_heavy_libraries_are_imported_where_they_are_used_and_not_above() -> None:
    light = {path: tree for path, tree in trees().items() if module_name(path) not in HEAVY_MODULES}

    for path, tree in light.items():
        names = set(imported_above(tree))
        assert not {name.split(".")[0] for name in names} & HEAVY, path
        assert not names & HEAVY_MODULES, path


def test_every_module_says_what_it_owns() -> None:
    for path, tree in trees().items():
        assert ast.get_docstring(tree) or path.name == "__init__.py", path


def subclasses(error: type[EnmusubiError], depth: int = 0) -> Iterator[tuple[int, str]]:
    yield depth, error.__name__
    for child in error.__subclasses__():
        yield from subclasses(child, depth + 1)


def test_the_drawn_tree_of_errors_is_the_real_one() -> None:
    drawn = re.findall(r"^([ │├└─]*)(\w+Error)\b", errors.__doc__ or "", flags=re.MULTILINE)
    indents = {"": 0, "├──": 1, "└──": 1, "│   ├──": 2, "│   └──": 2}

    tree = [(indents[lines.strip(" ")], name) for lines, name in drawn]

    assert sorted(tree) == sorted(subclasses(EnmusubiError))


def test_every_error_that_users_see_is_of_the_tree() -> None:
    for path, tree in trees().items():
        if path.is_relative_to(ROOT / "indexes"):
            continue
        raised = {
            node.exc.func.id
            for node in ast.walk(tree)
            if isinstance(node, ast.Raise)
            and isinstance(node.exc, ast.Call)
            and isinstance(node.exc.func, ast.Name)
        }
        assert not raised & {"Exception", "RuntimeError", "SystemExit", "AssertionError"}, path


PUBLIC_FIELDS = {
    Need: ("text", "need_id", "title", "company", "area", "status", "posted_on", "refinement"),
    Filters: (
        "institutions",
        "departments",
        "kinds",
        "since",
        "until",
        "positions",
        "fields",
        "languages",
        "visibilities",
        "domains",
    ),
    MatchList: (
        "need_id",
        "language",
        "matches",
        "researchers_considered",
        "index_version",
        "model",
        "fits_nobody",
        "reranker",
        "own_judgements",
        "cuts",
        "fields",
        "is_evened",
        "spread",
        "not_asked",
    ),
    Match: (
        "rank",
        "researcher",
        "score",
        "evidence",
        "probability",
        "strength",
        "against",
        "contributions",
        "parts",
        "plain_rank",
    ),
    AnsweredPart: ("part", "seed_id", "sentence", "is_answer"),
    Objection: ("reason", "value", "part", "language"),
    NeedPart: ("text", "start", "end"),
    Contribution: ("feature", "value", "contribution"),
    Evidence: (
        "seed_id",
        "kind",
        "language",
        "title",
        "year",
        "url",
        "sentence",
        "sentence_field",
        "sentence_start",
        "passage",
        "similarity",
        "representative",
        "answers",
    ),
    ResearcherCard: (
        "researcher_id",
        "name_ja",
        "name_en",
        "institution_ja",
        "institution_en",
        "department_ja",
        "department_en",
        "position_ja",
        "position_en",
        "industry_seeds",
        "industry_last_year",
        "industry_partners",
    ),
}


@pytest.mark.parametrize("record", PUBLIC_FIELDS, ids=lambda record: record.__name__)
def test_the_fields_that_programs_read_stay_as_they_are(record: type) -> None:
    assert tuple(field.name for field in fields(record)) == PUBLIC_FIELDS[record]


def test_public_names_stay_as_they_are() -> None:
    public = {name for name, _ in inspect.getmembers(Recommender) if not name.startswith("_")}

    assert public == {
        "alike",
        "answer",
        "centred",
        "companies",
        "describe",
        "encoder",
        "from_parts",
        "index_version",
        "known_for",
        "likeness_vectors",
        "look_ahead",
        "match",
        "match_people",
        "model",
        "need_kind",
        "needs_near",
        "people_by_field",
        "prepared",
        "recommend",
        "reranker",
        "researcher",
        "with_reranker",
        "query",
        "rarities",
        "ranks_with",
        "seeds_about",
        "team_pool",
        "shared_terms",
        "tell_likeness",
        "without",
    }
    assert set(COMMANDS) >= {"demo", "import", "index", "match", "nightly", "serve", "evaluate"}
    assert RUN_COLUMNS == ("need_id", "researcher_id", "rank", "score")
    assert re.fullmatch(r"\d+\.\d+\.\d+\S*", enmusubi.__version__)


def test_a_needs_text_never_shows_in_its_repr() -> None:
    need = Need("zeppelins", "n1", title="zeppelins", company="zeppelins")

    assert "zeppelin" not in repr(need)
