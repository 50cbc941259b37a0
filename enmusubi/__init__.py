"""Enmusubi (縁結び): finds the researchers who could meet a company's need, and says why."""

__version__ = "0.1.0"
