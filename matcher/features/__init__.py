"""What is known of a need and a researcher, as numbers: one implementation for training and serving."""
