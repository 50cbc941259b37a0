"""What the settings name, loaded: the encoder, the re-ranker, the recommender."""
