"""What speaks against showing a match, releasing a list or opening a case until somebody has looked at it."""
