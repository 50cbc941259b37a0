"""The clinic: a vague need is met by the questions whose answers would change its list the most."""
