"""What can be seen of the service while it runs: request ids, log lines, metrics; never a need."""
