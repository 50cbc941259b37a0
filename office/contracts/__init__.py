"""Contracts of a case: what each must settle, by area, and the office's Word templates, filled."""
