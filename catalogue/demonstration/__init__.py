"""The made-up Hoshimino University: its files, their import, and who fits its needs."""
