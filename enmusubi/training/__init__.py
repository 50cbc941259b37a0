"""The name that models registered by earlier versions have for their loader, and nothing else."""
