"""Results to text and to JSON, a file for each command that has much to say."""
