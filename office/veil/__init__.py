"""The veil: what of a need outsiders are shown until an NDA, and what never comes out before."""
