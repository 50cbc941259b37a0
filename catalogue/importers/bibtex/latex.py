"""Turns LaTeX, as it stands in BibTeX fields, into plain text; nothing is included or run."""

import re

from pylatexenc.latex2text import LatexNodes2Text, MacroTextSpec, get_default_latex_context_db

MAX_LATEX_CHARS = 200_000

_MARKS = re.compile(r"[\\{}$~]|--|``|''")
_UNESCAPED = re.compile(r"(?<!\\)([%&#])")  # BibTeX has no comments; authors forget to escape
_ESCAPED = re.compile(r"\\([_%&#~$^{}])")
_SCRIPTS = re.compile(r"(?<=\w)[_^](?=\w)")
_COMMANDS = re.compile(r"\\[A-Za-z]+\s*|[\\{}$]")


def text_of_latex(source: str) -> str:
    """Return the text without commands, braces and dollar signs, accents as letters."""
    if not _MARKS.search(source):
        return source
    if len(source) > MAX_LATEX_CHARS:
        return _COMMANDS.sub("", source)
    escaped = _UNESCAPED.sub(r"\\\1", source)
    try:
        text: str = _DECODER.latex_to_text(escaped)
    except Exception:  # whatever the library stumbles over, the words are kept
        return _COMMANDS.sub("", source)
    return (_SCRIPTS.sub("", text) if "$" in source else text).replace("\xa0", " ")


def verbatim_of_latex(source: str) -> str:
    r"""Return a link or a number without braces and escapes; `~` and `--` stay as they are.

    `\url{…}` gives what is in it.
    """
    return re.sub(r"[{}]", "", _ESCAPED.sub(r"\1", source.replace("\\url", ""))).strip()


def _make_decoder() -> LatexNodes2Text:
    context = get_default_latex_context_db()
    plain = [
        MacroTextSpec("url", simplify_repl="%s"),
        MacroTextSpec("LaTeX", simplify_repl="LaTeX"),
        MacroTextSpec("TeX", simplify_repl="TeX"),
    ]
    context.add_context_category("plain", prepend=True, macros=plain)
    return LatexNodes2Text(latex_context=context, math_mode="text", fill_text=False)


_DECODER = _make_decoder()
