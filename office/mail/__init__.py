"""Mails to users: that something waits for them, and where; never a need's text or title."""
