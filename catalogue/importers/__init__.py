"""Importers: files of researchers, seeds and needs become rows of the catalogue."""
