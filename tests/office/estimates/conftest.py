"""The catalogue of the tests of estimates, plans and contracts: the office of screening."""

from tests.office.cases.conftest import catalogue, settings

__all__ = ("catalogue", "settings")
