"""Orders the researchers whom the first stage put forward, and says how likely each one fits."""
