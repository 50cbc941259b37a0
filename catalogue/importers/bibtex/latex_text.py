"""LaTeX as readable text: accents, dashes, math and units in Unicode; nothing is included or run."""

import re
import unicodedata

from pylatexenc.latex2text import LatexNodes2Text, MacroTextSpec, get_default_latex_context_db

from catalogue.importers.bibtex import latex_units
from catalogue.importers.bibtex.latex_arguments import Command, end_of_braces, replace_commands

MAX_LATEX_CHARS = 100_000  # beyond it a text loses its commands only

_MARKS = re.compile(r"[\\{}$~]|--|``|''")
_UNESCAPED = re.compile(r"(?<!\\)([%&#])")  # BibTeX has no comments; authors forget to escape
_ESCAPED = re.compile(r"\\([_%&#~$^{}])")
_COMMANDS = re.compile(r"\\[A-Za-z]+\s*|[\\{}$]")
_MATH = re.compile(r"(?<!\\)\$\$?((?:[^$\\]|\\.)*)(?<!\\)\$\$?", re.DOTALL)
_MATH_BRACKETS = re.compile(r"(?<!\\)\\[()\[\]]")
_DEGREE = re.compile(r"\^\s*(?:\{\s*\\circ\s*\}|\\circ(?![A-Za-z]))|\\degree(?![A-Za-z])")
_PRIME = re.compile(r"\^\s*(?:\{\s*((?:\\prime\s*)+)\}|(\\prime)(?![A-Za-z]))")
_SCRIPT_IN_BRACES = re.compile(r"(?<!\\)([_^])\s*(?=\{)")
_SCRIPT_OF_ONE = re.compile(r"(?<!\\)([_^])\s*(\\[A-Za-z]+|[^\s{}\\])")
_GREEK = re.compile(
    r"(\\(?:(?:var)?(?:alpha|beta|gamma|delta|epsilon|zeta|eta|theta|iota|kappa|lambda|mu|nu|xi|pi|rho|sigma"
    r"|tau|upsilon|phi|chi|psi|omega|Gamma|Delta|Theta|Lambda|Xi|Pi|Sigma|Upsilon|Phi|Psi|Omega)|partial"
    r"|nabla))\s+(?=[A-Za-z0-9])"
)
_RAISED_BEGIN, _RAISED_END, _KEPT = "\x02", "\x03", "\x04"  # of them clean text has none
_RAISED = re.compile(f"{_RAISED_BEGIN}([^{_RAISED_BEGIN}{_RAISED_END}]*){_RAISED_END}")
_KEPT_TEXT = re.compile(f"{_KEPT}(\\d+){_KEPT}")
_BETWEEN_COMMANDS = re.compile(r"(?<=})[ \n]+(?=\\[A-Za-z])")
_BLANKS = re.compile("[ \xa0\u2000-\u200a\u202f\u205f]+")
_MATH_LETTERS = re.compile("[\U0001d400-\U0001d7ff]")


def text_of_latex(source: str) -> str:
    """Return the text without commands, braces and dollar signs; accents, math and units in Unicode.

    Subscripts stand on the line, as in H2O; superscripts are raised: 10⁻³. An underscore outside of
    math stays. What the library stumbles over loses its commands and keeps its words.
    """
    if not _MARKS.search(source):
        return source
    if len(source) > MAX_LATEX_CHARS:
        return _COMMANDS.sub("", source)
    kept: list[str] = []
    plain = re.sub(f"[{_RAISED_BEGIN}{_RAISED_END}{_KEPT}]", "", source)
    prepared = _without_math(replace_commands(plain, _commands(kept)))
    prepared = _BETWEEN_COMMANDS.sub("~", prepared)  # the library drops it
    try:
        text: str = _DECODER.latex_to_text(_UNESCAPED.sub(r"\\\1", prepared))
    except Exception:  # whatever the library stumbles over, the words are kept
        text = _COMMANDS.sub("", prepared)
    while _RAISED.search(text):
        text = _RAISED.sub(lambda found: latex_units.raised(found[1]), text)
    text = text.replace(_RAISED_BEGIN, "").replace(_RAISED_END, "")
    text = _KEPT_TEXT.sub(lambda found: kept[int(found[1])], text)
    text = _MATH_LETTERS.sub(lambda found: unicodedata.normalize("NFKC", found[0]), text)
    return _BLANKS.sub(" ", text)


def verbatim_of_latex(source: str) -> str:
    r"""Return a link or a number without braces and escapes; `~` and `--` stay as they are.

    `\url{…}` gives what is in it.
    """
    return re.sub(r"[{}]", "", _ESCAPED.sub(r"\1", source.replace("\\url", ""))).strip()


def _commands(kept: list[str]) -> dict[str, Command]:
    """Return what is replaced before decoding; finished text is put aside and stands by its number."""

    def keep(text: str) -> str:
        kept.append(text)
        return f"{_KEPT}{len(kept) - 1}{_KEPT}"

    def finished(command: Command) -> Command:
        return Command(command.arguments, lambda given: keep(command.replace(given)))

    link = Command(1, lambda given: keep(verbatim_of_latex(given[0])))
    nothing = Command(1, lambda _: "")
    return {
        **{name: finished(command) for name, command in latex_units.COMMANDS.items()},
        **dict.fromkeys(("url", "path", "nolinkurl"), link),
        "href": Command(2, lambda given: given[1]),
        **dict.fromkeys(("textsuperscript", "sups"), Command(1, lambda given: _raise(given[0]))),
        **dict.fromkeys(("textsubscript", "textsub"), Command(1, lambda given: given[0])),
        **dict.fromkeys(("cite", "citep", "citet", "label", "ref", "footnote", "thanks"), nothing),
    }


def _raise(text: str) -> str:
    return f"{_RAISED_BEGIN}{text}{_RAISED_END}"


def _without_math(source: str) -> str:
    """Return the text with scripts, degrees and primes of its math written as such, dollars gone."""
    source = _MATH_BRACKETS.sub("$", source)
    parts: list[str] = []
    position = 0
    for found in _MATH.finditer(source):
        parts += [_scripts(source[position : found.start()]), "$", _math(found[1]), "$"]
        position = found.end()
    return "".join([*parts, _scripts(source[position:])])


def _math(content: str) -> str:
    joined = _GREEK.sub(r"\1{}", content)
    return _SCRIPT_OF_ONE.sub(_script_of_one, _scripts(joined))


def _script_of_one(found: re.Match[str]) -> str:
    return _raise(found[2]) if found[1] == "^" else found[2]


def _scripts(content: str) -> str:
    """Return LaTeX with what stands in braces after `^` raised, and after `_` on the line."""
    content = _PRIME.sub(lambda found: "′" * (found[1] or found[2]).count("prime"), content)
    content = _DEGREE.sub("°", content)
    parts: list[str] = []
    position = 0
    for found in _SCRIPT_IN_BRACES.finditer(content):
        end = end_of_braces(content, found.end())
        if found.start() < position or end < 0:
            continue
        inner = _math(content[found.end() + 1 : end - 1])
        parts += [content[position : found.start()], _raise(inner) if found[1] == "^" else inner]
        position = end
    return "".join([*parts, content[position:]])


def _make_decoder() -> LatexNodes2Text:
    context = get_default_latex_context_db()
    plain = [
        MacroTextSpec("LaTeX", simplify_repl="LaTeX"),
        MacroTextSpec("TeX", simplify_repl="TeX"),
        MacroTextSpec("textmu", simplify_repl="µ"),
    ]
    context.add_context_category("plain", prepend=True, macros=plain)
    return LatexNodes2Text(latex_context=context, math_mode="text", fill_text=False)


_DECODER = _make_decoder()
