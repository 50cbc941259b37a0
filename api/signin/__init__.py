"""Signing in over HTTP: who sends a request, the pages and redirects of sign-in, tokens for machines."""
