"""A catalogue's researchers in several index versions, and one list made of all of them."""
