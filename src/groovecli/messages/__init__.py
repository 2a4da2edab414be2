"""What a person reads: errors, a module for each wing that raises them; figures, in `words.py`."""
