"""Whether a need is for something better or for something else."""
