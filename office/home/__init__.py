"""What a user begins the day with: own needs, what is new, what waits, and what became of released lists."""
