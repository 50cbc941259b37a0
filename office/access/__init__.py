"""Who may see and do what; knows the catalogue's tables, and neither HTTP nor pages."""
