"""The top-level packages of the service; tests that read the code go through these."""

PACKAGES = ("enmusubi", "indexes", "matcher", "catalogue", "office", "training", "api", "cli")
