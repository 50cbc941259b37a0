"""Fields of research: the project's own list, what codes say of them, and a classifier of texts."""
