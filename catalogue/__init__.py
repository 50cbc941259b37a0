"""The catalogue: who researches what and who needs what, kept in SQLite or PostgreSQL."""

from catalogue.records.catalogue import Catalogue, open_catalogue

__all__ = ["Catalogue", "open_catalogue"]
