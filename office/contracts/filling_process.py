"""Run as a process of its own: a Word template and values in, the filled file out, by docxtpl in a sandbox.

docxtpl looks through the whole document with expressions that a file can be made to keep busy for hours,
and Python does nothing else meanwhile: here it has bounds of time and memory of its own, and what ends is
this process. It knows no database and no settings.
"""

import base64
import difflib
import io
import json
import sys
from collections.abc import Mapping
from typing import Any

from jinja2 import StrictUndefined, TemplateError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from enmusubi.errors import EnmusubiError, InputError
from enmusubi.language import clean_text
from enmusubi.messages import as_plain, listed
from enmusubi.process_limits import bound_process

MAX_CPU_S = 10
MAX_MEMORY_BYTES = 1_500_000_000
MAX_FIELDS_USED = 500
MAX_VALUE_CHARS = 5_000
BLANK = "＿＿＿"
_ALLOWED = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.If, nodes.Not, nodes.And,
    nodes.Or,
)  # fmt: skip


class _Blank(str):
    """What stands for a field without a value: written it is a blank, and asked whether it is there, no."""

    def __bool__(self) -> bool:
        return False


class _Fields(ImmutableSandboxedEnvironment):
    """An environment that compiles templates of known fields alone, and notes which they use."""

    def __init__(self, known: Mapping[str, str]) -> None:
        super().__init__(undefined=StrictUndefined, autoescape=True)
        self.globals.clear()
        self.filters.clear()
        self.tests.clear()
        self.known, self.used, self.count = known, set[str](), 0

    def compile(self, source: Any, *args: Any, **named: Any) -> Any:
        """Compile a template once its parts were looked at; raises InputError."""
        parsed = self.parse(source) if isinstance(source, str) else source
        self._look(parsed)
        return super().compile(parsed, *args, **named)

    def _look(self, parsed: nodes.Template) -> None:
        names = []
        for node in [parsed, *parsed.find_all(nodes.Node)]:
            if not isinstance(node, _ALLOWED):
                raise InputError(
                    "the template uses %(what)s. It may use fields, and `if` with fields, and nothing "
                    "else.",
                    of_field="file",
                    what=type(node).__name__,
                )
            if isinstance(node, nodes.Name):
                names.append(node.name)
        if unknown := sorted(set(names) - set(self.known)):
            near = difflib.get_close_matches(unknown[0], self.known, n=3) or sorted(self.known)
            raise InputError(
                "the template names fields that there are not: %(unknown)s. Did you mean %(near)s?",
                of_field="file",
                unknown=listed(unknown),
                near=listed(near),
            )
        self.used.update(names)
        self.count += len(names)
        if self.count > MAX_FIELDS_USED:
            raise InputError(
                "the template uses fields more than %(most)s times.",
                of_field="file",
                most=MAX_FIELDS_USED,
            )


def main() -> None:
    """Read a JSON document from standard input, and write one: the file and its fields, or what is wrong."""
    bound_process(MAX_MEMORY_BYTES, MAX_CPU_S)
    asked = json.load(sys.stdin)
    try:
        content, used = fill(base64.b64decode(asked["content"]), asked["values"])
    except EnmusubiError as error:
        said: dict[str, Any] = {"fault": as_plain(error.message)}
    else:
        said = {"content": base64.b64encode(content).decode(), "used": used}
    json.dump(said, sys.stdout)


def fill(content: bytes, values: Mapping[str, str]) -> tuple[bytes, list[str]]:
    """Return a template with its fields filled, and which it uses, in the order of the alphabet.

    Raises InputError for a template that does more than name fields; whatever docxtpl raises for damage.
    """
    from docxtpl import DocxTemplate

    fields = _Fields(values)
    told = {
        name: clean_text(value)[:MAX_VALUE_CHARS] or _Blank(BLANK) for name, value in values.items()
    }
    try:
        template = DocxTemplate(io.BytesIO(content))
        template.render(told, jinja_env=fields, autoescape=True)
    except TemplateError as error:
        raise InputError(
            "the template's fields cannot be read: %(reason)s. A field is written {{ company }}.",
            of_field="file",
            reason=type(error).__name__,
        ) from None
    made = io.BytesIO()
    template.save(made)
    return made.getvalue(), sorted(fields.used)


if __name__ == "__main__":
    main()
