"""The means of working together: which fit a need, and why; rules are data that an office can change."""
