"""Samples to the arrays that networks take, by numpy and scipy alone; one kind of feature a file."""
