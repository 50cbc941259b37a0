"""Numbers and units as LaTeX's siunitx and mhchem write them, as plain text: `3.5 µm`, `10⁻³`, `H2SO4`."""

import re

from catalogue.importers.bibtex.latex_arguments import Command

_SUPERSCRIPTS = str.maketrans("0123456789+-−–=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻⁼⁽⁾ⁿⁱ")
_CAN_BE_RAISED = re.compile(r"[0-9+\-−–=()ni]+")

_PREFIXES = {
    **{
        "yocto": "y",
        "zepto": "z",
        "atto": "a",
        "femto": "f",
        "pico": "p",
        "nano": "n",
        "micro": "µ",
    },
    **{
        "milli": "m",
        "centi": "c",
        "deci": "d",
        "deca": "da",
        "deka": "da",
        "hecto": "h",
        "kilo": "k",
    },
    **{"mega": "M", "giga": "G", "tera": "T", "peta": "P", "exa": "E", "zetta": "Z", "yotta": "Y"},
    **{"kibi": "Ki", "mebi": "Mi", "gibi": "Gi", "tebi": "Ti"},
}
_UNITS = {
    **{"metre": "m", "meter": "m", "gram": "g", "second": "s", "ampere": "A", "kelvin": "K"},
    **{"mole": "mol", "candela": "cd", "hertz": "Hz", "newton": "N", "pascal": "Pa", "joule": "J"},
    **{"watt": "W", "coulomb": "C", "volt": "V", "farad": "F", "ohm": "Ω", "siemens": "S"},
    **{
        "weber": "Wb",
        "tesla": "T",
        "henry": "H",
        "celsius": "°C",
        "degreeCelsius": "°C",
        "lumen": "lm",
    },
    **{
        "lux": "lx",
        "becquerel": "Bq",
        "gray": "Gy",
        "sievert": "Sv",
        "katal": "kat",
        "radian": "rad",
    },
    **{"steradian": "sr", "minute": "min", "hour": "h", "day": "d", "hectare": "ha", "litre": "L"},
    **{"liter": "L", "tonne": "t", "electronvolt": "eV", "dalton": "Da", "atomicmassunit": "u"},
    **{"bar": "bar", "mmHg": "mmHg", "angstrom": "Å", "percent": "%", "bel": "B", "neper": "Np"},
    **{
        "degree": "°",
        "arcminute": "′",
        "arcsecond": "″",
        "kilogram": "kg",
        "bit": "bit",
        "byte": "B",
    },
    **{
        "decibel": "dB",
        "dB": "dB",
        "astronomicalunit": "au",
        "molar": "M",
        "rpm": "rpm",
        "cmc": "cm³",
    },
}
_SHORT = (
    *(
        "m",
        "s",
        "g",
        "A",
        "K",
        "mol",
        "cd",
        "Hz",
        "N",
        "Pa",
        "J",
        "W",
        "C",
        "V",
        "F",
        "S",
        "T",
        "H",
    ),
    *("L", "l", "eV", "h", "d", "min", "u", "bar", "t", "ha"),
)
_UNITS |= {p + unit: p.replace("u", "µ") + unit for p in ("", *"fpnumcdkMGT") for unit in _SHORT}
_POWERS = {"squared": "2", "cubed": "3"}
_POWERS_BEFORE = {"square": "2", "cubic": "3"}
_STEP = re.compile(r"\\([A-Za-z]+)\s*(?:\{([^{}]{0,20})\})?|([^\\]+)")
_CLOSE = ("°", "′", "″")  # stand at the number, without a blank
_EXPONENT = re.compile(r"(?<!\s)\s*+[eEdD]\s*+([+-]?\d+)")
_CHARGE = re.compile(r"\^\s*(?:\{([^{}]*)\}|([0-9]*[+-]|[0-9A-Za-z]))")
_ARROWS = {"<=>": "⇌", "<->": "↔", "->": "→", "<-": "←"}


def raised(text: str) -> str:
    """Return a superscript: `⁻³` for `-3`; what has no such letters stands after a `^`."""
    plain = text.strip()
    if _CAN_BE_RAISED.fullmatch(plain):
        return plain.translate(_SUPERSCRIPTS)
    return f"^{plain}" if len(plain) <= 1 else f"^({plain})"


def unit(source: str) -> str:
    r"""Return a unit as it is read: `\metre\per\second` is `m/s`, with several below the line `W·m⁻¹·K⁻¹`."""
    if "\\" not in source:
        return _literal(source)
    found: list[list[str]] = []  # symbol and power of each unit
    prefix, power, is_per = "", "", False
    for name, argument, literal in _STEP.findall(source):
        if name in _PREFIXES:
            prefix += _PREFIXES[name]
        elif name == "per":
            is_per = True
        elif name in _POWERS_BEFORE:
            power = _POWERS_BEFORE[name]
        elif name in _POWERS and found:
            found[-1][1] = found[-1][1].replace("1", "") + _POWERS[name]
        elif name in ("tothe", "raiseto") and found:
            found[-1][1] = found[-1][1].replace("1", "") + argument
        elif symbol := _UNITS.get(name, name) or _literal(literal.strip("~., ")):
            found.append([prefix + symbol, f"{'-' * is_per}{power or '1'}"])
            prefix, power, is_per = "", "", False
    below = [entry for entry in found if entry[1].startswith("-")]
    if len(below) == 1 and len(found) > 1:
        above = "·".join(_with_power(*entry) for entry in found if entry not in below)
        return f"{above}/{_with_power(below[0][0], below[0][1][1:])}"
    return "·".join(_with_power(*entry) for entry in found) + prefix


def _with_power(symbol: str, power: str) -> str:
    return symbol if power == "1" else symbol + raised(power)


def _literal(source: str) -> str:
    text = re.sub(r"\^\s*\{?([+-]?\d+)\}?", lambda found: raised(found[1]), source)
    return re.sub(r"(?<=\w)[.~](?=\w)", "·", text).replace("{", "").replace("}", "").strip()


def number(source: str) -> str:
    """Return a number: `1.5e-3` is `1.5×10⁻³`, `5 +- 1` is `5 ± 1`."""
    text = re.sub(r"(?<!\s)\s*+(?:\+-|\\pm)\s*", " ± ", source.strip()).replace("\\times", "×")
    text = re.sub(r"[{}$\\]", "", text)
    return _EXPONENT.sub(lambda found: f"×10{raised(found[1].lstrip('+'))}", text)


def quantity(value: str, of_unit: str) -> str:
    """Return a number with its unit."""
    shown = unit(of_unit)
    return f"{number(value)}{'' if shown in _CLOSE or not shown else ' '}{shown}"


def chemical(source: str) -> str:
    r"""Return a formula: `\ce{SO4^{2-} -> H2O}` is `SO4²⁻ → H2O`."""
    text = _CHARGE.sub(lambda found: raised(found[1] or found[2]), source)
    for arrow, sign in _ARROWS.items():
        text = text.replace(arrow, sign)
    return re.sub(r"[{}$_\\]", "", text).strip()


def _listed(numbers: str) -> str:
    return ", ".join(number(part) for part in numbers.split(";"))


def _angle(source: str) -> str:
    parts = source.split(";")
    return "".join(number(n) + sign for n, sign in zip(parts, _CLOSE, strict=False) if n.strip())


def _range(first: str, last: str, of_unit: str) -> str:
    return f"{number(first)}–{quantity(last, of_unit)}"


_QUANTITY = Command(2, lambda a: quantity(*a))
_UNIT = Command(1, lambda a: unit(*a))
COMMANDS = {
    **dict.fromkeys(("SI", "qty"), _QUANTITY),
    **dict.fromkeys(("si", "unit"), _UNIT),
    **dict.fromkeys(("SIrange", "qtyrange"), Command(3, lambda a: _range(*a))),
    **dict.fromkeys(
        ("SIlist", "qtylist"), Command(2, lambda a: f"{_listed(a[0])} {unit(a[1])}".strip())
    ),
    "num": Command(1, lambda a: number(*a)),
    "numrange": Command(2, lambda a: f"{number(a[0])}–{number(a[1])}"),
    "numlist": Command(1, lambda a: _listed(*a)),
    "ang": Command(1, lambda a: _angle(*a)),
    **dict.fromkeys(("ce", "cf", "chem"), Command(1, lambda a: chemical(*a))),
}
"""The commands of siunitx and mhchem, each with what stands for it."""
