"""Who may come in: people with passwords and sessions, machines with keys and tokens; knows no HTTP."""
