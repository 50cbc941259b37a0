"""Mails to users, never with a need's text or title, and letters to researchers as they were confirmed."""
