"""The chance that a case reaches each next gate, and when: learned from the office's own cases."""
