"""The catalogue: who researches what and who needs what, kept in SQLite or PostgreSQL."""
