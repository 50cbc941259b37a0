"""LaTeX becomes text that people read: units, accents, dashes, scripts, links."""

import time

import pytest

from catalogue.importers.bibtex.latex_text import MAX_LATEX_CHARS, text_of_latex
from catalogue.importers.bibtex.latex_units import number, unit

TEXTS = {
    r"We use file_name_a, x_1 and {C}_60": "We use file_name_a, x_1 and C_60",
    r"file\_name and file_name at $x_1$ and a_b": "file_name and file_name at x1 and a_b",
    r"\url{https://a.example/b_c?x=1&y=%20#z} and \path{a_b}": "https://a.example/b_c?x=1&y=%20#z and a_b",
    r"\href{https://a.example/b_c}{a link}": "a link",
    r"20\,$^\circ$C, $20^{\circ}\mathrm{C}$, 20~\textdegree C, 45$^{\circ}$": "20 °C, 20°C, 20 °C, 45°",
    r"H_{2}O, CO\textsubscript{2}, $\text{CO}_2$, \ce{H2O2}": "H2O, CO2, CO2, H2O2",
    r"10^{-3} mol, $10^{-6}$, $x^{n+1}$, $e^{-x^2}$": "10⁻³ mol, 10⁻⁶, xⁿ⁺¹, e^(-x²)",
    r"Ca\textsuperscript{2+} and $\mathrm{SO_4^{2-}}$": "Ca²⁺ and SO4²⁻",
    r"$\mathbb{R}^n$, $\mathbf{x}\cdot\mathbf{y} \leq 5\times10^{-3}$": "ℝⁿ, x·y ≤ 5×10⁻³",
    r"$\sim$5, $\pm$3\,nm, $\Delta T$, $\alpha'$ and $\beta^\prime$": "∼5, ±3 nm, ΔT, α' and β′",
    r"\(a_b\) and \[c^2\] and a\\[2pt]b": "ab and c² and a\nb",
    r"\"{O}zg{\"u}r \v{S}koda {\o}stergaard na{\"\i}ve": "Özgür Škoda østergaard naïve",
    r"\c{c} \H{o} \~n \'{E} \k{a} \ss": "ç ő ñ É ą ß",
    r"a--b, a---b, ``x'' and {\it y}~\textbf{z}": "a–b, a—b, “x” and y z",
    r"\textit{in vitro} \emph{and} \LaTeX{} \textdegree C": "in vitro and LaTeX °C",
    r"costs US\$5, not \$6, as shown~\cite{a}\footnote{b}": "costs US$5, not $6, as shown ",
    r"$a$--$\SI{5}{\um}$": "a–5 µm",
    "x^2 outside of math, $x^2$ inside": "x^2 outside of math, x² inside",
}
QUANTITIES = {
    r"\SI{3.5}{\micro\metre}": "3.5 µm",
    r"\si{\micro\metre}": "µm",
    r"\SI{5}{kg}": "5 kg",
    r"\qty{1.5e-3}{\metre\per\second}": "1.5×10⁻³ m/s",
    r"\SI{10}{\watt\per\metre\per\kelvin}": "10 W·m⁻¹·K⁻¹",
    r"\SI{9.8}{\metre\per\second\squared}": "9.8 m/s²",
    r"\SI[per-mode=symbol]{5}{\kg\per\cubic\metre}": "5 kg/m³",
    r"\SI{20}{\degreeCelsius}": "20 °C",
    r"\SI{90}{\degree}": "90°",
    r"\SIrange{1}{5}{\celsius}": "1–5 °C",
    r"\SIlist{1;2;3}{\nm}": "1, 2, 3 nm",
    r"\qty{3}{\milli\mole\per\litre}": "3 mmol/L",
    r"\ang{45}, \ang{1;2;3}": "45°, 1°2′3″",
    r"\num{6.02e23}": "6.02×10²³",
    r"\si{kg.m^2/s}": "kg·m²/s",
    r"\SI{5 +- 1}{\percent}": "5 ± 1 %",
    r"\ce{SO4^{2-} -> H2O}": "SO4²⁻ → H2O",
    r"\ce{Fe^3+}, \ce{^{14}C}": "Fe³⁺, ¹⁴C",
}


@pytest.mark.parametrize(("source", "text"), TEXTS.items())
def test_latex_becomes_readable_text(source, text):
    assert text_of_latex(source) == text


@pytest.mark.parametrize(("source", "text"), QUANTITIES.items())
def test_units_and_formulas_are_spelled(source, text):
    assert text_of_latex(f"of {source}.") == f"of {text}."


def test_units_that_nobody_knows_stay_as_words():
    assert unit(r"\kilo\furlong\tothe{3}\per\fortnight") == "kfurlong³/fortnight"
    assert unit(r"\per\second") == "s⁻¹"
    assert unit("") == ""
    assert number("three") == "three"


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (r"\SI{5", ["5"]),
        (r"\SI{5}{", ["5"]),
        (r"$x^{2", ["x", "2"]),
        (r"a $x$ b $", ["a", "x", "b"]),
        ("\x02a\x03 \x040\x04 {b}", ["a", "b"]),
    ],
)
def test_what_is_not_whole_keeps_its_words(source, words):
    text = text_of_latex(source)
    assert all(word in text for word in words)
    assert not set("\x02\x03\x04") & set(text)


@pytest.mark.parametrize(
    "unit_of_text",
    [
        "$",
        "{",
        "^{",
        "_{a}",
        "\\(",
        "\\SI{",
        "\\SI{1}{\\m}",
        "$^",
        "\\textsuperscript{",
        "\\href{a}{",
    ],
)
def test_hostile_latex_takes_little_time(unit_of_text):
    source = (unit_of_text * MAX_LATEX_CHARS)[:MAX_LATEX_CHARS]
    began = time.monotonic()
    text_of_latex(source)
    assert time.monotonic() - began < 15
