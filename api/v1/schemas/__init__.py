"""The shapes of what is asked and answered under /v1, with the examples of its documentation."""
