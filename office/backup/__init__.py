"""Backups: catalogue, settings and index manifests in one file, for either database."""
