"""Where a case stands on the way from seed to sale, and what the steps ahead cost."""
