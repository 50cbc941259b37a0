"""What managers keep at hand: shortlists, notes, saved searches and their alerts; no HTTP, no pages."""
