"""What players do with a playlist: a row of values for each, and what they make of an entry."""
