"""Office's formulas (OMML) as linear text: a/b, √(x), x², ∑_(i=1)^n, as Word itself writes them on a line."""

from collections.abc import Callable, Mapping

from catalogue.importers.need_files.office_package import (
    Element,
    attribute,
    child,
    children,
    local_name,
)

_RAISED = str.maketrans("0123456789+-−=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿⁱ")
_LOWERED = str.maketrans("0123456789+-−=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎")
_SIGN_OF_ROOT = {"": "√", "2": "√", "3": "∛", "4": "∜"}
_SKIPPED = frozenset({"del", "moveFrom", "delText", "ctrlPr"})


def linear(formula: Element) -> str:
    """Return a formula on one line; deleted parts are out."""
    name = local_name(formula)
    if name in _SKIPPED or name.endswith("Pr"):
        return ""
    if name == "t":
        return formula.text or ""
    return _WRITERS.get(name, _joined)(formula)


def raised(text: str) -> str:
    """Return a superscript: in raised characters where Unicode has them all, else behind ^."""
    if text and all(ord(character) in _RAISED for character in text):
        return text.translate(_RAISED)
    return f"^{_grouped(text)}" if text else ""


def lowered(text: str) -> str:
    """Return a subscript: in lowered characters where Unicode has them all, else behind _."""
    if text and all(ord(character) in _LOWERED for character in text):
        return text.translate(_LOWERED)
    return f"_{_grouped(text)}" if text else ""


def _joined(element: Element) -> str:
    return "".join(linear(one) for one in children(element))


def _part(element: Element, name: str) -> str:
    found = child(element, name)
    return "" if found is None else _joined(found).strip()


def _grouped(text: str) -> str:
    return text if len(text) < 2 or text.isalnum() else f"({text})"


def _setting(element: Element, properties: str, name: str, default: str) -> str:
    found = child(element, properties, name)
    return default if found is None else attribute(found, "val")


def _fraction(element: Element) -> str:
    over, under = _part(element, "num"), _part(element, "den")
    if _setting(element, "fPr", "type", "bar") == "noBar":
        return f"({over}¦{under})"
    return f"{_grouped(over)}/{_grouped(under)}"


def _root(element: Element) -> str:
    degree, inside = _part(element, "deg"), _part(element, "e")
    sign = _SIGN_OF_ROOT.get(degree)
    return f"{sign}({inside})" if sign else f"√({degree}&{inside})"


def _script(element: Element) -> str:
    return _part(element, "e") + lowered(_part(element, "sub")) + raised(_part(element, "sup"))


def _before(element: Element) -> str:
    return lowered(_part(element, "sub")) + raised(_part(element, "sup")) + _part(element, "e")


def _operator(element: Element) -> str:
    sign = _setting(element, "naryPr", "chr", "∫")
    limits = lowered(_part(element, "sub")) + raised(_part(element, "sup"))
    return f"{sign}{limits} {_part(element, 'e')}"


def _delimited(element: Element) -> str:
    between = _setting(element, "dPr", "sepChr", "|")
    inside = between.join(_joined(one).strip() for one in children(element, "e"))
    return (
        _setting(element, "dPr", "begChr", "(") + inside + _setting(element, "dPr", "endChr", ")")
    )


def _function(element: Element) -> str:
    return f"{_part(element, 'fName')} {_part(element, 'e')}"


def _limit(element: Element) -> str:
    return _part(element, "e") + lowered(_part(element, "lim"))


def _upper_limit(element: Element) -> str:
    return _part(element, "e") + raised(_part(element, "lim"))


def _accent(element: Element) -> str:
    return _part(element, "e") + _setting(element, "accPr", "chr", "\u0302")


def _bar(element: Element) -> str:
    return _part(element, "e") + "\u0305"


def _matrix(element: Element) -> str:
    rows = [
        "&".join(_joined(one).strip() for one in children(row, "e"))
        for row in children(element, "mr")
    ]
    return f"({'@'.join(rows)})"


def _equations(element: Element) -> str:
    return "; ".join(_joined(one).strip() for one in children(element, "e"))


def _paragraph(element: Element) -> str:
    return "\n".join(filter(None, (linear(one) for one in children(element, "oMath"))))


_WRITERS: Mapping[str, Callable[[Element], str]] = {
    "f": _fraction,
    "rad": _root,
    "sSup": _script,
    "sSub": _script,
    "sSubSup": _script,
    "sPre": _before,
    "nary": _operator,
    "d": _delimited,
    "func": _function,
    "limLow": _limit,
    "limUpp": _upper_limit,
    "acc": _accent,
    "bar": _bar,
    "m": _matrix,
    "eqArr": _equations,
    "oMathPara": _paragraph,
}
