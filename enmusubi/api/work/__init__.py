"""What outlasts a request: messages to portals and jobs; no routes."""
