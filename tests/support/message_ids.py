"""The message ids in the code, found by reading it: what errors, faults and checks say."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.support.sources import ROOT, trees

PAGE_TEXTS = "api"  # `N_` marks texts of pages there, which have catalogues of their own
FIRST, SECOND = 0, 1


@dataclass(frozen=True)
class Said:
    """A place in the code that makes a message; `message_id` is None where no constant says it."""

    path: str
    line: int
    maker: str
    message_id: str | None
    source: str
    keywords: frozenset[str] | None  # None where values come from a variable

    def __str__(self) -> str:
        return f"{self.path}:{self.line} {self.source}"


@cache
def modules() -> dict[str, ast.Module]:
    """Return the syntax trees of all modules, by dotted name."""
    return {_dotted(path): tree for path, tree in trees().items()}


@cache
def makers() -> dict[str, int]:
    """Return what makes messages: its name, and the place of the message id among its arguments."""
    found = {"Message": FIRST, "N_": FIRST, "HTTPException": SECOND}
    classes = [
        n for tree in modules().values() for n in ast.walk(tree) if isinstance(n, ast.ClassDef)
    ]
    is_growing, errors = True, {"MessageError"}
    while is_growing:
        more = {c.name for c in classes if errors & {name_of(base) for base in c.bases}} - errors
        is_growing = bool(more)
        errors |= more
    return found | dict.fromkeys(errors, FIRST)


@cache
def said() -> tuple[Said, ...]:
    """Return every place that makes a message."""
    return tuple(one for module in modules() for one in _said_in(module))


def name_of(node: ast.AST) -> str:
    """Return the last part of a name; empty for what is none."""
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _said_in(module: str) -> Iterator[Said]:
    path = _path_of(module)
    for node in ast.walk(modules()[module]):
        if not isinstance(node, ast.Call) or (place := _place(node, module)) is None:
            continue
        if len(node.args) <= place:
            continue
        maker, source = name_of(node.func), ast.unparse(node)
        for message_id in _constants(module, node.args[place]):
            yield Said(path, node.lineno, maker, message_id, source, _keywords(node, maker))


def _place(call: ast.Call, module: str) -> int | None:
    """Return where among the arguments a message id stands; None for a call that makes no message."""
    if call in _made_by_cls(module):
        return FIRST
    return makers().get(name_of(call.func))


@cache
def _made_by_cls(module: str) -> frozenset[ast.Call]:
    """Return the calls of `cls` in a module's classes of errors."""
    classes = [n for n in ast.walk(modules()[module]) if isinstance(n, ast.ClassDef)]
    return frozenset(
        node
        for one in classes
        if one.name in makers()
        for node in ast.walk(one)
        if isinstance(node, ast.Call) and name_of(node.func) == "cls"
    )


def _keywords(call: ast.Call, maker: str) -> frozenset[str] | None:
    """Return the names of a message's values."""
    if maker == "Message":
        values = call.args[1] if len(call.args) > 1 else ast.Dict([], [])
        keys = values.keys if isinstance(values, ast.Dict) else [None]
        names = [k.value if isinstance(k, ast.Constant) else None for k in keys]
    else:
        names = [keyword.arg for keyword in call.keywords]
    return None if None in names else frozenset(map(str, names))


def _constants(module: str, node: ast.AST) -> list[str | None]:
    """Return the texts that an argument can be, None for one that no constant names."""
    if isinstance(node, ast.Constant):
        return [node.value if isinstance(node.value, str) else None]
    if isinstance(node, ast.IfExp):
        return [*_constants(module, node.body), *_constants(module, node.orelse)]
    if isinstance(node, ast.Name):
        return [_marked(module, node.id)]
    return [None]


def _marked(module: str, name: str) -> str | None:
    """Return the text of a module's constant that is marked by N_, its own or an imported one."""
    for node in modules().get(module, ast.Module([], [])).body:
        targets = node.targets if isinstance(node, ast.Assign) else []
        if any(name_of(target) == name for target in targets):
            value = node.value
            is_marked = isinstance(value, ast.Call) and name_of(value.func) == "N_"
            return value.args[0].value if is_marked else None
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                if (alias.asname or alias.name) == name:
                    return _marked(node.module, alias.name)
    return None


def _dotted(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _path_of(module: str) -> str:
    path = Path(*module.split("."))
    return str(path / "__init__.py" if (ROOT / path).is_dir() else path.with_suffix(".py"))
