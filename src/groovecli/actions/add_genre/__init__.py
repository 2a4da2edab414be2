"""A genre more for a model: taught to its head from a few songs, or by fine-tuning on a dataset."""
