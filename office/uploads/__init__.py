"""Files that an administrator uploads: kept, looked at, corrected and imported."""
