"""Chooses teams for a need with several wishes: who covers which, with whom, and what a team is worth."""
