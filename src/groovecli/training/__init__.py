"""A request to a trained model: data, loop or head, result."""
