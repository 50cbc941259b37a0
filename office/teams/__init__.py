"""Teams for a need: proposed by the one objective, saved, and edited by hand with that objective shown."""
