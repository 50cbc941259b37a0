"""The routes under /v1: what portals and other programs call."""
