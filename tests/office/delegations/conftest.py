"""The catalogue of the tests of standing in: the office of screening."""

from tests.office.cases.conftest import catalogue, settings

__all__ = ("catalogue", "settings")
