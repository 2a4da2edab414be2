"""What errors say: one module a wing, a function an error, from plain values; words change here alone."""
