"""Says why a person is in a list: evidence, what speaks against, and what made the score."""
