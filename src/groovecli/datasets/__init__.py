"""Datasets: songs on sides, cut into clips, with cached features, for training and measuring networks."""
