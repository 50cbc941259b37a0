"""Companies that need something: who they are to the office, and the NDAs with them."""
