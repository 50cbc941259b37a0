"""The ledger of cases: what becomes of a match, gate by gate, until the outcome."""
