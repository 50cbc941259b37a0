"""What people may ask of their own data: to see it, to be forgotten, not to be matched."""
