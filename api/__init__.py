"""The HTTP API for the portal and the page for people; knows the matcher, never its indexes' files."""
