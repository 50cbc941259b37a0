"""Asking researchers: letters about a need, answered by a link without an account."""
