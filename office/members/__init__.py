"""Companies that are members: their membership, their users and how these come in, and what they see."""
