"""Contracts of a case: what each must settle, by area, and the office's own Word templates filled with fields."""
