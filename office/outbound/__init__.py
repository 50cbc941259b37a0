"""The other directions: companies for a technology, needs for a researcher, dormant needs for new seeds."""
